"""The entries of an archive page: several posts one after another, recognised by repeating mark-up."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from rag.extraction.bylines import shown_date
from rag.extraction.closing_sections import HEADINGS, is_prose
from rag.extraction.dated_titles import dated_posts
from rag.extraction.discussions import discussions_in
from rag.extraction.structured_data import host_in
from rag.text.dates import date_of, read_byline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.extraction.dated_titles import DatedPost
    from rag.extraction.discussions import Part
    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.judged_page import JudgedPage

__all__ = ["TITLES", "Entry", "entries_of"]

# class names that blogs and their microformats use for an entry, and for its title
_ENTRY = frozenset({"hentry", "h-entry", "post", "entry", "blog-post", "post-entry", "article", "blog-entry", "story"})
_FORMATS = frozenset({"hentry", "h-entry"})
TITLES = frozenset({"entry-title", "post-title", "p-name", "article-title", "blog-title", "story-title", "mso-title"})
_TYPES = re.compile(r"schema\.org/(?:\w*Article|(?:Blog|DiscussionForum)Posting)$")
_NOTE_BELOW = re.compile(
    r"^posted (?:by|on|at)\b|\b(?:permalink|permanent link|trackbacks?|pingbacks?)\b|\bcomments? ?\(\d+\)",
    re.IGNORECASE,
)
MAX_NOTE_WORDS = 20  # in a note below a post
MIN_SHARE = 0.6  # share of the page's prose that is in its entries; with less, they are cards next to a post
NOTED_SHARE = 0.8  # of unlinked headings with a note below their text; sub-headings of the posts have none
MIN_NOTES = 3  # each with a title and a date, if few are as long as a sentence
MIN_NOTE_WORDS = 4  # in a note, on a page without longer lines: "Snow on the pass."
MAX_DEPTH = 100  # nesting of elements; the deepest of 77 pages has 31
MIN_LINKED = 0.9  # share of a heading's characters in a link for it to be a link
LINES_TO_TITLE = 6  # a title is at the top of its entry, after at most a date, a category and an author


@dataclass(frozen=True, slots=True)
class Entry:
    """``source[start:end]`` is one post with its title, which is ``name``, in the line ``title``.

    ``is_dated`` says whether a date is shown at its top or end, ``text`` where its text begins and ends, if the page
    says so.
    """

    start: int
    end: int
    title: HtmlLine | None
    name: str | None
    is_dated: bool = False
    text: tuple[int, int] | None = None


def entries_of(judged: JudgedPage, host: str, *, is_article: bool = False) -> list[Entry]:
    """The entries of an archive page of a host, in order; empty if the page contains a single post.

    If the page says that it ``is_article``, links alone do not make entries, because an article has links too.
    """
    notes = not judged.prose[0]
    groups = (
        *_containers(judged, host, is_article=is_article, notes=notes),
        *_sections(judged, host),
        *([_of_discussion(part) for part in parts] for parts in discussions_in(judged)),
        *(list(map(_of_dated, posts)) for posts in (() if is_article else dated_posts(judged))),
    )
    found = _largest(judged, groups, notes=notes)
    if found or is_article or notes:
        return found
    # few notes are as long as a sentence
    of_notes = filter(_is_of_notes, _containers(judged, host, is_article=False, notes=True))
    return _largest(judged, of_notes, notes=True)


def _of_discussion(part: Part) -> Entry:
    return Entry(part.start, part.end, part.title, None, is_dated=True, text=part.text)


def _of_dated(post: DatedPost) -> Entry:
    return Entry(post.start, post.end, post.title, post.title.text, is_dated=True, text=(post.text, post.end))


def _is_of_notes(group: Sequence[Entry]) -> bool:
    """Whether several entries have a title and a date each."""
    return len(group) >= MIN_NOTES and all(entry.title is not None and entry.is_dated for entry in group)


def _largest(judged: JudgedPage, groups: Iterable[list[Entry]], *, notes: bool) -> list[Entry]:
    """The group with most of the page's text; empty if every group has too little. ``notes`` count as text too."""
    lines = judged.tree.lines
    total = sum(line.words for line in lines if _is_text(line, notes=notes) and not judged.is_dropped(line))
    best: list[Entry] = []
    most = MIN_SHARE * total
    for group in groups:
        every = (line for entry in group for line in _lines(judged, entry.start, entry.end))
        words = sum(line.words for line in every if _is_text(line, notes=notes))
        if len(group) > 1 and words > most:
            best, most = group, words
    return best


