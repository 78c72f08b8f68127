"""Dates that a question prefers: "latest" and "now" the newest posts, "in 2014" those of that year."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from rag.answering.question.abbreviations import initials_of
from rag.answering.question.subjects import content_stems
from rag.answering.selection.ranking import reordered
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rag.answering.question.post_dates import DateRange
    from rag.answering.selection.ranking import Ranked, Ranking

__all__ = [
    "asks_version",
    "names_version",
    "names_version_of",
    "newest_first",
    "of_dates",
    "of_other_dates",
    "without_now",
]

# "still" and "so far" are left out because they also occur in ordinary questions; these ask for the current state
_NOW = re.compile(
    r"\b(?:the\s+)?(?:latest|newest|most\s+recent)\b|\b(?:right\s+)?now\b|\b(?:current|currently|nowadays|today|these\s+days"
    r"|at\s+the\s+moment|as\s+of\s+now|at\s+present)\b",
    re.IGNORECASE,
)
# log odds that the newest of the considered posts gains over the oldest: about what separates a first quote from a good
# third
_GAIN = 3.0
# log odds below the best at which a sentence cannot be the newer answer
_REACH = 3.0
# the same for sentences that name a version when the latest is asked for: any of them may have it
_VERSION_GAIN = _VERSION_REACH = 6.0
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_VERSION = re.compile(
    r"\b(?:v(?:ersion)?\.?\s?\d+(?:\.\d+)*|\d+(?:\.\d+){1,3})\b(?!\s*(?:%|percent\b|[mb]illion\b))", re.IGNORECASE
)
# "What is version of Rust?", "Which version of Rust is?", "What's Rust version?", without "latest" or "current"
_VERSION_OF = re.compile(
    r"^\W*(?:what|which)(?:['’]s|\s++is|\s++was)?\s++(?:the\s++)?(?P<kind>version|release|edition)\s++of\s++"
    r"(?P<thing>\S.{0,199}?)(?:\s++(?:is|was))?\W*$"
    r"|^\W*what(?:['’]s|\s++is|\s++was)\s++(?:the\s++)?(?P<named>\S.{0,199}?)\s++(?P<what>version|release|edition)\W*$",
    re.IGNORECASE,
)
_WAS_RELEASED = re.compile(r"^Which (?:version|release|edition) of (?P<thing>.+) was released\?$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LAST_YEAR = re.compile(r"(?:^|[.!?]\s)(?:last\s+year|a\s+year\s+ago)\b", re.IGNORECASE)
# log odds for posts of a time that a question names ("in 2014"), or to which it is restricted ("last year's")
_NAMED_GAIN, _MEANT_GAIN = 1.0, 3.0


def without_now(question: str) -> str | None:
    """The question without the words that ask for the newest state; None if it has none.

    A version is asked for as posts announce it.

    >>> without_now("When does the library open now?"), without_now("What is the latest version of Rust?")
    ('When does the library open?', 'Which version of Rust was released?')
    """
    if not _NOW.search(question):
        return None
    bare = " ".join(_NOW.sub(" ", question).split())
    bare = re.sub(r"(?<!\s)\s++([?.!,])", r"\1", bare)
    if (asked := _VERSION_OF.match(bare)) is not None:
        return f"Which {asked['kind'] or asked['what']} of {asked['thing'] or asked['named']} was released?"
    return bare


def asks_version(question: str) -> bool:
    """Whether a question, without its "latest", asks for a version."""
    return _WAS_RELEASED.match(question) is not None


def names_version(text: str) -> bool:
    """Whether a text names a version: "version 2", "3.0"."""
    return _VERSION.search(text) is not None


def names_version_of(text: str, question: str) -> bool:
    """Whether a text names a version of the thing whose version is asked for, right behind its name or initials."""
    asked = _WAS_RELEASED.match(question)
    return asked is not None and _beside(asked["thing"]).search(text) is not None


def of_other_dates(dates: DateRange, date: str | None, text: str) -> bool:
    """Whether a quote tells of another time than "in 2013": its post has another date, and it does not name the year.

    ``date`` is the post's; a post without one may be of any time. A quote that begins with "last year" tells of the
    year before.
    """
    if date is None or not dates.whole:
        return False
    if _LAST_YEAR.search(text):
        date = f"{int(date[:4]) - 1}{date[4:]}"
    if dates.holds(date):
        return False
    return not any(re.search(rf"\b{year}\b", text) for year in _YEAR.findall(dates.words))


def newest_first(ranking: Ranking) -> Ranking:
    """Among the sentences about as good as the best, put those of later posts first.

    If the question asks for the latest version, only those that name a version count, and they may be less good.
    """
    version = _WAS_RELEASED.match(ranking.query.text)
    days = {post_id: date.fromisoformat(body.date).toordinal() for post_id, body in ranking.bodies.items() if body.date}
    if version is None:
        near = [one for one in _near(ranking, _REACH) if one.post_id in days]
        return _aged(ranking, {one: float(days[one.post_id]) for one in near}, _GAIN)
    near = [one for one in _near(ranking, _VERSION_REACH) if _tells_version(ranking.text_of(one))]
    near = _of_thing(ranking, near, version["thing"])
    ages = _by_version(ranking, near, _beside(version["thing"]))
    if not ages and all(one.post_id in days for one in near):
        ages = {one: float(days[one.post_id]) for one in near}
    return _aged(ranking, ages or _by_version(ranking, near, _VERSION), _VERSION_GAIN)


def _by_version(ranking: Ranking, some: list[Ranked], named: re.Pattern[str]) -> dict[Ranked, float]:
    """The sentences in whose text or post's title a pattern finds a version, each with the place of the highest.

    The title of an announcement names its own version, not that of another thing.
    """
    titled = {one: _version(named, ranking.bodies[one.post_id].title) for one in some}
    several = titled if any(titled.values()) and named is _VERSION else {}
    found = several or {one: titled[one] or _version(named, ranking.text_of(one)) for one in some}
    order = sorted({number for number in found.values() if number})
    return {one: float(order.index(number)) for one, number in found.items() if number}


def _aged(ranking: Ranking, ages: Mapping[Ranked, float], gain: float) -> Ranking:
    """Put the sentences with the highest age first, by at most ``gain`` log odds; one post has nothing to compare."""
    if len({one.post_id for one in ages}) < 2:  # noqa: PLR2004
        return ranking
    first, last = min(ages.values()), max(ages.values())
    return _gaining(ranking, list(ages), lambda one: gain * (ages[one] - first) / max(last - first, 1.0))


def _tells_version(text: str) -> bool:
    """Whether a text names a version and does not only ask about one."""
    return names_version(text) and not text.rstrip(' "”’)').endswith("?")


def _beside(thing: str) -> re.Pattern[str]:
    """A pattern of a version right behind a thing or its initials: "Quill 2.0", "USWDS version 3.0"."""
    bare, short = re.escape(_ARTICLE.sub("", thing)), initials_of(thing)
    name = rf"(?i:{bare})|{short}" if short else rf"(?i:{bare})"
    return re.compile(rf"(?<!\w)(?:{name})(?i:\sv(?:ersion|\.)?)?\s?\d+(?:\.\d+)*(?![\w%])")


def _of_thing(ranking: Ranking, some: list[Ranked], thing: str) -> list[Ranked]:
    """The sentences of posts whose title names a thing, or else that name it themselves, or else all."""
    titles = {one.post_id: _names(ranking.bodies[one.post_id].title, thing) for one in some}
    named = [one for one in some if titles[one.post_id]]
    return named or [one for one in some if _names(ranking.text_of(one), thing)] or some


def _names(text: str, thing: str) -> bool:
    """Whether a text has the words of a thing or its initials: "USWDS" for "the U.S. Web Design System"."""
    short = initials_of(thing)
    if short and re.search(rf"\b{short}\b", text):
        return True
    return frozenset(content_stems(thing)) <= frozenset(stems(text))


def _version(named: re.Pattern[str], text: str) -> tuple[int, ...]:
    """The highest version that a pattern finds in a text, as numbers; empty if there is none."""
    found = (re.findall(r"\d+", match[0]) for match in named.finditer(text))
    return max((tuple(map(int, numbers)) for numbers in found), default=())


def of_dates(ranking: Ranking, dates: DateRange | None) -> Ranking:
    """Among the sentences about as good as the best, put those of posts from a time first."""
    if dates is None:
        return ranking
    gain = _NAMED_GAIN if any(sign.isdigit() for sign in dates.words) else _MEANT_GAIN
    near = [one for one in _near(ranking, _REACH) if dates.holds(ranking.bodies[one.post_id].date)]
    return _gaining(ranking, near, lambda _: gain) if near else ranking


def _near(ranking: Ranking, reach: float) -> list[Ranked]:
    """The sentences within this many log odds of the best."""
    return [one for one in ranking.ranked if one.score >= ranking.ranked[0].score - reach]


def _gaining(ranking: Ranking, some: list[Ranked], gain: Callable[[Ranked], float]) -> Ranking:
    scores = ranking.scores.copy()
    for one in some:
        scores[one.row] += gain(one)
    return reordered(ranking, scores)
