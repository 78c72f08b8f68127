"""HTML pages to their posts: a single one with its metadata, or the entries of an archive page.

The heap shows what a single page cannot: text in most posts of a site belongs to the site, not to the posts.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from rag.extraction.closing_sections import HEADINGS, is_prose
from rag.extraction.discussions import is_thread
from rag.extraction.html_boilerplate import means
from rag.extraction.html_tree import grow
from rag.extraction.judged_page import JudgedPage
from rag.extraction.junk_pages import frame_of, is_frameset, junk_reason, pages_with_frames
from rag.extraction.left_out import left_out_of
from rag.extraction.listing_pages import entries_of
from rag.extraction.main_content import MainText, body_between, body_of
from rag.extraction.page_headings import headings_of, lines_at_title
from rag.extraction.structured_data import read_metadata
from rag.extraction.title_author_date import Credits, credits_of, entry_credits, with_notes_below
from rag.loading.html.text import render
from rag.loading.pages import NO_POST
from rag.records import LeftOut, SkippedPage
from rag.spools import beside
from rag.text.dates import date_of, guest_named, read_byline
from rag.text.lines import cut_blocks, fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from rag.extraction.html_tree import HtmlLine, Tree
    from rag.extraction.listing_pages import Entry
    from rag.extraction.structured_data import PageMetadata
    from rag.loading.html.text import Rendered
    from rag.records import Page, PostCopy

__all__ = ["Draft", "Read", "pages_without_posts", "read_alone", "read_drafts", "read_web_page"]

MAX_LINE_CHARACTERS = 1_000_000  # as for plain pages: a line of a million is data
MAX_DAY_WORDS = 4  # "Monday, 28 April 2003"
MIN_COMMENTS_SHARE = 0.9  # of a page's prose, if it is nothing but a discussion
MAX_TAGS = 200  # characters of tags before the first one of the line above a comment
LINES_BELOW_TEXT = 6  # an author, a date, categories


@dataclass(frozen=True, slots=True)
class Draft:
    """A post as found on one HTML page, before pages are compared.

    ``left_out`` are the lines of the page that are in no post; the first post of a page has them.
    """

    body: MainText
    credits: Credits
    left_out: tuple[LeftOut, ...] = ()


Read = list[tuple["Draft", "Rendered"]]


def read_alone(pages: Sequence[Page], kept: Collection[str] = ()) -> list[Read]:
    """The posts of each page, read by itself; ``kept`` are lines that are text, whatever their mark-up says."""
    wanted = frozenset(map(fold_key, kept))
    return [list(read_drafts(page, kept=wanted)) for page in pages]


def _reason_without_post(page: Page, files: Collection[str]) -> str | None:
    """Why a web page has no post, if it is a frame or junk; ``files`` are the pages that frames may belong to."""
    whole = frame_of(page.file, files)
    if whole is not None:
        return f"it is a frame of {whole}, and was saved with it"
    if is_frameset(page.text):
        return "it only shows other pages in frames; save those to index them"
    return next((reason for one in read_drafts(page) if (reason := _junk(page, *one))), None)


def pages_without_posts(pages: Iterable[Page], copies: Iterable[PostCopy]) -> Iterator[SkippedPage]:
    """The pages without any of the copies, each with the reason; copies are in the order of the pages."""
    wholes = pages_with_frames(pages)
    for page, here in beside(pages, copies, attrgetter("file"), attrgetter("file")):
        if not here:
            reason = _reason_without_post(page, wholes) if page.format == "html" else None
            yield SkippedPage(page.file, reason or NO_POST)


def _junk(page: Page, draft: Draft, shown: Rendered) -> str | None:
    return junk_reason(page.text, draft.credits.title, shown.text)


def read_drafts(
    page: Page, names: Collection[str] = (), kept: Collection[str] = ()
) -> Iterator[tuple[Draft, Rendered]]:
    """The posts of a page and their texts; ``names`` of its site and ``kept`` lines are folded to their letters."""
    for draft in read_web_page(page.text, names, kept):
        shown = draft.body.render(page.text)
        if shown.text and not _has_long_line(shown.text):
            yield _with_guest(page.text, draft, shown), shown


def _with_guest(source: str, draft: Draft, shown: Rendered) -> Draft:
    """A post with the author that its own lines name, or those below its title, if it is a guest's."""
    above = render(source, draft.body.top, draft.body.start)
    named = (guest_named([line.text for line in cut_blocks(text)]) for text in (above.text, shown.text))
    guest = next(filter(None, named), None)
    return replace(draft, credits=replace(draft.credits, author=guest)) if guest else draft


def _has_long_line(text: str) -> bool:
    return len(text) > MAX_LINE_CHARACTERS and any(len(line) > MAX_LINE_CHARACTERS for line in text.splitlines())


def read_web_page(source: str, names: Collection[str] = (), kept: Collection[str] = ()) -> list[Draft]:
    """The posts of a page, in order; ``names`` of its site and ``kept`` lines are folded to their letters."""
    judged = JudgedPage(grow(source), kept)
    drafts = _drafts(judged, names)
    if drafts:
        lines = left_out_of(judged, ((draft.body, draft.credits.title) for draft in drafts))
        drafts[0] = replace(drafts[0], left_out=lines)
    return drafts


