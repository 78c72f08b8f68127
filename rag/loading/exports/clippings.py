"""What was marked on an e-reader: each highlight and note is a piece of its own, under the title of its book.

A record is a line with the book and its author, a line that says what was marked where and when, an empty line, and the
words; ten equals signs end it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.loading.entries import Gathering
from rag.loading.files.file_types import CLIPPING_END
from rag.text.dates import day_of

if TYPE_CHECKING:
    from rag.loading.parts import Entries

__all__ = ["in_order", "read_clippings"]

_RECORD = re.compile(r"\s*+(?P<book>\S[^\r\n]*+)(?:\r\n?|\n)- (?P<place>[^\r\n]++)\s*")
_AUTHOR = re.compile(r"(?P<title>.*\S) ?\((?P<author>[^()]++)\)")
_WHEN = re.compile(r"\b[A-Za-z]{1,30} on ")  # "Added on Monday, March 4, 2019 8:12:03 PM"
MAX_BOOK_CHARACTERS = 500


def read_clippings(text: str, file: str, sha256: str) -> Entries:
    """Read the highlights and notes; bookmarks have no words and are left out silently."""
    gathering = Gathering(file, sha256, text)
    start = 0
    ends = [(found.start(), found.end()) for found in CLIPPING_END.finditer(text)]
    for number, (end, following) in enumerate([*ends, (len(text), len(text))], 1):
        _add(gathering, text, start, end, f"clipping {number}")
        start = following
        if gathering.is_full():
            break
    return gathering.result()


def _add(gathering: Gathering, text: str, start: int, end: int, name: str) -> None:
    record = _RECORD.match(text, start, end)
    if record is None:
        if text[start:end].strip():
            gathering.leave_out(name, "it names no book and no place in one")
        return
    if not text[record.end() : end].strip():
        return
    book = record["book"].lstrip("\ufeff").strip()[:MAX_BOOK_CHARACTERS]
    named = _AUTHOR.fullmatch(book)
    when = record["place"].rpartition("|")[2].strip()
    gathering.add(
        name,
        (record.end(), end),
        "text",
        title=named["title"] if named else book,
        author=in_order(named["author"]) if named else None,
        date=day_of(_WHEN.sub("", when, count=1)),
    )


def in_order(author: str) -> str:
    """The name of an author as it is read: "Lee, Tom" is "Tom Lee"."""
    last, comma, first = author.partition(", ")
    return f"{first} {last}" if comma and "," not in first and ";" not in first else author
