"""Compares web pages: lines and titles shared by most posts of a site belong to the site, not to the posts."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from rag.extraction.junk_pages import frame_of, junk_reason, pages_with_frames
from rag.extraction.site_lines import SiteLines, line_code, with_several
from rag.extraction.web_pages import Draft, read_alone, read_drafts
from rag.loading.html.text import Rendered  # noqa: TC001 - records are packed by the types of their fields
from rag.loading.pieces import shown_spans
from rag.records import Piece, PostCopy, Span
from rag.spools import Chosen, Spools, beside
from rag.text.lines import cut_blocks, fold_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from rag.extraction.web_pages import Read
    from rag.records import Page
    from rag.spools import Spool

__all__ = ["divide_web_pages"]

MIN_SITE_TITLES = 3  # posts with the same title and different beginnings: the title is the name of the site
BEGINNING_CHARACTERS = 80


def divide_web_pages(
    pages: Sequence[Page],
    kept: Collection[str] = (),
    read: Callable[[Sequence[Page]], Iterable[Read]] | None = None,
    spools: Spools | None = None,
) -> Iterator[PostCopy]:
    """Every copy of a post on every page, in the order of the pages and of the texts in them.

    A line in most posts of a site is chrome in each. ``kept`` are lines that are not, whatever the heap or the page
    says; only their letters and digits count. ``read`` replaces ``read_alone``, which is most of the work. What was
    read is kept in ``spools``.
    """
    wanted = {fold_key(line) for line in kept}
    with Spools() as own:
        room = spools or own
        wholes = pages_with_frames(pages)
        whole = array("q", (at for at, page in enumerate(pages) if frame_of(page.file, wholes) is None))
        pages = Chosen(pages, whole)
        found = room.spool(_Found)
        drafts = zip(pages, read_alone(pages, kept) if read is None else read(pages), strict=True)
        for number, (page, here) in enumerate(drafts):
            for draft, shown in here:
                title = draft.credits.title
                if fold_key(title or "") in wanted or junk_reason(page.text, title, shown.text) is None:
                    found.append(_Found(number, _site(page, draft), draft, shown))
        named = _names_of_sites(found)
        if named:
            found = _read_again(pages, found, named, wanted, room)
        lines = SiteLines(room)
        for one in found:
            keys = [key for key, _ in _lines(one.shown.text)]
            lines.add(one.site, fold_key(one.draft.credits.title or "") or (keys[0] if keys else ""), keys)
        common = lines.common()
        for one in found:
            spans = _lines(one.shown.text)
            chrome = (span for key, span in spans if line_code(one.site, key) in common and key not in wanted)
            captions = shown_spans(one.shown.pieces, one.draft.body.captions)
            yield _copy(pages[one.page], one.draft, one.shown, (*chrome, *captions))


@dataclass(frozen=True, slots=True)
class _Found:
    """A post, the number of its page, and the site that it is from."""

    page: int
    site: str
    draft: Draft
    shown: Rendered


def _read_again(
    pages: Sequence[Page], found: Iterable[_Found], named: Collection[int], kept: Collection[str], spools: Spools
) -> Spool[_Found]:
    """What was found, after rereading the pages on which a title turned out to be the name of the site."""
    names: set[str] = set()
    again: set[int] = set()
    for one in found:
        title = fold_key(one.draft.credits.title or "")
        if line_code(one.site, title) in named:
            again.add(one.page)
            if one.draft.credits.title:
                names.add(title)
    every = spools.spool(_Found)
    for number, before in beside(range(len(pages)), found, int, attrgetter("page")):
        here = before
        if number in again:
            page = pages[number]
            here = [_Found(number, _site(page, draft), draft, shown) for draft, shown in read_drafts(page, names, kept)]
        for one in sorted(here, key=lambda one: one.draft.body.start):
            every.append(one)
    return every


def _site(page: Page, draft: Draft) -> str:
    return draft.credits.site or page.file.rpartition("/")[0]


def _names_of_sites(found: Iterable[_Found]) -> set[int]:
    """Codes of sites with their names: a title of several of their posts that begin in different ways.

    Posts on one page count as one, because those of a thread have its title.
    """
    titles, beginnings = array("Q"), array("Q")
    page, seen = -1, set[str]()
    for one in found:
        title = fold_key(one.draft.credits.title or "")
        page, seen = one.page, seen if one.page == page else set()
        if title and title not in seen:
            seen.add(title)
            titles.append(line_code(one.site, title))
            beginnings.append(line_code("", one.shown.text[:BEGINNING_CHARACTERS]))
    return with_several(titles, beginnings, MIN_SITE_TITLES)


def _lines(text: str) -> list[tuple[str, Span]]:
    return [(fold_key(block.text), Span(block.start, block.end)) for block in cut_blocks(text)]


def _copy(page: Page, draft: Draft, shown: Rendered, chrome: tuple[Span, ...]) -> PostCopy:
    top, start = draft.body.top, shown.pieces[0].file_start
    head = (Piece(0, 0, top, start, page.text[top:start]),) if top < start else ()
    known = draft.credits
    return PostCopy(
        page.file,
        page.sha256,
        shown.text,
        (*head, *shown.pieces),
        known.title,
        known.author,
        known.date,
        chrome,
        page.format,
        left_out=draft.left_out,
        site=known.site or None,
    )
