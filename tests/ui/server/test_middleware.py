"""What stands before the page: names it answers to, origins it takes requests from, headers, who may come in."""

from __future__ import annotations

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from ui.server import middleware as guard
from ui.server.asgi import POLICY
from ui.server.auth import FREE_TRIES
from ui.server.limits import MAX_OF_ADDRESS, MAX_OF_SESSION, is_loopback
from ui.server.middleware import Guard, Rules, allowed_names

if TYPE_CHECKING:
    from pathlib import Path

    from ui.server.asgi import Message, Receive, Scope, Send

ASK = "/gradio_api/run/ask"
JOIN = "/gradio_api/queue/join"


@dataclass
class Event:
    """A call that waits or is in work, and the request it came with."""

    session_hash: str
    address: str

    @property
    def request(self) -> Event:
        return self

    @property
    def scope(self) -> dict[str, object]:
        return {"client": (self.address, 5)}


@dataclass
class Queue:
    """As much of gradio's queue as the guard looks at."""

    max_size: int | None = 2
    waiting: int = 0
    pending_event_ids_session: dict[str, int] = field(default_factory=dict)
    pending_messages_per_session: dict[str, int] = field(default_factory=dict)
    event_ids_to_events: dict[str, Event] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.waiting


@dataclass
class Program:
    """As much of gradio's application as the guard looks at; answers with the body and the headers it was given."""

    tokens: dict[str, str] = field(default_factory=dict)
    cookie_id: str = "c"
    session_data: dict[str, int] = field(default_factory=dict)
    time_last_used: dict[str, int] = field(default_factory=dict)
    _queue: Queue = field(default_factory=Queue)
    seen: list[tuple[Scope, bytes]] = field(default_factory=list)

    def get_blocks(self) -> Program:
        return self

    @property
    def state_holder(self) -> Program:
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += bytes(message.get("body", b""))  # type: ignore[call-overload]
            if not message.get("more_body"):
                break
        self.seen.append((scope, body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Answer:
    """A response as a browser would see it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes:
        return dict(self.headers).get(name, b"")


@dataclass
class Page:
    """A guard before that program."""

    rules: Rules
    program: Program = field(default_factory=Program)

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        *,
        host: str = "127.0.0.1:7860",
        body: bytes | None = None,
        address: str = "127.0.0.1",
        query_string: str = "",
        **headers: str,
    ) -> Answer:
        """One request and its response."""
        sent: list[Message] = []
        parts = [body or b""]

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": parts.pop(0)} if parts else {"type": "http.disconnect"}

        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if body is not None and "content_length" not in headers:
            pairs.append((b"content-length", str(len(body)).encode()))
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(b"host", host.encode()), *pairs],
            "query_string": query_string.encode(),
            "app": self.program,
            "client": (address, 5),
            "server": ("127.0.0.1", 7860),
        }
        serve = Guard(self.program, self.rules)
        # a loop may be running already in this thread: the browser's driver keeps one
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, serve(scope, receive, send)).result()
        start, rest = sent[0], sent[1:]
        whole = b"".join(bytes(message["body"]) for message in rest)  # type: ignore[call-overload]
        return Answer(int(str(start["status"])), list(start["headers"]), whole)  # type: ignore[call-overload]

    def call(self, path: str, call: object, **headers: str) -> Answer:
        return self.ask(path, "POST", body=json.dumps(call).encode(), **headers)  # type: ignore[arg-type]


def _page(root_path: str = "", bind: str = "127.0.0.1", **rules: object) -> Page:
    return Page(Rules(allowed_names(bind, root_path), handlers=frozenset({3}), servers=frozenset({7}), **rules))  # type: ignore[arg-type]


def _locked() -> Page:
    return _page(options=frozenset({"auth", "mcp"}), accounts=lambda name, word: (name, word) == ("ada", "secret"))


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:80", "[::1]:7860", "192.168.1.20:7860"])
def test_addresses_and_this_machine_are_served(host: str) -> None:
    """Holds: addresses and localhost are names of this machine."""
    assert _page().ask(host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:7860", "", "127.0.0.1.evil.test", "localhost.evil.test", "[::1", "localhost,evil"]
)
def test_foreign_names_are_refused(host: str) -> None:
    """Holds: a name that was pointed at this machine is not served."""
    assert _page().ask(host=host).status == 421


def test_a_forwarded_name_is_held_to_the_same() -> None:
    """Holds: what a proxy forwards must be the address that was given for it, each of several."""
    assert _page().ask(x_forwarded_host="evil.test").status == 421
    assert _page().ask(x_forwarded_host="evil.test, localhost").status == 421
    assert _page().ask(x_forwarded_host="a.example").status == 421
    assert _page(root_path="https://a.example/ask").ask(x_forwarded_host="a.example").status == 200


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
    assert _page().call(ASK, {"data": ["x"]}, origin=origin).status == status
    assert _page().ask(origin=origin).status == 200


def test_another_site_may_link_here_and_nothing_else() -> None:
    """Holds: what the browser marks as sent by another site is refused, unless somebody followed a link."""
    assert _page().ask(sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 200
    assert _page().ask(sec_fetch_site="cross-site", sec_fetch_mode="no-cors").status == 421
    assert _page().ask("/config", sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 421
    assert _page().ask("/config", sec_fetch_site="same-origin").status == 200


def test_every_response_has_the_headers_once() -> None:
    """Holds: those of the page and the policy, for what is served and what is refused."""
    for host in ("localhost", "evil.test"):
        headers = _page().ask(host=host).headers
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


def test_a_websocket_is_closed() -> None:
    """Holds: the page has none, and what is not HTTP passes no check."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, Guard(Program(), _page().rules)({"type": "websocket"}, receive, send)).result()
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_what_gradio_would_believe_is_not_passed_on() -> None:
    """Holds: a header that names another server, and ranges that it cannot read, do not arrive."""
    page = _page()
    page.ask("/config", x_gradio_server="http://evil.test", range="bytes=²-³")
    names = {name for name, _ in page.program.seen[0][0]["headers"]}  # type: ignore[attr-defined]
    assert names == {b"host"}


def test_the_tool_s_own_client_calls_this_machine_whatever_is_asked() -> None:
    """Holds: gradio's MCP server calls the host that a request names; that is always the page itself."""
    page = _page(options=frozenset({"mcp"}))
    told = {"x_gradio_server": "http://10.0.0.9", "x_forwarded_host": "10.0.0.9", "x_forwarded_proto": "https"}
    page.ask("/gradio_api/mcp/", "POST", body=b"{}", host="10.0.0.9:1", **told)  # type: ignore[arg-type]
    headers = dict(page.program.seen[0][0]["headers"])  # type: ignore[call-overload]
    assert headers == {b"host": b"127.0.0.1:7860", b"content-length": b"2"}


def test_a_call_arrives_without_what_it_may_not_say() -> None:
    """Holds: fields that gradio would trust are dropped, the length is that of what is passed on."""
    page = _page()
    call = {
        "data": ["x"],
        "fn_index": 3,
        "session_hash": "s",
        "batched": True,
        "oauth_token": "t",
        "simple_format": True,
    }
    answer = page.call(JOIN, call)
    assert json.loads(answer.body) == {"data": ["x"], "fn_index": 3, "session_hash": "s"}
    assert dict(page.program.seen[0][0]["headers"])[b"content-length"] == str(len(answer.body)).encode()  # type: ignore[call-overload]


def test_a_body_may_not_be_larger_than_a_call() -> None:
    """Holds: told by its length or found while reading, too much is refused before it is kept."""
    page = _page()
    assert page.ask(JOIN, "POST", body=b"x", content_length="1000001").status == 413
    assert page.ask(JOIN, "POST", body=b"x" * 1_000_001, content_length="1").status == 413
    assert page.ask(JOIN, "POST", body=b"x", content_length="-1").status == 413
    assert page.program.seen == []


def test_a_full_queue_says_so_in_words() -> None:
    """Holds: status 503, when to come again, and no word of the program's own."""
    page = _page()
    page.program._queue.waiting = 2
    answer = page.call(JOIN, {"data": ["x"], "fn_index": 3, "session_hash": "s"})
    assert answer.status == 503
    assert "busy" in json.loads(answer.body)["detail"]
    assert int(answer.header(b"retry-after")) > 0


def test_direct_calls_wait_in_a_line_that_has_an_end() -> None:
    """Holds: no more than two at once, and who finds the line full is told so."""
    page = _page()
    page.rules.asking = guard.MAX_DIRECT + guard.MAX_DIRECT_WAITING
    assert page.call(ASK, {"data": ["x"]}).status == 503
    page.rules.asking -= 1
    assert page.call(ASK, {"data": ["x"]}).status == 200
    assert page.rules.asking == guard.MAX_DIRECT + guard.MAX_DIRECT_WAITING - 1


def test_uploads_have_bounds(tmp_path: Path) -> None:
    """Holds: one says its length, is no larger than a drop, is one of few, and the disk is not filled."""
    page = _page(folder=tmp_path, max_upload_bytes=1_000)
    upload = "/gradio_api/upload"
    assert page.ask(upload, "POST", body=b"x").status == 200
    assert page.ask(upload, "POST").status == 411
    assert (
        page.ask(upload, "POST", body=b"x", content_length=str(1_000 + guard.UPLOAD_OVERHEAD_BYTES + 1)).status == 413
    )
    page.rules.uploading = guard.MAX_UPLOADS
    assert page.ask(upload, "POST", body=b"x").status == 503
    page.rules.uploading = 0
    with (tmp_path / "lying").open("wb") as file:
        file.truncate(guard.MAX_LYING_BYTES)
    assert page.ask(upload, "POST", body=b"x").status == 503


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/app_id"),
        ("GET", "/gradio_api/heartbeat/s"),
        ("GET", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/file=/x"),
        ("GET", "/assets/index.js"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/cancel"),
        ("POST", ASK),
        ("POST", JOIN),
        ("POST", "/gradio_api/mcp/"),
        ("GET", "/gradio_api/mcp/"),
    ],
)
def test_with_accounts_nothing_is_served_before_the_log_in(method: str, path: str) -> None:
    """Holds: all that gradio leaves open, MCP included; the program behind is not even asked."""
    page = _locked()
    assert page.ask(path, method, body=b"{}" if method == "POST" else None).status == 401
    assert page.ask(path, method, body=b"{}" if method == "POST" else None, cookie="access-token-c=guess").status == 401
    assert page.program.seen == []


def test_before_the_log_in_there_is_a_form_and_nothing_of_the_page() -> None:
    """Holds: it asks for name and password and tells nothing else."""
    page = _locked()
    answer = page.ask()
    assert b'name="password"' in answer.body
    assert page.program.seen == []


def test_logging_in_gives_a_key_that_opens() -> None:
    """Holds: right words give a cookie that scripts cannot read; wrong ones none."""
    page = _locked()
    wrong = page.ask("/login", "POST", body=b"username=ada&password=no")
    assert (wrong.status, wrong.header(b"set-cookie")) == (400, b"")
    right = page.ask("/login", "POST", body=b"username=ada&password=secret")
    cookie = right.header(b"set-cookie").decode()
    assert right.status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert page.ask("/config", cookie=f"other=1; {cookie.partition(';')[0]}").status == 200


def test_a_program_logs_in_with_each_request() -> None:
    """Holds: HTTP Basic, for MCP and calls; what gradio behind sees is a session of that name."""
    page = _locked()
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    assert page.call(ASK, {"data": ["x"]}, authorization=basic).status == 200
    cookie = dict(page.program.seen[0][0]["headers"])[b"cookie"].decode()  # type: ignore[call-overload]
    assert page.program.tokens[cookie.partition("=")[2]] == "ada"
    for other in ("Basic " + base64.b64encode(b"ada:wrong").decode(), "Basic ???", "Bearer x", "Digest x", "", "Basic"):
        assert page.call(ASK, {"data": ["x"]}, authorization=other).status == 401


def test_who_guesses_is_slowed_and_nobody_else() -> None:
    """Holds: after a few wrong words an address waits, by form or by header; the right words from elsewhere go through."""
    page = _locked()
    wrong, right = b"username=ada&password=no", b"username=ada&password=secret"
    for _ in range(FREE_TRIES + 1):
        assert page.ask("/login", "POST", body=wrong, address="10.0.0.9").status == 400
    refused = page.ask("/login", "POST", body=right, address="10.0.0.9")
    assert refused.status == 429
    assert int(refused.header(b"retry-after")) >= 1
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    assert page.call(ASK, {"data": ["x"]}, authorization=basic, address="10.0.0.9").status == 429
    assert page.ask("/login", "POST", body=right, address="10.0.0.8").status == 200


def test_keys_of_browsers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds: logging in again and again does not grow the memory; the newest stay."""
    monkeypatch.setattr(guard, "MAX_KEYS", 3)
    page = _locked()
    for _ in range(5):
        last = page.ask("/login", "POST", body=b"username=ada&password=secret").header(b"set-cookie").decode()
    assert len(page.program.tokens) == 3
    assert page.ask("/config", cookie=last.partition(";")[0]).status == 200


def test_what_belongs_to_a_session_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds: a call's at its end, a window's when many others were closed after it; one that comes back keeps its own."""
    monkeypatch.setattr(guard, "MAX_CLOSED", 2)
    page = _page()
    program = page.program
    queue = program._queue
    every = (
        program.session_data,
        program.time_last_used,
        queue.pending_event_ids_session,
        queue.pending_messages_per_session,
    )
    for kept in every:
        kept.update(dict.fromkeys(("call1", "a", "b", "c", "d"), 1))
    page.ask("/gradio_api/call/ask/call1")
    for name in ("a", "b", "a", "c", "d"):
        page.ask(f"/gradio_api/heartbeat/{name}")
    for kept in every:
        assert sorted(kept) == ["c", "d"]
    page.ask("/gradio_api/heartbeat/c")
    page.ask("/gradio_api/heartbeat/e")
    assert sorted(program.session_data) == ["c"]


def test_a_session_without_a_window_goes_after_its_last_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds: of programs that read a stream of answers and show no window, the newest are kept; a window's stay."""
    monkeypatch.setattr(guard, "MAX_CLOSED", 1)
    page = _page()
    page.rules.windows["w"] = 1
    page.program.session_data.update(dict.fromkeys("wab", 1))
    for name in "wab":
        page.ask("/gradio_api/queue/data", query_string=f"session_hash={name}")
    assert sorted(page.program.session_data) == ["b", "w"]
    assert page.ask("/gradio_api/queue/data", query_string="&".join("session_hash" for _ in range(50))).status == 200


def test_what_a_call_still_writes_to_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Holds: messages of a session that is over stay as long as one of its calls is in work, which would fail."""
    monkeypatch.setattr(guard, "MAX_CLOSED", 0)
    page = _page()
    queue = page.program._queue
    queue.pending_messages_per_session["a"] = 1
    queue.event_ids_to_events["1"] = Event("a", "10.0.0.1")
    page.ask("/gradio_api/heartbeat/a")
    assert queue.pending_messages_per_session == {"a": 1}
    queue.event_ids_to_events.clear()
    page.ask("/gradio_api/heartbeat/a")
    assert not queue.pending_messages_per_session


def test_one_session_cannot_fill_the_queue() -> None:
    """Holds: who has a handful waiting is told to wait for these, in words and with a time; another is let in."""
    page = _page()
    queue = page.program._queue
    queue.max_size = 64
    queue.event_ids_to_events.update((str(number), Event("s", "127.0.0.1")) for number in range(MAX_OF_SESSION - 1))
    call = {"data": [], "fn_index": 3, "session_hash": "s"}
    assert page.ask(JOIN, "POST", body=json.dumps(call).encode()).status == 200
    queue.event_ids_to_events["last"] = Event("s", "127.0.0.1")
    told = page.ask(JOIN, "POST", body=json.dumps(call).encode())
    assert told.status == 503
    assert "busy" in json.loads(told.body)["detail"]
    assert told.header(b"retry-after")
    assert page.ask(JOIN, "POST", body=json.dumps({**call, "session_hash": "other"}).encode()).status == 200


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/call/ask"])
def test_one_address_cannot_fill_the_queue_with_many_sessions(path: str) -> None:
    """Holds: half of the queue is left to other addresses; this machine's own is any reader's behind a proxy."""
    page = _page()
    queue = page.program._queue
    queue.max_size = 64
    for number in range(MAX_OF_ADDRESS):
        queue.event_ids_to_events[f"a{number}"] = Event(f"a{number}", "10.0.0.1")
        queue.event_ids_to_events[f"b{number}"] = Event(f"b{number}", "127.0.0.1")
    given = {"data": []} if path != JOIN else {"data": [], "fn_index": 3, "session_hash": "new"}
    body = json.dumps(given).encode()
    assert page.ask(path, "POST", body=body, address="10.0.0.1").status == 503
    assert page.ask(path, "POST", body=body, address="10.0.0.2").status == 200
    assert page.ask(path, "POST", body=body, address="127.0.0.1").status == 200


def test_direct_calls_of_one_address_are_bounded_too() -> None:
    """Holds: the same for the endpoint that passes the queue by."""
    page = _page()
    page.rules.direct["10.0.0.1"] = MAX_OF_ADDRESS
    assert page.ask(ASK, "POST", body=b'{"data": []}', address="10.0.0.1").status == 503
    assert page.ask(ASK, "POST", body=b'{"data": []}', address="10.0.0.2").status == 200
    assert page.rules.direct == {"10.0.0.1": MAX_OF_ADDRESS}
