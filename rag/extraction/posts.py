"""Pages to posts: where one ends and the next begins, with titles, dates and authors if the page has them."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from rag.extraction.boundaries import find_starts
from rag.extraction.lost_titles import add_lost_titles
from rag.extraction.outline import HABIT, LONG_WORDS, Heap, LineKind, Outline, outline
from rag.extraction.text_boilerplate import Glue, glued_captions
from rag.extraction.text_browser import as_browsed, lines_of, without_links
from rag.extraction.web_heap import divide_web_pages
from rag.loading.html.escapes import unescape
from rag.loading.pieces import shown_spans
from rag.records import Page, Piece, PostCopy, Span
from rag.spools import Chosen, Spools, beside
from rag.text.dates import guest_named, read_byline, title_and_date
from rag.text.lines import Block, fold_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rag.extraction.web_pages import Read
    from rag.text.dates import Byline

__all__ = ["divide", "divided"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|date|author)[ \t]*:[ \t]*(\S(?:.*[^ \t\r\n])?)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_MARKED_TITLE = re.compile(r"#\s++(?P<title>(?:[^\s#]++|#++(?!\Z)|\s++(?!#*+\Z))*+)\s*+#*+")
_DECORATED = re.compile(r"([=*~#-]{2,})[ \t]++(\S.*\S|\S)[ \t]\1")  # "=== Harvest ==="
_UNDERLINE = re.compile(r"={3,}")
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)")

_MARKDOWN = (".md", ".markdown")


def divide(
    pages: Sequence[Page],
    kept: Sequence[str] = (),
    read: Callable[[Sequence[Page]], Iterable[Read]] | None = None,
) -> list[PostCopy]:
    """Every copy of a post on every page, as `divided` finds them."""
    with Spools() as spools:
        return list(divided(pages, kept, read, spools))


def divided(
    pages: Sequence[Page],
    kept: Sequence[str],
    read: Callable[[Sequence[Page]], Iterable[Read]] | None,
    spools: Spools,
) -> Iterator[PostCopy]:
    """Every copy of a post on every page, in the order of the pages and of the texts in them.

    The pages are compared: text on several of them distinguishes titles from sub-headings, and shows a boundary where
    one page has lost a title that another has kept. A page that separates its posts itself keeps them. ``kept`` are
    lines that are neither chrome nor a site's, however many posts contain them; only their letters and digits count.
    ``read`` reads web pages one by one, as ``rag.extraction.web_pages.read_alone`` does. Plain text pages that do not
    separate their posts are all in memory at once, other pages one at a time; what was read is kept in ``spools``.
    """
    plain, web = array("q"), array("q")
    for number, page in enumerate(pages):
        if page.posts is None:
            (web if page.format == "html" else plain).append(number)
    texts = spools.spool(PostCopy)
    if plain:
        for copy in _divide_texts([pages[number] for number in plain], frozenset(map(fold_key, kept))):
            texts.append(copy)
    of_page = attrgetter("file")
    found: Iterator[tuple[Page, list[PostCopy]]] = beside(pages, texts, of_page, of_page)
    made = divide_web_pages(Chosen(pages, web), kept, read, spools)
    for (page, here), (_, shown) in zip(found, beside(pages, made, of_page, of_page), strict=True):
        yield from map(_without_captions, page.posts or ())
        yield from here
        yield from map(_without_captions, shown)


def _without_captions(copy: PostCopy) -> PostCopy:
    """A copy in any format but plain text, with the captions that are glued to the front of its lines as chrome."""
    chrome = {*copy.chrome, *glued_captions(copy.text)}
    return replace(copy, chrome=tuple(sorted(chrome, key=attrgetter("start", "end"))))


def _divide_texts(pages: Sequence[Page], kept: frozenset[str]) -> list[PostCopy]:
    """The copies on pages of plain text."""
    pages = [as_browsed(page) for page in pages]
    lines = [lines_of(page) for page in pages]
    glue = Glue(block.text for blocks in lines for block in blocks)
    marked = [_marked(page, blocks) for page, blocks in zip(pages, lines, strict=True)]
    outlines = [
        without_links(page, outline(blocks, glue, compared=starts is None))
        for page, blocks, starts in zip(pages, lines, marked, strict=True)
    ]
    plain = [number for number, starts in enumerate(marked) if starts is None and lines[number]]
    heap = Heap([outlines[number] for number in plain])
    for number in plain:
        outlines[number] = heap.framed(outlines[number])
    if kept:
        outlines = [_keeping(one, kept) for one in outlines]
    found = find_starts([outlines[number] for number in plain], heap)
    starts = dict(zip(plain, found, strict=True))
    add_lost_titles([outlines[number] for number in plain], found)
    copies: list[PostCopy] = []
    for number, (page, one) in enumerate(zip(pages, outlines, strict=True)):
        reading = _Reading(page, one, heap if number in starts else None, glue, kept)
        copies += reading.posts(starts[number] if number in starts else marked[number] or [])
    return copies


def _keeping(one: Outline, kept: frozenset[str]) -> Outline:
    """The outline, with kept lines that were taken for boilerplate turned back into text."""
    lines = zip(one.kinds, one.blocks, strict=True)
    kinds = ["text" if kind in {"chrome", "frame"} and fold_key(block.text) in kept else kind for kind, block in lines]
    return replace(one, kinds=tuple(kinds))


def _marked(page: Page, lines: Sequence[Block]) -> list[tuple[int, bool]] | None:
    """The starts of a page whose titles are marked: by front matter, or as first-level headings."""
    front = _FRONT_MATTER.match(page.text)
    body = next((at for at, block in enumerate(lines) if front is None or block.start >= front.end()), len(lines))
    if front is not None and "title" in _fields(front.group(1)):
        return [(0, False)]
    titles = [at for at in range(body, len(lines)) if _is_marked(lines, at)]
    if not titles or not (page.file.casefold().endswith(_MARKDOWN) or titles[0] == body):
        return None
    dated = [at for at in titles if any(read_byline(below.text) for below in lines[at + 1 : at + 3])]
    # first-level headings are sections of one post if some have a date line and others do not
    chosen = dated if dated and dated[0] == titles[0] else titles
    return [(at, True) for at in chosen] if chosen[0] == body else [(body, False), *((at, True) for at in chosen)]


def _is_marked(lines: Sequence[Block], at: int) -> bool:
    if _MARKED_TITLE.fullmatch(lines[at].text):
        return True
    below = lines[at + 1] if at + 1 < len(lines) else None
    return below is not None and below.blank == 0 and _UNDERLINE.fullmatch(below.text) is not None


def _fields(front: str) -> dict[str, str]:
    return {name.casefold(): value.strip("\"'") for name, value in _FIELD.findall(front)}


@dataclass(slots=True)
class _Head:
    """What is known of a post while its page is read."""

    title: str | None = None
    date: str | None = None
    author: str | None = None

    def add(self, byline: Byline | None) -> None:
        """Add what a byline says and is not known yet."""
        if byline is not None:
            self.date, self.author = self.date or byline.date, self.author or byline.author


@dataclass(frozen=True, slots=True)
class _Reading:
    """One page being read: its lines, and what is known of the heap."""

    page: Page
    one: Outline
    heap: Heap | None
    glue: Glue
    kept: frozenset[str]

    def posts(self, starts: Sequence[tuple[int, bool]]) -> Iterator[PostCopy]:
        """Read the posts that begin at these lines."""
        if not starts:
            return
        lead = self._bylines_lead(starts)
        ends = [start for start, _ in starts[1:]] + [len(self.one.blocks)]
        for (start, titled), end in zip(starts, ends, strict=True):
            made = self._post(start, end, titled=titled, lead=lead)
            if made is not None:
                yield made

    def _bylines_lead(self, starts: Sequence[tuple[int, bool]]) -> bool:
        """Whether the date lines of this page come before the titles rather than after them."""
        kinds = self.one.kinds
        before = sum(titled and at > 0 and kinds[at - 1] == "byline" for at, titled in starts)
        after = sum(titled and "byline" in kinds[at + 1 : at + 3] for at, titled in starts)
        return before > after

    def _post(self, start: int, end: int, *, titled: bool, lead: bool) -> PostCopy | None:
        """The post on the lines from ``start`` to ``end``, or None if they have no text."""
        lines, kinds = self.one.blocks, self.one.kinds
        front = _FRONT_MATTER.match(self.page.text) if start == 0 else None
        known = _Head()
        if front is not None:
            known, start = self._front_matter(front, start, end, titled=titled)
        first, last = start, end
        if titled:
            first += 1
            below = read_byline(lines[first].text) if first < last and kinds[first] == "byline" else None
            is_dated = below is not None and below.date is not None
            known.title, known.date = _clean_title(lines[start].text, is_dated=is_dated)
            if lead and start > 0:
                known.add(read_byline(lines[start - 1].text))
        first = self._skip_notes(first, last, known)
        if not titled and known.title is None and known.date and first + 1 < last and kinds[first] == "short":
            known.title, _ = _clean_title(lines[first].text)  # the page begins with the date line above the first title
            first += 1
        while last > first and kinds[last - 1] in ("byline", "chrome", "frame"):
            if kinds[last - 1] == "byline" and not lead:
                known.add(read_byline(lines[last - 1].text))
            last -= 1
        if first == last or not (titled or known.title or self._is_text(first, last)):
            return None
        top = start if titled or (front is not None and known.title is not None) else first
        return self._copy(top, first, last, known)

    def _front_matter(self, front: re.Match[str], start: int, end: int, *, titled: bool) -> tuple[_Head, int]:
        """What front matter says about its post, and the lines after it and after a heading that repeats its title."""
        lines = self.one.blocks
        fields = _fields(front.group(1))
        byline = read_byline(fields.get("date", "")[:10])
        known = _Head(fields.get("title"), byline.date if byline else None, fields.get("author"))
        while start < end and lines[start].start < front.end():
            start += 1
        if start < end and not titled and _is_marked(lines, start):
            start += 1
        return known, start

    def _skip_notes(self, first: int, last: int, known: _Head) -> int:
        """The first line that is text; the bylines before it are read."""
        kinds = self.one.kinds
        while first < last and kinds[first] in ("byline", "chrome", "frame"):
            if kinds[first] == "byline":
                known.add(read_byline(self.one.blocks[first].text))
            first += 1
        return first

    def _is_text(self, first: int, last: int) -> bool:
        """Whether these lines contain a sentence; a menu above the first title has none."""
        return any(
            kind == "text" and len(block.text.split()) >= LONG_WORDS
            for kind, block in zip(self.one.kinds[first:last], self.one.blocks[first:last], strict=True)
        )

    def _copy(self, top: int, first: int, last: int, known: _Head) -> PostCopy:
        lines = self.one.blocks
        head, start, end = lines[top].start, lines[first].start, lines[last - 1].end
        read = unescape(self.page.text, self.page.format, start, end)
        pieces = read.pieces
        if head < start:  # the title and the lines below it are in the location but not in the text
            pieces = (Piece(0, 0, head, start, self.page.text[head:start]), *pieces)
        chrome = []
        for at in range(first, last):
            block = lines[at]
            if self._is_chrome(at, self.one.kinds[at]):
                chrome.append(Span(block.start, block.end))
            elif glued := self.glue.place(block, self.page.text):
                chrome.append(glued)
        return PostCopy(
            self.page.file,
            self.page.sha256,
            read.text,
            pieces,
            known.title,
            guest_named([line.text for line in lines[first:last]]) or known.author,
            known.date,
            tuple(shown_spans(pieces, chrome)),
            self.page.format,
        )

    def _is_chrome(self, at: int, kind: LineKind) -> bool:
        if kind in ("chrome", "frame"):
            return True
        if self.kept and fold_key(self.one.blocks[at].text) in self.kept:
            return False
        # a signature: a recurring line after which something new keeps beginning
        short = len(self.one.words[at]) < LONG_WORDS
        return short and self.heap is not None and kind == "short" and self.heap.closes(self.one.keys[at]) >= HABIT


def _clean_title(line: str, *, is_dated: bool = False) -> tuple[str, str | None]:
    """A title without Markdown marks and without the date that some sites put after it.

    If its post ``is_dated`` below it, a date in the title is part of the title.
    """
    marked = _MARKED_TITLE.fullmatch(line)
    title = marked.group("title") if marked else line
    decorated = _DECORATED.fullmatch(title)
    title = _LINK.sub(r"\1", decorated[2] if decorated else title).strip("*_ ") or title
    return (title, None) if is_dated else title_and_date(title)
