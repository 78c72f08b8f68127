"""Requests and responses in the shapes of the ASGI specification, and the headers that every response carries."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from urllib.parse import urlsplit

from ui.server.routes import Refused

__all__ = [
    "POLICY",
    "Asgi",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "bare",
    "client_address",
    "own_address",
    "pairs",
    "read",
    "refuse",
    "replay",
    "respond",
    "set_header",
    "values",
    "with_headers",
]

Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

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
    (b"cross-origin-resource-policy", b"same-origin"),
)


def client_address(scope: Scope) -> str:
    """Where a request comes from, empty where that is not known."""
    client = scope.get("client")
    return str(client[0]) if isinstance(client, (tuple, list)) and client else ""


def own_address(scope: Scope) -> bytes:
    """The address and port at which the request arrived, whatever the request itself says."""
    server = scope.get("server")
    if not isinstance(server, (tuple, list)) or len(server) != 2 or server[1] is None:  # noqa: PLR2004 - host and port
        return b"localhost"
    host, port = server
    return f"[{host}]:{port}".encode() if ":" in str(host) else f"{host}:{port}".encode()


def bare(host: str) -> str:
    """A host header without its port, in lower case."""
    try:
        return urlsplit(f"//{host.strip()}").hostname or ""
    except ValueError:
        return ""


def pairs(headers: object) -> list[tuple[bytes, bytes]]:
    """Headers as names and values."""
    if not isinstance(headers, Iterable):
        return []
    return [(bytes(name), bytes(value)) for name, value in headers]


def values(headers: list[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """Every value of one header; ``name`` in lower case."""
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def set_header(scope: Scope, name: bytes, value: bytes) -> None:
    """Replace a header of a request; ``name`` in lower case."""
    others = [pair for pair in pairs(scope.get("headers")) if pair[0].lower() != name]
    scope["headers"] = [*others, (name, value)]


async def read(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body of a request.

    Raises:
        Refused: it is larger than ``most`` bytes, or was broken off.

    """
    too_large = Refused(413, f"This is too much at once: at most {most:,} bytes.")
    for length in values(pairs(scope.get("headers")), b"content-length"):
        if not length.isdecimal() or int(length[:20]) > most:
            raise too_large
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(400, "The request was broken off.")
        part = message.get("body", b"")
        if isinstance(part, bytes):
            parts.append(part)
            size += len(part)
        if size > most:
            raise too_large
        if not message.get("more_body", False):
            return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read again, then what comes after it: the end of the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def with_headers(send: Send) -> Send:
    """The same way out, with the page's headers on every response that lacks them."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = pairs(message.get("headers"))
            present = {name.lower() for name, _ in given}
            message["headers"] = [*given, *(pair for pair in _HEADERS if pair[0] not in present)]
        await send(message)

    return send_with_headers


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Answer in one piece."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *_HEADERS]})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refused) -> None:
    """Plain words; in JSON where gradio's clients look for them."""
    headers = [(b"content-type", b"application/json")]
    if refusal.retry_seconds:
        headers.append((b"retry-after", str(refusal.retry_seconds).encode()))
    if refusal.status in (404, 421) or refusal.status == 413:  # noqa: PLR2004 - shown by browsers as they are
        headers[0] = (b"content-type", b"text/plain; charset=utf-8")
        body = refusal.words.encode()
    else:
        body = json.dumps({"detail": refusal.words, "error": refusal.words}).encode()
    await respond(send, refusal.status, body, *headers)
