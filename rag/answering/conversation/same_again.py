"""Follow-ups that ask the same about another time, "And the year before?", or about doing something else."""

from __future__ import annotations

import re

from rag.answering.question.post_dates import find_range
from rag.text.tokens import is_stop, words

__all__ = ["asks_year", "at_another_time", "to_do"]

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ONLY_YEAR = re.compile(r"^\W*(?:and\s+|or\s+)?(?:19|20)\d\d\W*$", re.IGNORECASE)
_BESIDE = re.compile(
    r"^(?:in\s+)?(?:the\s+)?(?:(?P<after>year\s+after|next\s+year|following\s+year|year\s+later)"
    r"|(?P<before>year\s+before|previous\s+year|year\s+earlier))(?:\s+that)?$",
    re.IGNORECASE,
)
_PLACED = re.compile(r"^(?:in|on|during|since|before|after|until|from|between)\s", re.IGNORECASE)
# "And to maintain one?"
_TO_DO = re.compile(r"^to\s+(?P<verb>[a-z]+)(?:\s+(?:(?:one|ones|it|them|that)$|(?P<thing>\S.*)))?$", re.IGNORECASE)
_TO_VERB = re.compile(r"\bto\s+(?!the\b|an?\b)[a-z]+\b")
# "last year" is a time whatever the newest post is
_ANY_DAY = "2000-01-01"


def asks_year(question: str) -> bool:
    """Whether a follow-up is only a year.

    >>> asks_year("2014?"), asks_year("508?")
    (True, False)
    """
    return _ONLY_YEAR.match(question) is not None


def at_another_time(thing: str, earlier: str) -> str | None:
    """The previous question, asked about another time; None if the thing is not a time.

    >>> at_another_time("in June", "What came in May 2016?"), at_another_time("the year before", "Who won in 2014?")
    ('What came in June 2016?', 'Who won in 2013?')
    """
    years = list(_YEAR.finditer(earlier))
    if (beside := _BESIDE.match(thing)) is not None and years:
        year = years[-1]
        other = int(year[0]) + (1 if beside["after"] else -1)
        return f"{earlier[: year.start()]}{other}{earlier[year.end() :]}"
    asked = find_range(thing, lambda: _ANY_DAY)
    if asked is None or not all(map(is_stop, words(asked[1]))):
        return None
    said = find_range(earlier, lambda: _ANY_DAY)
    if said is None:
        return f"{earlier.rstrip('?. ')} {thing if _PLACED.match(thing) or not _YEAR.match(thing) else f'in {thing}'}?"
    was = said[0].words
    if _YEAR.search(thing) is None and asked[0].month is not None and (its := _YEAR.search(was)) is not None:
        thing = f"{thing} {its[0]}"
    bare = _PLACED.sub("", thing)
    if _YEAR.fullmatch(bare) and (bare == thing or not _PLACED.match(was)):
        thing = _YEAR.sub(bare, was)  # "the 2013 summit"
    return earlier.replace(was, thing, 1)


def to_do(thing: str, earlier: str) -> str | None:
    """The previous question, asked about doing something else; None if it is not.

    >>> to_do("to mend one", "What does it cost to build a boat?")
    'What does it cost to mend a boat?'
    """
    found = _TO_DO.match(thing)
    several = list(_TO_VERB.finditer(earlier))
    if found is None or not several:
        return None
    last = several[-1]
    if found["thing"] is not None:
        return f"{earlier[: last.start()]}{thing}?"
    return f"{earlier[: last.start()]}to {found['verb']}{earlier[last.end() :]}"
