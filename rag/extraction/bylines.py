"""Author and date as a web page shows them: in elements named for them, or in the lines next to a title."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from rag.extraction.names import BY, is_person, is_team, name_of
from rag.loading.html.text import strip_markup
from rag.text.dates import date_of, day_of, read_byline
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree

__all__ = ["is_credit", "is_signed_and_dated", "last_date", "listed_dates", "shown_author", "shown_date", "user_name"]

MAX_BYLINE_WORDS = 14  # a date, a name and an office; the longest byline seen has 11
MIN_LISTED_DATES = 5  # a post shows one or two, when it was published and changed
MAX_ELEMENTS_INSIDE = 12  # in an element with a byline: name, link, picture, date; more is a box about a person

_LABELS = re.compile(
    r"(?:(?:posted|submitted|published|written|words|story|recipe|reviewed|article|text|authored?)\s+)?by:?|authors?:?",
    re.IGNORECASE,
)
_AUTHOR_LABEL = re.compile(r"(?:authors?|written by|by):?", re.IGNORECASE)
_AND = re.compile(r"(?:,|&|and|,\s*and)", re.IGNORECASE)
_AUTHOR_PAGE = re.compile(r"/(?:authors?|contributors?|writers?|staff|people)/[\w.%-]+/?(?:[?#]|$)", re.IGNORECASE)
_DATED = re.compile(
    r"(?:(?:last|page|first|originally|date)\s+)*(?:updated|published|posted|reviewed|modified)\b", re.IGNORECASE
)
# the day of publication in a line that also has that of the last change
_PUBLISHED_ON = re.compile(
    r"(?:updated|modified|reviewed)\b.{1,60}?\b(?:published|posted)(?: on)?:?\s+(.{6,40})", re.IGNORECASE
)
_POSTED_ON = re.compile(r"(?:posted|published|written) (?:on )?(?:[a-z]{3,9}\.? )?\d", re.IGNORECASE)
_SIGNS = re.compile(
    r"\s[|•·–—/-]\s|,\s(?=\d{1,2}(?:st|nd|rd|th)?\.?\s[a-z]|\d{4}-\d\d|[a-z]{3,9}\.?\s\d{1,2},?\s\d{4})", re.IGNORECASE
)
_HOST = re.compile(r"(?<!\S)(?:[\w-]+\.)+[a-z]{2,}(?!\S)", re.IGNORECASE)
# when a copy was made, not when the post was written
_COPIED = re.compile(
    r"(?:exported|printed|saved|downloaded|retrieved|archived|accessed|captured|mirrored)\b", re.IGNORECASE
)
# the same in the header that a web archive puts above a page, whose lines below it have the day
_ARCHIVED = re.compile(
    r"(?:saved|archived|captured|retrieved|mirrored|snapshots?)\s(?:from|by|on|at|via)\b|web\s?page capture\b"
    r"|(?:the )?wayback machine\b|[\d,]+ captures?$",
    re.IGNORECASE,
)
LINES_BELOW_ARCHIVED = 3  # an address, other copies, the day
# the targets of links that are not a person's
_LIST_PAGE = re.compile(
    r"/(?:tags?|categor(?:y|ies)|topics?|sections?|labels?|archives?)(?:[/?]|$)|[?&](?:cat|tag)=", re.IGNORECASE
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MAX_PARTS = 4  # in a byline: date, name, reading time, number of comments
MIN_NAME_LINKED = 0.9  # share of a line's characters in a link to a person
MAX_LINES_READ = 300  # of a page, in checking whether a name's words also occur in lower case
# names of an author's element; "reader-credits" is that of Firefox's reading view
_CREDITED = frozenset({"author", "byline", "fn", "post-author", "entry-author", "article-author", "reader-credits"})
_DATE_WORDS = frozenset({"date", "posted", "published", "timestamp"})
# the same in forums, the surest first
_USER_NAMES = (
    "username",
    "user-name",
    "postauthor",
    "post-author",
    "poster",
    "author-name",
    "author",
    "nickname",
    "hnuser",
    "bigusername",
    "user-details",
)
_BY_USER = re.compile(r"\bby:? (?P<name>[\w.-]{2,40})", re.IGNORECASE)  # "by ida_moss » 3 Mar 2019"
MAX_USER_NAME, MAX_USER_WORDS = 40, 3  # "The Old Bargee"; a longer text is more than a name
MAX_BYLINE_SOURCE = 1_000  # characters of tags before the first word of a byline
_NO_WORDS = re.compile(r"\b(?:by|on|at|posted|published|written|updated|and)\b|[\W\d_]+", re.IGNORECASE)
_MOMENT = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d[T ]\d\d:")  # behind "2 hours ago"
_PUBLISHED = frozenset({"posted", "publish", "published"})


def shown_date(tree: Tree, elements: Iterable[Element], lines: Iterable[HtmlLine]) -> str | None:
    """The date that elements or lines next to a title show; a date marked as published comes first."""
    found: list[str] = []
    for element in elements:
        attributes = element.attributes
        words = {word for name in element.names for word in name}
        written: list[str] = []
        if element.tag == "time":
            written = [day_of(attributes.get("datetime", "")) or "", tree.text_of(element)]
        elif (
            element.tag == "abbr"
            or "datepublished" in attributes.get("itemprop", "").lower()
            or _MOMENT.match(attributes.get("title", ""))
        ):
            written = [attributes.get("content", ""), attributes.get("title", ""), tree.text_of(element)]
        elif not words.isdisjoint(_DATE_WORDS) and _is_small(element):
            written = [tree.text_of(element)]
        date = next((date for text in written if (date := date_of(text))), None)
        if date and not _is_of_archive(tree, element.start):
            if not words.isdisjoint(_PUBLISHED):
                return date
            found.append(date)
    if found:
        return found[0]
    own = (line for line in lines if not (_COPIED.match(line.text) or _is_of_archive(tree, line.start)))
    texts = [text for line in own for text in (line.text, *_parts_of(tree, line))]
    published = (one[1] for text in texts if (one := _PUBLISHED_ON.search(text)))
    return next((date for text in (*published, *texts) if (date := date_of(text))), None)


def _is_of_archive(tree: Tree, place: int) -> bool:
    """Whether what is at a place of the source is below a line that says that the page is a copy from an archive."""
    number = bisect_left(tree.lines, place, key=lambda line: line.start)
    return any(_ARCHIVED.match(line.text) for line in tree.lines[max(number - LINES_BELOW_ARCHIVED, 0) : number])


def _parts_of(tree: Tree, line: HtmlLine) -> list[str]:
    """The texts between the tags or signs of a short line: a name, a date, a number of comments."""
    element = tree.elements[line.element]
    if line.words > MAX_BYLINE_WORDS or not _is_small(element):
        return []
    parts = [] if element.tag in _HEADINGS else _SIGNS.split(line.text, MAX_BYLINE_WORDS)
    return [*tree.texts_of(element), *(part for part in parts if part)]


def listed_dates(tree: Tree, elements: Iterable[Element]) -> set[int]:
    """The numbers of elements whose dates repeat with their surroundings, as in a calendar or a list."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for element in elements:
        if element.tag == "time" or any(not _DATE_WORDS.isdisjoint(name) for name in element.names):
            both = element, tree.elements[max(element.parent, 0)]
            alike[tuple(part for one in both for part in (one.tag, one.attributes.get("class", "")))].append(
                element.number
            )
    return {number for numbers in alike.values() if len(numbers) >= MIN_LISTED_DATES for number in numbers}


