"""The posts as a whole: all in an order, the longest, those without a date or author, how many a year."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.answering.posts.forms import HEAP, NUMBER, POSTS, number_of
from rag.answering.posts.lists import frequent_words
from rag.answering.posts.wording import counted_posts
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import PostEntry

__all__ = ["Overview", "overview", "said_of_all"]

_SHOW = (
    r"(?:(?:please\s+)?(?:list|show|give|name|find|read|open|sort|order)(?:\s+(?:me|us))?\s+|(?:what|which)\s+"
    r"|what\s+are\s+)?"
)
_ALL = (
    r"(?:(?:a|the)\s+(?:full\s+|complete\s+|whole\s+)?(?:list|table|overview|index)\s+of\s+)?(?:all\s+|every\s+)?"
    r"(?:of\s+)?(?:the\s+|your\s+|these\s+)?"
)
_HERE = rf"(?:\s+(?:are\s+|is\s+)?(?:there|here|(?:in|of|on)\s+{HEAP})|\s+do\s+(?:you|we|i)\s+have)?"
_SIZE = r"(?P<size>longest|shortest|biggest|largest|smallest)"
_LACKED = r"(?P<lacked>author|writer|byline|date)s?"
_ORDER = (
    r"(?:(?:sorted|ordered|listed|arranged)\s+)?(?:(?:by|in\s+order\s+of)\s+(?:their\s+)?"
    r"(?P<order>date|age|year|title|name|length|size)|(?P<chronological>chronologically|in\s+chronological\s+order"
    r"|oldest\s+first)|(?P<newest>newest\s+first|most\s+recent\s+first)|(?P<alphabetical>alphabetically"
    r"|in\s+alphabetical\s+order)|(?P<longest>longest\s+first))"
)
_TEXTS = (
    rf"{_SHOW}{_ALL}(?:{POSTS}|titles)\s+{_ORDER}",
    rf"(?:{_SHOW}{_ALL}(?:titles\s+of\s+)?(?:all\s+)?(?:the\s+)?(?:{POSTS}|titles)|(?:the\s+)?table\s+of\s+contents)(?P<every>){_HERE}",
    rf"{_SHOW}(?:is\s+|are\s+|was\s+)?(?:the\s+)?(?:(?:titles?|names?)\s+of\s+(?:the\s+)?)?(?:(?P<several>{NUMBER})\s+)?{_SIZE}\s+(?:(?P<several2>{NUMBER})\s+)?{POSTS}{_HERE}",
    rf"(?:what|which)\s+{POSTS}\s+(?:is|are|was)\s+(?:the\s+)?{_SIZE}",
    (
        rf"{_SHOW}(?:are\s+|were\s+)?(?:the\s+)?(?P<ends>(?:first|oldest|earliest)\s+and\s+(?:the\s+)?(?:last|latest|newest"
        rf"|most\s+recent)|(?:last|latest|newest)\s+and\s+(?:the\s+)?(?:first|oldest|earliest))\s+{POSTS}{_HERE}"
    ),
    (
        rf"{_SHOW}{_ALL}(?:how\s+many\s+)?{POSTS}\s+(?:(?:that|which)\s+)?(?:(?:have|has|with|name|names|give|gives)\s+no"
        rf"|(?:do|does)\s+not\s+(?:have|name|give)|(?:are\s+|is\s+)?without|lack|lacks|(?:are\s+)?missing)\s+(?:an?\s+|the\s+|any\s+)?{_LACKED}"
    ),
    rf"{_SHOW}{_ALL}(?:how\s+many\s+)?{POSTS}\s+(?:(?:that|which)\s+)?(?:are|is)\s+(?P<lacking>undated|anonymous|unsigned)",
    rf"{_SHOW}{_ALL}(?P<lacking2>undated|anonymous|unsigned)\s+{POSTS}",
    (
        rf"(?:(?:how\s+many|(?:the\s+)?number\s+of|count\s+(?:the\s+)?)\s*)?{POSTS}\s+(?:(?:are|were|is)\s+)?(?:there\s+|written\s+"
        rf"|published\s+|posted\s+)?(?:per|each|every|for\s+each|in\s+each|a)\s+(?P<unit>year|month|author)"
    ),
)
# each of the forms has one of these words
_SIGN = re.compile(r"post|articl|entr|essay|write-?up|titles|table\s+of", re.IGNORECASE)
# longest question that is looked at
_MAX_CHARACTERS = 120
# posts of the longest list; each is read for its sentence
_MOST_LISTED = 1_000
# words from titles that say what a heap is about
_TOPICS = 12
# years or months with their number of posts, in a sentence
_MOST_UNITS = 24


@dataclass(frozen=True, slots=True)
class Overview:
    """What is said of the posts as a whole, and which posts are listed."""

    summary: str
    entries: tuple[PostEntry, ...]


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"^\W*(?:{text})\W*$", re.IGNORECASE) for text in _TEXTS)


def overview(question: str, entries: Callable[[], Sequence[PostEntry]]) -> Overview | None:
    """The posts in the order, or those of the kind, that a question asks for; None for any other question.

    ``entries`` gives every post, newest first.
    """
    if len(question) > _MAX_CHARACTERS or _SIGN.search(question) is None:
        return None
    found = next((match for form in _forms() if (match := form.match(question)) is not None), None)
    every = entries() if found is not None else ()
    return _read(found.groupdict(), every) if found is not None and every else None


def _read(asked: dict[str, str | None], every: Sequence[PostEntry]) -> Overview:
    if asked.get("ends"):
        return _ends(every)
    if asked.get("size"):
        return _of_size(asked, every)
    if asked.get("lacked") or asked.get("lacking") or asked.get("lacking2"):
        return _lacking(asked, every)
    unit = asked.get("unit")
    return _in_order(asked, every) if unit is None else _per(unit.lower(), every)


def _of_size(asked: dict[str, str | None], every: Sequence[PostEntry]) -> Overview:
    size, count = (asked["size"] or "").lower(), number_of(asked.get("several") or asked.get("several2"))
    longest = size in ("longest", "biggest", "largest")
    shown = sorted(every, key=lambda one: -one.chars if longest else one.chars)[:count]
    are, posts = ("is", "post") if len(shown) == 1 else ("are", "posts")
    said = ", ".join(f"“{one.title}” ({amount(one.chars, 'character')})" for one in shown)
    return Overview(f"The {size} {posts} {are} {said}.", tuple(shown))


def _ends(every: Sequence[PostEntry]) -> Overview:
    dated = [one for one in every if one.date is not None] or list(every)
    oldest, newest = dated[-1], dated[0]
    said = f"The oldest post is “{oldest.title}”, {oldest.date or 'without a date'}."
    said += f" The newest post is “{newest.title}”, {newest.date or 'without a date'}."
    return Overview(said, (oldest, newest) if oldest is not newest else (oldest,))


def _lacking(asked: dict[str, str | None], every: Sequence[PostEntry]) -> Overview:
    word = (asked.get("lacked") or asked.get("lacking") or asked.get("lacking2") or "").lower()
    if word in ("date", "undated"):
        shown = [one for one in every if one.date is None]
        return Overview(f"{counted_posts(len(shown), 'has', 'have')} no date.", tuple(shown[:_MOST_LISTED]))
    shown = [one for one in every if one.author is None]
    return Overview(f"{counted_posts(len(shown), 'names', 'name')} no author.", tuple(shown[:_MOST_LISTED]))


def _per(unit: str, every: Sequence[PostEntry]) -> Overview:
    if unit == "author":
        return _per_author(every)
    length = len("2014") if unit == "year" else len("2014-05")
    dated = [one.date for one in every if one.date is not None]
    times = Counter(date[:length] for date in dated if len(date) >= length)
    newest = sorted(times, reverse=True)
    said = ", ".join(f"{one}: {times[one]}" for one in newest[:_MOST_UNITS])
    before = f", and {amount(len(newest) - _MOST_UNITS, unit)} before" if len(newest) > _MOST_UNITS else ""
    undated = len(every) - len(dated)
    unknown = f" {counted_posts(undated, 'has', 'have')} no date." if undated else ""
    return Overview(f"{counted_posts(len(dated))} by {unit}: {said}{before}.{unknown}" if said else unknown.strip(), ())


def _per_author(every: Sequence[PostEntry]) -> Overview:
    named = Counter(one.author for one in every if one.author is not None)
    said = ", ".join(f"{name}: {times}" for name, times in named.most_common(_MOST_UNITS))
    more = f", and {amount(len(named) - _MOST_UNITS, 'author')} more" if len(named) > _MOST_UNITS else ""
    unsigned = len(every) - sum(named.values())
    unknown = f" {counted_posts(unsigned, 'names', 'name')} no author." if unsigned else ""
    return Overview(f"{counted_posts(len(every))} by author: {said}{more}.{unknown}" if said else unknown.strip(), ())


def _in_order(asked: dict[str, str | None], every: Sequence[PostEntry]) -> Overview:
    order = (asked.get("order") or "").lower()
    if asked.get("alphabetical") or order in ("title", "name"):
        shown, how = sorted(every, key=lambda one: one.title.casefold()), "by title"
    elif asked.get("longest") or order in ("length", "size"):
        shown, how = sorted(every, key=lambda one: -one.chars), "the longest first"
    elif asked.get("chronological"):
        shown, how = sorted(every, key=lambda one: one.date or "~"), "the oldest first"  # those without a date last
    else:
        shown, how = list(every), "the newest first"
    some = f" The first {_MOST_LISTED:,} are listed." if len(shown) > _MOST_LISTED else ""
    return Overview(f"{counted_posts(len(shown))}, {how}.{some}", tuple(shown[:_MOST_LISTED]))


def said_of_all(entries: Sequence[PostEntry]) -> str:
    """How many posts there are, from when, and about what, as far as their titles say."""
    dates = sorted(one.date for one in entries if one.date)
    span = f", dated {dates[0]} to {dates[-1]}" if dates else ""
    topics = frequent_words([one.title for one in entries], _TOPICS)
    words = f" The words most frequent in their titles: {', '.join(topics)}." if topics else ""
    return f"{counted_posts(len(entries))}{span}.{words}"
