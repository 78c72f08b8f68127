"""Finds posts that lost their title on one page, using another page that has the same post."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.extraction.outline import Outline

__all__ = ["add_lost_titles"]

# A post that lost its title is recognised by its text on another page: at least this many long lines, and this share of
# them. The longest quotation of one post in another, on the pages looked at, is 4 of its 10 lines.
MIN_LOST_LINES = 3
MIN_LOST_SHARE = 0.7


def add_lost_titles(outlines: Sequence[Outline], found: Sequence[list[tuple[int, bool]]]) -> None:
    """Begin an untitled post wherever a page has the text of a post but not its title.

    Most of the text must be there, because another post may quote its opening.
    """
    known: dict[str, list[tuple[str, tuple[str, ...]]]] = {}  # first long line -> title, long lines
    for one, starts in zip(outlines, found, strict=True):
        for (at, titled), end in zip(starts, [at for at, _ in starts[1:]] + [len(one.blocks)], strict=True):
            body = tuple(one.keys[line] for line in range(at + titled, end) if one.is_long(line))
            if titled and len(body) >= MIN_LOST_LINES:
                known.setdefault(body[0], []).append((one.keys[at], body))
    for one, starts in zip(outlines, found, strict=True):
        begun = {one.long_after(at if titled else at - 1) for at, titled in starts}
        ends = [*sorted(at for at, _ in starts), len(one.keys)]
        for number, key in enumerate(one.keys):
            if key not in known or number in begun or not one.is_long(number):
                continue
            before = one.long_before(number)
            between = one.keys[before + 1 : number]
            end = ends[bisect_right(ends, number)]
            following = {one.keys[at] for at in range(number, end) if one.is_long(at)}
            if any(
                title not in between and sum(line in following for line in body) >= MIN_LOST_SHARE * len(body)
                for title, body in known[key]
            ):
                start = number
                while start - 1 > before and one.kinds[start - 1] in ("byline", "chrome"):
                    start -= 1
                starts.append((start, False))
        starts.sort()
