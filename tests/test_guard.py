"""What stands before the page: names it answers to, origins it takes requests from, headers, accounts."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from rag.errors import InputError
from ui.guard import POLICY, Guard, Message, Receive, Scope, Send, allowed_names, is_loopback, read_accounts

if TYPE_CHECKING:
    from pathlib import Path


async def _inner(scope: Scope, _: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": str(scope["path"]).encode()})


def _serve(
    host: str, *, path: str = "/", method: str = "GET", root_path: str = "", bind: str = "127.0.0.1", **headers: str
) -> Message:
    """The start of the response to one request."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    pairs = [
        (b"host", host.encode()),
        *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
    ]
    scope: Scope = {"type": "http", "method": method, "path": path, "headers": pairs}
    # nothing here waits for anything, so the coroutine is run to its end by hand: a loop may be running already
    with contextlib.suppress(StopIteration):
        serving = Guard(_inner, allowed_names(bind, root_path))(scope, receive, send)
        serving.__await__().send(None)
    return sent[0]


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:80", "[::1]:7860", "192.168.1.20:7860"])
def test_addresses_and_this_machine_are_served(host: str) -> None:
    """Holds: addresses and localhost are names of this machine."""
    assert _serve(host)["status"] == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:7860", "", "127.0.0.1.evil.test", "localhost.evil.test", "[::1"]
)
def test_foreign_names_are_refused(host: str) -> None:
    """Holds: a name that was pointed at this machine is not served."""
    assert _serve(host)["status"] == 421


def test_a_forwarded_name_is_held_to_the_same() -> None:
    """Holds: what a proxy forwards must be the address that was given for it."""
    assert _serve("localhost", x_forwarded_host="evil.test")["status"] == 421
    assert _serve("localhost", x_forwarded_host="a.example")["status"] == 421
    assert _serve("localhost", x_forwarded_host="a.example", root_path="https://a.example/ask")["status"] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:7860", 200),
        ("http://127.0.0.1:7860", 200),
        ("http://evil.test", 421),
        ("null", 421),
        ("http://localhost.evil.test", 421),
    ],
)
def test_writing_from_other_sites_is_refused(origin: str, status: int) -> None:
    """Holds: a page of another site cannot make this one do something; reading is the browser's own matter."""
    assert _serve("localhost:7860", method="POST", origin=origin)["status"] == status
    assert _serve("localhost:7860", origin=origin)["status"] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://evil.test/x",
        "/gradio_api/file=HTTPS://evil.test/x",
        "/quotes/gradio_api/file= http://evil.test/x",
        "/gradio_api/file=//evil.test/x",
        "/gradio_api/proxy=http://evil.test/x",
        "/gradio_api/openapi.json",
        "/gradio_api/vibe-edit",
        "/monitoring/summary",
    ],
)
def test_unused_doors_of_gradio_are_shut(path: str) -> None:
    """Holds: above all the one that fetches any address for whoever asks."""
    assert _serve("localhost", path=path)["status"] == 404


def test_uploaded_files_are_given_back() -> None:
    """Holds: what the page itself made can be downloaded."""
    assert _serve("localhost", path="/gradio_api/file=/tmp/gradio/abc/answers.csv")["status"] == 200


def test_every_response_has_the_headers_once() -> None:
    """Holds: those of the page and the policy, for what is served and what is refused."""
    for host in ("localhost", "evil.test"):
        headers = _serve(host)["headers"]
        assert isinstance(headers, list)
        names = [name for name, _ in headers]
        assert len(names) == len(set(names))
        assert dict(headers)[b"content-security-policy"] == POLICY.encode()


def test_the_policy_lets_nothing_in_from_outside() -> None:
    """Holds: no source but the page itself, its inline parts, data and blobs."""
    allowed = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
    for rule in POLICY.split("; "):
        assert set(rule.split(" ")[1:]) <= allowed


def test_loopback_is_told_from_the_rest() -> None:
    """Holds: what is warned about is an address that others can reach."""
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - that it is open is the point
    assert not is_loopback("example.org")


def test_accounts_are_read_and_checked(tmp_path: Path) -> None:
    """Holds: comments and blank lines aside, a password may hold colons; wrong and unknown are refused alike."""
    path = tmp_path / "accounts"
    path.write_text("# who may\n\nada:a:b c\ngrace:x\n", encoding="utf-8")
    known = read_accounts(path)
    assert known("ada", "a:b c")
    assert not known("ada", "a:b")
    assert not known("ada", "")
    assert not known("nobody", "")
    assert not known("nobody", "x")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "no colon\n", ":password\n", "name:\n"])
def test_a_file_that_is_no_list_of_accounts_is_refused(tmp_path: Path, text: str) -> None:
    """Holds: a mistake never starts the page without a lock."""
    path = tmp_path / "accounts"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_accounts(path)


def test_a_missing_file_of_accounts_is_refused(tmp_path: Path) -> None:
    """Holds: the same where there is no file."""
    with pytest.raises(InputError):
        read_accounts(tmp_path / "none")
