"""Logging in: the form, HTTP Basic, keys, and how guessing is slowed."""

from __future__ import annotations

import base64
import json

import pytest
from made_requests import ASK, JOIN, locked_page

from ui.server import login as login_module
from ui.server.attempts import FREE_TRIES


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
    """Everything that gradio leaves open, MCP included; the program behind is not even asked."""
    page = locked_page()
    assert page.ask(path, method, body=b"{}" if method == "POST" else None).status == 401
    assert page.ask(path, method, body=b"{}" if method == "POST" else None, cookie="access-token-c=guess").status == 401
    assert page.program.seen == []


def test_before_the_log_in_there_is_only_a_form() -> None:
    """It asks for name and password and reveals nothing else."""
    page = locked_page()
    answer = page.ask()
    assert b'name="password"' in answer.body
    assert page.program.seen == []


def test_logging_in_gives_a_key_that_opens() -> None:
    """The right password gives a cookie that scripts cannot read; a wrong one gives none."""
    page = locked_page()
    wrong = page.ask("/login", "POST", body=b"username=ada&password=no")
    assert (wrong.status, wrong.header(b"set-cookie")) == (400, b"")
    right = page.ask("/login", "POST", body=b"username=ada&password=secret")
    cookie = right.header(b"set-cookie").decode()
    assert right.status == 200
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert page.ask("/config", cookie=f"other=1; {cookie.partition(';')[0]}").status == 200


def test_a_program_logs_in_with_each_request() -> None:
    """HTTP Basic, for MCP and calls; gradio behind sees a session of that name."""
    page = locked_page()
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    assert page.call(ASK, {"data": ["x"]}, authorization=basic).status == 200
    cookie = dict(page.program.seen[0][0]["headers"])[b"cookie"].decode()  # type: ignore[call-overload]
    assert page.program.tokens[cookie.partition("=")[2]] == "ada"
    for other in ("Basic " + base64.b64encode(b"ada:wrong").decode(), "Basic ???", "Bearer x", "Digest x", "", "Basic"):
        assert page.call(ASK, {"data": ["x"]}, authorization=other).status == 401


WRONG, RIGHT = b"username=ada&password=no", b"username=ada&password=secret"
BASIC = "Basic " + base64.b64encode(b"ada:secret").decode()


def test_whoever_guesses_is_slowed_and_nobody_else() -> None:
    """After a few wrong passwords an address must wait, by form or by header; users elsewhere are not affected."""
    page = locked_page()
    assert page.ask("/login", "POST", body=RIGHT, address="10.0.0.8").status == 200
    for _ in range(FREE_TRIES + 1):
        assert page.ask("/login", "POST", body=WRONG, address="10.0.0.9").status == 400
    refused = page.ask("/login", "POST", body=RIGHT, address="10.0.0.9")
    assert refused.status == 429
    assert int(refused.header(b"retry-after")) >= 1
    assert page.call(ASK, {"data": ["x"]}, authorization=BASIC, address="10.0.0.9").status == 429
    assert page.ask("/login", "POST", body=RIGHT, address="10.0.0.8").status == 200


def test_guesses_of_one_account_from_many_addresses_are_slowed() -> None:
    """Changing the address does not help to guess one account, by form or by header."""
    page = locked_page()
    wrong = "Basic " + base64.b64encode(b"ada:wrong").decode()
    for number in range(FREE_TRIES + 1):
        assert page.call(ASK, {"data": ["x"]}, authorization=wrong, address=f"10.0.0.{number}").status == 401
    assert page.ask("/login", "POST", body=WRONG, address="10.0.1.1").status == 429
    assert page.ask("/login", "POST", body=b"username=grace&password=no", address="10.0.1.1").status == 400


def test_a_wrong_password_is_reported_in_words() -> None:
    """One sentence for an unknown name and a wrong password; a body that is not a form is the sender's mistake."""
    page = locked_page()
    for body in (WRONG, b"username=nobody&password=secret", b"", b"username=ada"):
        answer = page.ask("/login", "POST", body=body, address="10.0.0.1")
        assert (answer.status, json.loads(answer.body)["detail"]) == (400, "Wrong user name or password.")
    for body in (b"\xff\xfe", b"&".join(b"a=1" for _ in range(50))):
        assert page.ask("/login", "POST", body=body, address="10.0.0.2").status == 400


def test_keys_of_browsers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logging in again and again does not increase the memory; the newest keys stay."""
    monkeypatch.setattr(login_module, "MAX_KEYS", 3)
    page = locked_page()
    for _ in range(5):
        last = page.ask("/login", "POST", body=b"username=ada&password=secret").header(b"set-cookie").decode()
    assert len(page.program.tokens) == 3
    assert page.ask("/config", cookie=last.partition(";")[0]).status == 200
