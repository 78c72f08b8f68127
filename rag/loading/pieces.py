"""Writes a text piece by piece, with the place of every character in its source."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.records import Piece, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.loading.parts import Mapped

__all__ = ["PieceWriter", "pieces_within", "shown_spans"]


class PieceWriter:
    """Joins stretches of a source; whatever is between two of them belongs to their separator."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The text written so far."""
        return "".join(self._text)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Gapless pieces that map the text to the source."""
        return tuple(self._pieces)

    def write(self, before: str, start: int, end: int, shown: str) -> None:
        """Write ``shown``, the reading of ``source[start:end]``, after ``before``, which separates it."""
        if self._pieces:
            here = self._pieces[-1].file_end
            gap = self._source[here:start]
            if before or gap:
                self._add(before, here, start)
        self._add(shown, start, end)

    def add(self, before: str, mapped: Mapped) -> None:
        """Write a stretch whose escapes have been undone."""
        for piece in mapped.pieces:
            self.write(before, piece.file_start, piece.file_end, mapped.text[piece.start : piece.end])
            before = ""

    def _add(self, shown: str, start: int, end: int) -> None:
        there = self._source[start:end]
        stop = self._length + len(shown)
        last = self._pieces[-1] if self._pieces else None
        if shown == there and last is not None and last.text is None:
            self._pieces[-1] = Piece(last.start, stop, last.file_start, end)
        else:
            self._pieces.append(Piece(self._length, stop, start, end, None if shown == there else there))
        self._text.append(shown)
        self._length = stop


def pieces_within(pieces: Sequence[Piece], start: int, end: int) -> tuple[Piece, ...]:
    """The pieces of ``text[start:end]``, which must begin and end with characters of the source."""
    found = []
    for piece in pieces:
        low, high = max(piece.start, start), min(piece.end, end)
        if low > high or (low == high and not start < low < end):
            continue
        if piece.text is None:
            shift = piece.file_start - piece.start
            found.append(Piece(low - start, high - start, low + shift, high + shift))
        else:
            found.append(replace(piece, start=low - start, end=high - start))
    return tuple(found)


def shown_spans(pieces: Sequence[Piece], spans: Sequence[Span]) -> Iterator[Span]:
    """The spans of a source as spans of the text that the pieces map to it, without empty ones; both are in order."""
    for span in spans:
        start, end = _shown_at(pieces, span.start), _shown_at(pieces, span.end)
        if start < end:
            yield Span(start, end)


def _shown_at(pieces: Sequence[Piece], place: int) -> int:
    """Where the first character of the text is that is at this place of the source or later."""
    number = bisect_left(pieces, place + 1, key=lambda piece: piece.file_end)
    if number == len(pieces):
        return pieces[-1].end
    piece = pieces[number]
    inside = max(place - piece.file_start, 0)
    return piece.start + inside if piece.text is None else piece.end if inside else piece.start