def last_date(tree: Tree) -> str | None:
    """The date of a line that says when the page was published or updated, anywhere on the page."""
    return next((date for line in tree.lines if _DATED.match(line.text) and (date := date_of(line.text))), None)


def shown_author(tree: Tree, elements: Iterable[Element], lines: Iterable[HtmlLine]) -> str | None:
    """The author named by an element or by a line next to the title."""
    best: tuple[int, str] | None = None
    for element in elements:
        rank = _rank(element)
        if rank and (best is None or rank < best[0]) and _is_small(element):
            name = name_of(element.attributes.get("content", "")) or _name_in(tree, element)
            if name and not (best and is_team(name)):
                best = rank, name
    if best is not None:
        return best[1]
    lines = list(lines)
    for line in lines:
        byline = read_byline(line.text)
        if byline is not None and byline.author:
            return byline.author
        name = name_of(line.text) if BY.match(line.text) and line.words <= MAX_BYLINE_WORDS else None
        if name and name[0].isupper():  # "By the way"
            return name
    for label, line in pairwise(lines):  # a table of facts about a post
        if _AUTHOR_LABEL.fullmatch(label.text) and is_person(line.text) and name_of(line.text) == line.text:
            return line.text
    return _name_beside_date(tree, lines)


def user_name(tree: Tree, elements: Iterable[Element]) -> str | None:
    """The name by which a forum shows the writer of a post, which may be in small letters: "ida_moss"."""
    best: tuple[int, str] | None = None
    for element in elements:
        ranks = [_USER_NAMES.index(one) for one in map("-".join, element.names) if one in _USER_NAMES]
        ranks += [-1] if "author" in element.attributes.get("itemprop", "").lower().split() else []
        if not ranks or not _is_small(element) or (best is not None and best[0] <= min(ranks)):
            continue
        whole = tree.text_of(element)
        named = _BY_USER.search(whole)
        texts = (text for text in tree.texts_of(element) if not _LABELS.fullmatch(text))  # name, rank, number of points
        text = named["name"] if named else next(texts, "")
        if 0 < len(text) <= MAX_USER_NAME and len(text.split()) <= MAX_USER_WORDS and date_of(text) is None:
            best = min(ranks), text
    return best[1] if best is not None else None


