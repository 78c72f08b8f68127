"""The bodies of requests, counted and timed as they arrive, whatever their headers claim."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from ui.server.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Scope

__all__ = ["BoundedBody", "content_length", "read_body", "replay_body"]

# Seconds that may pass between two pieces of a body. An estimate: a connection that stalls for longer is broken.
IDLE_SECONDS = 20.0

# Seconds that any body may take; after that, it must have come at the minimum rate. An estimate: half of what a slow
# phone line sends, at which the largest upload takes half an hour.
GRACE_SECONDS = 30.0
MIN_BYTES_PER_SECOND = 50_000


@dataclass(slots=True)
class BoundedBody:
    """A request's ``receive`` that ends when too much arrives or it arrives too slowly.

    ``max_bytes`` bounds what arrives, and ``message`` is the error for more. ``now`` returns seconds of a monotonic
    clock.
    """

    receive: Receive
    max_bytes: int
    message: str
    now: Callable[[], float] = time.monotonic
    received_bytes: int = 0
    complete: bool = False
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.now()

    async def __call__(self) -> Message:
        """The next message.

        Raises:
            Refused: too much has arrived, it arrives too slowly, or the sender has gone.

        """
        if self.complete:
            return await self.receive()
        left = self._started + GRACE_SECONDS + self.received_bytes / MIN_BYTES_PER_SECOND - self.now()
        too_slow = Refused(408, "The request arrived too slowly. Try again on a faster connection.")
        if left <= 0:
            raise too_slow
        try:
            async with asyncio.timeout(min(IDLE_SECONDS, left)):
                message = await self.receive()
        except TimeoutError:
            raise too_slow from None
        if message["type"] != "http.request":
            raise Refused(400, "The request was interrupted.")
        self.received_bytes += len(message.get("body", b""))
        if self.received_bytes > self.max_bytes:
            raise Refused(413, self.message)
        self.complete = not message.get("more_body", False)
        return message


def content_length(scope: Scope) -> int | None:
    """The value of the header Content-Length, or None if it is missing.

    Raises:
        Refused: the header is not a single number.

    """
    given = Headers(scope=scope).getlist("content-length")
    if not given:
        return None
    if len(given) > 1 or not given[0].isascii() or not given[0].isdecimal() or len(given[0]) > 18:  # noqa: PLR2004
        raise Refused(400, "Content-Length must be one whole number.")
    return int(given[0])


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The whole body of a request.

    Raises:
        Refused: it is larger than ``max_bytes``, arrives too slowly, or was interrupted.

    """
    too_large = f"The request is too large: it may have at most {max_bytes:,} bytes."
    if (content_length(scope) or 0) > max_bytes:
        raise Refused(413, too_large)
    bounded = BoundedBody(receive, max_bytes, too_large)
    parts: list[bytes] = []
    while not bounded.complete:
        message = await bounded()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that returns a body already read, and then what follows: the end of the connection."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
