"""The reference in the link of a citation, checked when it comes back from the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.text.plurals import amount

if TYPE_CHECKING:
    from rag.records import Quote

__all__ = ["Ref", "citation_line", "read_ref", "ref_of"]

# A post's id is a content hash; no text needs offsets of more than ten digits.
_REF = re.compile(r"([\w-]{1,64})(?::(\d{1,9})-(\d{1,9})(?::(\d{1,9})-(\d{1,9}))?)?(?:@(\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Ref:
    """A place to show: a post, a quote in it and the chunk around that, and which copy (None: the post itself).

    ``start == end`` shows the post without a mark. Offsets are code points of the post's text.
    """

    post_id: str
    start: int = 0
    end: int = 0
    chunk_start: int = 0
    chunk_end: int = 0
    copy: int | None = None

    def __str__(self) -> str:
        line = self.post_id
        if self.end > self.start:
            line += f":{self.start}-{self.end}:{self.chunk_start}-{self.chunk_end}"
        return line if self.copy is None else f"{line}@{self.copy}"

    @property
    def href(self) -> str:
        """The address for a citation's link."""
        return f"#src={self}"

    def at(self, copy: int | None) -> Ref:
        """The same words in one copy of the post."""
        return Ref(self.post_id, self.start, self.end, self.chunk_start, self.chunk_end, copy)


def read_ref(line: object) -> Ref | None:
    """The reference that a browser sent, or None if it is not valid.

    >>> read_ref("p1:3-9")
    Ref(post_id='p1', start=3, end=9, chunk_start=3, chunk_end=9, copy=None)
    >>> read_ref("../etc") is None
    True
    """
    match = _REF.fullmatch(line) if isinstance(line, str) else None
    if match is None:
        return None
    post_id, copy = match[1], match[6]
    start, end = int(match[2] or 0), int(match[3] or 0)
    chunk_start, chunk_end = int(match[4] or start), int(match[5] or end)
    return Ref(post_id, start, end, min(chunk_start, start), max(chunk_end, end), None if copy is None else int(copy))


def ref_of(quote: Quote) -> Ref:
    """The reference of a quote in its post."""
    low, high = min(quote.chunk.start, quote.start), max(quote.chunk.end, quote.end)
    if quote.chunk.end <= quote.chunk.start:
        low, high = quote.start, quote.end
    return Ref(quote.post_id, quote.start, quote.end, low, high)


def citation_line(quote: Quote) -> str:
    """Title, date and first location of a quote as one line of plain text, for copying and for reference lists."""
    words = [f"“{quote.post_title}”" if quote.post_title else "Untitled post"]
    if quote.post_date:
        words.append(quote.post_date)
    for place in quote.locations[:1]:
        words.append(place.file if place.record is None else f"{place.file}, {place.record}")
        words.append(f"characters {place.start}–{place.end}")
    others = len(quote.locations) - 1
    if others > 0:
        words.append(f"also on {amount(others, 'other page')}")
    return ", ".join(words)
