"""Finds the names of people and firms in fields and bylines, without labels, job titles and dates."""

from __future__ import annotations

import re

from rag.text.dates import read_byline

__all__ = ["BY", "is_person", "is_team", "name_of"]

MAX_NAME_CHARACTERS = 80  # two people with their offices
MAX_PERSON_WORDS = 4

BY = re.compile(
    r"^(?:\d[\d/.-]+\s+)?(?:(?:posted|submitted|published|written|words|story|reviewed|article|text|authored?|recipe|essay"
    r"|poem|interview|analysis|opinion|review|report(?:ed)?"
    r"|contributed|created|guest post|a (?:post|guest post|story))\s+)?"
    r"(?:by:?\s+|(?-i:von|par|por|door)\s+(?=(?-i:[^\W\d_a-z])\S*+\s+(?-i:[^\W\d_a-z])))",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:authors?|written by|by|author name)\s*:?\s*", re.IGNORECASE)
_OTHERS = re.compile(
    r"^(?:(?:last\s+)?updated|reviewed|edited|fact.?checked|photo(?:graph)?s?|tested)\b", re.IGNORECASE
)
# user names, and accounts of several people
_LOGIN = re.compile(r"[a-z\d]+(?:[._-][a-z\d]+)+")
_TEAM = re.compile(
    r"\b(?:team|staff|editors?|editorial|desk|newsroom|contributors?|webmaster|support|press|office|tips|admin)\b",
    re.IGNORECASE,
)
# job titles: a second name after a comma has none of these words
_OFFICE = re.compile(
    r"^(?:senior|junior|head|chief|lead|managing|deputy|assistant|associate|staff|executive|vice|co-?founder|guest)\b"
    r"|\b(?:editor|writer|reporter|journalist|correspondent|columnist|contributor|blogger|author|director|manager|officer"
    r"|president|chair(?:man|woman)?|founder|ceo|cto|cfo|partner|owner|engineer|developer|designer|architect|analyst"
    r"|scientist|researcher|professor|lecturer|teacher|student|specialist|expert|consultant|advisor|adviser|strategist"
    r"|coordinator|administrator|fellow|intern|producer|photographer|gardener|economist|attorney|lawyer|librarian)s?\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|^admin(?:istrator)?$|^(?:editor|author|staff|user|root|guest)$|^\d*$", re.IGNORECASE
)
_NAME = re.compile(
    r"[^\W\d_][\w.'’-]*+(?:[ ,&/()]++(?:(?:and|de|van|von|der|la|el|bin|al) (?=[^\W\d_]))*+[^\W\d_][\w.'’()-]*+){0,11}+"
)
_AFTER_NAME = re.compile(
    r"(?<!\s)\s++(?:[|•·–—]\s|on\s++\w++\s++\d|(?:last\s++)?(?:updated|published|posted|reviewed)\b|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*+\.?\s++\d|\d{1,2}[./ ]).*",
    re.IGNORECASE | re.DOTALL,
)


def name_of(written: str) -> str | None:
    """A person's or firm's name in a field or byline, or None if it contains something else.

    >>> name_of("Written by: Jo Smith · March 3"), name_of("https://example.org/jo")
    ('Jo Smith', None)
    """
    text = " ".join(written.split())
    if len(text) > 2 * MAX_NAME_CHARACTERS or _OTHERS.match(text):
        return None
    byline = read_byline(text)
    if byline is not None and byline.date and not byline.author:
        return None
    text = _AFTER_NAME.sub("", _LABEL.sub("", BY.sub("", text))).strip(" ,.;:|-–—•·")
    text = _without_office(text)
    if not text or len(text) > MAX_NAME_CHARACTERS or _NO_NAME.search(text) or not _NAME.fullmatch(text):
        return None
    return None if _LOGIN.fullmatch(text) else text


def _without_office(name: str) -> str:
    """A name without a job title after a comma: "Jon Vale, Head Gardener"."""
    person, comma, office = name.partition(", ")
    is_office = comma and "," not in office and is_person(person) and " " in person and _OFFICE.search(office)
    return person if is_office else name


def is_person(written: str) -> bool:
    """Whether a name may be a person's: one to four capitalised words, and not a team.

    >>> is_person("Jo van Smith"), is_person("The Editorial Team")
    (True, False)
    """
    words = [word for word in written.split() if word not in ("de", "van", "von", "der", "la", "el", "bin", "al")]
    return 0 < len(words) <= MAX_PERSON_WORDS and all(word[:1].isupper() for word in words) and not is_team(written)


def is_team(name: str) -> bool:
    """Whether a name belongs to an account that several people share."""
    return _TEAM.search(name) is not None
