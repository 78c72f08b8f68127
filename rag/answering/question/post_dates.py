"""The dates in a question that restrict the posts it asks about: "in May 2016", "before 2013", "last year's"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DateRange", "days_named", "find_range"]

_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_NUMBER = {name: at for at, name in enumerate(_MONTHS, 1)} | {name[:3]: at for at, name in enumerate(_MONTHS, 1)}
_MONTH = "|".join([*_MONTHS, *(name[:3] + r"\.?" for name in _MONTHS if name != "may"), r"sept\.?"])
_DATE = (
    r"(?:(?:(?P<first{0}>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month{{0}}>{_MONTH}),?\s+(?:(?P<day{{0}}>\d{{{{1,2}}}})(?:st|nd|rd|th)?,?\s+)?)?(?P<year{{0}}>(?:19|20)\d\d)"
    r"(?:-(?P<mm{0}>\d\d)(?:-(?P<dd{0}>\d\d))?)?"
)
_BETWEEN = re.compile(
    rf"\b(?:between|from)\s+{_DATE.format(1)}\s+(?:and|to|until|till|through|[-–])\s+{_DATE.format(2)}", re.IGNORECASE
)
_INSIDE = re.compile(
    rf"\b(?P<after>after|since|from)\s+{_DATE.format(1)},?\s+(?:and|but)\s+(?P<before>before|until|till)\s+{_DATE.format(2)}",
    re.IGNORECASE,
)
_BOUNDED = re.compile(
    r"(?:\b(?:(?P<before>before|until|till|prior\s+to|earlier\s+than|older\s+than)"
    r"|(?P<after>after|later\s+than|newer\s+than)|(?P<since>since|from\s+(?=\S+(?:\s\S+)?\s+on(?:wards?)?\b))"
    r"|in|from|of|during|on|for|dated)\s+)?(?:the\s+)?"
    rf"{_DATE.format(1)}(?:['’]s)?(?:\s+(?:onwards?\b|on(?=\W*$)))?",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"\b(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*[-–—]\s*(?P<until>\d{{1,2}})(?:st|nd|rd|th)?)?(?!\d)"
    rf"|\b(?P<before>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<after>{_MONTH})\b",
    re.IGNORECASE,
)
# first and last month; winter ends in the year after
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}
_SEASON = re.compile(
    r"(?:\b(?:(?P<before>before)|(?P<after>after)|(?P<since>since)|in|from|of|during)\s+)?(?:\bthe\s+)?"
    rf"\b(?P<season>{'|'.join(_SEASONS)})\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)(?:['’]s)?\b",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(rf"\b(?:in|from|during|of)\s+(?P<month>{_MONTH})(?!\s*\d)\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:(?:in|from|of|during)\s+)?(?:the\s+)?(?:(?P<which>last|past|previous|this)\s+(?P<unit>year|month)"
    rf"|(?:last|past|previous)\s+(?P<season>{'|'.join(_SEASONS)}))(?:['’]s)?\b",
    re.IGNORECASE,
)

_IN_TIME = re.compile(r"(?:in|during)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateRange:
    """Dates from ``first`` to ``last``, both ISO and inclusive, "" if that side is open; ``words`` as written.

    With ``whole`` they are the time of the whole question, "How many were there in 2013?", not of a part of it.
    """

    first: str = ""
    last: str = ""
    words: str = ""
    month: int | None = None
    whole: bool = False

    @property
    def relative(self) -> bool:
        """Whether the range is relative to the newest post: "last year's"."""
        return _RELATIVE.match(self.words) is not None

    @property
    def is_time(self) -> bool:
        """Whether the words can only be a time; a bare year may be any number."""
        return any(sign.isalpha() or sign in "'’-" for sign in self.words)

    @property
    def inside(self) -> bool:
        """Whether the words say in which time something was: "in 2013", "during May 2016"."""
        return _IN_TIME.match(self.words) is not None

    def holds(self, date: str | None) -> bool:
        """Whether a post with this date is in the range; one without a date is not."""
        if date is None:
            return False
        if self.month is not None and int(date[5:7]) != self.month:
            return False
        return (not self.first or date >= self.first) and (not self.last or date[: len(self.last)] <= self.last)


def find_range(question: str, newest: Callable[[], str | None]) -> tuple[DateRange, str] | None:
    """Find the dates in a question, and the question without them; None if it has none.

    ``newest`` returns the date of the newest post: "this year" is its year, so that an index gives the same answer on
    any day.

    >>> find_range("Which posts from May 2016 mention APIs?", lambda: None)[0].last
    '2016-05'
    """
    if found := _BETWEEN.search(question):
        first, last = _iso(found, 1), _iso(found, 2)
        return DateRange(first, last, found[0]), _without(question, found)
    if found := _INSIDE.search(question):
        first, last = _iso(found, 1), _iso(found, 2)
        first = f"{first}~" if found["after"].lower() == "after" else first
        last = _day_before(last) if found["before"].lower() == "before" else last
        return DateRange(first, last, found[0]), _without(question, found)
    if found := _SEASON.search(question) or _BOUNDED.search(question):
        return (_of_season if found.re is _SEASON else _of_date)(found), _without(question, found)
    if found := _RELATIVE.search(question):
        return _relative(question, found, newest())
    if found := _MONTH_ALONE.search(question):
        return DateRange("", "", found[0], _NUMBER[found["month"][:3].lower()]), _without(question, found)
    return None


def days_named(text: str) -> frozenset[tuple[int, int]]:
    """The days in a text, each as (month, day): "October 22", "22nd of October", "October 14 – 21".

    >>> sorted(days_named("Open October 14 and 22 May"))
    [(5, 22), (10, 14)]
    """
    found: set[tuple[int, int]] = set()
    for match in _DAYS.finditer(text):
        month = _NUMBER[(match["month"] or match["after"])[:3].lower()]
        first = int(match["day"] or match["before"])
        found.update((month, day) for day in range(first, max(int(match["until"] or first), first) + 1))
    return frozenset(found)


def _relative(question: str, found: re.Match[str], newest: str | None) -> tuple[DateRange, str] | None:
    if newest is None:
        return None
    year, month = int(newest[:4]), int(newest[5:7])
    if found["season"]:
        begins, ends = _SEASONS[found["season"].lower()]
        begun = year - (month <= ends) - (ends < begins)  # the newest post may be of the season itself
        first, last = f"{begun}-{begins:02}", f"{begun + (ends < begins)}-{ends:02}"
        return DateRange(first, last, found[0].strip()), _without(question, found)
    back = 0 if found["which"].lower() == "this" else 1
    if found["unit"].lower() == "year":
        date = f"{year - back}"
    else:
        months = year * 12 + month - 1 - back
        date = f"{months // 12}-{months % 12 + 1:02}"
    return DateRange(date, date, found[0].strip()), _without(question, found)


def _of_date(found: re.Match[str]) -> DateRange:
    """A date, or the time before or after it."""
    date, words = _iso(found, 1), found[0].strip()
    if found["before"]:
        until = found["before"].lower() in ("until", "till")
        return DateRange("", date if until else _day_before(date), words)
    if found["after"]:
        return DateRange(f"{date}~", "", words)
    return DateRange(date, "" if found["since"] else date, words)


def _of_season(found: re.Match[str]) -> DateRange:
    """The months of a season, or the time before or after it."""
    begins, ends = _SEASONS[found["season"].lower()]
    year = int(found["year"])
    first, last = f"{year}-{begins:02}", f"{year + (ends < begins)}-{ends:02}"
    words = found[0].strip()
    if found["before"]:
        return DateRange("", _day_before(first), words)
    if found["after"]:
        return DateRange(f"{last}~", "", words)
    return DateRange(first, "" if found["since"] else last, words)


def _without(question: str, found: re.Match[str]) -> str:
    return " ".join(f"{question[: found.start()]} {question[found.end() :]}".split())


def _iso(found: re.Match[str], number: int) -> str:
    """A date with the precision of the text: "2016", "2016-05" or "2016-05-03"."""
    year, month = found[f"year{number}"], found[f"month{number}"]
    day = found[f"day{number}"] or found[f"first{number}"]  # "May 3, 2013" or "3 May 2013"
    if month:
        month = f"{_NUMBER[month[:3].lower()]:02}"
    else:
        month, day = found[f"mm{number}"], found[f"dd{number}"]
    return "-".join(part if len(part) > 1 else f"0{part}" for part in (year, month, day) if part)


def _day_before(date: str) -> str:
    """A string that sorts after all earlier dates and before this one: for "2013", one before all of 2013."""
    year, *rest = date.split("-")
    if not rest:
        return f"{int(year) - 1}"
    last = int(rest[-1]) - 1
    if last:
        return "-".join([year, *rest[:-1], f"{last:02}"])
    return f"{int(year) - 1}-12" if len(rest) == 1 else f"{year}-{rest[0]}-00"
