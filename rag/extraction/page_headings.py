"""Possible titles of a web page, the name of its site, and the lines around the title."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from rag.extraction.closing_sections import MAX_PROSE_LINKED
from rag.extraction.html_boilerplate import is_named_body
from rag.extraction.listing_pages import TITLES
from rag.extraction.structured_data import host_in
from rag.extraction.title_author_date import title_parts
from rag.text.dates import read_byline
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.judged_page import JudgedPage
    from rag.extraction.structured_data import PageMetadata

__all__ = ["headings_of", "lines_at_title"]

# names of the element around the name of a site and its menu, where there is no ``header``
_PAGE_HEADERS = (["header"], ["banner"], ["masthead"], ["branding"], ["blog", "header"], ["site", "header"])
_SIDES = re.compile(r"\s[-–—|»:]{1,2}\s|:\s")  # between a title and the name of the site
_FIRST_PAGE = re.compile(r"(?:https?:)?(?://[^/]+)?\.{0,2}/?(?:index\.\w+)?", re.IGNORECASE)
MAX_HEADING_SOURCE = 4_000  # characters of a heading with its tags and pictures
MAX_AROUND = 20  # elements around a heading that are looked at; the deepest title on 77 pages is inside 18
MAX_HEADINGS = 20  # possible titles of a page that are looked at
LINES_ABOVE_TITLE = 3  # a category, a date, an author
LINES_BELOW_TITLE = 12
LINES_BELOW_SUMMARY = 3
MAX_TITLE_WORDS = 22  # the longest of 2,500 blog titles looked at has 21
MIN_TEXT_WORDS = 20  # a line this long is the first of the text; the longest byline seen has 11


def headings_of(tree: Tree, metadata: PageMetadata) -> tuple[str, list[str]]:
    """The site's name, and possible titles of the page.

    A heading that links to the site's first page is the site's name. A second-level heading may be the title if the
    page gives it as its title; without any heading, any line may be.
    """
    site, above, found = metadata.site, "", list[str]()
    parts = title_parts(tree, metadata)
    sides = {fold_key(side) for title in (*metadata.titles(), tree.title) for side in _SIDES.split(title)}
    named = False  # whether a first-level heading was found that is not the name of the site
    for element in islice(_candidates(tree, parts), MAX_HEADINGS):
        text = tree.text_of(element)
        if named and element.tag in ("h2", "h3") and _has_prose_before(tree, element):
            continue  # heads a section of the text, even if the title names it
        if element.tag == "h1" and (_leads_to_first_page(tree, element, metadata.host) or _is_masthead(element)):
            site = site or text
        elif element.tag == "h1" and fold_key(text) in parts | sides and _is_in_page_header(tree, element):
            above = above or text
        elif text:
            found.append(text)
            named = named or (element.tag == "h1" and fold_key(text) not in parts)
    if above and any(fold_key(text) in parts | sides for text in found):
        site = site or above
    elif above:
        found.insert(0, above)
    first = tree.lines[0] if tree.lines and not tree.title else None
    if first is not None and ["title"] in tree.elements[first.element].names and first.text not in found:
        found = [first.text]  # a document saved by a word processor: its headings are those of sections
    return site, found or list(islice(_in_large_type(tree, metadata, parts), 1))


def _in_large_type(tree: Tree, metadata: PageMetadata, parts: Collection[str]) -> Iterator[str]:
    """Lines that may be the title of an old page, which shows it in large type instead of a heading."""
    named = [number for number, line in enumerate(tree.lines) if not line.linked and fold_key(line.text) in parts]
    text = next((number for number, line in enumerate(tree.lines) if line.words >= MIN_TEXT_WORDS), 0)
    # the name of the site is above the title
    yield from (
        tree.lines[number].text for number in sorted(named, key=lambda at: (at >= text, -at if at < text else at))
    )
    if not metadata.titles():
        yield from _above_bylines(tree)


def _above_bylines(tree: Tree) -> Iterator[str]:
    """Lines that may be the title of a page without headings: short, no link, no sentence, and above a byline."""
    for line, below in pairwise(tree.lines):
        byline = read_byline(below.text)
        if byline is None or (byline.date is None and byline.author is None) or read_byline(line.text) is not None:
            continue
        if not line.linked and line.words <= MAX_TITLE_WORDS and line.text[-1] not in ".!:;,":
            yield line.text


def _candidates(tree: Tree, parts: Collection[str]) -> Iterator[Element]:
    """First-level headings, elements named as titles, and other headings that match the page's own title."""
    for element in tree.elements:
        if element.inner_end - element.inner > MAX_HEADING_SOURCE:
            continue  # it was never closed
        called = "headline" in element.attributes.get("itemprop", "").lower() and element.tag != "meta"
        called = called or any("-".join(words) in TITLES for words in element.names)
        if element.tag == "h1" or called or (element.tag in ("h2", "h3") and fold_key(tree.text_of(element)) in parts):
            yield element