def _drafts(judged: JudgedPage, names: Collection[str]) -> list[Draft]:
    tree = judged.tree
    metadata = read_metadata(tree)
    entries = entries_of(judged, metadata.host, is_article=metadata.is_article)
    if entries:
        page = credits_of(tree, metadata, names, [], [], [])
        in_thread = is_thread(tree)
        if all(entry.name is None for entry in entries) and in_thread:
            page = replace(page, title=credits_of(tree, metadata, names, headings_of(tree, metadata)[1], [], []).title)
        else:
            page = replace(page, title=None)
        days = _days_above(tree, entries)
        drafts = (
            _entry(judged, entry, page, day, in_thread=in_thread) for entry, day in zip(entries, days, strict=True)
        )
        return [draft for draft in drafts if draft is not None]
    site, headings = headings_of(tree, metadata)
    of_heap, names = names, {*names, *([fold_key(site)] if site else ())}
    others = [text for text in headings if fold_key(text) not in names]
    known = credits_of(tree, metadata, names, others, *lines_at_title(judged, others))
    if known.title is None:
        known = replace(known, title=_named_like_site(metadata, tree, headings, of_heap))
    body = body_of(judged, known.title, known.author)
    if body is None:  # if nothing is left, the supposed boilerplate is the text
        judged = JudgedPage(tree, judged.kept, trusting=False)
        comments = list(_comments(judged, known))
        if len(comments) > 1:
            return comments
        body = body_of(judged, known.title, known.author)
    if body is None:
        return []
    return [Draft(body, with_notes_below(tree, known, *_below(judged, body)))]


def _comments(judged: JudgedPage, page: Credits) -> Iterator[Draft]:
    """The comments of a page that has no other text: a discussion, each post under the name in the line above it."""
    tree = judged.tree
    named = [one for one in tree.elements if judged.words[one.number] and means(one.names, "comments")]
    after = (other.start for other in named[1:])
    inner = [one for one in named if next(after, one.end) >= one.end]
    if sum(judged.prose[one.number] for one in inner) < MIN_COMMENTS_SHARE * judged.prose[0]:
        return
    before = 0
    for comment in inner:
        body = body_between(judged, comment.start, comment.end, None)
        if body is None:
            continue
        at = judged.line_at(comment.start)
        above = [line for line in tree.lines[max(at - 1, 0) : at] if line.start >= before]
        first = bisect_left(tree.elements, above[0].start - MAX_TAGS, key=lambda one: one.start) if above else 0
        elements = [one for one in tree.elements[first : comment.number] if above and one.start >= before]
        known = entry_credits(tree, None, elements, above, replace(page, author=None), in_thread=True)
        yield Draft(body, replace(known, title=page.title))
        before = comment.end


def _named_like_site(
    metadata: PageMetadata, tree: Tree, headings: Sequence[str], of_heap: Collection[str]
) -> str | None:
    """The heading that the page gives as its title, even if the site has that name, unless several posts share it."""
    keys = {fold_key(title) for title in (*metadata.titles(), tree.title)} - set(of_heap)
    return next((text for text in headings if fold_key(text) in keys), None)


def _below(judged: JudgedPage, body: MainText) -> tuple[HtmlLine | None, list[HtmlLine]]:
    """The last line of a text, and the few lines below it up to the next heading, which may name author and date."""
    lines = judged.tree.lines
    end = judged.line_at(body.end)
    found: list[HtmlLine] = []
    for line in lines[end : end + LINES_BELOW_TEXT]:
        is_text = is_prose(line) and read_byline(line.text) is None
        if judged.tree.elements[line.element].tag in HEADINGS or is_text:
            break
        found.append(line)
    return lines[end - 1] if end else None, found


def _days_above(tree: Tree, entries: Sequence[Entry]) -> Iterator[str | None]:
    """For each entry, the last day that has a line above it to itself, as a heading does."""
    day, at = None, 0
    for entry in entries:
        while at < len(tree.lines) and tree.lines[at].start < entry.start:
            line = tree.lines[at]
            day = (date_of(line.text) if line.words <= MAX_DAY_WORDS else None) or day
            at += 1
        yield day
        while at < len(tree.lines) and tree.lines[at].start < entry.end:
            at += 1


def _entry(judged: JudgedPage, entry: Entry, page: Credits, day: str | None, *, in_thread: bool) -> Draft | None:
    """The post of an entry, dated by the ``day`` above it if it shows no date itself.

    It has the title of the page, if the page has one: that of a thread, whose posts have none.
    """
    body = body_between(judged, *(entry.text or (entry.start, entry.end)), entry.title)
    if body is None:
        return None
    tree = judged.tree
    lines = tree.lines[judged.line_at(entry.start) : judged.line_at(entry.end)]
    around = [line for line in lines if not body.start <= line.start < body.end]
    first = bisect_left(tree.elements, entry.start, key=lambda element: element.start)
    last = bisect_left(tree.elements, entry.end, key=lambda element: element.start)
    elements = [one for one in tree.elements[first:last] if not body.start <= one.start < body.end]
    known = entry_credits(tree, entry.name, elements, around, page, in_thread=in_thread)
    known = replace(known, title=known.title or page.title)
    return Draft(body, known if known.date else replace(known, date=day))
