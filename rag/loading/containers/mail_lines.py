"""The lines of a mail that are not part of its text: above it a link to the web, below it why the reader receives it.

Of a mail that was passed on, the lines about the mail inside say who wrote it and when.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from rag.text.dates import day_of
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.text.lines import Block

__all__ = ["MailLines", "mail_lines", "sender"]

LINES_AT_TOP = 8  # lines above a mail's text among which its own lines are searched for
MAX_WORDS_BELOW = 60  # lines below the end of a mail, such as an address or a legal notice, are no longer
MAX_WORDS_ABOVE = 20  # a link above the text, or what is said to those whom a mail is passed on to, is no longer
MIN_PASSED_ON = 2  # lines about a mail that was passed on: its sender and one more

_ABOVE = re.compile(
    r"view (?:this |the |it )?(?:e-?mail |message |post |newsletter )?"
    r"(?:in|on) (?:your |a |the )?(?:web )?(?:browser|web|site)"
    r"|(?:view|read|open) (?:it |this )?online|read in app|forwarded this|trouble (?:viewing|reading)|no images\?",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"unsubscribe|(?:update|manage|change) (?:your )?(?:e-?mail )?(?:preferences|subscription|settings)"
    r"|you(?:'re|’re| are)? (?:receiv|getting|get this|subscribed)|you received this|why (?:am i|did i) (?:get|receiv)"
    r"|copyright (?:©|\(c\))?\s*\d{4}|© ?\d{4}|all rights reserved|(?:our )?mailing address|want to change how you"
    r"|no longer wish to receive|opt[- ]out|add us to your address book|view (?:this |it )?in (?:your )?browser"
    r"|sent (?:to|from) \S+@",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s*")
_PASSED_ON = re.compile(
    r"-{2,}\s*(?:forwarded message|original message)\s*-{2,}|begin forwarded message:", re.IGNORECASE
)
_FACT = re.compile(r"(from|date|sent|subject|to|cc|reply-to)\s*:\s*(.*)", re.IGNORECASE)
_FROM_SITE = re.compile(r"(?<!\s)\s++(?:from|at|via)\s++.*", re.IGNORECASE)
_TURNED = re.compile(r"([^\W\d_][\w'’-]+), ([^\W\d_][\w.'’-]*(?: [^\W\d_]\.)?)")
_NO_FIRST_NAME = frozenset({"inc", "ltd", "llc", "gmbh", "phd", "md", "jr", "sr", "esq"})


@dataclass(frozen=True, slots=True)
class MailLines:
    """A mail's text is in its lines from ``first`` to ``last``, not included; its author and day, where they say so."""

    first: int
    last: int
    author: str | None = None
    date: str | None = None


def sender(written: str) -> str | None:
    """The name in a mail's sender, without the site that it writes for.

    >>> sender("Ann Lock from The Canal <ann@x.org>"), sender('"Lock, Ann" <ann@x.org>')
    ('Ann Lock', 'Ann Lock')
    """
    name = _FROM_SITE.sub("", parseaddr(written)[0]).strip("\"' ")
    turned = _TURNED.fullmatch(name)
    if turned and turned[2].strip(".").casefold() not in _NO_FIRST_NAME:
        return f"{turned[2]} {turned[1]}"
    return name or None


def mail_lines(lines: Sequence[Block], first: int, title: str | None) -> MailLines:
    """Find the text among the lines of a mail, of which those up to ``first`` repeat its ``title``."""
    key = fold_key(title or "")
    words = [len(line.text.split()) for line in lines]
    above = 0
    for at, line in enumerate(lines[:LINES_AT_TOP]):
        if _BELOW.search(line.text) and not _ABOVE.search(line.text):
            break
        # a link to the web may also be below the text
        if _is_title_or_above(line, key) and above <= sum(words[at + 1 :]):
            first = max(first, at + 1)
        above += words[at]
    start, author, date = _passed_on(lines, first)
    return MailLines(start, _end(lines, words, start), author, date)


def _is_title_or_above(line: Block, key: str) -> bool:
    is_short = len(line.text.split()) <= MAX_WORDS_ABOVE
    return is_short and (fold_key(line.text) == key != "" or _ABOVE.search(line.text) is not None)


def _passed_on(lines: Sequence[Block], first: int) -> tuple[int, str | None, str | None]:
    """Where the text of a mail begins that was passed on with few words, its author and its day."""
    few = range(first, min(first + LINES_AT_TOP, len(lines)))
    at = next((at for at in few if _PASSED_ON.fullmatch(lines[at].text)), None)
    if at is None or sum(len(line.text.split()) for line in lines[first:at]) > MAX_WORDS_ABOVE:
        return first, None, None
    said: dict[str, str] = {}
    start = at + 1
    while start < len(lines) and (fact := _FACT.fullmatch(lines[start].text)):
        said.setdefault(fact[1].casefold(), fact[2])
        start += 1
    if len(said) < MIN_PASSED_ON or "from" not in said or start == len(lines):
        return first, None, None
    return start, sender(said["from"]), day_of(said.get("date") or said.get("sent") or "")


def _end(lines: Sequence[Block], words: Sequence[int], first: int) -> int:
    """The number of lines before the one that says why the reader receives the mail; only short lines follow that.

    Such a line above most of the text does not end it.
    """
    last, below, whole = len(lines), 0, sum(words[first:])
    for at in range(len(lines) - 1, first, -1):
        below += words[at]
        if words[at] > MAX_WORDS_BELOW:
            break
        is_end = _BELOW.search(lines[at].text) or _SIGNATURE.fullmatch(lines[at].text)
        if is_end and below <= max(whole - below, MAX_WORDS_BELOW):
            last = at
    return last
