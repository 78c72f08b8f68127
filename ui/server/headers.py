"""Headers added to or removed from every response, and the addresses of both ends of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from ui.server.attempts import neighbourhood

if TYPE_CHECKING:
    from starlette.types import Message, Scope, Send

__all__ = ["POLICY", "client_address", "own_address", "with_headers"]

# The page runs only gradio's own scripts. Gradio needs inline scripts and eval, so the policy does not stop injected
# scripts (escaping does that); it keeps everything that is loaded or sent on this machine.
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

_SECURITY_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def client_address(scope: Scope) -> str:
    """The address from which a request comes, as it is counted, or the empty string if it is not known."""
    client = scope.get("client")
    return neighbourhood(str(client[0])) if client else ""


def own_address(scope: Scope) -> str:
    """The address and port at which a request arrived, whatever the request claims."""
    host, port = scope.get("server") or ("localhost", None)
    if port is None:
        return "localhost"
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def with_headers(send: Send) -> Send:
    """Wrap ``send`` so that every response has the security headers and none opens the page to other origins."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = message.get("headers", ())
            headers = MutableHeaders(raw=[one for one in given if not one[0].lower().startswith(b"access-control-")])
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            message["headers"] = headers.raw
        await send(message)

    return send_with_headers