def _is_text(line: HtmlLine, *, notes: bool) -> bool:
    """Whether a line is a sentence or, on a page of ``notes``, a few words that are neither a link nor a byline."""
    if is_prose(line) or not notes:
        return is_prose(line)
    return line.words >= MIN_NOTE_WORDS and not line.linked and read_byline(line.text) is None


def _lines(judged: JudgedPage, start: int, end: int) -> list[HtmlLine]:
    lines = judged.tree.lines
    low = bisect_left(lines, start, key=lambda line: line.start)
    high = bisect_left(lines, end, key=lambda line: line.start)
    return [line for line in lines[low:high] if not judged.is_dropped(line)]


def _containers(judged: JudgedPage, host: str, *, is_article: bool, notes: bool) -> Iterator[list[Entry]]:
    """Neighbouring elements with the same mark-up, each with a title and some text."""
    tree = judged.tree
    groups: dict[tuple[int, str], list[Element]] = defaultdict(list)  # number of the parent, or depth below zero
    homes: dict[int, tuple[str, int]] = {}
    for element in tree.elements:
        if judged.dropped[element.number] or not judged.words[element.number] or element.depth > MAX_DEPTH:
            continue
        name = f"{element.tag}.{element.attributes.get('class', '')}"
        kind = "entry" if _is_entry(element) else name.split(" ", 1)[0]
        # an entry that was never closed contains the next one
        around = homes.get(element.parent)
        home = around[1] if around is not None and around[0] == name and "." in name[:-1] else element.parent
        homes[element.number] = name, home
        groups[home, kind].append(element)
        if kind == "entry":  # some blogs wrap every day or every post in another element
            groups[-element.depth, name].append(element)
    for elements in groups.values():
        found = []
        texts = signs = addressed = 0
        ends = [min(element.end, following.start) for element, following in pairwise(elements)] + [elements[-1].end]
        for element, end in zip(elements, ends, strict=True) if len(elements) > 1 else ():
            lines = _lines(judged, element.start, end)
            title = _title(judged, element, end, lines)
            # a post's title links to its address on the same site
            linked = title is not None and _leads_home(tree, title[0], host)
            every = tree.lines[judged.line_at(element.start) : judged.line_at(end)]
            dated = shown_date(tree, _between(tree, element, end), [*every[:LINES_TO_TITLE], *every[-2:]]) is not None
            dated = dated or any(map(_is_signed, every[1:LINES_TO_TITLE]))
            noted = title is not None and any(_is_note_below(line) for line in every[-2:])
            if _is_entry(element) or (linked and dated) or noted:
                top, called = title if title is not None else (None, None)
                found.append(Entry(element.start, end, top, called, is_dated=dated))
                addressed += linked
                texts += any(_is_text(line, notes=notes) for line in lines)
                headed = element.tag == "article" and title is not None and _is_first_level(tree, title[0])
                named = (linked and _is_called_entry(element)) or headed
                signs += dated or noted or (named and not is_article) or _is_marked(element)
        # short notes, pictures and links are posts too if each has its title and date
        few = len(found) / 2 if any(entry.title is None for entry in found) else len(found) / 4
        if texts > few and signs > len(found) / 2 and (addressed or not _is_in_article(judged, elements[0])):
            yield found


def _is_in_article(judged: JudgedPage, entry: Element) -> bool:
    """Whether an article with a title of its own contains an entry, as a report that is written hour by hour does."""
    tree = judged.tree
    outer = next((one for one in tree.around(entry.parent) if one.tag == "article"), None)
    above = _lines(judged, outer.start, entry.start) if outer is not None else []
    return any(_is_first_level(tree, line) for line in above)


