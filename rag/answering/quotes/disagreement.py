"""Quotes of different dates that say the same thing with another number, another date or the opposite meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rag.answering.question.polarity import says_no
from rag.text.annotations import DATE, facts, numbers
from rag.text.tokens import is_stop, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.records import Quote
    from rag.store.rows import PostText

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


def newer_first(
    found: Sequence[Quote], names: frozenset[str] = frozenset(), posts: Mapping[str, PostText] | None = None
) -> tuple[list[Quote], str | None]:
    """Put the newer of two quotes that disagree before the older, and say so; other quotes stay in place.

    ``names`` are the stems of the names in the question, ``posts`` the texts of the posts by id: if only one of the
    posts has a name, the other is about another thing.
    """
    ordered = list(found)
    for at, one in enumerate(ordered):
        for later in range(at + 1, len(ordered)):
            other = ordered[later]
            if not one.post_date or not other.post_date or one.post_date == other.post_date:
                continue
            kind = disagreement(one.text, other.text)
            if kind is None or (posts and _named(posts[one.post_id], names) != _named(posts[other.post_id], names)):
                continue
            if other.post_date > one.post_date:
                ordered.insert(at, ordered.pop(later))
            newer, older = sorted((one.post_date, other.post_date), reverse=True)
            return ordered, f"{_SAID[kind]}: the newer, of {newer}, comes first, then that of {older}."
    return ordered, None


def _named(post: PostText, names: frozenset[str]) -> frozenset[str]:
    return names.intersection(stems(f"{post.title}\n{post.text}")) if names else names


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, its numbers and whether it denies something."""

    text: str
    numbers: frozenset[str]
    denies: bool


# the quotes of an answer are compared in pairs, and few people ask at once
@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[_Said, ...]:
    from rag.text.sentences import split  # few answers have quotes that could disagree

    parts = [text[part.start : part.end] for part in split(text, ())]
    return tuple(_Said(part, numbers(part), says_no(part)) for part in parts)


def _difference(one: _Said, other: _Said) -> Difference | None:
    # their words are compared last, because that takes longest
    if one.numbers and other.numbers and one.numbers.isdisjoint(other.numbers):
        if not _are_about_the_same(one.text, other.text):
            return None
        dated = facts(one.text).holds(DATE) and facts(other.text).holds(DATE)
        return "date" if dated and _are_years(one.numbers | other.numbers) else "number"
    return "sense" if one.denies != other.denies and _are_about_the_same(one.text, other.text) else None


def _are_about_the_same(one: str, other: str) -> bool:
    first, second = _content(one), _content(other)
    shared = len(first & second)
    return shared >= _MIN_SHARED and shared >= _MIN_SHARE * min(len(first), len(second))


@lru_cache(maxsize=256)
def _content(text: str) -> frozenset[str]:
    """The content words of a text, without numbers."""
    found = words(text)
    return frozenset(
        root
        for word, root in zip(found, stem(found), strict=True)
        if not is_stop(word) and (word.text.isalpha() or not any(sign.isdigit() for sign in word.text))
    )


def _are_years(found: frozenset[str]) -> bool:
    return all(len(number) == 4 and number.isdigit() for number in found)  # noqa: PLR2004 - digits of a year
