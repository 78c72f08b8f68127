"""The posts of pages without names for them: emphasised titles, each with a day beside it and its text below."""

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

__all__ = ["DatedPost", "dated_posts"]

MIN_POSTS = 3  # two days are also those of an event
MAX_PROSE_ABOVE = 1  # lines: what the site says of itself; below an article, dated titles are those of comments
MAX_TITLE_WORDS = 14  # as for headings of texts
MAX_DAY_WORDS = 10  # "Posted on Tuesday, March 4, 2003 by Ida Moss"
MAX_INSIDE = 12  # elements in a row's head
MAX_AROUND = 100  # elements around it; the deepest of 77 pages has 31
_EMPHASIS = frozenset({"a", "b", "big", "font", "strong", "th", *HEADINGS})


class DatedPost(NamedTuple):
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


def dated_posts(judged: JudgedPage) -> Iterator[list[DatedPost]]:
    """What may be the posts of a page: several titles that look alike, each beside a day.

    The days only fall, as in a blog, or rise from each to the next, as in a journal; in a list of events, several are
    on one day. Text follows each title, and none is above them. The sections of an article may be dated too.
    """
    lines = [line for line in judged.tree.lines if not judged.is_dropped(line)]
    groups: dict[tuple[int, str, str], list[_Head]] = defaultdict(list)
    borders = [0, *(line.end for line in lines)]  # where the line above each line ends
    pairs = zip(borders, pairwise(lines), pairwise(map(_day, lines)), strict=False)
    for border, (before, after), (day_before, day_after) in pairs:
        for step, title, day in ((-1, before, day_after), (1, after, day_before)):
            if day is None or not (style := _style(judged, title)):
                continue
            row = [one.start for one in islice(judged.tree.around(before.element), MAX_AROUND) if border <= one.start]
            groups[step, *style].append(_Head(min((*row, before.start)), after.end, title, day))
    for heads in groups.values():
        days = [head.day for head in heads]
        if len(heads) >= MIN_POSTS and days[0] != days[-1] and (_fall(days) or sorted({*days}) == days):
            found = list(_posts(judged, heads))
            texts = sum(any(map(is_prose, _inside(judged, post.start, post.end))) for post in found)
            above = sum(map(is_prose, _inside(judged, 0, heads[0].start)))
            if texts > len(found) / 2 and above <= MAX_PROSE_ABOVE and not _are_in_article(judged, heads):
                yield found


def _day(line: HtmlLine) -> str | None:
    """The day in a short line that says when a post was written; else None."""
    byline = read_byline(line.text) if line.words <= MAX_DAY_WORDS else None
    return byline.date if byline is not None else None


def _fall(days: Sequence[str]) -> bool:
    return all(after <= day for day, after in pairwise(days))


def _are_in_article(judged: JudgedPage, heads: Sequence[_Head]) -> bool:
    """Whether one article contains all of them."""
    around = islice(judged.tree.around(heads[0].title.element), MAX_AROUND)
    return any(one.tag == "article" and one.end > heads[-1].start for one in around)


def _style(judged: JudgedPage, line: HtmlLine) -> tuple[str, str] | None:
    """How a short line is emphasised as a whole: its block, and the elements around its text; None if it is not."""
    tree = judged.tree
    if line.words > MAX_TITLE_WORDS or line.text[-1] in ".!:;," or read_byline(line.text) is not None:
        return None
    home = tree.elements[line.element]
    inner = (one for one in islice(tree.inside(home), MAX_INSIDE) if one.tag in _EMPHASIS)
    whole = [one.tag for one in inner if one.start < line.end <= one.end and tree.text_of(one) == line.text]
    return (home.tag, " ".join(whole)) if whole or home.tag in _EMPHASIS else None


def _posts(judged: JudgedPage, heads: Sequence[_Head]) -> Iterator[DatedPost]:
    """Each post up to the next one's head, the last one up to the end of what contains both."""
    tree = judged.tree
    for head, following in pairwise(heads):
        yield DatedPost(head.start, following.start, head.title, head.end)
    before, last = heads[-2:]
    around = (one for one in tree.around(last.title.element) if one.start <= before.start)
    outer = next(around, tree.elements[0])
    yield DatedPost(last.start, outer.inner_end, last.title, last.end)


def _inside(judged: JudgedPage, start: int, end: int) -> list[HtmlLine]:
    lines = judged.tree.lines[judged.line_at(start) : judged.line_at(end)]
    return [line for line in lines if not judged.is_dropped(line)]
