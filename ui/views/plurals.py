"""Counts and stretches of time as a person would write them."""

from __future__ import annotations

__all__ = ["amount", "stretch"]


def amount(count: int, thing: str) -> str:
    """A count with its thing, in the plural where it needs one.

    >>> amount(1, "post"), amount(2300, "post")
    ('1 post', '2,300 posts')
    """
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def stretch(seconds: float) -> str:
    """A stretch of time, in seconds up to a minute and a half, in minutes beyond.

    >>> stretch(0.2), stretch(300)
    ('1 second', '5 minutes')
    """
    whole = max(round(seconds), 1)
    return amount(whole, "second") if whole < 90 else amount(round(whole / 60), "minute")  # noqa: PLR2004 - as said above
