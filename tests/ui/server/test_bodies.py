"""Bodies of requests: counted and timed as they arrive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ui.server import bodies
from ui.server.bodies import GRACE_SECONDS, MIN_BYTES_PER_SECOND, BoundedBody, read_body, replay_body
from ui.server.refusals import Refused

if TYPE_CHECKING:
    from starlette.types import Message, Receive


def _sender(*messages: Message) -> Receive:
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.sleep(3_600)
        return left.pop(0)

    return receive


def _piece(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def _read(receive: Receive, max_bytes: int = 100, length: str | None = None) -> bytes:
    headers = [] if length is None else [(b"content-length", length.encode())]
    return asyncio.run(read_body({"type": "http", "headers": headers}, receive, max_bytes))


def test_a_body_is_read_whole() -> None:
    """In pieces, including empty ones, up to the last byte allowed."""
    assert _read(_sender(_piece(b"a"), _piece(b""), _piece(b"b", more=False)), 2) == b"ab"
    assert _read(_sender(_piece(b"", more=False)), 0) == b""


@pytest.mark.parametrize(
    ("receive", "length", "status"),
    [
        (_sender(), "101", 413),
        (_sender(_piece(b"x" * 60), _piece(b"x" * 60)), "5", 413),
        (_sender(_piece(b"x" * 101, more=False)), None, 413),
        (_sender(_piece(b"x"), {"type": "http.disconnect"}), "5", 400),
        (_sender(), "x", 400),
        (_sender(_piece(b"x")), "5", 408),
        (_sender(), "5", 408),
    ],
)
def test_a_body_has_bounds(receive: Receive, length: str | None, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large, interrupted, without a length or too slow: each ends with its status, whatever the header says."""
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.05)
    with pytest.raises(Refused) as refusal:
        _read(receive, length=length)
    assert refusal.value.status == status


def test_a_body_must_keep_to_the_least_rate() -> None:
    """After the time that every body has, the time left depends on the bytes that arrived."""
    at = [0.0]
    body = BoundedBody(_sender(*[_piece(b"x" * MIN_BYTES_PER_SECOND)] * 3), 10**9, "", now=lambda: at[0])

    async def run() -> None:
        at[0] = GRACE_SECONDS - 1
        await body()
        at[0] = GRACE_SECONDS + 0.5
        await body()
        at[0] = GRACE_SECONDS + 2.5
        await body()

    with pytest.raises(Refused) as refusal:
        asyncio.run(run())
    assert refusal.value.status == 408
    assert body.received_bytes == 2 * MIN_BYTES_PER_SECOND


def test_after_the_body_nothing_is_timed() -> None:
    """Waiting for the end of the connection, while an answer is computed, may take any time."""
    body = BoundedBody(_sender(_piece(b"x", more=False), {"type": "http.disconnect"}), 1, "", now=lambda: 0.0)

    async def run() -> list[str]:
        first = await body()
        body._started = -10_000.0
        return [first["type"], (await body())["type"]]

    assert asyncio.run(run()) == ["http.request", "http.disconnect"]


def test_a_body_can_be_given_again() -> None:
    """Once; then comes what came after it."""
    again = replay_body(b"ab", _sender({"type": "http.disconnect"}))

    async def run() -> list[Message]:
        return [await again(), await again()]

    assert asyncio.run(run()) == [_piece(b"ab", more=False), {"type": "http.disconnect"}]
