"""Captions inside a text, recognised because one copy of a post has them and another does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.records import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.text.alignment import Stretch

__all__ = ["joined", "lacked"]

MAX_CAPTION_WORDS = 8  # a longer line that some copies lack is not a picture's caption; the longest seen has 7

# only tried at the beginning of a line; otherwise a line of blanks would be scanned again from each of its characters
_LINE = re.compile(r"(?<![^\r\n])[^\S\r\n]*+\S[^\r\n]*")


def lacked(text: str, other: str, stretches: Sequence[Stretch]) -> set[Span]:
    """Captions that another copy lacks: short lines of their own, and words glued to the front of a line."""
    found = set()
    for stretch in stretches:
        if stretch.equal or not text[stretch.end :].strip():
            continue  # text missing at the end was cut off
        start, end = _own(text[stretch.start : stretch.end], other[stretch.right_start : stretch.right_end])
        start, end = stretch.start + start, stretch.start + end
        first = text.rfind("\n", 0, start) + 1
        for match in _LINE.finditer(text, first, end) if start < end else ():
            line = match.group()
            begins = match.start() + len(line) - len(line.lstrip())
            ends = match.start() + len(line.rstrip())
            glued = ends == end and text[end - 1 : end].isalnum() and text[end : end + 1].isupper()
            whole = ends < end or text[end : end + 1] in ("", "\r", "\n")
            if begins >= start and (glued or whole) and _is_caption(text[begins:ends]):
                found.add(Span(begins, ends))
    return found


def _own(removed: str, added: str) -> tuple[int, int]:
    """The part of a stretch without a counterpart in the other copy; empty if that has other words there."""
    start = 0
    while start < min(len(removed), len(added)) and removed[start] == added[start]:
        start += 1
    end, added_end = len(removed), len(added)
    while min(end, added_end) > start and removed[end - 1] == added[added_end - 1]:
        end, added_end = end - 1, added_end - 1
    return (start, end) if not added[start:added_end].strip() else (start, start)


def _is_caption(line: str) -> bool:
    return len(line.split()) <= MAX_CAPTION_WORDS and line[-1] not in ".!?:;,…" and line[0].isalnum()


def joined(spans: set[Span]) -> tuple[Span, ...]:
    """Spans in order, with overlapping ones joined."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)
