"""The words that differ between two texts, for a person to read."""

from __future__ import annotations

from rag.records import Change
from rag.text.alignment import Stretch, align, to_spaces

__all__ = ["word_diff"]

CONTEXT_WORDS = 4  # on either side: enough to find the place, and short enough for a line
JOINED_WORDS = 2  # changes with at most this many equal words between them are shown as one


def word_diff(left: str, right: str) -> tuple[Change, ...]:
    """The places where words differ, in order; differences in white space are ignored.

    >>> word_diff("We had ten jugs of juice", "We had two jugs of juice")
    (Change(before='We had', removed='ten', added='two', after='jugs of juice'),)
    """
    if left == right:
        return ()
    spans: list[tuple[int, int, int, int]] = []
    for stretch in align(left, right):
        if stretch.equal:
            continue
        start, end, right_start, right_end = _widened(left, right, stretch)
        if left[start:end].split() == right[right_start:right_end].split():
            continue
        if spans and len(left[spans[-1][1] : start].split()) <= JOINED_WORDS:
            start, right_start = spans[-1][0], spans[-1][2]
            spans.pop()
        spans.append((start, end, right_start, right_end))
    return tuple(_change(left, right, span) for span in spans)


def _widened(left: str, right: str, stretch: Stretch) -> tuple[int, int, int, int]:
    """The span widened to whole words, by the same letters on both sides."""
    start, end = to_spaces(left, stretch.start, stretch.end)
    right_start, right_end = to_spaces(right, stretch.right_start, stretch.right_end)
    before = max(stretch.start - start, stretch.right_start - right_start)
    after = max(end - stretch.end, right_end - stretch.right_end)
    return (
        max(stretch.start - before, 0),
        min(stretch.end + after, len(left)),
        max(stretch.right_start - before, 0),
        min(stretch.right_end + after, len(right)),
    )


def _change(left: str, right: str, span: tuple[int, int, int, int]) -> Change:
    start, end, right_start, right_end = span
    before = left[max(start - 200, 0) : start].split()[-CONTEXT_WORDS:]
    after = left[end : end + 200].split()[:CONTEXT_WORDS]
    removed, added = left[start:end].split(), right[right_start:right_end].split()
    return Change(" ".join(before), " ".join(removed), " ".join(added), " ".join(after))
