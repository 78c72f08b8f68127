"""Quotes of different dates that say the same thing with another number, another date or the opposite meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rag.answering.question.polarity import says_no
from rag.text.annotations import DATE, facts, numbers
from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Quote

__all__ = ["disagreement", "newer_first"]

Difference = Literal["number", "date", "sense"]

# two sentences are about the same thing if they share this many words other than numbers, and this share of the shorter
# one's
_MIN_SHARED, _MIN_SHARE = 3, 0.6
_SAID: dict[Difference, str] = {
    "number": "The posts give different numbers",
    "date": "The posts give different dates",
    "sense": "One post says the opposite of the other",
}


def disagreement(one: str, other: str) -> Difference | None:
    """How two texts disagree: a sentence of each is about the same thing but says something else.

    >>> disagreement("The town library opens at 9 am.", "The town library opens at 10 am.")
    'number'
    """
    for first in _sentences(one):
        for second in _sentences(other):
            if (found := _difference(first, second)) is not None:
                return found
    return None


def newer_first(found: Sequence[Quote]) -> tuple[list[Quote], str | None]:
    """Put the newer of two quotes that disagree before the older, and say so; other quotes stay in place."""
    ordered = list(found)
    for at, one in enumerate(ordered):
        for later in range(at + 1, len(ordered)):
            other = ordered[later]
            if not one.post_date or not other.post_date or one.post_date == other.post_date:
                continue
            kind = disagreement(one.text, other.text)
            if kind is None:
                continue
            if other.post_date > one.post_date:
                ordered.insert(at, ordered.pop(later))
            newer, older = sorted((one.post_date, other.post_date), reverse=True)
            return ordered, f"{_SAID[kind]}: the newer, of {newer}, comes first, then that of {older}."
    return ordered, None


def _sentences(text: str) -> list[str]:
    from rag.text.sentences import split  # few answers have quotes that could disagree

    return [text[part.start : part.end] for part in split(text, ())]


def _difference(one: str, other: str) -> Difference | None:
    first, second = _content(one), _content(other)
    shared = first & second
    if len(shared) < _MIN_SHARED or len(shared) < _MIN_SHARE * min(len(first), len(second)):
        return None
    here, there = numbers(one), numbers(other)
    if here and there and here.isdisjoint(there):
        return "date" if facts(one).holds(DATE) and facts(other).holds(DATE) and _are_years(here | there) else "number"
    return "sense" if says_no(one) != says_no(other) else None


def _content(text: str) -> set[str]:
    """The content words of a text, without numbers."""
    found = words(text)
    return {
        root
        for word, root in zip(found, stem(found), strict=True)
        if not is_stop(word) and not any(sign.isdigit() for sign in word.text)
    }


def _are_years(found: frozenset[str]) -> bool:
    return all(len(number) == 4 and number.isdigit() for number in found)  # noqa: PLR2004 - digits of a year
