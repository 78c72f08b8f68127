"""Bounds on connections: how many may be open, and how long a request's head may take."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import h11
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.errors import InputError
from ui.server.attempts import neighbourhood
from ui.server.limits import is_loopback

if TYPE_CHECKING:
    import asyncio

__all__ = ["BoundedProtocol", "bound_connections", "check_host"]

# Connections open at once, and from one address: half of the files that a process may open by default, and more than a
# classroom behind one address needs with six for each browser.
MAX_CONNECTIONS = 512
MAX_OF_ADDRESS = 192

# Seconds that a request's line and headers may take, from the first byte or from connecting. An estimate: a browser
# sends them at once, which takes a few seconds on the slowest line.
HEAD_SECONDS = 15.0

# Seconds in which the rest of a body is read and dropped after its request was answered, so that the sender still gets
# the answer.
DRAIN_SECONDS = 30.0


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with bounds on connections and on the time before an answer."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Accept a connection, or close it at once if there are too many."""
        super().connection_made(transport)
        own = neighbourhood(self._address(self))
        if len(self.connections) > MAX_CONNECTIONS or (
            not is_loopback(own)
            and sum(neighbourhood(self._address(other)) == own for other in self.connections) > MAX_OF_ADDRESS
        ):
            transport.abort()
            return
        self._end_after(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Read more; the time for a head runs until it is complete."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            if self.conn.our_state is not h11.DONE:
                self._keep()
        elif self._timer is None:
            self._end_after(HEAD_SECONDS)

    def on_response_complete(self) -> None:
        """Accept the next request; the rest of this one's body may take a moment longer."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._end_after(DRAIN_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._keep()
        super().connection_lost(exc)

    def _end_after(self, seconds: float) -> None:
        self._keep()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _keep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @staticmethod
    def _address(protocol: object) -> str:
        client = getattr(protocol, "client", None)
        return str(client[0]) if client else ""


def check_host(host: str) -> None:
    """Check that the page can listen on an address; otherwise gradio tries a hundred ports on it for minutes.

    Raises:
        InputError: it is no address of this machine.

    """
    try:
        bare = host.removeprefix("[").removesuffix("]")
        family, *_, address = socket.getaddrinfo(bare, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family) as listener:
            listener.bind(address)
    except (OSError, UnicodeError) as error:
        raise InputError(
            "the page cannot be served at this address",
            expected="an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them",
            got=host,
        ) from error


def bound_connections() -> None:
    """Apply these bounds to every server that gradio starts in this process, for which gradio has no option."""
    HTTP_PROTOCOLS["auto"] = f"{BoundedProtocol.__module__}:{BoundedProtocol.__qualname__}"
