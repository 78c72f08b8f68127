"""Captions inside a text, which are recognised because one copy of a post has them and another does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.records import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.text.alignment import Stretch

__all__ = ["joined", "lacked"]

MAX_CAPTION_WORDS = 8  # a line that some copies lack is a picture's caption up to here; the longest seen has 7

# tried at the beginnings of lines only: a line of blanks would be read again from each of its characters
_LINE = re.compile(r"(?<![^\r\n])[^\S\r\n]*+\S[^\r\n]*")


def lacked(text: str, other: str, stretches: Sequence[Stretch]) -> set[Span]:
    """Captions that another copy lacks: short lines of their own, and words glued to the front of a line."""
    found = set()
    for stretch in stretches:
        if stretch.equal or not text[stretch.end :].strip():
            continue  # what is lacked at the end was cut off
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
    """Return the part of a stretch that the other copy has nothing for; an empty one where it has other words."""
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
    """Spans in order, those that overlap made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)
