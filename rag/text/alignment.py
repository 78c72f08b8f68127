"""Aligns two texts: which stretches are equal, code point for code point, and which differ."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rag.records import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Stretch", "align", "carry", "to_spaces"]

_TOKEN = re.compile(r"\w+|[^\w\s]")
# only tried at the beginning of a line; otherwise a line of blanks would be scanned again from each of its characters
_LINE = re.compile(r"(?<![^\n])[^\S\n]*+\S[^\n]*")

# Above this many lines, or tokens in a stretch without two equal lines, difflib's heuristic for frequent ones is used:
# without it 4,000 take a second, and only texts that share hardly anything have such stretches. It is also used above
# this many pairs of equal tokens, because each pair is looked at: 4,000 tokens of a blog have 50,000 pairs, those of a
# repeated line 4,000,000.
MAX_EXACT_TOKENS, MAX_EXACT_PAIRS = 4000, 200_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """``left[start:end]`` is aligned with ``right[right_start:right_end]``; if ``equal``, code point for code point."""

    start: int
    end: int
    right_start: int
    right_end: int
    equal: bool


def align(left: str, right: str) -> list[Stretch]:
    """Stretches that cover both texts without gaps; differences are as small as words and white space allow.

    >>> [stretch.equal for stretch in align("one two three", "one 2 three")]
    [True, False, True]
    """
    if left == right:
        return [Stretch(0, len(left), 0, len(right), equal=True)] if left else []
    stretches: list[Stretch] = []
    at = right_at = 0
    for start, end, right_start, right_end in _equal_spans(left, right):
        if left[at:start] != right[right_at:right_start]:
            stretches.append(Stretch(at, start, right_at, right_start, equal=False))
        elif start > at:
            _extend(stretches, at, start, right_at, right_start)
        _extend(stretches, start, end, right_start, right_end)
        at, right_at = end, right_end
    if at < len(left) or right_at < len(right):
        if left[at:] == right[right_at:]:
            _extend(stretches, at, len(left), right_at, len(right))
        else:
            stretches.append(Stretch(at, len(left), right_at, len(right), equal=False))
    return stretches


def carry(stretches: Sequence[Stretch], text: str, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Map the left text of an alignment to the file, given the pieces that map the right ``text`` to the file.

    A piece is never cut if the file's characters differ from ``text`` (mark-up, entities); the stretches around it
    become one differing piece.
    """
    *head, body = pieces
    if body.text is None and len(head) <= 1 and all(piece.end == 0 for piece in head):
        offset = body.file_start - body.start
        carried = (
            Piece(
                stretch.start,
                stretch.end,
                stretch.right_start + offset,
                stretch.right_end + offset,
                None if stretch.equal else text[stretch.right_start : stretch.right_end],
            )
            for stretch in stretches
        )
        return (*head, *carried)
    return tuple(_carried(stretches, text, pieces))


def _carried(stretches: Sequence[Stretch], text: str, pieces: Sequence[Piece]) -> Iterator[Piece]:
    number = 0
    whole = _joined(stretches, pieces)
    for place, stretch in enumerate(whole):
        at, here = stretch.start, stretch.right_start
        raw: list[str] = []
        file_start: int | None = None
        file_end = 0
        last = place == len(whole) - 1
        while number < len(pieces):
            piece = pieces[number]
            if piece.start > stretch.right_end or (piece.start == stretch.right_end and not last):
                break
            low, high = max(piece.start, here), min(piece.end, stretch.right_end)
            if piece.text is None:
                start, end = piece.file_start + low - piece.start, piece.file_start + high - piece.start
            else:
                start, end = piece.file_start, piece.file_end
            if stretch.equal:
                yield Piece(at, at + high - low, start, end, piece.text)
                at += high - low
            else:
                raw.append(text[low:high] if piece.text is None else piece.text)
                file_start = start if file_start is None else file_start
                file_end = end
            here = high
            if high < piece.end:
                break
            number += 1
        if not stretch.equal:
            if file_start is None:
                file_start = file_end = pieces[number - 1].file_end if number else pieces[0].file_start
            yield Piece(stretch.start, stretch.end, file_start, file_end, "".join(raw))


def _joined(stretches: Sequence[Stretch], pieces: Sequence[Piece]) -> list[Stretch]:
    """The stretches, joined where a boundary between two falls inside a piece that cannot be cut."""
    whole: list[Stretch] = []
    closed = [piece for piece in pieces if piece.text is not None and piece.start < piece.end]
    for stretch in stretches:
        border = stretch.right_start
        if whole and any(piece.start < border < piece.end for piece in closed):
            before = whole.pop()
            whole.append(Stretch(before.start, stretch.end, before.right_start, stretch.right_end, equal=False))
        else:
            whole.append(stretch)
    return whole


def to_spaces(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to whole words, so that a link or a number is compared as a whole."""
    if start < end:
        while start > 0 and not text[start - 1].isspace() and not text[start].isspace():
            start -= 1
        while end < len(text) and not text[end - 1].isspace() and not text[end].isspace():
            end += 1
    return start, end


def _extend(stretches: list[Stretch], start: int, end: int, right_start: int, right_end: int) -> None:
    if stretches and stretches[-1].equal:
        last = stretches.pop()
        start, right_start = last.start, last.right_start
    stretches.append(Stretch(start, end, right_start, right_end, equal=True))


def _equal_spans(left: str, right: str) -> Iterator[tuple[int, int, int, int]]:
    """Spans of equal tokens, in order: first equal lines, then equal tokens between them."""
    lines = [match.span() for match in _LINE.finditer(left)]
    right_lines = [match.span() for match in _LINE.finditer(right)]
    matcher = _matcher([left[a:b].strip() for a, b in lines], [right[a:b].strip() for a, b in right_lines])
    for tag, first, last, right_first, right_last in matcher.get_opcodes():
        if tag == "equal":
            for (a, b), (c, d) in zip(lines[first:last], right_lines[right_first:right_last], strict=True):
                bare = left[a:b].strip()
                lead, right_lead = left.index(bare, a, b), right.index(bare, c, d)
                yield lead, lead + len(bare), right_lead, right_lead + len(bare)
        elif tag == "replace":
            span = lines[first][0], lines[last - 1][1]
            right_span = right_lines[right_first][0], right_lines[right_last - 1][1]
            yield from _equal_tokens(left, right, span, right_span)


def _matcher(left: list[str], right: list[str]) -> SequenceMatcher[str]:
    """A matcher for two lists; if it would be slow, it ignores elements that are frequent in the right one."""
    others = Counter(right)
    pairs = sum(times * others[one] for one, times in Counter(left).items())
    long = len(left) + len(right) > MAX_EXACT_TOKENS or pairs > MAX_EXACT_PAIRS
    return SequenceMatcher(None, left, right, autojunk=long)


def _equal_tokens(
    left: str, right: str, span: tuple[int, int], right_span: tuple[int, int]
) -> Iterator[tuple[int, int, int, int]]:
    tokens = [match.span() for match in _TOKEN.finditer(left, *span)]
    right_tokens = [match.span() for match in _TOKEN.finditer(right, *right_span)]
    matcher = _matcher([left[a:b] for a, b in tokens], [right[a:b] for a, b in right_tokens])
    for match in matcher.get_matching_blocks():
        for step in range(match.size):
            (a, b), (c, d) = tokens[match.a + step], right_tokens[match.b + step]
            yield a, b, c, d
