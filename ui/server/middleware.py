"""Between the page and the network: every request is checked here before gradio sees it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ui.server.bodies import read_body, replay_body
from ui.server.calls import MAX_CALL_BYTES, read_call, with_callers_errors
from ui.server.headers import client_address, own_address, with_headers
from ui.server.limits import MAX_OF_ADDRESS, Places, check_queue, is_loopback
from ui.server.login import Login, login_page
from ui.server.program import Sessions
from ui.server.refusals import Refused, refusal_response
from ui.server.routes import find_route
from ui.server.upload_limits import Uploads

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.server.origins import OwnOrigins
    from ui.server.routes import Route

__all__ = ["Guard", "Rules"]

# Direct calls of `/ask` running at once, and those that may wait: as many as in gradio's own queue.
MAX_DIRECT = 2
MAX_DIRECT_WAITING = 64

# Calls of MCP clients running or waiting: half of the queue stays free for people; one client's share is a window's.
MAX_MCP = 32
MAX_MCP_OF_CALLER = 8


@dataclass(slots=True)
class Rules:
    """What one page lets through, and the calls it is working on."""

    origins: OwnOrigins
    options: frozenset[str] = frozenset()
    handlers: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()
    login: Login = field(default_factory=Login)
    uploads: Uploads = field(default_factory=Uploads)
    sessions: Sessions = field(default_factory=Sessions)
    direct: Places = field(default_factory=lambda: Places(MAX_DIRECT + MAX_DIRECT_WAITING, MAX_OF_ADDRESS))
    mcp: Places = field(default_factory=lambda: Places(MAX_MCP, MAX_MCP_OF_CALLER))
    _turn: asyncio.Semaphore | None = None

    def turn(self) -> asyncio.Semaphore:
        """The semaphore of direct calls, made in the serving event loop."""
        if self._turn is None:
            self._turn = asyncio.Semaphore(MAX_DIRECT)
        return self._turn


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware: passes on permitted requests to routes of `ui.server.routes`, and adds headers to responses."""

    app: ASGIApp
    rules: Rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        send = with_headers(send)
        try:
            with suppress(ClientDisconnect):  # nobody is waiting for the answer
                await self._serve(scope, receive, send)
        except Refused as refusal:
            await refusal_response(refusal)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.rules.origins.check(scope)
        route = self._route(scope)
        if route.body == "login":
            response = await self.rules.login.log_in(scope, receive)
            await response(scope, receive, send)
            return
        user = "" if route.before_login else await self.rules.login.user_of(scope)
        if user is not None:
            await self._pass_on(route, user, scope, receive, send)
        elif route.route == "/":
            await login_page()(scope, receive, send)
        else:
            raise Refused(401, "Log in first.")

    def _route(self, scope: Scope) -> Route:
        """The route of a request; removes the headers that gradio must not see.

        Raises:
            Refused: there is no such route.

        """
        path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
        if root and path.startswith(root + "/"):
            path = path[len(root) :]
        route = find_route(scope["method"], path, self.rules.options)
        if route is None:
            raise Refused(404, "There is nothing at this address.")
        headers = MutableHeaders(scope=scope)
        # gradio would take the first as its own address, and fails on some values of the second
        del headers["x-gradio-server"], headers["range"]
        return route

    async def _pass_on(self, route: Route, user: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to gradio, after reading and checking its body, if any."""
        if route.session:
            with self.rules.sessions.during(route, scope):
                await self._stream(scope, receive, send)
        elif route.body == "none":
            await self.app(scope, receive, send)
        elif route.body == "upload":
            await self.rules.uploads.serve(self.app, scope, receive, send)
        elif route.body == "mcp":
            await self._serve_mcp(user, scope, receive, send)
        else:
            await self._serve_call(route, scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request for messages; of an unknown session gradio says so in one, and then fails."""
        try:
            await self.app(scope, receive, send)
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _serve_mcp(self, user: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request of an MCP client; gradio uses one session for all of them, so each gets its share here."""
        headers = MutableHeaders(scope=scope)
        # gradio's own client follows these headers, so a stranger's values are replaced by this server
        for name in {name for name in headers if name.startswith("x-forwarded-")}:
            del headers[name]
        headers["host"] = own_address(scope)
        if scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        body = await read_body(scope, receive, MAX_CALL_BYTES)
        with self.rules.mcp.take(user or _address_of(scope)):
            await self.app(scope, replay_body(body, receive), send)

    async def _serve_call(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a call of a handler of the page, or of its one public endpoint."""
        body = await read_body(scope, receive, MAX_CALL_BYTES)
        call = read_call(route, body, self.rules.handlers, self.rules.servers)
        headers = MutableHeaders(scope=scope)
        headers["content-length"] = str(len(call))
        headers["content-type"] = "application/json"
        again = replay_body(call, receive)
        if "/run/" in route.route:
            # direct calls bypass gradio's queue; they wait here, in order
            with self.rules.direct.take(_address_of(scope)):
                async with self.rules.turn():
                    await self.app(scope, again, with_callers_errors(send))
            return
        if "fn_index" in route.keys or "/call/" in route.route:
            check_queue(scope, json.loads(call).get("session_hash"), shared=self.rules.login.is_inner(scope))
        await self.app(scope, again, send)


def _address_of(scope: Scope) -> str:
    """The address of a request, or the empty string for this machine's own, which behind a proxy is everyone's."""
    address = client_address(scope)
    return "" if is_loopback(address) else address
