"""Logging in: the form for browsers, HTTP Basic for programs, and the keys that both get."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import math
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse

from ui.server.attempts import Attempts
from ui.server.bodies import read_body
from ui.server.headers import client_address
from ui.server.program import program_of
from ui.server.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import Receive, Scope

    from ui.server.program import Program

__all__ = ["MCP_USER", "Login", "login_page"]

# Keys of logged-in browsers; beyond them the oldest must log in again.
MAX_KEYS = 1_000

# Basic log-ins of programs that are remembered, so that not every call needs a hash.
MAX_KNOWN_PROGRAMS = 64

# A form with a name and a password of the greatest length, percent-encoded.
MAX_FORM_BYTES = 8_000

# The user name of the page's own MCP client, which no accounts file can have.
MCP_USER = "mcp:"


@dataclass(slots=True)
class Login:
    """Who may use the page. Without ``accounts`` everyone may; ``secure`` keeps cookies to HTTPS."""

    accounts: Callable[[str, str], bool] | None = None
    secure: bool = False
    # the key of the page's own MCP client; new at each start
    inner_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    attempts: Attempts = field(default_factory=Attempts)
    _programs: OrderedDict[bytes, str] = field(default_factory=OrderedDict)

    def is_inner(self, scope: Scope) -> bool:
        """Whether a request comes from the page's own MCP client."""
        return any(
            line[:7].lower() == "bearer " and hmac.compare_digest(line[7:].encode(), self.inner_key.encode())
            for line in Headers(scope=scope).getlist("authorization")
        )

    async def user_of(self, scope: Scope) -> str | None:
        """The user who made a request, or None if nobody is logged in; without accounts, the empty string.

        A request with a password in its header is given a key, as gradio expects one.

        Raises:
            Refused: this try must wait.

        """
        if self.accounts is None:
            return ""
        program = program_of(scope)
        headers = Headers(scope=scope)
        cookie = f"access-token-unsecure-{program.cookie_id}"
        for line in headers.getlist("cookie"):
            for part in line.split(";"):
                name, _, value = part.strip().partition("=")
                if name in (cookie, f"access-token-{program.cookie_id}") and value in program.tokens:
                    return program.tokens[value]
        user = MCP_USER if self.is_inner(scope) else None
        for line in headers.getlist("authorization"):
            user = user or await self._basic(line, client_address(scope))
        if user is not None:
            MutableHeaders(scope=scope)["cookie"] = f"{cookie}={_new_key(program, user)}"
        return user

    async def log_in(self, scope: Scope, receive: Receive) -> Response:
        """The response to a submitted form: a key for the browser.

        Unlike gradio's own log-in, it slows down guessing and does not block other answers while it computes a hash.

        Raises:
            Refused: the name or password is wrong, or this try must wait.

        """
        try:
            form = parse_qs((await read_body(scope, receive, MAX_FORM_BYTES)).decode(), max_num_fields=20)
        except ValueError as error:
            raise Refused(400, "The form must have a name and a password.") from error
        name, password = form.get("username", [""])[0].strip(), form.get("password", [""])[0]
        if not await self._try(name, password, client_address(scope)):
            raise Refused(400, "Wrong user name or password.")
        program = program_of(scope)
        response = JSONResponse({"success": True})
        response.set_cookie(
            f"access-token-unsecure-{program.cookie_id}",
            _new_key(program, name),
            httponly=True,
            samesite="lax",
            secure=self.secure,
        )
        return response

    async def _basic(self, line: str, address: str) -> str | None:
        """The user whose name and password are in an Authorization header, or None."""
        kind, _, value = line.strip().partition(" ")
        if kind.lower() != "basic":
            return None
        seen = hashlib.blake2b(line.encode(), key=self.inner_key.encode()).digest()
        if seen in self._programs:
            self._programs.move_to_end(seen)
            return self._programs[seen]
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        if not await self._try(name, password, address):
            return None
        self._programs[seen] = name
        while len(self._programs) > MAX_KNOWN_PROGRAMS:
            self._programs.popitem(last=False)
        return name

    async def _try(self, name: str, password: str, address: str) -> bool:
        """Check a name and password, unless this try must wait."""
        wait = self.attempts.begin(address, name)
        if wait:
            seconds = math.ceil(wait)
            unit = "second" if seconds == 1 else "seconds"
            raise Refused(429, f"Too many wrong passwords. Try again in {seconds} {unit}.", seconds)
        if self.accounts is None or not await asyncio.to_thread(self.accounts, name, password):
            return False
        self.attempts.succeed(address, name)
        return True


def login_page() -> Response:
    """The form shown in place of the page; it needs nothing from the page itself."""
    return HTMLResponse(files("ui").joinpath("static/login.html").read_bytes())


def _new_key(program: Program, user: str) -> str:
    key = secrets.token_urlsafe(32)
    program.tokens[key] = user
    while len(program.tokens) > MAX_KEYS:
        del program.tokens[next(iter(program.tokens))]
    return key