def _has_prose_before(tree: Tree, heading: Element) -> bool:
    """Whether a line of text is shortly above a heading, without a first-level heading in between."""
    last = bisect_left(tree.lines, heading.start, key=lambda line: line.start)
    for line in reversed(tree.lines[max(last - LINES_BELOW_TITLE, 0) : last]):
        if tree.elements[line.element].tag == "h1":
            return False
        if line.words >= MIN_TEXT_WORDS and line.linked <= MAX_PROSE_LINKED:
            return True
    return False


def _is_masthead(element: Element) -> bool:
    """Whether an element's name says that it is the title of the site."""
    return any("-".join(words) in ("site-title", "site-name", "blog-name") for words in element.names)


def _is_in_page_header(tree: Tree, heading: Element) -> bool:
    """Whether an element is in the header of the page rather than of a text."""
    around = list(islice(tree.around(heading.parent), MAX_AROUND))
    in_header = any(one.tag == "header" or any(name in _PAGE_HEADERS for name in one.names) for one in around)
    return in_header and not any(map(is_named_body, around))


def _leads_to_first_page(tree: Tree, heading: Element, host: str) -> bool:
    links = [
        one for one in (*islice(tree.inside(heading), 2), *islice(tree.around(heading.number), 3)) if one.tag == "a"
    ]
    addresses = [one.attributes.get("href", "").strip() for one in links]
    return any(_FIRST_PAGE.fullmatch(address) and host_in(address) in ("", host) for address in addresses)


def lines_at_title(judged: JudgedPage, headings: list[str]) -> tuple[list[HtmlLine], list[HtmlLine]]:
    """The title's line and those below it, up to the first sentences; these may contain the author and date."""
    lines = judged.tree.lines
    keys = {fold_key(text) for text in headings}
    places = [number for number, line in enumerate(lines) if fold_key(line.text) in keys]
    if not places:
        return [], []
    # menus and breadcrumbs name the page too
    elements = judged.tree.elements
    at = next((number for number in places if elements[lines[number].element].tag == "h1"), places[-1])
    last = _last_short(lines, at, at + LINES_BELOW_TITLE)
    behind = _last_short(lines, last + 1, last + 1 + LINES_BELOW_SUMMARY)
    if last == at and any(read_byline(line.text) for line in lines[at + 2 : behind + 1]):
        last = behind  # a summary is between the title and the author
    return lines[max(at - LINES_ABOVE_TITLE, 0) : at], lines[at : last + 1]


def _last_short(lines: Sequence[HtmlLine], at: int, most: int) -> int:
    """The last line, at most ``most`` lines on, before one long enough to be text; ``at`` if that comes next."""
    last = at
    while last + 1 < len(lines) and last < most and lines[last + 1].words < MIN_TEXT_WORDS:
        last += 1
    return last