def _sections(judged: JudgedPage, host: str) -> Iterator[list[Entry]]:
    """Neighbouring headings that link to their posts, each followed by its text.

    Those of the first level need no links if each has a date below it, nor do others that end with a note about the
    post. The heading of a day ends a section.
    """
    tree = judged.tree
    days = [line.start for line in tree.lines if tree.elements[line.element].tag in HEADINGS and date_of(line.text)]
    of_days = set(days)
    groups: dict[tuple[int, str, bool], list[tuple[Element, HtmlLine]]] = defaultdict(list)
    for line in tree.lines:
        element = tree.elements[line.element]
        if element.tag not in HEADINGS or judged.is_dropped(line):
            continue
        linked = line.linked > MIN_LINKED and _leads_home(tree, line, host)
        if line.start not in of_days:
            groups[element.parent, element.tag, linked].append((element, line))
    for (parent, tag, linked), titles in groups.items():
        if len(titles) < 2:  # noqa: PLR2004 - one is no archive
            continue
        ends = [element.start for element, _ in titles[1:]]
        ends.append(tree.elements[parent].inner_end)
        ends = [_before_day(days, element.start, end) for (element, _), end in zip(titles, ends, strict=True)]
        found = [Entry(element.start, end, line, line.text) for (element, line), end in zip(titles, ends, strict=True)]
        texts = [_lines(judged, entry.start, entry.end) for entry in found]
        dated = sum(any(date_of(line.text) for line in lines[1:4] + lines[-2:]) for lines in texts)
        prose = sum(any(is_prose(line) for line in lines) for lines in texts)
        if not linked and tag != "h1":
            noted = sum(any(map(_is_note_below, lines[1:][-2:])) for lines in texts)
            dated = noted if noted > NOTED_SHARE * len(found) else 0
        elif not linked:
            below = (next((line.text for line in lines[1:2]), "") for lines in texts)
            dated = len(found) if all(map(date_of, below)) else 0
        if min(dated, prose) > len(found) / 2:
            yield [entry for entry, lines in zip(found, texts, strict=True) if len(lines) > 1]


def _before_day(days: Sequence[int], start: int, end: int) -> int:
    """The end of a section, or the heading of a day in it."""
    at = bisect_left(days, start)
    return min(days[at], end) if at < len(days) else end


def _is_note_below(line: HtmlLine) -> bool:
    """Whether a line is one that blogs put below a post: who posted it and when, and a link to its comments."""
    return line.words <= MAX_NOTE_WORDS and _NOTE_BELOW.search(line.text) is not None


def _is_signed(line: HtmlLine) -> bool:
    """Whether a line says who wrote a post, perhaps on a day that cannot be read."""
    byline = read_byline(line.text) if line.words <= MAX_NOTE_WORDS else None
    return byline is not None and byline.author is not None


def _is_first_level(tree: Tree, title: HtmlLine) -> bool:
    return tree.elements[title.element].tag == "h1"


def _is_entry(element: Element) -> bool:
    return _is_called_entry(element) or element.tag == "article" or _is_marked(element)


def _is_called_entry(element: Element) -> bool:
    return any("-".join(words) in _ENTRY for words in element.names)


def _is_marked(element: Element) -> bool:
    """Whether a microformat or schema says that it is a post."""
    formats = any("-".join(words) in _FORMATS for words in element.names)
    return formats or _TYPES.search(element.attributes.get("itemtype", "")) is not None


def _title(judged: JudgedPage, entry: Element, end: int, lines: Sequence[HtmlLine]) -> tuple[HtmlLine, str] | None:
    """The title at the top of an entry, an element named so or a heading: its line and its text."""
    tree = judged.tree
    last = lines[:LINES_TO_TITLE][-1].end if lines else 0
    for element in takewhile(lambda inner: inner.start < last, _between(tree, entry, end)):
        if element.tag not in HEADINGS and not any("-".join(words) in TITLES for words in element.names):
            continue
        line = next((line for line in lines[:LINES_TO_TITLE] if line.end > element.inner), None)
        if line is None or line.start >= element.inner_end or date_of(line.text):
            continue  # it contains only a picture, or is the heading of a day
        inside = element.start <= line.start and line.end <= element.end
        return line, line.text if inside else tree.text_of(element)
    return None


def _between(tree: Tree, element: Element, end: int) -> Iterator[Element]:
    return takewhile(lambda inner: inner.start < end, tree.inside(element))


def _leads_home(tree: Tree, title: HtmlLine, host: str) -> bool:
    """Whether a title links to the site that the page is from."""
    if not title.linked:
        return False
    for element in (*tree.around(title.element), *tree.inside(tree.elements[title.element])):
        if element.tag == "a" and element.start < title.end and element.end > title.start:
            there = host_in(element.attributes.get("href", ""))
            return there in ("", host)
    return False
