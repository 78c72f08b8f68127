"""How much may be asked at once, and by whom; and what gradio is made to forget of sessions that are over."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import parse_qs

from ui.server.asgi import client_address
from ui.server.routes import Refused

if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import MutableMapping

    from starlette.requests import Request

    from ui.server.asgi import Scope

__all__ = ["BUSY_SECONDS", "Program", "busy", "check_room", "check_share", "forget", "is_loopback", "streamed"]

# Events of one session, and of one address, that wait or are in work at once. A window has a handful, when it is
# opened; and half of the queue stays free for others. This machine's own address has no bound: a proxy's readers may
# all have it.
MAX_OF_SESSION = 8
MAX_OF_ADDRESS = 32

# What a busy page asks for before the next try.
BUSY_SECONDS = 5


def is_loopback(host: str) -> bool:
    """Whether an address to bind to is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _States(Protocol):
    session_data: OrderedDict[str, object]
    time_last_used: dict[str, object]


class _Event(Protocol):
    session_hash: str | None
    request: Request


class _Queue(Protocol):
    max_size: int | None
    pending_event_ids_session: dict[str, set[str]]
    event_ids_to_events: dict[str, _Event]

    @property
    def pending_messages_per_session(self) -> MutableMapping[str, object]:
        """What was not sent yet."""

    def __len__(self) -> int:
        """Calls that wait."""


class _Blocks(Protocol):
    _queue: _Queue


class Program(Protocol):
    """What is used of gradio's application."""

    tokens: dict[str, str]
    cookie_id: str
    state_holder: _States

    def get_blocks(self) -> _Blocks:
        """The page."""


def check_room(scope: Scope, session: str | None) -> None:
    """Let one more event of a session in.

    Raises:
        Refused: nothing more may wait, or this session or address has its share waiting already.

    """
    program = cast("Program | None", scope.get("app"))
    if program is None:
        return
    queue = program.get_blocks()._queue  # noqa: SLF001 - gradio offers the length nowhere else
    if queue.max_size is not None and len(queue) >= queue.max_size:
        raise busy(len(queue))
    waiting = list(queue.event_ids_to_events.values())
    own = sum(event.session_hash == session for event in waiting)
    if session is not None and own >= MAX_OF_SESSION:
        raise _your_own(own)
    address = client_address(scope)
    check_share(sum(client_address(event.request.scope) == address for event in waiting), address)


def streamed(scope: Scope) -> str:
    """The session whose answers a request wants streamed."""
    query = scope.get("query_string", b"")
    try:
        fields = parse_qs(query.decode("latin-1") if isinstance(query, bytes) else "", max_num_fields=20)
    except ValueError:
        return ""  # gradio finds none either
    return fields.get("session_hash", [""])[0][:64]


def check_share(waiting: int, address: str) -> None:
    """Let one more event of an address in.

    Raises:
        Refused: so many of its wait already.

    """
    if waiting >= MAX_OF_ADDRESS and not is_loopback(address):
        raise _your_own(waiting)


def forget(scope: Scope, session: str) -> None:
    """Drop what gradio keeps of a session that is over."""
    program = cast("Program | None", scope.get("app"))
    if program is not None:
        program.state_holder.session_data.pop(session, None)
        program.state_holder.time_last_used.pop(session, None)
        queue = program.get_blocks()._queue  # noqa: SLF001 - as above
        queue.pending_event_ids_session.pop(session, None)
        if not any(event.session_hash == session for event in queue.event_ids_to_events.values()):
            queue.pending_messages_per_session.pop(session, None)


def busy(waiting: int) -> Refused:
    """What is said where nothing more may wait."""
    return Refused(503, f"Pullquote is busy: {waiting} questions are waiting. Ask again in a moment.", BUSY_SECONDS)


def _your_own(waiting: int) -> Refused:
    words = f"Pullquote is busy with you: {waiting} of your questions are waiting. Wait for their answers."
    return Refused(503, words, BUSY_SECONDS)
