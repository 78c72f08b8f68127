"""The body of a single web page: which elements contain its text, and what inside them does not belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.extraction.bylines import is_credit, is_signed_and_dated
from rag.extraction.closing_sections import HEADINGS, closing_kind, is_prose, without_closing_sections
from rag.extraction.html_boilerplate import is_named_body, is_note
from rag.extraction.inline_captions import inline_captions
from rag.extraction.judged_page import MIN_THINGS
from rag.loading.html.text import BLOCKS, Rendered, render
from rag.records import Span
from rag.text.dates import read_byline
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.judged_page import JudgedPage

__all__ = ["MainText", "body_between", "body_of"]

_PARAGRAPHS = frozenset({"blockquote", "dl", "figure", "ol", "p", "pre", "table", "ul", *HEADINGS})
_ITEMS = frozenset({"li", "dd", "dt"})

# The figures below were chosen on 27 article pages of 27 sites. Word F1 is 0.962 there, and 0.935 on 26 other pages;
# changing any of them by a third or more changes it by less than 0.005.
MIN_INNER_SHARE = 0.93  # share of the best element's value for an element inside it to be the text
MIN_NAMED_SHARE = 0.75  # the same for an element named as an article
MIN_WHOLE_SHARE = 0.9  # share of an article's prose in the found element for the rest to be the post's too
MAX_PROSE_ABOVE = 2  # lines of an introduction that may be above the title
MAX_BOX_WORDS = 150  # in a box about the author
MAX_NOTE_WORDS = 12  # in a byline or another note about the post
MAX_BYLINE_WORDS = 20  # in a byline with author and day: with a time, categories and a number of comments
MAX_HEAD_LINES = 12  # between a title and the first line of prose: a subtitle and credits
LINES_BELOW_EXCERPT = 4  # the title again, a picture's caption, the line that was cut
MIN_LINK_LINKED = 0.9  # share of a line's characters in a link for it to be a link


@dataclass(frozen=True, slots=True)
class MainText:
    """``source[start:end]`` without the spans that are not part of the text; its title begins at ``top``.

    ``captions`` are the captions of pictures inside its lines.
    """

    top: int
    start: int
    end: int
    cuts: tuple[Span, ...]
    captions: tuple[Span, ...] = ()

    def render(self, source: str) -> Rendered:
        """The readable text."""
        return render(source, self.start, self.end, self.cuts)


def body_of(judged: JudgedPage, title: str | None, author: str | None) -> MainText | None:
    """The text of a page with one post, or None if there is no text."""
    root = _root(judged)
    if root is None:
        return None
    lines = judged.tree.lines
    start, end = _with_siblings(judged.tree, root)
    first, last = judged.line_at(start), judged.line_at(end)
    around = next((one for one in judged.tree.around(root.number) if is_named_body(one)), root)
    if judged.prose[root.number] >= MIN_WHOLE_SHARE * judged.prose[around.number]:
        last = max(last, judged.line_at(around.end))
    above = _title_above(judged, first, title)
    kept = [line for line in lines[first if above is None else above + 1 : last] if not judged.is_dropped(line)]
    things = _listed_things(judged.tree, kept)
    kept = [line for line in kept if start <= line.start < end or is_prose(line) or line.start in things]
    kept = _with_wanted(judged, kept)
    kept = _before_author(_without_excerpt(kept), author)
    is_headed = above is not None and judged.tree.elements[lines[above].element].tag == "h1"
    inside = _title_inside(kept, title, 0 if is_headed else MAX_PROSE_ABOVE)
    if inside is not None:
        introduction = [line for line in kept[:inside] if is_prose(line)]
        return _spanned(judged, kept[inside], _bare(judged, [*introduction, *kept[inside + 1 :]], author))
    called = above is not None and fold_key(lines[above].text) == fold_key(title or "")
    return _spanned(judged, lines[above] if above is not None and called else None, _bare(judged, kept, author))


def _with_wanted(judged: JudgedPage, kept: list[HtmlLine]) -> list[HtmlLine]:
    """The lines, plus lines elsewhere on the page that the user wants to keep."""
    if not judged.kept:
        return kept
    starts = {line.start for line in kept}
    wanted = [line for line in judged.tree.lines if judged.is_kept(line) and line.start not in starts]
    return sorted([*kept, *wanted], key=lambda line: line.start)


def body_between(judged: JudgedPage, start: int, end: int, title: HtmlLine | None) -> MainText | None:
    """The text of one entry of a page, ``source[start:end]``, whose title is the given line."""
    lines = judged.tree.lines[judged.line_at(start) : judged.line_at(end)]
    kept = [line for line in lines if not judged.is_dropped(line)]
    if title is not None:
        at = kept.index(title) if title in kept else -1
        kept = [line for line in kept[: max(at, 0)] if is_prose(line)] + kept[at + 1 :]
    return _spanned(judged, title, _bare(judged, kept))


def _root(judged: JudgedPage) -> Element | None:
    tree = judged.tree
    values = [0.0] * len(tree.elements)
    for line in tree.lines:
        values[line.element] += judged.value(line)
    best = 0.0, 0
    for element in reversed(tree.elements):
        best = max(best, (values[element.number], element.number))
        if element.parent >= 0:
            values[element.parent] += values[element.number]
    if best[0] <= 0:
        return None
    root = best[1]
    # descend while one element contains nearly all of it; less is enough if its name says that it is the text
    for number in range(root + 1, tree.elements[root].last):
        needed = MIN_NAMED_SHARE if is_named_body(tree.elements[number]) else MIN_INNER_SHARE
        if values[number] >= needed * best[0]:
            root = number
    return tree.elements[root]


def _with_siblings(tree: Tree, root: Element) -> tuple[int, int]:
    """The span of the text; if it was found in a single paragraph or list, neighbouring ones are added."""
    while root.tag in _ITEMS:  # one item is not the text, its list is
        root = tree.elements[root.parent]
    if root.tag not in _PARAGRAPHS:
        return root.start, root.end
    start, end, passed = root.start, root.end, False
    number, parent = root.parent + 1, tree.elements[root.parent]
    while number < parent.last:
        element = tree.elements[number]
        passed = passed or element is root
        if element.tag in BLOCKS and element.tag not in _PARAGRAPHS:  # another kind of box separates them
            if passed:
                break
            start = root.start
        elif element.tag in _PARAGRAPHS:
            start, end = min(start, element.start), max(end, element.end)
        number = element.last
    return start, end


def _title_above(judged: JudgedPage, first: int, title: str | None) -> int | None:
    """The number of the title's line above these lines; an introduction may be in between."""
    tree = judged.tree
    key = fold_key(title or "")
    for number in range(first - 1, -1, -1):
        line = tree.lines[number]
        if judged.is_dropped(line):
            continue
        if tree.elements[line.element].tag == "h1" or (key and fold_key(line.text) == key):
            return number
    return None


