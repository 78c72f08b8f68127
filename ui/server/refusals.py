"""Requests that are refused: the status, a sentence for a person, and how both are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["Refused", "refusal_response"]

# Browsers and gradio's upload show the bodies of these as they are, so they are plain text.
_SHOWN_AS_TEXT = frozenset({404, 408, 411, 413, 421})

# The sender of a body that is too slow has not stopped sending: only closing the connection stops it.
_CLOSED = frozenset({408})


class Refused(Exception):
    """A request that is not passed on: the status, a sentence for a person, and when to try again (0: not said)."""

    def __init__(self, status: int, message: str, retry_seconds: int = 0) -> None:
        self.status = status
        self.message = message
        self.retry_seconds = retry_seconds
        super().__init__(message)


def refusal_response(refusal: Refused) -> Response:
    """The response that says why: plain text where browsers show it, else JSON where gradio's clients look for it."""
    headers = {"retry-after": str(refusal.retry_seconds)} if refusal.retry_seconds else {}
    if refusal.status in _CLOSED:
        headers["connection"] = "close"
    if refusal.status in _SHOWN_AS_TEXT:
        return PlainTextResponse(refusal.message, refusal.status, headers)
    return JSONResponse({"detail": refusal.message, "error": refusal.message}, refusal.status, headers)
