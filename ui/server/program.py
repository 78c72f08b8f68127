"""The parts of gradio's application that the server uses, and the cleaning up after sessions that have ended."""

from __future__ import annotations

from collections import Counter, OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from starlette.requests import Request
    from starlette.types import Scope

    from ui.server.routes import Route

__all__ = ["Program", "Queue", "Sessions", "program_of", "queue_of"]

# Conversations kept after their window was closed or lost, so that a laptop that wakes up finds its own.
MAX_CLOSED = 50


class States(Protocol):
    """Gradio's states of sessions."""

    session_data: OrderedDict[str, object]
    time_last_used: dict[str, object]


class Event(Protocol):
    """A call, waiting or running, and its request."""

    session_hash: str | None
    request: Request


class Queue(Protocol):
    """Gradio's queue of calls."""

    max_size: int | None
    pending_event_ids_session: dict[str, set[str]]
    event_ids_to_events: dict[str, Event]

    @property
    def pending_messages_per_session(self) -> MutableMapping[str, object]:
        """Messages not yet sent."""

    def __len__(self) -> int:
        """The number of waiting calls."""


class Blocks(Protocol):
    """Gradio's page."""

    _queue: Queue


class Program(Protocol):
    """Gradio's application."""

    tokens: dict[str, str]
    cookie_id: str
    state_holder: States

    def get_blocks(self) -> Blocks:
        """The page."""


def program_of(scope: Scope) -> Program:
    """The application that serves a request."""
    return cast("Program", scope["app"])


def queue_of(scope: Scope) -> Queue:
    """The queue of the application that serves a request."""
    return program_of(scope).get_blocks()._queue  # noqa: SLF001 - gradio offers it nowhere else


@dataclass(slots=True)
class Sessions:
    """The sessions with an open window, and those closed last; gradio would keep all of them for an hour."""

    windows: Counter[str] = field(default_factory=Counter)
    closed: OrderedDict[str, None] = field(default_factory=OrderedDict)

    @contextmanager
    def during(self, route: Route, scope: Scope) -> Iterator[None]:
        """Keep a session while one of its requests lasts.

        Afterwards, the session of a call is dropped at once; that of a window, or of a program without one, after
        enough others have been closed.
        """
        session = _streamed(scope) if route.session == "stream" else str(scope["path"]).rpartition("/")[2]
        self.closed.pop(session, None)
        self.windows[session] += route.session == "window"
        try:
            yield
        finally:
            self.windows[session] -= route.session == "window"
            if not self.windows[session]:
                del self.windows[session]
                self._end(route, scope, session)

    def _end(self, route: Route, scope: Scope, session: str) -> None:
        if route.session == "call":
            _forget(scope, session)
            return
        self.closed[session] = None
        while len(self.closed) > MAX_CLOSED:
            _forget(scope, self.closed.popitem(last=False)[0])


def _streamed(scope: Scope) -> str:
    """The session whose answers a request wants streamed, or the empty string."""
    try:
        fields = parse_qs(str(scope.get("query_string", b""), "latin-1"), max_num_fields=20)
    except ValueError:
        return ""  # gradio does not find one either
    return fields.get("session_hash", [""])[0][:64]


def _forget(scope: Scope, session: str) -> None:
    """Drop everything that gradio keeps about a session."""
    program = program_of(scope)
    program.state_holder.session_data.pop(session, None)
    program.state_holder.time_last_used.pop(session, None)
    queue = queue_of(scope)
    queue.pending_event_ids_session.pop(session, None)
    if not any(event.session_hash == session for event in queue.event_ids_to_events.values()):
        queue.pending_messages_per_session.pop(session, None)
