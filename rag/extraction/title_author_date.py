"""Title, author and date of a web page or of one entry of it: what it tells programs first, then what it shows."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.extraction.bylines import last_date, shown_author, shown_date
from rag.text.dates import trailing_date
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.structured_data import Told

__all__ = ["Credits", "credits_of", "entry_credits", "title_parts"]

# Of a heading's words, how many the page must use where it tells programs its title: a heading that is the site's name
# or a label has none of them.
MIN_AGREEMENT = 0.5
MIN_TITLE_WORDS = 3  # a heading of fewer that the told title goes on from is a label: "Index funds"
MAX_BEFORE_LINE = 200  # characters of tags that may stand before the first character of a line

_OTHERS = frozenset({"comment", "comments", "related"})
_PARTED = re.compile(r"\s+(?:\||[-–—·•»«:~]{1,2})\s+|\s*\|\s*")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Credits:
    """What is known of a post beside its text; ``date`` is ISO ``yyyy-mm-dd``, ``site`` a name, a host or ""."""

    title: str | None = None
    author: str | None = None
    date: str | None = None
    site: str = ""


def credits_of(
    tree: Tree,
    told: Told,
    sites: Collection[str],
    headings: Sequence[str],
    above: Sequence[HtmlLine],
    below: Sequence[HtmlLine],
) -> Credits:
    """Read a page that holds one post.

    ``sites`` is the name of the site and what else is the title of none of its posts, folded to their letters;
    ``headings`` are those that may be the title, ``above`` a few lines above it, ``below`` the title and the lines up
    to the first sentences.
    """
    author, date = told.author(), told.date()
    own = list(_of_the_page(tree))
    for lines in (below, above):
        near = _beside(own, lines)
        author = author or shown_author(tree, near, lines)
        date = date or shown_date(tree, near, lines)
    author = author or shown_author(tree, own, ())
    date = date or told.date_in_address() or last_date(tree)
    return Credits(_title(tree, told, sites, headings), author, date, told.site or told.host)


def title_parts(tree: Tree, told: Told) -> set[str]:
    """What stands in the titles that the page tells, between marks such as "|"; as folded keys."""
    return {fold_key(part) for title in (*told.titles(), tree.title) for part in _PARTED.split(title)} - {""}


def entry_credits(
    tree: Tree, title: str | None, elements: Sequence[Element], lines: Sequence[HtmlLine], page: Credits
) -> Credits:
    """Read one entry of a page; ``elements`` and ``lines`` are those around its text."""
    dated = trailing_date(title) if title else None
    author = shown_author(tree, elements, lines) or page.author
    return Credits(dated[0] if dated else title, author, shown_date(tree, elements, lines), page.site)


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


def _title(tree: Tree, told: Told, sites: Collection[str], headings: Sequence[str]) -> str | None:
    """The heading of the page where it is what the page tells programs; else what it tells them."""
    titles = [*told.titles(), *([tree.title] if tree.title else [])]
    bare = [_without_site(title, {fold_key(told.site)}, titles) for title in titles]
    pairs = [(title, rest) for title, rest in zip(titles, bare, strict=True) if fold_key(rest) not in sites]
    titles = [title for title, _ in pairs]
    bare = [_without_site(rest, sites, titles) for _, rest in pairs]
    known = [set(_WORD.findall(title.casefold())) for title in titles]
    # what stands beside the title is the site's name, most often
    others = title_parts(tree, told) - {fold_key(title) for title in bare}
    best: tuple[bool, float, str] | None = None
    for heading in headings:
        words, key = _WORD.findall(heading.casefold()), fold_key(heading)
        if not words or key in sites:
            continue
        agreement = max((sum(word in title for word in words) / len(words) for title in known), default=1.0)
        if best is None or (key not in others, agreement) > best[:2]:
            best = key not in others, agreement, heading
    called = bare[0] if bare else None
    if best is None or best[1] < MIN_AGREEMENT:
        return called
    heading = best[2]
    is_label = heading.count(" ") + 1 < MIN_TITLE_WORDS
    return called if called and is_label and called.casefold().startswith(heading.casefold()) else heading


def _without_site(title: str, sites: Collection[str], titles: Sequence[str]) -> str:
    """A title without the name of the site before or behind it."""
    parts = [match.span() for match in _PARTED.finditer(title)]
    if not parts:
        return title
    (first, first_end), (last, last_end) = parts[0], parts[-1]
    for rest, cut in ((title[:last], title[last_end:]), (title[first_end:], title[:first])):
        known = any(fold_key(cut) in site for site in sites if site)
        if rest.strip() and (known or any(fold_key(other) == fold_key(rest) for other in titles)):
            return rest.strip()
    # a site's name is rarely longer than the title before it
    return title[:last].strip() if len(title[last_end:].split()) <= len(title[:last].split()) else title
