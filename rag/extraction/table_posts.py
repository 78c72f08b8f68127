"""The posts of old pages laid out by tables: rows with an emphasised title and a day, each above or beside its text."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from rag.extraction.closing_sections import HEADINGS, is_prose
from rag.text.dates import read_byline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.extraction.html_tree import HtmlLine
    from rag.extraction.judged_page import JudgedPage

__all__ = ["TablePost", "posts_in_tables"]

MIN_POSTS = 3  # two days in a table are also those of an event
MAX_TITLE_WORDS = 14  # as for headings of texts
MAX_DAY_WORDS = 10  # "Posted on Tuesday, March 4, 2003 by Ida Moss"
MAX_INSIDE = 12  # elements in a row's head
MAX_AROUND = 100  # elements around it; the deepest of 77 pages has 31
_CELLS = frozenset({"td", "th"})
_EMPHASIS = frozenset({"a", "b", "big", "font", "strong", "th", *HEADINGS})


class TablePost(NamedTuple):
    """``source[start:end]`` is a post with its title in a line; its day is beside that, its text begins at ``text``."""

    start: int
    end: int
    title: HtmlLine
    text: int


class _Head(NamedTuple):
    """A title's line and its day; ``start`` is where the row with the first of both begins, ``end`` where both end."""

    start: int
    end: int
    title: HtmlLine
    day: str


def posts_in_tables(judged: JudgedPage) -> Iterator[list[TablePost]]:
    """What may be the posts of a page: in table cells, several titles that look alike, each beside a day.

    The days only fall or only rise, as in a blog, and text follows each title.
    """
    lines = [line for line in judged.tree.lines if not judged.is_dropped(line)]
    groups: dict[tuple[int, str, str], list[_Head]] = defaultdict(list)
    borders = [0, *(line.end for line in lines)]  # where the line above each line ends
    for border, before, after in zip(borders, lines, lines[1:], strict=False):
        for step, title, dated in ((-1, before, after), (1, after, before)):
            byline = read_byline(dated.text) if dated.words <= MAX_DAY_WORDS else None
            if byline is None or byline.date is None or not (style := _style(judged, title)):
                continue
            row = [one.start for one in islice(judged.tree.around(before.element), MAX_AROUND) if border <= one.start]
            groups[step, *style].append(_Head(min((*row, before.start)), after.end, title, byline.date))
    for heads in groups.values():
        days = [head.day for head in heads]
        if len(heads) >= MIN_POSTS and len({*days}) > 1 and sorted(days) in (days, days[::-1]):
            found = list(_posts(judged, heads))
            texts = sum(any(map(is_prose, _inside(judged, post))) for post in found)
            if texts > len(found) / 2:
                yield found


def _style(judged: JudgedPage, line: HtmlLine) -> tuple[str, str] | None:
    """How a short line in a table is emphasised: the elements from its cell to its text; None if it may be no title."""
    tree = judged.tree
    if line.words > MAX_TITLE_WORDS or line.text[-1] in ".!:;," or read_byline(line.text) is not None:
        return None
    home = tree.elements[line.element]
    if not any(one.tag in _CELLS for one in islice(tree.around(home.number), MAX_AROUND)):
        return None
    inner = (one for one in islice(tree.inside(home), MAX_INSIDE) if one.start < line.end and one.end > line.start)
    tags = [home.tag, *(one.tag for one in inner if one.start <= line.start + len(line.text) and one.tag in _EMPHASIS)]
    return (home.tag, " ".join(tags[1:])) if not _EMPHASIS.isdisjoint(tags) else None


def _posts(judged: JudgedPage, heads: Sequence[_Head]) -> Iterator[TablePost]:
    """Each post up to the next one's head, the last one up to the end of what contains both."""
    tree = judged.tree
    for head, following in pairwise(heads):
        yield TablePost(head.start, following.start, head.title, head.end)
    before, last = heads[-2:]
    around = (one for one in tree.around(last.title.element) if one.start <= before.start)
    outer = next(around, tree.elements[0])
    yield TablePost(last.start, outer.inner_end, last.title, last.end)


def _inside(judged: JudgedPage, post: TablePost) -> list[HtmlLine]:
    lines = judged.tree.lines[judged.line_at(post.start) : judged.line_at(post.end)]
    return [line for line in lines if not judged.is_dropped(line)]