def _title_inside(kept: Sequence[HtmlLine], title: str | None, most: int) -> int | None:
    """The position of the title in the lines, if it is at the top, below at most this many lines of prose."""
    key = fold_key(title or "")
    prose = 0
    for place, line in enumerate(kept if key else ()):
        if fold_key(line.text) == key:
            return place
        prose += is_prose(line)
        if prose > most:
            break
    return None


def _listed_things(tree: Tree, kept: Sequence[HtmlLine]) -> set[int]:
    """Where the items of lists begin that have several items without a link, such as the ingredients of a recipe."""
    lists: dict[int, list[HtmlLine]] = {}
    for line in kept:
        if tree.elements[line.element].tag == "li":
            lists.setdefault(tree.elements[line.element].parent, []).append(line)
    found = (
        items for items in lists.values() if sum(not one.linked for one in items) >= max(MIN_THINGS, len(items) / 2)
    )
    return {line.start for items in found for line in items}


def _without_excerpt(kept: list[HtmlLine]) -> list[HtmlLine]:
    """The lines without a first one that is the cut beginning of a line below it."""
    first = kept[0].text if kept else ""
    cut = first.rstrip("….]) ")
    key = fold_key(cut)
    is_cut = len(cut) < len(first) and first.rstrip("]) ").endswith(("…", "..."))
    below = kept[1 : 1 + LINES_BELOW_EXCERPT]
    return kept[1:] if is_cut and key and any(fold_key(line.text).startswith(key) for line in below) else kept


