"""Connections to a real server: how many, and how slow their heads may be."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.config import HTTP_PROTOCOLS

from rag.errors import InputError
from ui.server import connections
from ui.server.connections import BoundedProtocol, bound_connections, check_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send


# What is limited here ends in half a second; a busy machine may need many times that.
MOST_SECONDS = 20.0


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server with small limits, on a free port."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(connections, "DRAIN_SECONDS", 0.4)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 4)
    config = uvicorn.Config(_app, http=BoundedProtocol, lifespan="off", log_level="warning", timeout_keep_alive=60)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(timeout=10)


@contextlib.contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=MOST_SECONDS) as connection:
        yield connection


def _served(port: int) -> bool:
    """Whether the server accepts a connection and answers on it, once it has noticed that others have ended."""
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        with _connected(port) as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(WHOLE)
            if _answered(connection):
                return True
        time.sleep(0.05)
    return False


def _answered(connection: socket.socket) -> bool:
    """Whether one complete answer came."""
    got = b""
    while not got.endswith(b"\r\n\r\nok"):
        piece = connection.recv(1_000)
        if not piece:
            return False
        got += piece
    return got.startswith(b"HTTP/1.1 200")


def _closed_after(connection: socket.socket, data: bytes = b"", wait: float = 0.0) -> float:
    """Seconds until the server closes the connection, while ``data`` is sent again and again."""
    start = time.monotonic()
    try:
        while time.monotonic() - start < MOST_SECONDS:
            if data:
                connection.sendall(data)
                time.sleep(wait)
                connection.settimeout(0.01)
            try:
                if not connection.recv(1_000):
                    break
            except TimeoutError:
                continue
    except (ConnectionResetError, BrokenPipeError):
        pass
    return time.monotonic() - start


WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_head_that_never_ends_is_cut_off(port: int) -> None:
    """A connection that sends nothing, part of a head, or an occasional header, is closed in time."""
    for first, more in ((b"", b""), (b"GET / HT", b""), (b"GET / HTTP/1.1\r\n", b"X: y\r\n")):
        start = time.monotonic()
        with _connected(port) as connection:
            connection.sendall(first)
            assert _closed_after(connection, more, 0.05) < MOST_SECONDS
        assert time.monotonic() - start > 0.9 * connections.HEAD_SECONDS


def test_the_head_of_a_second_request_is_timed_too(port: int) -> None:
    """One good request does not buy time for a slow one."""
    with _connected(port) as connection:
        connection.sendall(WHOLE)
        assert _answered(connection)
        assert _closed_after(connection, b"G", 0.05) < MOST_SECONDS


def test_a_request_in_time_is_served_on_the_same_connection(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is on heads, not on the connection, which lasts longer here than a head may take."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 3.0)
    start = time.monotonic()
    with _connected(port) as connection:
        while time.monotonic() - start < 3.5:
            connection.sendall(WHOLE[:20])
            time.sleep(0.2)
            connection.sendall(WHOLE[20:])
            assert _answered(connection)


def test_the_rest_of_a_body_that_nobody_reads_is_not_taken_forever(port: int) -> None:
    """An answered request whose body never ends is closed."""
    with _connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert _answered(connection)
        assert _closed_after(connection, b"x", 0.05) < MOST_SECONDS


def test_so_many_connections_and_no_more(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection too many is closed at once, the others are served; ended ones make room."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 30.0)
    with _connected(port), _connected(port), _connected(port), _connected(port) as last:
        last.sendall(WHOLE)
        assert _answered(last)
        with _connected(port) as another:
            assert _closed_after(another) < MOST_SECONDS
    assert _served(port)


def test_one_address_has_its_share(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's address has a limit of its own; this machine's own may be anybody's."""
    monkeypatch.setattr(connections, "MAX_OF_ADDRESS", 1)
    with _connected(port), _connected(port) as second:
        second.sendall(WHOLE)
        assert _answered(second)
    monkeypatch.setattr(connections, "is_loopback", lambda _: False)
    with _connected(port), _connected(port) as second:
        assert _closed_after(second) < MOST_SECONDS


def test_gradio_s_server_gets_these_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers started by gradio use this protocol, however often it is set up."""
    monkeypatch.setitem(HTTP_PROTOCOLS, "auto", "uvicorn.protocols.http.auto:AutoHTTPProtocol")
    for _ in range(2):
        bound_connections()
    config = uvicorn.Config(_app, log_level="warning")
    config.load()
    assert config.http_protocol_class is BoundedProtocol


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104 - only for a moment
def test_an_address_of_this_machine_is_accepted(host: str) -> None:
    """By number or name, and all addresses together."""
    check_host(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 300])
def test_another_address_is_refused_at_once(host: str) -> None:
    """Gradio tried a hundred ports on it, for minutes, and printed an error for each."""
    with pytest.raises(InputError, match="cannot be served at this address"):
        check_host(host)
