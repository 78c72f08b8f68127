"""Refused requests: the status, a sentence for a person, and how both are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["Refused", "refusal_response"]

# Browsers and gradio's upload show the bodies of these unchanged, so they are plain text.
_SHOWN_AS_TEXT = frozenset({404, 408, 411, 413, 421})

# The sender of a slow body is still sending: only closing the connection stops it.
_CLOSED = frozenset({408})


class Refused(Exception):
    """A refused request: the status, a sentence for a person, and the seconds until the next try (0: not given)."""

    def __init__(self, status: int, message: str, retry_seconds: int = 0) -> None:
        self.status = status
        self.message = message
        self.retry_seconds = retry_seconds
        super().__init__(message)


def refusal_response(refusal: Refused) -> Response:
    """The response with the reason: plain text where browsers show it, otherwise JSON as gradio's clients expect."""
    headers = {"retry-after": str(refusal.retry_seconds)} if refusal.retry_seconds else {}
    if refusal.status in _CLOSED:
        headers["connection"] = "close"
    if refusal.status in _SHOWN_AS_TEXT:
        return PlainTextResponse(refusal.message, refusal.status, headers)
    return JSONResponse({"detail": refusal.message, "error": refusal.message}, refusal.status, headers)
