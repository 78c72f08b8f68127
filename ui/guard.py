"""What stands between the page and the network: response headers, the names it answers to, and who may come in."""

from __future__ import annotations

import hmac
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["POLICY", "Guard", "allowed_names", "is_loopback", "read_accounts"]

# The page runs gradio's own scripts and nothing else; inline script and eval are needed by gradio itself, so the
# policy keeps everything on this machine rather than stopping script: that is the escaping's task.
_RULES = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join(_RULES)

_HEADERS = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

# Doors of gradio that this page does not use. The first fetches any address for whoever asks, the others show or change
# the program itself.
_SHUT = re.compile(
    r"/gradio_api/(?:file=\s*(?:https?:|//)|proxy=|openapi\.json|deep_link|dev/|vibe-|undo-vibe|process_recording"
    r"|run-history|runs\b)|/monitoring\b",
    re.IGNORECASE,
)

_NOTHING = "There is nothing here."

# Shapes of the ASGI specification.
Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether an address to bind to is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_names(host: str, root_path: str) -> frozenset[str]:
    """The host names that requests may carry besides plain addresses.

    Addresses are always let in: an attack that re-points a name at this machine needs a name.
    """
    names = {"localhost", host.casefold(), socket.gethostname().casefold()}
    outside = urlsplit(root_path).hostname
    if outside:
        names.add(outside.casefold())
    return frozenset(names)


def read_accounts(path: Path) -> Callable[[str, str], bool]:
    """The check for name and password from a file with ``name:password`` on each line.

    Raises:
        InputError: the file cannot be read, or a line is not of that form.

    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the file of accounts cannot be read", path=str(path)) from error
    accounts: dict[str, str] = {}
    for order, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not colon or not name.strip() or not password:
            raise InputError("is not an account", path=f"{path}, line {order}", expected="name:password")
        accounts[name.strip()] = password
    if not accounts:
        raise InputError("holds no account", path=str(path), expected="name:password on a line")

    def known(name: str, password: str) -> bool:
        expected = accounts.get(name, "")
        # compared even for an unknown name, so that the time taken does not tell names
        same = hmac.compare_digest(expected.encode("utf-8"), password.encode("utf-8", "replace"))
        return same and bool(expected)

    return known


@dataclass(frozen=True, slots=True)
class Guard:
    """ASGI middleware: refuses foreign host names and foreign origins, adds the headers to every response."""

    app: Asgi
    names: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(send, refusal)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = _pairs(message.get("headers"))
                present = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(pair for pair in _HEADERS if pair[0] not in present)]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str | None:
        if _SHUT.search(str(scope.get("path", ""))):
            return _NOTHING
        headers = _pairs(scope.get("headers"))
        for header in (b"host", b"x-forwarded-host"):
            for value in _values(headers, header):
                if not self._known(value.rsplit(",", 1)[-1]):
                    return "Pullquote does not answer to this name. Behind a proxy, give --root-path the full address."
        if scope.get("method") not in ("GET", "HEAD", "OPTIONS"):
            hosts = [_bare(value) for value in (*_values(headers, b"host"), *_values(headers, b"x-forwarded-host"))]
            for origin in _values(headers, b"origin"):
                name = _bare(origin.partition("://")[2])
                if name not in hosts and not self._known(name):
                    return "Requests from other sites are refused. Behind a proxy, give --root-path the full address."
        return None

    def _known(self, value: str) -> bool:
        name = _bare(value)
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self.names
        return True


def _bare(host: str) -> str:
    """A host header without its port, in lower case."""
    try:
        return urlsplit(f"//{host.strip()}").hostname or ""
    except ValueError:
        return ""


def _pairs(headers: object) -> list[tuple[bytes, bytes]]:
    if not isinstance(headers, Iterable):
        return []
    return [(bytes(name), bytes(value)) for name, value in headers]


def _values(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


async def _refuse(send: Send, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS]
    status = 404 if reason == _NOTHING else 421
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode("utf-8")})
