"""Reads dates and bylines, as blogs print them and as pages, feeds and tables provide them for programs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from rag.text.foreign_dates import read_foreign_byline

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Byline",
    "date_of",
    "day_of",
    "guest_author",
    "guest_named",
    "read_byline",
    "title_and_date",
    "trailing_date",
]

_MONTHS = (
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_NUMBER = {name: number for number, name in enumerate(_MONTHS, 1)}
_NUMBER |= {name[:3]: number for name, number in _NUMBER.items()} | {"sept": 9}
_MONTH = r"(?P<month>" + "|".join(_MONTHS) + r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = (
    _WEEKDAY + _MONTH + r"\s+" + _DAY + r"(?:,?\s+" + _YEAR + ")?",
    _WEEKDAY + _DAY + r"(?:\s+of)?[\s-]+" + _MONTH + r"(?:,?[\s-]+" + _YEAR + ")?",
    _YEAR + r"[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)(?:T\d\d:[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?",
    _YEAR + r"\s?年\s?(?P<month>[01]?\d)\s?月\s?(?P<day>[0-3]?\d)\s?日",
    r"(?P<day>[0-3]?\d)\.\s?(?P<month>[01]?\d)\.\s?" + _YEAR,
    _WEEKDAY + r"(?P<day>[0-3]?\d)\.\s+" + _MONTH + r"\s+" + _YEAR,
    r"(?P<day>1[3-9]|2\d|3[01])/(?P<month>[01]?\d)/" + _YEAR,
    r"(?P<month>[01]?\d)/(?P<day>1[3-9]|2\d|3[01])/" + _YEAR,
    r"[0-3]?\d([/-])[0-3]?\d\1(?:\d\d)?\d\d",  # day and month cannot be distinguished
)
_DATES = tuple(re.compile(r"(?<![\w.])" + form + r"(?![\w/])", re.IGNORECASE) for form in _FORMS)

# The words around a date in a byline; the rest must be names or numbers.
_AROUND = re.compile(
    r"\b(?:posted|submitted|published|written|updated|last|modified|date|created|filed|on|at|by|in|the|from|author|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:\d|:)++(?:am|pm)|[ap]\.m|"
    r"leave|a|an|no|one|reply|replies|comments?|responses?|views?|views|shares?|min|mins|minutes?|read|am|pm|"
    r"gmt|utc|est|pst|bst|cet|permalink|link|edit|share|categor(?:y|ies)|tags?|tagged|under|and|with|likes?)\b|"
    r"\d+|[^\w\s]+",
    re.IGNORECASE,
)
_BY = re.compile(r"\bby:?\s+(?P<name>[^\W\d_][^·|•»/()\d,–—-]{1,60})", re.IGNORECASE)
_AFTER_NAME = re.compile(r"(?<!\s)\s++(?:on|in|at|posted|published|filed|leave|under)\b.*", re.IGNORECASE | re.DOTALL)
# What follows a date at the start of a line: a mark and a few words, or categories.
_BEHIND = re.compile(r"\s*(?:[|·•]|\btags?:|#\w)", re.IGNORECASE)
_CATEGORIES = re.compile(r"\s*(?:in|on|under|—|–|-)\s+[\w.+#-]+(?: [\w.+#-]+)?(?:, [\w.+#-]+(?: [\w.+#-]+)?)+")
_POSTED_BY = re.compile(r"(?:posted|submitted|published|written) by (?P<name>[a-z][\w.-]{1,30})", re.IGNORECASE)
# an account of one word: "posted by ida_moss on", "by admin |"
_USER = re.compile(r"\bby:?\s+(?P<name>[a-z][\w.-]{1,30})(?=\s+(?:on|at|in)\b|\s*[|·•,–—-]|\s*\Z)")
_ACCOUNTS = frozenset({"admin", "administrator", "editor", "root", "staff", "webmaster"})  # nobody's names
# "Author: Ida Moss", a field of a note without front matter
_AUTHOR_FIELD = re.compile(
    r"authors?:\s+(?P<name>(?:(?:[^\W\d_a-z][\w.'’-]*|d[eiu]|von|van|der|la|bin|al)(?:\s(?!\Z)|\Z)){1,5})"
)
# "This is a guest post by Ida Moss, who keeps bees", said by the owner of the blog
_GUEST = re.compile(
    r"""(?i:(?:(?:this|today[’']s\ post|below)\ is\ |the\ following\ )?(?:an?\ )?
    guest[ -](?:post|blog(?:\ ?post)?|article|column|contribution|essay)(?:\ (?:is|was))?(?:\ (?:written|contributed))?
    \ (?:by|from)\ (?:(?:my|our)\ friend\ )?)
    (?P<name>[^\W\d_a-z][\w.'’-]*(?:\ (?:[^\W\d_a-z][\w'’-]*\.?|d[eiu]|von|van|der|la|bin|al)(?![\w-])){1,4})
    (?:\Z|[.,;()–—*_\]]|\ (?:who|of|from|at|about|[-–—|]))""",
    re.VERBOSE,
)
MAX_GUEST = 160  # characters that introduce a guest
MAX_LINES_TO_GUEST = 3  # from the beginning or the end of a text: a subtitle and a picture's caption may be in between
_SPEAKS_OF = re.compile(
    r"\b(?:of|on|from|for|in|since|until|till|to|before|after|by|and|at|through|the)$", re.IGNORECASE
)
# addresses, and numbers of addresses, that text browsers write into a line
_ADDRESS = re.compile(r"\s?<(?:https?://|mailto:)[^<>\s]*+>|\[\d{1,3}\](?=\w)")
_SPACE = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")  # every form of a date has one, most lines have none

_COMPACT = re.compile(r"\s*((?:19|20)\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
_ISO = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?!\d)")
_SECONDS = re.compile(r"-?\d{8,10}(?:\.\d+)?")
_MILLISECONDS = re.compile(r"\d{12,13}")
_MICROSECONDS = re.compile(r"\d{15,16}")

MAX_BYLINE = 160  # characters: two dates, a name and three categories fit; a sentence with a date is longer
MAX_NAMES = 6  # words that are not part of the date: a person and a category or two
MAX_BEHIND_DATE = 8  # words behind a date and a mark: a person, a reading time and some categories
MAX_BEFORE_DATE = 30  # characters before the date: "Posted by Firstname Lastname on"


@dataclass(frozen=True, slots=True)
class Byline:
    """What a line next to a title says; ``date`` is ISO, or None if there is none or its year is missing."""

    date: str | None
    author: str | None


def read_byline(line: str) -> Byline | None:
    """The byline in a line that contains a date or an author and nothing else, or None.

    >>> read_byline("October 27, 2014 by Jo Smith · Leave a Comment")
    Byline(date='2014-10-27', author='Jo Smith')
    """
    if len(line) > MAX_BYLINE:
        return None
    if "<" in line or "[" in line:
        line = _ADDRESS.sub("", line)
    dates = _DATES if _DIGIT.search(line) else ()
    match = next((match for form in dates if (match := form.search(line))), None)
    if match is not None and _is_span(line, match):
        return None
    author = _author(line)
    if match is None:
        foreign = read_foreign_byline(line) if dates else None
        return Byline(*foreign) if foreign is not None else _byline_without_date(line, author)
    rest = line[: match.start()] + " · " + line[match.end() :]
    if author:
        rest = rest.replace(author, " ", 1)
    left = _AROUND.sub(" ", rest).split()
    user = _only_user(line, rest) if left and author is None else None
    if user:
        return Byline(_iso(match), None if user in _ACCOUNTS else user)
    if left and not _is_behind(line, match, left):
        # a date line may also name a few categories or a person; in a heading that ends in a date, the words come
        # before it
        are_names = len(left) <= MAX_NAMES and all(word[:1].isupper() for word in left)
        labelled = author is not None or "·" in line or "|" in line or (line[0].isalpha() and _AROUND.match(line))
        if not are_names or match.start() > MAX_BEFORE_DATE or (match.start() > 0 and not labelled):
            return None
    return Byline(_iso(match), author)


def guest_named(lines: Sequence[str]) -> str | None:
    """The person by whom one of the first or last lines of a text says that it is; see `guest_author`."""
    shown = [*lines[:MAX_LINES_TO_GUEST], *lines[-MAX_LINES_TO_GUEST:]]
    return next(filter(None, map(guest_author, shown)), None)


def guest_author(line: str) -> str | None:
    """The person by whom a line says that a post is, in a blog of somebody else; None for any other line.

    >>> guest_author("This is a guest post by Ida Moss, who keeps bees."), guest_author("A guest post by a friend")
    ('Ida Moss', None)
    """
    found = _GUEST.match(line.lstrip("*_[( ")[:MAX_GUEST])
    words = found["name"].split() if found else []
    return found["name"].rstrip(".") if found and words[-1][:1].isupper() else None


def _is_span(line: str, match: re.Match[str]) -> bool:
    """Whether a line is nothing but the first and the last day of some time."""
    begin, sign, end = line[: match.end()], line[match.end() :].lstrip()[:1], line[match.end() :].lstrip()[1:].strip()
    return begin == match[0] and sign in ("-", "–", "—") and end != "" and any(form.fullmatch(end) for form in _DATES)


def _byline_without_date(line: str, author: str | None) -> Byline | None:
    if (field := _AUTHOR_FIELD.fullmatch(line[:1].lower() + line[1:])) is not None:
        return Byline(None, field["name"])
    posted = _POSTED_BY.fullmatch(line)
    if posted:
        return Byline(None, author or (None if posted["name"].casefold() in _ACCOUNTS else posted["name"]))
    starts_by = re.match(r"(?:(?:posted|submitted|published|written)\s+)?by:?\s", line, re.IGNORECASE)
    if author is None or not starts_by or line[-1] in ".!?:;":
        return None
    return Byline(None, author) if all(word[:1].isupper() for word in author.split()) else None


def _only_user(line: str, rest: str) -> str | None:
    """The account in a date line, if the ``rest`` of the line has no other words."""
    user = _USER.search(line)
    if user is None or _AROUND.sub(" ", rest.replace(user["name"], " ", 1)).split():
        return None
    return user["name"]


def _is_behind(line: str, match: re.Match[str], left: list[str]) -> bool:
    """Whether a line begins with a date and continues with notes about the post."""
    if match.start() > 1 or not match.groupdict().get("year") or len(left) > MAX_BEHIND_DATE or line[-1] in ".!?:;":
        return False
    behind = line[match.end() :]
    return _BEHIND.match(behind) is not None or _CATEGORIES.fullmatch(behind) is not None


def trailing_date(line: str) -> tuple[str, str | None] | None:
    """The title before a date at the end of a title line, and the ISO date if it has a year.

    >>> trailing_date("Notes from the field  March 3, 2011")
    ('Notes from the field', '2011-03-03')
    """
    for form in _DATES:
        for match in form.finditer(line):
            title = line[: match.start()].rstrip(" \t\xa0-–—|·,(")
            if match.end() == len(line.rstrip(") ")) and title.strip():
                return title, _iso(match)
    return None


def title_and_date(line: str) -> tuple[str, str | None]:
    """A title line without its trailing date, and the date or None; the date is kept if the title is about that day.

    >>> title_and_date("Pressing day, May 3, 2011"), title_and_date("The flood of May 3, 1999")
    (('Pressing day', '2011-05-03'), ('The flood of May 3, 1999', '1999-05-03'))
    """
    dated = trailing_date(line)
    if dated is None:
        return line, None
    return (line, dated[1]) if _SPEAKS_OF.search(dated[0]) else dated


def date_of(written: str) -> str | None:
    """The date in a metadata field or in a line written for people, as ``yyyy-mm-dd``, or None.

    >>> date_of("2024-05-19T07:20:36-06:00"), date_of("Posted on 3 May 2011")
    ('2024-05-19', '2011-05-03')
    """
    found = _COMPACT.match(written)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        except ValueError:
            return None
    byline = read_byline(" ".join(written.split()))
    return byline.date if byline else None


def day_of(text: str) -> str | None:
    """The day named by a date of a feed or table, as ``yyyy-mm-dd`` in its own time zone, or None.

    Accepts what ``date_of`` accepts, dates of mail headers, and seconds or milliseconds since 1970.

    >>> day_of("Tue, 03 Jan 2012 23:30:00 -0500"), day_of("2012-01-03T23:30:00Z"), day_of("May 3, 2012")
    ('2012-01-03', '2012-01-03', '2012-05-03')
    """
    text = text.strip()
    try:
        if match := _ISO.match(text):
            return date.fromisoformat(match[1]).isoformat()
        if match := _COMPACT.match(text):
            return date(*map(int, match.groups())).isoformat()
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC).date().isoformat()
        if _MICROSECONDS.fullmatch(text):
            text = text[:-3]
        if _MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return date_of(text) if text else None


def _author(line: str) -> str | None:
    match = _BY.search(line)
    if match is None:
        return None
    name = _SPACE.sub(" ", _AFTER_NAME.sub("", match.group("name"))).strip(" .:")
    words = name.split()
    return name if words and len(words) <= MAX_NAMES and words[0][:1].isupper() else None


def _iso(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if not groups.get("year"):
        return None
    month = groups["month"].casefold().rstrip(".")
    number = int(month) if month.isdigit() else _NUMBER[month]
    try:
        return date(int(groups["year"]), number, int(groups["day"])).isoformat()
    except ValueError:
        return None