def _before_author(kept: list[HtmlLine], author: str | None) -> list[HtmlLine]:
    """The lines without the box about the author at the end, which begins with the author's name."""
    key = fold_key(author or "")
    above, below = sum(line.words for line in kept if is_prose(line)), 0
    for number in range(len(kept) - 1, 0, -1) if key else ():
        below += kept[number].words
        above -= kept[number].words if is_prose(kept[number]) else 0
        if below > min(above, MAX_BOX_WORDS):  # a byline above a short post is followed by the post
            break
        if fold_key(kept[number].text) in (key, f"by{key}", f"about{key}", f"writtenby{key}", f"abouttheauthor{key}"):
            return kept[:number]
    return kept


def _bare(judged: JudgedPage, kept: list[HtmlLine], author: str | None = None) -> list[HtmlLine]:
    """The lines without bylines above and below, and without sections that do not belong to the post."""
    found = without_closing_sections(judged.tree, kept, judged.is_kept)
    judged.closed |= {line.start for line in kept} - {line.start for line in found}
    while found and _is_note(judged, found[0], author):
        found.pop(0)
    while found and _is_note(judged, found[-1], author):
        found.pop()
    return _without_credits(judged, found, author)


def _without_credits(judged: JudgedPage, found: list[HtmlLine], author: str | None) -> list[HtmlLine]:
    """The lines without the credits between a subtitle and the first line of prose, and without what is beside them.

    Those are single signs and numbers, of readers for instance, and the author's name with a button.
    """
    head = next((number for number, line in enumerate(found) if is_prose(line)), 0)
    if not 1 < head <= MAX_HEAD_LINES or not any(_is_note(judged, line, author) for line in found[1:head]):
        return found
    kept = [line for line in found[:head] if not (_is_note(judged, line, author) or _is_mark(judged, line, author))]
    return [*kept, *found[head:]]


def _is_mark(judged: JudgedPage, line: HtmlLine, author: str | None) -> bool:
    """Whether a line is a sign or a number and not an item, or the author's name with at most one more word."""
    if judged.is_kept(line) or judged.tree.elements[line.element].tag in ("pre", "li", "td", "th"):
        return False
    key = fold_key(author or "")
    named = bool(key) and fold_key(line.text).startswith(key) and line.words <= len((author or "").split()) + 1
    return named or not any(map(str.isalpha, line.text))


def _is_note(judged: JudgedPage, line: HtmlLine, author: str | None) -> bool:
    """Whether a line at the top or end of a post is a byline, a link or another note about the post."""
    if judged.is_kept(line):
        return False
    if line.words > MAX_NOTE_WORDS:
        byline = read_byline(line.text) if line.words <= MAX_BYLINE_WORDS else None
        return byline is not None and None not in (byline.date, byline.author)
    if is_signed_and_dated(line.text, author):
        return True
    tag = judged.tree.elements[line.element].tag
    if tag in ("pre", "li", "td", "th") or (tag in HEADINGS and not closing_kind(line.text)):
        return False
    if line.linked >= MIN_LINK_LINKED and tag not in ("p", "blockquote"):
        return True
    names = judged.tree.elements[line.element].names
    credited = any("author" in (name[0], name[-1]) for name in names if name)
    return credited or is_credit(judged.tree, line) or read_byline(line.text) is not None or is_note(line.text)


def _spanned(judged: JudgedPage, title: HtmlLine | None, kept: Sequence[HtmlLine]) -> MainText | None:
    """The span from the first of these lines to the last, without anything else between them."""
    if not kept:
        return None
    start, end = kept[0].start, kept[-1].end
    starts = {line.start for line in kept}
    cuts: list[Span] = []
    left_out = False
    here = start
    for line in judged.tree.lines[judged.line_at(start) : judged.line_at(end)]:
        if line.start not in starts:
            left_out = True
            continue
        if left_out:
            cuts.append(Span(here, line.start))
        left_out, here = False, line.end
    top = title.start if title is not None and title.start < start else start
    return MainText(top, start, end, tuple(cuts), tuple(inline_captions(judged.tree, start, end)))
