"""Bounds on uploads: how many at once, how large, how slow, and how much of the disk they may use."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from traceback import walk_tb
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from ui.server.bodies import BoundedBody, content_length
from ui.server.headers import client_address
from ui.server.limits import BUSY_SECONDS, is_loopback
from ui.server.refusals import Refused
from ui.services.temp_files import bytes_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Uploads"]

# Uploads running at once, each of which writes to the disk, and those of one address, so that others get a place.
MAX_UPLOADS = 4
MAX_OF_ADDRESS = 2

# Bytes allowed besides the files themselves: names and separators of 500 parts.
OVERHEAD_BYTES = 1_000_000

# Bytes of uploads, and of files made for download, on the disk at once: five of the largest additions.
MAX_LYING_BYTES = 500_000_000

# "multipart/form-data" with its boundary, which by RFC 2046 has at most 70 characters; longer ones break its parser.
MAX_TYPE_CHARS = 200

_SERVER_ERROR = 500
_OUR_PACKAGES = ("rag", "ui")

_TOO_MANY = "Others are uploading right now. Try again in a moment."


@dataclass(slots=True)
class Uploads:
    """The running uploads. ``folder`` is where they are written; ``max_bytes`` limits the files of one upload."""

    folder: Path | None = None
    max_bytes: int = 100_000_000
    _arriving: list[tuple[str, int, BoundedBody]] = field(default_factory=list)

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application receive one upload, and delete what it wrote if the upload is not completed.

        Raises:
            Refused: the upload is too large, too slow or interrupted, or there are too many.

        """
        try:
            with self._place(scope, receive) as body:
                refused = await _pass_on(app, scope, body, send)
        finally:
            if not self._arriving:
                self._clear_partial()
        if refused is not None:
            raise refused

    @contextmanager
    def _place(self, scope: Scope, receive: Receive) -> Iterator[BoundedBody]:
        if any(len(value) > MAX_TYPE_CHARS for value in Headers(scope=scope).getlist("content-type")):
            raise Refused(400, "The type of an upload is too long.")
        length = content_length(scope)
        if length is None:
            raise Refused(411, "An upload must send Content-Length.")
        if length > self.max_bytes + OVERHEAD_BYTES:
            limit = self.max_bytes // 1_000_000
            raise Refused(413, f"These files are too large together. One upload may have at most {limit} MB.")
        address = client_address(scope)
        own = 0 if is_loopback(address) else sum(other == address for other, _, _ in self._arriving)
        if len(self._arriving) >= MAX_UPLOADS or own >= MAX_OF_ADDRESS:
            raise Refused(503, _TOO_MANY, BUSY_SECONDS)
        if self.folder is not None and self._bytes_used(self.folder) + length > MAX_LYING_BYTES:
            raise Refused(503, "Too many uploads are waiting to be added. Try again later.", 60)
        body = BoundedBody(receive, length, "The upload is longer than its Content-Length.")
        arriving = (address, length, body)
        self._arriving.append(arriving)
        try:
            yield body
        finally:
            self._arriving.remove(arriving)

    def _bytes_used(self, folder: Path) -> int:
        """Bytes on the disk, and those still expected from running uploads."""
        return bytes_in(folder) + sum(length - body.received_bytes for _, length, body in self._arriving)

    def _clear_partial(self) -> None:
        """Delete what interrupted uploads left, because gradio gives only a complete upload its own folder."""
        for path in self.folder.glob("tmp*") if self.folder is not None else ():
            with suppress(OSError):  # another program has already deleted it
                if path.is_file():
                    path.unlink()


async def _pass_on(app: ASGIApp, scope: Scope, body: BoundedBody, send: Send) -> Refused | None:
    """Let an application receive one upload; returns why it was refused, if it was, and then nothing was sent."""
    refused: Refused | None = None
    failed: list[Message] = []

    async def receive_bounded() -> Message:
        nonlocal refused
        try:
            return await body()
        except Refused as refusal:
            refused = refusal
            return {"type": "http.disconnect"}

    async def send_unless_refused(message: Message) -> None:
        if failed or (message["type"] == "http.response.start" and message["status"] >= _SERVER_ERROR):
            failed.append(message)
        elif refused is None:
            await send(message)

    problem: Exception | None = None
    try:
        # the application would report a broken upload as a server error
        with suppress(ClientDisconnect):
            await app(scope, receive_bounded, send_unless_refused)
    except (OSError, AttributeError, LookupError, TypeError, ValueError) as error:
        problem, refused = error, refused or _refusal_of(error)
    if refused is None:
        for message in failed:
            await send(message)
        if problem is not None:
            raise problem
    return refused


def _refusal_of(error: Exception) -> Refused | None:
    """What to answer the sender when the application raised an error; None for a bug, which belongs in the log."""
    if isinstance(error, OSError):
        return Refused(507, f"The upload cannot be saved: {error.strerror}.")
    # gradio's parser fails on parts that no browser sends
    return None if _is_ours(error) else Refused(400, "This is not an upload of files.")


def _is_ours(error: Exception) -> bool:
    """Whether an error was raised in code of this project that the application had called."""
    called = error.__traceback__.tb_next if error.__traceback__ is not None else None
    names = (str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(called))
    return any(name.partition(".")[0] in _OUR_PACKAGES for name in names)
