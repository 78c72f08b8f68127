"""The list of posts: searched by words, filtered by the reader's choices, sorted, and sent in pieces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from ui.services.folded_texts import folded
from ui.services.holdings import Kind
from ui.views.post_list import post_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ui.services.holdings import Holdings

__all__ = ["MAX_FIND_CHARS", "MAX_ROWS", "Kind", "Listing", "Order", "listed", "read_listing", "words_of"]

Order = Literal["best", "newest", "oldest", "title", "longest", "pages"]

# Rows sent at once: three screens of a large window.
MAX_ROWS = 120

# Authors offered; others can be found by searching for their name.
MAX_AUTHORS = 300

# Sources offered, the largest.
MAX_SOURCES = 300

# A search has a few words; more were pasted by mistake.
MAX_FIND_CHARS = 200

# A word that a text has more often than this tells no more about it.
MOST_COUNTED = 20

_WORDS = re.compile(r'"([^"]+)"|(\S+)')
_NAMES = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Listing:
    """A request for rows ``first`` to ``first + count`` of the list. Empty fields do not filter."""

    find: str = ""
    author: str = ""
    source: str = ""
    topic: str = ""
    kind: Kind = ""
    first_year: int | None = None
    last_year: int | None = None
    order: Order = "best"
    first: int = 0
    count: int = 40
    facets: bool = False


def read_listing(given: object) -> Listing:
    """The request of a browser, without invalid values."""
    if not isinstance(given, Mapping):
        return Listing()

    def text(name: str) -> str:
        value = given.get(name)
        return value[:MAX_FIND_CHARS] if isinstance(value, str) else ""

    def number(name: str) -> int | None:
        value = given.get(name)
        return value if type(value) is int and 0 <= value < 10**9 else None

    return Listing(
        text("find"),
        text("author"),
        text("source"),
        text("topic"),
        next((kind for kind in get_args(Kind) if kind == given.get("kind")), ""),
        number("first_year"),
        number("last_year"),
        next((order for order in get_args(Order) if order == given.get("order")), "best"),
        number("first") or 0,
        min(number("count") or 40, MAX_ROWS),
        given.get("facets") is True,
    )


def words_of(find: str) -> list[str]:
    """The words of a search, with text in quotation marks as one.

    >>> words_of('social "change agent"')
    ['social', 'change agent']
    """
    return [(phrase or word).casefold() for phrase, word in _WORDS.findall(find)]


def _found(holdings: Holdings, listing: Listing) -> list[int]:
    """The numbers of the posts that match, dates aside; for a search for words, the best first."""
    numbers: Iterable[int] = range(len(holdings.lines))
    if listing.topic:
        topic = next((topic for topic in holdings.topics if topic.name == listing.topic), None)
        numbers = sorted(topic.posts) if topic is not None else ()
    if listing.source:
        numbers = sorted(holdings.sources.get(listing.source, frozenset()).intersection(numbers))
    if listing.author:
        numbers = [number for number in numbers if holdings.lines[number].author == listing.author]
    if listing.kind:
        numbers = [number for number in numbers if listing.kind in holdings.lines[number].kinds]
    sought = _Sought.of(listing.find)
    if not sought.words:
        return list(numbers)
    worth: dict[int, tuple[int, ...]] = {}
    for number in numbers:
        searched = holdings.searched[number]
        if _holds(searched, sought.folded):
            worth[number] = _worth(holdings.lines[number].title, searched, sought)
    return sorted(worth, key=lambda number: worth[number], reverse=True)


@dataclass(frozen=True, slots=True)
class _Sought:
    """The words of a search: as typed, as they are looked for in a post, and each, and all of them, as whole words."""

    words: tuple[str, ...]
    folded: tuple[bytes, ...]
    apart: tuple[str, ...]
    together: str

    @classmethod
    def of(cls, find: str) -> _Sought:
        words = tuple(words_of(find))
        return cls(words, tuple(map(folded, words)), tuple(map(_apart, words)), _apart(" ".join(words)))


def _holds(searched: tuple[bytes, bytes], words: Iterable[bytes]) -> bool:
    """Whether a post has all the words, each in its title, author and date or in its text."""
    head, text = searched
    return all(word in head or word in text for word in words)


def _worth(title: str, searched: tuple[bytes, bytes], sought: _Sought) -> tuple[int, ...]:
    """How well a post that has all the words matches: by its title, by its author and date, then by its text."""
    named = title.casefold()
    titled = sum(word in named for word in sought.words)
    apart = _apart(named) if titled else ""
    head, text = searched
    return (
        titled,
        sum(word in apart for word in sought.apart),
        sought.together in apart,
        sum(word in head for word in sought.folded),
        sum(min(text.count(word), MOST_COUNTED) for word in sought.folded),
    )


def _apart(text: str) -> str:
    """The words of a text with one space around each, so that whole words can be looked for in it."""
    return f" {' '.join(_NAMES.findall(text))} "


def _spelt(holdings: Holdings, find: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A search with the words of the posts for misspelt ones that are in no post, and pairs of (written, read)."""
    kept = []
    for written, meant in holdings.corrected(find.casefold())[1]:
        sought = [folded(written)]
        if not any(_holds(holdings.searched[number], sought) for number in range(len(holdings.lines))):
            kept.append((written, meant))
            find = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", meant, find, flags=re.IGNORECASE)
    return find, tuple(kept)


