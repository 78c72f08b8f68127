"""Counts and durations, written as a person would write them."""

from __future__ import annotations

__all__ = ["amount", "stretch", "times"]

_MINUTES_FROM = 90  # seconds: "75 seconds" still reads well, "200 seconds" does not


def amount(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun, in the plural if needed.

    >>> amount(1, "post"), amount(2300, "post"), amount(2, "copy", "copies")
    ('1 post', '2,300 posts', '2 copies')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def times(count: int) -> str:
    """How often something happens.

    >>> times(1), times(2), times(2300)
    ('once', 'twice', '2,300 times')
    """
    return {1: "once", 2: "twice"}.get(count) or f"{count:,} times"


def stretch(seconds: float) -> str:
    """A duration in whole seconds, or in minutes from a minute and a half.

    >>> stretch(0.2), stretch(300)
    ('1 second', '5 minutes')
    """
    whole = max(round(seconds), 1)
    return amount(whole, "second") if whole < _MINUTES_FROM else amount(round(whole / 60), "minute")
