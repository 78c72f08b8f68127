"""Title, author and date of a web page or one of its entries: from structured data first, then as shown."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from rag.extraction.bylines import last_date, listed_dates, shown_author, shown_date, user_name
from rag.extraction.names import BY, is_person, is_team, name_of
from rag.text.dates import title_and_date, trailing_date
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.structured_data import PageMetadata

__all__ = ["Credits", "credits_of", "entry_credits", "title_parts", "with_notes_below"]

# Share of a heading's words that must be in the page's structured title; a heading that is the site's name or a label
# has none of them.
MIN_AGREEMENT = 0.3
MIN_TITLE_WORDS = 3  # a shorter heading that the given title begins with is a label: "Index funds"
MIN_OWN_WORDS = 4  # in a heading that need not agree with the metadata; names of sites and labels are shorter
MAX_SIGNATURE_WORDS = 8  # "Nora Field, 25 May 2012"
MAX_BEFORE_LINE = 200  # characters of tags that may come before the first character of a line

_OTHERS = frozenset({"comment", "comments", "related"})
_PARTED = re.compile(r"(?<!\s)\s++(?:\||[-–—·•»«:~]{1,2})\s++|(?:(?<!\s)\s++)?+\|\s*+")
MAX_MARKS = 20  # the most seen in a title is 5; the number of runs grows with their square
_WORD = re.compile(r"\w+")
_SIDE_END = re.compile(r"\s[-–—|»:]|:\s")
# what programs write if a page has no title
_NO_TITLE = re.compile(
    r"[\W\d_]*|untitled(?: (?:document|page|post))?|(?:new |web )?(?:document|page)[ \d]*|readability|reader"
    r"|(?:index|default)(?:\.\w+)?|https?://\S+|\S+\.[sx]?html?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Credits:
    """What is known about a post besides its text; ``date`` is ISO ``yyyy-mm-dd``, ``site`` a name, a host or ""."""

    title: str | None = None
    author: str | None = None
    date: str | None = None
    site: str = ""


def credits_of(
    tree: Tree,
    metadata: PageMetadata,
    sites: Collection[str],
    headings: Sequence[str],
    above: Sequence[HtmlLine],
    below: Sequence[HtmlLine],
) -> Credits:
    """Read a page with one post.

    ``sites`` is the name of the site and other names that are not titles of its posts, folded to their letters;
    ``headings`` are those that may be the title; ``above`` are a few lines above it; ``below`` are the title and the
    lines up to the first sentences.
    """
    author, date, seen = metadata.author(), metadata.date(), None
    team = author if author and is_team(author) else None
    author = None if team else author
    own = list(_of_the_page(tree))
    listed = listed_dates(tree, own)
    lists = listed | {tree.elements[number].parent for number in listed}
    for lines in (below, above):
        near = _beside(own, lines)
        author = author or shown_author(tree, near, lines)
        dates = (one for one in near if one.number not in listed)
        seen = seen or shown_date(tree, dates, [line for line in lines if line.element not in lists])
    # if the page shows only the date of its last change, that is the date readers see
    date = seen if date is None or seen in metadata.modified() else date
    author = author or team or shown_author(tree, own, ())
    date = date or metadata.date_in_address()
    title = _title(tree, metadata, sites, headings)
    return Credits(title.replace("\u00ad", "") if title else None, author, date, metadata.site or metadata.host)


def with_notes_below(tree: Tree, known: Credits, last: HtmlLine | None, below: Sequence[HtmlLine]) -> Credits:
    """Add the author and date found below a post: in its ``last`` line or in the lines ``below`` it."""
    author, date = known.author, known.date
    if author and date:
        return known
    signed = trailing_date(last.text) if last is not None and last.words <= MAX_SIGNATURE_WORDS else None
    if signed is not None:
        date = date or signed[1]
        name = signed[0].lstrip("-–—~ ")
        author = author or (name_of(name) if is_person(name) else None)
    near = _beside(list(_of_the_page(tree)), below)
    date = date or shown_date(tree, near, below) or last_date(tree)
    author = author or shown_author(tree, near, below)
    return replace(known, author=author, date=date)


def title_parts(tree: Tree, metadata: PageMetadata) -> set[str]:
    """The parts of the page's titles between marks such as "|", alone and joined, as folded keys."""
    titles = (*metadata.titles(), tree.title)
    parts = (part for title in titles for part in (*_runs(title), title.partition(": ")[2]))
    return {fold_key(part) for part in parts} - {""}


def _runs(title: str) -> list[str]:
    """The parts of a title between marks, and every run of them, the longest first; after many marks, one last part."""
    marks = [match.span() for match in islice(_PARTED.finditer(title), MAX_MARKS)]
    borders = [(0, 0), *marks, (len(title), len(title))]
    spans = [(one[1], other[0]) for number, one in enumerate(borders) for other in borders[number + 1 :]]
    return [title[start:end].strip() for start, end in sorted(spans, key=lambda span: span[0] - span[1])]


def entry_credits(
    tree: Tree,
    title: str | None,
    elements: Sequence[Element],
    lines: Sequence[HtmlLine],
    page: Credits,
    *,
    in_thread: bool = False,
) -> Credits:
    """Read one entry of a page; ``elements`` and ``lines`` are those around its text."""
    name = title_and_date(title)[0] if title else None
    author = shown_author(tree, elements, lines) or (user_name(tree, elements) if in_thread else None) or page.author
    return Credits(name, author, shown_date(tree, elements, lines), page.site)