def _ordered(holdings: Holdings, numbers: list[int], order: Order) -> list[int]:
    """The numbers sorted for reading; posts without a date come last in either order of dates."""
    lines = holdings.lines
    if order in ("newest", "oldest"):
        dated = sorted((one for one in numbers if lines[one].date), key=lambda one: lines[one].date or "")
        if order == "newest":
            dated.reverse()
        return [*dated, *(one for one in numbers if not lines[one].date)]
    if order == "title":
        return sorted(numbers, key=lambda one: lines[one].title.casefold().lstrip("“\"'‘#"))
    if order == "longest":
        return sorted(numbers, key=lambda one: -lines[one].chars)
    if order == "pages":
        return sorted(numbers, key=lambda one: -lines[one].copies)
    return numbers


def listed(holdings: Holdings, listing: Listing) -> dict[str, object]:
    """The requested rows, and the counts around them, as the browser expects them.

    If no post has the words of a search, misspelt ones are read as words of the posts, as in a question.
    """
    if listing.facets:
        topics = holdings.topics_found  # None until they are found
        return {
            "authors": holdings.authors.most_common(MAX_AUTHORS),
            "topics": None if topics is None else [[topic.name, len(topic.posts)] for topic in topics],
            "sources": [[name, len(numbers)] for name, numbers in holdings.sources.items()][:MAX_SOURCES],
            "kinds": holdings.kinds,
        }
    matching = _found(holdings, listing)
    read_as: tuple[tuple[str, str], ...] = ()
    if listing.find and not matching:
        find, read_as = _spelt(holdings, listing.find)
        listing = replace(listing, find=find)
        matching = _found(holdings, listing) if read_as else []
    found = _ordered(holdings, matching, listing.order)
    years = Counter(year for number in found if (year := holdings.lines[number].year) is not None)
    low, high = listing.first_year, listing.last_year
    if low is not None or high is not None:
        found = [number for number in found if _between(holdings.lines[number].year, low, high)]
    words = words_of(listing.find)
    shown = found[listing.first : listing.first + listing.count]
    return {
        "generation": holdings.generation,
        "total": len(found),
        "of": len(holdings.lines),
        "pages": len(holdings.files),
        "first": listing.first,
        "years": sorted(years.items()),
        "find": listing.find,
        "words": words,
        "read_as": read_as,
        "rows": [str(post_row(post, words)) for post in holdings.posts(shown)],
    }


def _between(year: int | None, low: int | None, high: int | None) -> bool:
    return year is not None and (low is None or year >= low) and (high is None or year <= high)
