"""What stands between the page and the network: the names it answers to, who may come in, how much at once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import math
import secrets
import socket
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

from ui.server.asgi import (
    bare,
    client_address,
    own_address,
    pairs,
    read,
    refuse,
    replay,
    respond,
    set_header,
    values,
    with_headers,
)
from ui.server.auth import Attempts
from ui.server.limits import BUSY_SECONDS, Program, busy, check_room, check_share, forget, streamed
from ui.server.routes import MAX_CALL_BYTES, Door, Refused, door_for, read_call
from ui.services.temp_files import lying_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ui.server.asgi import Asgi, Receive, Scope, Send

__all__ = ["Guard", "Rules", "allowed_names"]

# Direct calls of `/ask` in work at once, and how many may wait for that: the same numbers as in the page's own queue.
MAX_DIRECT = 2
MAX_DIRECT_WAITING = 64

# Uploads in work at once: each writes to the disk what it sends.
MAX_UPLOADS = 4

# Above the bytes of the files themselves: names and borders of 500 parts.
UPLOAD_OVERHEAD_BYTES = 1_000_000

# Bytes of uploads and of files made for download that may lie on the disk at once: five of the largest additions.
MAX_LYING_BYTES = 500_000_000

# Keys of logged-in browsers; the oldest must log in again.
MAX_KEYS = 1_000

# Basic log-ins of programs remembered, so that not every call costs a hashing.
MAX_KNOWN_PROGRAMS = 64

# A form with a name and a password of the longest kind, percent signs included.
MAX_LOGIN_BYTES = 8_000

# Conversations kept after their window was closed or lost: a laptop that wakes finds its own again.
MAX_CLOSED = 50


def allowed_names(host: str, root_path: str) -> frozenset[str]:
    """The host names that requests may carry besides plain addresses.

    Addresses are always let in: an attack that re-points a name at this machine needs a name.
    """
    names = {"localhost", host.casefold(), socket.gethostname().casefold()}
    outside = urlsplit(root_path).hostname
    if outside:
        names.add(outside.casefold())
    return frozenset(names)


@dataclass(slots=True)
class Rules:
    """What one page lets through; ``folder`` is where uploads and files for download lie."""

    names: frozenset[str]
    options: frozenset[str] = frozenset()
    handlers: frozenset[int] = frozenset()
    servers: frozenset[int] = frozenset()
    accounts: Callable[[str, str], bool] | None = None
    folder: Path | None = None
    max_upload_bytes: int = 100_000_000
    secure: bool = False
    # what the page's own MCP client shows when it calls the page; made anew at each start
    inner_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    attempts: Attempts = field(default_factory=Attempts)
    programs: OrderedDict[bytes, str] = field(default_factory=OrderedDict)
    windows: Counter[str] = field(default_factory=Counter)
    closed: OrderedDict[str, None] = field(default_factory=OrderedDict)
    direct: Counter[str] = field(default_factory=Counter)
    uploading: int = 0
    asking: int = 0
    _turn: asyncio.Semaphore | None = None

    def turn(self) -> asyncio.Semaphore:
        """The gate of direct calls, made in the loop that serves."""
        if self._turn is None:
            self._turn = asyncio.Semaphore(MAX_DIRECT)
        return self._turn


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware: passes on what `ui.server.routes` lists, to those who may, and adds headers to responses."""

    app: Asgi
    rules: Rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            door = self._door(scope)
            if door.body == "login":
                await self._log_in(scope, receive, send)
                return
            if "auth" not in self.rules.options or door.before_login or await self._known(scope):
                await self._pass(door, scope, receive, send)
            elif door.route == "/":
                await respond(send, 200, _login_page(), (b"content-type", b"text/html; charset=utf-8"))
            else:
                await refuse(send, Refused(401, "Log in first."))
        except Refused as refusal:
            await refuse(send, refusal)

    async def _pass(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, its body read and checked where it has one."""
        if door.session:
            await self._for_a_session(door, scope, receive, send)
        elif door.body == "none":
            await self.app(scope, receive, with_headers(send))
        elif door.body == "upload":
            self._check_upload(scope)
            self.rules.uploading += 1
            try:
                await self.app(scope, receive, with_headers(send))
            finally:
                self.rules.uploading -= 1
        elif door.body == "mcp":
            # the tool's own client goes where these headers say; whatever a stranger wrote there, it is here
            scope["headers"] = [
                one for one in pairs(scope["headers"]) if not one[0].lower().startswith(b"x-forwarded-")
            ]
            set_header(scope, b"host", own_address(scope))
            body = await read(scope, receive, MAX_CALL_BYTES) if scope["method"] == "POST" else b""
            await self.app(scope, replay(body, receive), with_headers(send))
        else:
            body = await read(scope, receive, MAX_CALL_BYTES)
            call = read_call(door, body, self.rules.handlers, self.rules.servers)
            set_header(scope, b"content-length", str(len(call)).encode())
            set_header(scope, b"content-type", b"application/json")
            if "/run/" in door.route:
                await self._ask_directly(scope, replay(call, receive), send)
            else:
                if "fn_index" in door.keys or "/call/" in door.route:
                    check_room(scope, json.loads(call).get("session_hash"))
                await self.app(scope, replay(call, receive), with_headers(send))

    async def _for_a_session(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what lasts as long as a session does; gradio would keep what belongs to it for an hour."""
        session = str(scope["path"]).rpartition("/")[2] if door.session != "stream" else streamed(scope)
        self.rules.closed.pop(session, None)
        self.rules.windows[session] += door.session == "window"
        try:
            await self.app(scope, receive, with_headers(send))
        finally:
            self.rules.windows[session] -= door.session == "window"
            if not self.rules.windows[session]:
                del self.rules.windows[session]
                self._over(door, scope, session)

    def _over(self, door: Door, scope: Scope, session: str) -> None:
        """Drop a call's session now, that of a closed window after others, and so that of a program that shows none."""
        if door.session == "call":
            forget(scope, session)
            return
        self.rules.closed[session] = None
        while len(self.rules.closed) > MAX_CLOSED:
            forget(scope, self.rules.closed.popitem(last=False)[0])

    async def _ask_directly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Direct calls pass gradio's queue by; they wait here, in order, and no more of them than there."""
        if self.rules.asking >= MAX_DIRECT + MAX_DIRECT_WAITING:
            raise busy(self.rules.asking)
        address = client_address(scope)
        check_share(self.rules.direct[address], address)
        self.rules.asking += 1
        self.rules.direct[address] += 1
        try:
            async with self.rules.turn():
                await self.app(scope, receive, with_headers(send))
        finally:
            self.rules.asking -= 1
            self.rules.direct[address] -= 1
            if not self.rules.direct[address]:
                del self.rules.direct[address]

    def _check_upload(self, scope: Scope) -> None:
        given = values(pairs(scope.get("headers")), b"content-length")
        if len(given) != 1 or not given[0].isdecimal():
            raise Refused(411, "An upload must say its length first.")
        length = int(given[0])
        if length > self.rules.max_upload_bytes + UPLOAD_OVERHEAD_BYTES:
            most = self.rules.max_upload_bytes // 1_000_000
            raise Refused(413, f"These files are too large together: at most {most} MB (the maximum for one drop).")
        if self.rules.uploading >= MAX_UPLOADS:
            raise Refused(503, "Others are uploading just now. Try again in a moment.", BUSY_SECONDS)
        if self.rules.folder is not None and lying_bytes(self.rules.folder) + length > MAX_LYING_BYTES:
            raise Refused(503, "Too many uploads wait here to be added. Try again later.", 60)

    def _door(self, scope: Scope) -> Door:
        """Which door this is.

        Raises:
            Refused: none, or not for who asks.

        """
        headers = pairs(scope.get("headers"))
        for header in (b"host", b"x-forwarded-host"):
            for value in values(headers, header):
                # gradio believes the first of several, a proxy means the last
                if not all(self._known_name(one) for one in value.split(",")):
                    raise _stranger()
        path, method = str(scope.get("path", "")), str(scope.get("method", ""))
        if method not in ("GET", "HEAD", "OPTIONS"):
            hosts = [bare(value) for value in (*values(headers, b"host"), *values(headers, b"x-forwarded-host"))]
            for origin in values(headers, b"origin"):
                name = bare(origin.partition("://")[2])
                if name not in hosts and not self._known_name(name):
                    raise _elsewhere()
        for site in values(headers, b"sec-fetch-site"):
            # a browser says what sent it; another site may link to the page, and do nothing else with it
            if site.strip() == "cross-site" and (
                path != "/" or "navigate" not in values(headers, b"sec-fetch-mode") or method != "GET"
            ):
                raise _elsewhere()
        root = str(scope.get("root_path", "")).rstrip("/")
        if root and path.startswith(root + "/"):
            path = path[len(root) :]
        door = door_for(method, path, self.rules.options)
        if door is None:
            raise Refused(404, "There is nothing here.")
        # the first is believed by gradio as its own address, the second is read in ways that fail
        scope["headers"] = [pair for pair in headers if pair[0].lower() not in (b"x-gradio-server", b"range")]
        return door

    def _known_name(self, value: str) -> bool:
        name = bare(value)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self.rules.names
        return True

    async def _known(self, scope: Scope) -> bool:
        """Whether a request comes from somebody who logged in; one with an Authorization header is given its key."""
        program = cast("Program", scope["app"])
        headers = pairs(scope.get("headers"))
        cookie = f"access-token-unsecure-{program.cookie_id}"
        for line in values(headers, b"cookie"):
            for part in line.split(";"):
                name, _, value = part.strip().partition("=")
                if name in (cookie, f"access-token-{program.cookie_id}") and value in program.tokens:
                    return True
        for line in values(headers, b"authorization"):
            user = await self._program(line, client_address(scope))
            if user is not None:
                set_header(scope, b"cookie", f"{cookie}={_key_for(program, user)}".encode())
                return True
        return False

    async def _program(self, line: str, address: str) -> str | None:
        """Who an Authorization header names, None where name and password do not belong together."""
        kind, _, value = line.strip().partition(" ")
        if kind.lower() == "bearer":
            return "mcp" if hmac.compare_digest(value.encode(), self.rules.inner_key.encode()) else None
        if kind.lower() != "basic":
            return None
        seen = hashlib.blake2b(line.encode(), key=self.rules.inner_key.encode()).digest()
        if seen in self.rules.programs:
            self.rules.programs.move_to_end(seen)
            return self.rules.programs[seen]
        try:
            name, _, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return None
        if not await self._try(name, password, address):
            return None
        self.rules.programs[seen] = name
        while len(self.rules.programs) > MAX_KNOWN_PROGRAMS:
            self.rules.programs.popitem(last=False)
        return name

    async def _try(self, name: str, password: str, address: str) -> bool:
        """Check name and password, unless this address must wait."""
        wait = self.rules.attempts.begin(address)
        if wait:
            seconds = math.ceil(wait)
            raise Refused(429, f"Too many wrong passwords from here. Try again in {seconds} seconds.", seconds)
        check = self.rules.accounts
        if check is None or not await asyncio.to_thread(check, name, password):
            return False
        self.rules.attempts.succeed(address)
        return True

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gradio's own log-in neither slows anybody down nor leaves the loop free while it hashes."""
        form = parse_qs((await read(scope, receive, MAX_LOGIN_BYTES)).decode("utf-8", "replace"), max_num_fields=20)
        name, password = form.get("username", [""])[0].strip(), form.get("password", [""])[0]
        if not await self._try(name, password, client_address(scope)):
            raise Refused(400, "Name and password do not belong together.")
        program = cast("Program", scope["app"])
        cookie = f"access-token-unsecure-{program.cookie_id}={_key_for(program, name)}; HttpOnly; Path=/; SameSite=Lax"
        if self.rules.secure:
            cookie += "; Secure"
        body, kind = b'{"success": true}', b"application/json"
        await respond(send, 200, body, (b"content-type", kind), (b"set-cookie", cookie.encode()))


def _stranger() -> Refused:
    return Refused(421, "Pullquote does not answer to this name. Behind a proxy, give --root-path the full address.")


def _elsewhere() -> Refused:
    return Refused(421, "Requests from other sites are refused. Behind a proxy, give --root-path the full address.")


def _key_for(program: Program, user: str) -> str:
    key = secrets.token_urlsafe(32)
    program.tokens[key] = user
    while len(program.tokens) > MAX_KEYS:
        del program.tokens[next(iter(program.tokens))]
    return key


def _login_page() -> bytes:
    """The form that stands before everything else; it needs nothing of the page itself."""
    return files("ui").joinpath("static/login.html").read_bytes()