def _beside(elements: Sequence[Element], lines: Sequence[HtmlLine]) -> Sequence[Element]:
    """The elements that begin at these lines."""
    if not lines:
        return []
    first = bisect_left(elements, lines[0].start - MAX_BEFORE_LINE, key=lambda element: element.start)
    last = bisect_right(elements, lines[-1].end, key=lambda element: element.start)
    return elements[first:last]


def _of_the_page(tree: Tree) -> Iterator[Element]:
    """The elements that are not part of a comment or of a list of other posts."""
    others: set[int] = set()
    for element in tree.elements:
        named = any(not _OTHERS.isdisjoint(name) for name in element.names)
        if element.parent in others or (named and element.tag != "body"):
            others.add(element.number)
        else:
            yield element


def _title(tree: Tree, metadata: PageMetadata, sites: Collection[str], headings: Sequence[str]) -> str | None:
    """The heading of the page if it agrees with the structured data; else the title given there."""
    known = {*sites, *([fold_key(metadata.site)] if metadata.site else ())}
    headings = [heading for heading in headings if fold_key(heading) and not _is_site(fold_key(heading), known)]
    titles = [title for title in (*metadata.titles(), tree.title) if not _NO_TITLE.fullmatch(title)]
    site = {fold_key(metadata.site)}
    titles = [title for title in titles if fold_key(_without_site(title, site, titles, headings)) not in known]
    pairs = [(title, _without_site(title, known, titles, headings)) for title in titles]
    pairs = [(title, bare) for title, bare in pairs if fold_key(bare) not in known]
    titles, called = [title for title, _ in pairs], [bare for _, bare in pairs]
    keys = set(map(fold_key, called))
    words = [set(_WORD.findall(title.casefold())) for title in titles]
    # the part next to the title is usually the site's name
    others = title_parts(tree, metadata) - keys - {key for title in called for key in map(fold_key, _runs(title))}
    best: tuple[tuple[bool, bool, float], str] | None = None
    for heading in headings:
        own, key = _WORD.findall(heading.casefold()), fold_key(heading)
        agreement = max((sum(word in title for word in own) / max(len(own), 1) for title in words), default=1.0)
        value = key in keys, key not in others, agreement
        if best is None or value > best[0]:
            best = value, heading
    if best is None or (best[0][-1] < MIN_AGREEMENT and not _is_only_heading(tree, best[1])):
        return called[0] if called else None
    heading = best[1]
    is_label = heading.count(" ") + 1 < MIN_TITLE_WORDS and fold_key(heading) not in keys
    rest = called[0][len(heading) :] if called else ""
    if is_label and called and (_is_behind_title(rest) or _names_site(rest, known)):
        return heading  # as in "The bar by Ada Wren", "The bar. A night out | by Ada Wren" and "The bar: Wren's notes"
    return called[0] if called and is_label and called[0].casefold().startswith(heading.casefold()) else heading


def _is_behind_title(rest: str) -> bool:
    """Whether the rest of a page's title only names the author, perhaps after a second sentence."""
    if rest.startswith(". "):
        rest = rest.rpartition("|")[2]
    return BY.match(rest.lstrip(" ,|–—-")) is not None


def _names_site(rest: str, sites: Collection[str]) -> bool:
    """Whether the rest of a page's title begins with the name of its site, behind a colon or a dash."""
    return rest[:1] in ":,|–—- " and fold_key(_SIDE_END.split(rest.lstrip(" :,|–—-"), maxsplit=1)[0]) in sites


def _is_only_heading(tree: Tree, heading: str) -> bool:
    """Whether a heading of several words is the only first-level one, and is above the text but not in a header.

    Readers see it even if the page gives search engines another title.
    """
    if heading.count(" ") + 1 < MIN_OWN_WORDS:
        return False
    ones = list(islice((one for one in tree.elements if one.tag == "h1"), 2))
    if len(ones) != 1 or fold_key(tree.text_of(ones[0])) != fold_key(heading):
        return False
    return all(one.tag not in ("header", "nav", "footer", "aside") for one in tree.around(ones[0].parent))


def _is_site(key: str, sites: Collection[str]) -> bool:
    """Whether a folded heading is the name of the site, or most of it."""
    return any(key == site or (site.startswith(key) and 2 * len(key) > len(site)) for site in sites if site)


def _without_site(title: str, sites: Collection[str], titles: Sequence[str], headings: Sequence[str]) -> str:
    """A title without the name of the site before or after it."""
    parts = [match.span() for match in _PARTED.finditer(title)]
    if not parts:
        return _behind_site(title, titles, headings)
    shown = {fold_key(heading) for heading in headings} | {fold_key(other) for other in titles if other != title}
    for run in _runs(title)[1:]:
        if fold_key(run) in shown:
            return run
    (first, first_end), (last, last_end) = parts[0], parts[-1]
    for rest, cut in ((title[:last], title[last_end:]), (title[first_end:], title[:first])):
        if rest.strip() and any(fold_key(cut) in site for site in sites if site):
            return rest.strip()
    # a site's name is rarely longer than the title before it
    return title[:last].strip() if len(title[last_end:].split()) <= len(title[:last].split()) else title


def _behind_site(title: str, titles: Sequence[str], headings: Sequence[str]) -> str:
    """The text after "Name of the site: ", if a heading or another title of the page agrees."""
    _, colon, rest = title.partition(": ")
    said = {fold_key(other) for other in (*titles, *headings)}
    own = fold_key(title) in set(map(fold_key, headings))
    return rest.strip() if colon and not own and fold_key(rest) and fold_key(rest) in said else title
