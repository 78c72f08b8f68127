"""Captions of pictures inside a line of a web page: no block of their own, and often no space before the next word."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from rag.loading.html.text import BLOCKS, LINES
from rag.records import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.extraction.html_tree import Tree

__all__ = ["inline_captions"]

_NAMES = frozenset({"caption", "credit"})
_OWN_LINE = BLOCKS | LINES | {"td", "th"}


def inline_captions(tree: Tree, start: int, end: int) -> Iterator[Span]:
    """The captions that share a line with other text, in ``source[start:end]``, in order."""
    first = bisect_left(tree.lines, start, key=lambda line: line.start)
    before = tree.lines[first - 1].end if first else 0  # the tag of a caption is before its first character
    for element in tree.elements[bisect_left(tree.elements, before, key=lambda one: one.start) :]:
        if element.start >= end:
            return
        if element.tag in _OWN_LINE or not any(_NAMES.intersection(name) for name in element.names):
            continue
        number = bisect_left(tree.lines, element.inner, key=lambda line: line.start)
        if number and tree.lines[number - 1].end > element.start:
            number -= 1  # it begins inside a line
        if number == len(tree.lines):
            return
        line = tree.lines[number]
        is_whole = line.start >= element.start and line.end <= element.end
        if not is_whole and line.start < element.inner_end <= line.end:
            yield Span(element.inner, element.inner_end)