def _name_beside_date(tree: Tree, lines: Sequence[HtmlLine]) -> str | None:
    """The name in a line of a date and a name, "Jan 5, 2019 · Ida Roof", or in a link above "Posted on"."""
    above: HtmlLine | None = None
    for line in lines:
        parts = [part for part in _SIGNS.split(line.text, MAX_BYLINE_WORDS) if part]
        if len(parts) == 1 and line.words <= MAX_BYLINE_WORDS and _is_small(tree.elements[line.element]):
            parts = tree.texts_of(tree.elements[line.element])
        dated = {part for part in parts if date_of(part)} if 1 < len(parts) <= MAX_PARTS else set()
        others = [BY.sub("", part) for part in parts if part not in dated]
        names = [part for part in others if _is_name(tree, part, line)] if dated else []
        if len(names) == 1:
            return names[0]
        said = above is not None and above.linked >= MIN_NAME_LINKED and _POSTED_ON.match(line.text)
        if above is not None and said and _is_name(tree, above.text, above):
            return above.text
        above = line
    return None


def _is_name(tree: Tree, text: str, line: HtmlLine) -> bool:
    """Whether part of a line is a person's name: no title, no category, no words that the page has in lower case."""
    if " " not in text or not is_person(text) or name_of(text) != text or text.casefold() in tree.title.casefold():
        return False
    for element in islice(tree.around(line.element), MAX_ELEMENTS_INSIDE):
        if element.tag in _HEADINGS or any("title" in name or "headline" in name for name in element.names):
            return False
    first = bisect_left(tree.elements, line.start - MAX_BYLINE_SOURCE, key=lambda element: element.start)
    last = bisect_left(tree.elements, line.end, key=lambda element: element.start)
    for element in tree.elements[first:last]:
        if element.tag != "a" or not line.start <= element.inner_end <= line.end + len("</a>"):
            continue
        leads = element.attributes.get("href", ""), element.attributes.get("rel", "").lower().split()
        if (_LIST_PAGE.search(leads[0]) or "tag" in leads[1]) and fold_key(tree.text_of(element)) == fold_key(text):
            return False
    words = [re.compile(rf"(?<!\w){re.escape(word.lower())}(?!\w)") for word in text.split() if word[0].isupper()]
    read = tree.lines[:MAX_LINES_READ]
    is_place = re.compile(rf"\b(?:in|at|near|across) {re.escape(text)}\b")
    if any(is_place.search(one.text) for one in read):
        return False
    return any(not any(word.search(one.text) for one in read) for word in words)


def _name_in(tree: Tree, element: Element) -> str | None:
    """The name in an element, without what follows in child elements, such as a job title."""
    texts = [text for text in tree.texts_of(element) if not _LABELS.fullmatch(text)]
    whole = name_of(tree.text_of(element))
    if len(texts) < 2 or not (is_person(texts[0]) and " " in texts[0]) or _AND.fullmatch(texts[1]):  # noqa: PLR2004
        return whole
    return name_of(texts[0])


def is_signed_and_dated(text: str, author: str | None) -> bool:
    """Whether a line is nothing but a date, the name of the author and that of a host."""
    if author is None or author not in text:
        return False
    rest = _HOST.sub(" ", text.replace(author, " ", 1))
    return date_of(" ".join(_SIGNS.sub(" · ", rest).split()).strip(" ,·-")) is not None


def is_credit(tree: Tree, line: HtmlLine) -> bool:
    """Whether a short line is only dates and names in elements named for them: "Ida Moss Feb 1, 2018"."""
    if line.words > MAX_BYLINE_WORDS:
        return False
    home = tree.elements[line.element]
    first = bisect_left(tree.elements, line.start - MAX_BYLINE_SOURCE, key=lambda element: element.start)
    rest, end, dated = "", line.start, False
    for element in tree.elements[max(first, home.number + 1) : home.last]:
        if element.start >= line.end:
            break
        if (
            element.inner < end
            or element.inner_end > line.end
            or not (is_date := _is_date(tree, element)) | bool(_rank(element))
        ):
            continue
        rest += strip_markup(tree.source[end : element.inner]) + " "
        end, dated = element.inner_end, dated or is_date
    rest += strip_markup(tree.source[end : line.end])
    return dated and not _NO_WORDS.sub("", rest)


def _is_date(tree: Tree, element: Element) -> bool:
    """Whether an element is named for a date and contains nothing else."""
    called = element.tag == "time" or any(not _DATE_WORDS.isdisjoint(name) for name in element.names)
    return called and _is_small(element) and date_of(tree.text_of(element)) is not None


def _is_small(element: Element) -> bool:
    return element.last - element.number <= MAX_ELEMENTS_INSIDE


def _rank(element: Element) -> int:
    """How likely an element is to contain the author's name: 1 is surest, 0 means not at all."""
    attributes = element.attributes
    for words in element.names:
        if words == ["p", "author"] or ("name" in words and ("author" in words or "byline" in words)):
            return 1
    for kind in ("itemprop", "rel"):
        if "author" in attributes.get(kind, "").lower().split():
            return 2
    for words in element.names:
        if "-".join(words) in _CREDITED and (words != ["fn"] or words in element.class_names):  # or a footnote's id
            return 3
        if words[:1] == ["author"] or words[-1:] == ["author"] or "byline" in words:
            return 4
    return 5 if element.tag == "a" and _AUTHOR_PAGE.search(attributes.get("href", "")) else 0
