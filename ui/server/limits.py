"""How much may be asked at once, and by whom."""

from __future__ import annotations

import ipaddress
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ui.server.headers import client_address
from ui.server.program import queue_of
from ui.server.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

__all__ = ["BUSY_SECONDS", "Places", "check_queue", "is_loopback"]

# Events of one session, and of one address, waiting or running at once. A window has a handful when it opens, and half
# of the queue stays free for others. This machine's own address has no bound, because behind a proxy it is everyone's.
MAX_OF_SESSION = 8
MAX_OF_ADDRESS = 32

# Seconds after which to try again if the page is busy.
BUSY_SECONDS = 5


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own, which other machines cannot reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(slots=True)
class Places:
    """Requests of one kind, running or waiting, with a bound for all and one for each caller."""

    total: int
    of_caller: int
    taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def take(self, caller: str) -> Iterator[None]:
        """Hold a place; a caller named "" counts only towards the total.

        Raises:
            Refused: all places are taken, or this caller has used its share.

        """
        waiting = self.taken.total()
        if waiting >= self.total:
            raise _busy(waiting)
        if caller and self.taken[caller] >= self.of_caller:
            raise _has_its_share(self.taken[caller])
        self.taken[caller] += 1
        try:
            yield
        finally:
            self.taken[caller] -= 1
            if not self.taken[caller]:
                del self.taken[caller]


def check_queue(scope: Scope, session: str | None, *, shared: bool = False) -> None:
    """Admit one more call of a session to gradio's queue.

    Calls of a ``shared`` session are bounded elsewhere, by their caller.

    Raises:
        Refused: the queue is full, or this session or address has used its share.

    """
    queue = queue_of(scope)
    if queue.max_size is not None and len(queue) >= queue.max_size:
        raise _busy(len(queue))
    if shared:
        return
    waiting = list(queue.event_ids_to_events.values())
    own = sum(event.session_hash == session for event in waiting)
    if session is not None and own >= MAX_OF_SESSION:
        raise _has_its_share(own)
    address = client_address(scope)
    _check_share(sum(client_address(event.request.scope) == address for event in waiting), address)


def _check_share(waiting: int, address: str) -> None:
    """Admit one more call from an address.

    Raises:
        Refused: it has used its share.

    """
    if waiting >= MAX_OF_ADDRESS and not is_loopback(address):
        raise _has_its_share(waiting)


def _busy(waiting: int) -> Refused:
    return Refused(503, f"Pullquote is busy: {waiting} questions are waiting. Try again in a moment.", BUSY_SECONDS)


def _has_its_share(waiting: int) -> Refused:
    message = f"Pullquote is busy with {waiting} questions of yours. Wait for their answers."
    return Refused(503, message, BUSY_SECONDS)
