"""A span of a post to its locations in the files, without opening them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rag.records import Copy, Location, Post
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Sentence

__all__ = ["fold_white", "locate", "unbroken"]


def locate(post: Post, start: int, end: int) -> tuple[Location, ...]:
    """Every location of ``post.text[start:end]``, word for word.

    Copies that lack the span or have other words there are left out; a copy with other white space, mark-up or escapes
    is kept, with the file's own characters as the location's ``text``.

    >>> from rag.records import Piece
    >>> page = Copy("a.txt", "0" * 64, (Piece(0, 5, 10, 15),))
    >>> locate(Post("p", "T", "Hello", (page,)), 1, 3)[0].start
    11
    """
    quote = post.text[start:end]
    found = []
    for copy in post.copies:
        place = _locate_in(copy, quote, start, end)
        if place is not None:
            found.append(place)
    return tuple(found)


def unbroken(post: Post, rows: Sequence[Sentence], start: int, end: int, place: int) -> tuple[int, int]:
    """The part of ``post.text[start:end]`` around the sentence ``rows[place]`` that is in one piece on some page.

    Words that were left out of the post, such as an advertisement, may be between two of its sentences on the page.
    """
    if locate(post, start, end):
        return start, end
    low, high = rows[place].start, rows[place].end
    after, before = place + 1, place - 1
    while after < len(rows) and rows[after].end <= end and locate(post, low, rows[after].end):
        high = rows[after].end
        after += 1
    while before >= 0 and rows[before].start >= start and locate(post, rows[before].start, high):
        low = rows[before].start
        before -= 1
    while after - 1 > place and post.text[low:high].endswith(":"):  # the line that introduces a list, without the list
        after -= 1
        high = rows[after - 1].end
    marker = rows[before + 1].marker_start
    return (marker if start <= marker and locate(post, marker, high) else low), high


def _locate_in(copy: Copy, quote: str, start: int, end: int) -> Location | None:
    starts = [piece.start for piece in copy.pieces]
    first = max(bisect_right(starts, start) - 1, 0)
    # an insertion before the quote's first character is not part of the quote
    while first < len(copy.pieces) and copy.pieces[first].end <= start:
        first += 1
    last = first
    while last < len(copy.pieces) and copy.pieces[last].end < end:
        last += 1
    if last >= len(copy.pieces):
        return None
    pieces = copy.pieces[first : last + 1]
    found: list[str] = []
    file_start = file_end = -1
    for piece in pieces:
        low, high = max(piece.start, start), min(piece.end, end)
        if piece.text is None:
            here = piece.file_start + low - piece.start
            there = piece.file_start + high - piece.start
            text = quote[low - start : high - start]
        elif low == piece.start and high == piece.end:
            here, there, text = piece.file_start, piece.file_end, piece.text
        else:
            return None  # the quote would cut through a stretch that differs
        file_start = here if file_start < 0 else file_start
        file_end = there
        found.append(text)
    text = "".join(found)
    if not _says(text, quote, copy.format):
        return None
    differing = None if text == quote else text
    record = copy.record_at(file_start)
    return Location(copy.file, file_start, file_end, copy.sha256, differing, copy.format, record, site=copy.site)


def _says(raw: str, quote: str, form: str) -> bool:
    if form == "text":
        return fold_white(raw) == fold_white(quote)
    from rag.loading.proof import says  # imported here, because most pages are text and need none of it

    return says(raw, quote, form)
