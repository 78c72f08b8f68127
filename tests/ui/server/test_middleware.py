"""What the guard passes on to gradio, and in which form."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from made_requests import ASK, JOIN, Program
from made_requests import page as made_page
from starlette.responses import JSONResponse

from ui.server.middleware import Guard
from ui.services.event_payloads import WRONG_CALL

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


def test_a_websocket_is_closed() -> None:
    """The page has none, and what is not HTTP passes no check."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, Guard(Program(), made_page().rules)({"type": "websocket"}, receive, send)).result()
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_what_gradio_would_believe_is_not_passed_on() -> None:
    """A header that names another server, and ranges that gradio cannot read, do not arrive."""
    page = made_page()
    page.ask("/config", x_gradio_server="http://evil.test", range="bytes=²-³")
    names = {name for name, _ in page.program.seen[0][0]["headers"]}  # type: ignore[attr-defined]
    assert names == {b"host"}


def test_the_tool_s_own_client_calls_this_machine_whatever_is_asked() -> None:
    """Gradio's MCP server calls the host that a request names; that is always the page itself."""
    page = made_page(options=frozenset({"mcp"}))
    told = {"x_gradio_server": "http://10.0.0.9", "x_forwarded_host": "10.0.0.9", "x_forwarded_proto": "https"}
    page.ask("/gradio_api/mcp/", "POST", body=b"{}", host="10.0.0.9:1", **told)  # type: ignore[arg-type]
    headers = dict(page.program.seen[0][0]["headers"])  # type: ignore[call-overload]
    assert headers == {b"host": b"127.0.0.1:7860", b"content-length": b"2"}


def test_a_call_arrives_without_what_it_may_not_say() -> None:
    """Fields that gradio would trust are dropped, and the length is that of what is passed on."""
    page = made_page()
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
    """Declared or found while reading, too much is refused before it is stored."""
    page = made_page()
    assert page.ask(JOIN, "POST", body=b"x", content_length="1000001").status == 413
    assert page.ask(JOIN, "POST", body=b"x" * 1_000_001, content_length="1").status == 413
    assert page.ask(JOIN, "POST", body=b"x", content_length="-1").status == 400
    assert page.program.seen == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": "there is no such post", "title": WRONG_CALL}, 400),
        ({"error": "the server does not answer", "title": "Error"}, 500),
        ({"error": None}, 500),
        ([], 500),
    ],
)
def test_a_wrong_call_is_no_error_of_the_server(body: object, status: int) -> None:
    """Gradio answers every error of a direct call with status 500; those titled as the caller's get status 400."""

    class Failing(Program):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await JSONResponse(body, 500)(scope, receive, send)

    page = made_page()
    page.program = Failing()
    answer = page.call(ASK, {"data": ["Who?", None, "no such post"]})
    assert (answer.status, json.loads(answer.body)) == (status, body)
