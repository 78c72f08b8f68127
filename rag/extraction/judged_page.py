"""Judges the elements of a page: which contain text, and which are boilerplate.

The name of an element decides, or its lines if names mislead: pages give a heading or section the address
"#related-work" or "#comments" because that is its subject, and a box called "related" may contain paragraphs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

from rag.extraction.closing_sections import HEADINGS, MIN_COMMENT_LINES, LineCounts, is_link, is_prose
from rag.extraction.html_boilerplate import (
    boilerplate_sign,
    is_hidden,
    is_named_body,
    is_overlay,
    is_text_body,
    means,
    weak_names,
)
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.extraction.html_boilerplate import Sign
    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.records import DroppedKind

__all__ = ["MIN_THINGS", "JudgedPage"]

# Chosen on 27 article pages of 27 sites; changing any by a third or more changes their word F1 by less than 0.005,
# except for the cost of a line: with 12 it is 0.952 instead of 0.962.
LINE_COST = 6.0  # words that a line of links subtracts from the elements around it: as many as half a sentence adds
SHORT_SHARE = 0.5  # share of the words of a short line without links that counts: verses, table cells, list items
MAX_BOILERPLATE_SHARE = 0.5  # an element with more than this share of the page's prose is never boilerplate
MAX_EDGE_PROSE = 50  # words of prose in a footer: a notice of copyright
MIN_PROSE_BESIDE = 20  # words of prose that a page must have besides a consent dialog for the dialog to be dropped
MIN_COMMENTED_PROSE = 20  # words of prose in a post for longer comments on it not to be the text: a sentence or two
MIN_LIST_PROSE = 2  # sentences, in a box named as a list of other pages and without links, that make it text
MIN_THINGS = 3  # items that make a list beside a text part of it
MIN_BARE_SHARE = 0.5  # share of them without a link
MAX_ASIDE_LINKS = 0.3  # share of links among the lines of a note inside a post

MAX_AROUND_UNFOLDING = 2  # elements around a hidden panel: its item and the list of all
MAX_COMMENT_DEPTH = 3  # elements around the link of a reader's comment: its paragraph, a box, a box around all
_COMMENT_ID = re.compile(r"cmnt\d+")
_PARTS = HEADINGS | {"p", "li", "blockquote"}
_NO_LETTERS = re.compile(r"[\W\d_]+")


class JudgedPage:
    """A page whose elements are judged: which are boilerplate, and how many words of prose each has.

    ``kept`` are the folded keys of lines that are text, whatever the elements around them are called. With
    ``trusting``, the names that authors give their elements count; otherwise every element is text.
    """

    def __init__(self, tree: Tree, kept: Collection[str] = (), *, trusting: bool = True) -> None:
        self.tree = tree
        self.kept = kept
        self.closed: set[int] = set()  # where the lines of sections outside the posts begin
        self._headings: set[int] = set()  # where buttons begin that are headings of what they unfold
        size = len(tree.elements)
        self.prose = [0] * size  # words of prose, including descendants
        self.words = [0] * size
        for line in tree.lines:
            self.prose[line.element] += line.words if is_prose(line) else 0
            self.words[line.element] += line.words
        for element in reversed(tree.elements[1:]):
            self.prose[element.parent] += self.prose[element.number]
            self.words[element.parent] += self.words[element.number]
        self.dropped: list[DroppedKind | None] = [None] * size
        self._names = [self._names_of(element) for element in tree.elements]
        shares = self._weak_shares()
        signs = [boilerplate_sign(one, names, shares) for one, names in zip(tree.elements, self._names, strict=True)]
        texts = self._texts_called_lists(signs)
        comments = self._document_comments()
        for element in tree.elements[1:] if trusting else ():
            if self.dropped[element.parent]:
                self.dropped[element.number] = self.dropped[element.parent]
                continue
            sign = None if element.number in texts else signs[element.number]
            self.dropped[element.number] = "comments" if element.number in comments else self._verdict(element, sign)

    def _verdict(self, element: Element, sign: Sign | None) -> DroppedKind | None:
        """Why an element is left out, or None if its names say that it is part of the text."""
        names, prose = self._names[element.number], self.prose[element.number]
        is_part = element.tag in _PARTS and self._in_main[element.parent]  # no dialog is a paragraph of a text
        if not is_part and self.prose[0] - prose >= MIN_PROSE_BESIDE and is_overlay(element, names):
            return "consent"
        if self._is_most(element) or element.tag in ("html", "body"):
            return None
        if is_part and is_overlay(element, names):
            return None
        if is_hidden(element) and not self._unfolds(element):
            return "hidden"
        if sign is None or (sign == "aside" and self._is_note(element)):
            return "menu" if self._is_card(element) or self._is_count(element, names) else None
        return "comments" if means(names, "comments") else "menu"

    def _is_most(self, element: Element) -> bool:
        """Whether an element has most of the page's prose, and is not a line of a footer below poems or lists."""
        prose = self.prose[element.number]
        if prose <= MAX_BOILERPLATE_SHARE * max(self.prose[0], 1):
            return False
        if means(self._names[element.number], "comments") and self._has_text_beside(element):
            return False
        is_edge = element.tag in ("footer", "nav") and prose <= MAX_EDGE_PROSE
        return not is_edge or self.words[element.number] > MAX_BOILERPLATE_SHARE * self.words[0]

    def _has_text_beside(self, element: Element) -> bool:
        """Whether what is named as the text of a post is neither in nor around an element, which has its comments."""
        first_end, last_start = self._text_bodies
        return first_end <= element.start or last_start >= element.end

    @cached_property
    def _text_bodies(self) -> tuple[float, int]:
        """Where the first element ends that is named as the text of a post, and where the last one begins."""
        found = [
            one for one in self.tree.elements if self.prose[one.number] >= MIN_COMMENTED_PROSE and is_text_body(one)
        ]
        return min((one.end for one in found), default=inf), max((one.start for one in found), default=-1)

    def _names_of(self, element: Element) -> list[list[str]]:
        """The names that describe an element, without an id made from its first words."""
        address = element.attributes.get("id")
        if address is None or element.tag in HEADINGS:
            return element.names if address is None else element.class_names
        first = self.line_at(element.start)
        begins = self.tree.lines[first].text if first < len(self.tree.lines) else ""
        if not _is_address_of(address, begins) or not self._is_of_prose(element):
            return element.names
        return element.class_names

    def _texts_called_lists(self, signs: Sequence[Sign | None]) -> set[int]:
        """The numbers of elements that are named as lists of other pages but contain sentences and no links.

        A list inside such a box is judged separately.
        """
        size = len(signs)
        links, prose, headings = [0] * size, [0] * size, [0] * size
        for line in self.tree.lines:
            links[line.element] += is_link(line)
            prose[line.element] += is_prose(line)
            headings[line.element] += self.tree.elements[line.element].tag in HEADINGS
        found = set()
        for element in reversed(self.tree.elements[1:]):
            number, parent = element.number, element.parent
            if signs[number] == "list":
                if links[number] or prose[number] < MIN_LIST_PROSE or headings[number] >= prose[number]:
                    continue
                found.add(number)
            links[parent] += links[number]
            prose[parent] += prose[number]
            headings[parent] += headings[number]
        return found

    def _document_comments(self) -> set[int]:
        """The numbers of the boxes that contain readers' comments on a shared document.

        Online word processors export such comments below the text, each after a link back to its mark.
        """
        found = set()
        for link in self.tree.elements:
            if link.tag != "a" or not _COMMENT_ID.fullmatch(link.attributes.get("id", "")):
                continue
            line = self.line_at(link.start)
            box = link
            for one in islice(self.tree.around(link.parent), MAX_COMMENT_DEPTH):
                if one.tag not in ("p", "div") or self.line_at(one.start) != line:
                    break
                box = one
            found.add(box.number)
        return found

    def _is_card(self, element: Element) -> bool:
        """Whether a box inside a text is a card of another page: named so, and nothing but links."""
        if element.tag not in ("div", "figure", "section") or not self._in_text[element.parent]:
            return False
        if not means(self._names[element.number], "card"):
            return False
        counts, first, last = self._counts, self.line_at(element.start), self.line_at(element.end)
        return 0 < last - first == counts.between(counts.links, first, last)

    def _unfolds(self, element: Element) -> bool:
        """Whether a hidden part of a text is shown when a reader asks for it, as in tabs; its button is its heading."""
        if not self._in_main[element.parent] or not self.prose[element.number]:
            return False
        around = (element, *islice(self.tree.around(element.parent), MAX_AROUND_UNFOLDING))
        is_panel = element.attributes.get("role", "").lower() == "tabpanel"
        if not is_panel and not any(means(one.names, "unfolding") for one in around):
            return False
        above = self.line_at(element.start) - 1
        if above >= 0 and self.tree.lines[above].is_control:
            self._headings.add(self.tree.lines[above].start)
        return True

    def _is_count(self, element: Element, names: Sequence[Sequence[str]]) -> bool:
        """Whether an element only has numbers: of the readers who liked a text, or of the lines of some code."""
        if not means(names, "numbers"):
            return False
        lines = self.tree.lines[self.line_at(element.start) : self.line_at(element.end)]
        return all(line.is_control or not any(map(str.isalpha, line.text)) for line in lines)

    def _is_note(self, element: Element) -> bool:
        """Whether a box belongs to the text: inside a post, and named as a note or the like.

        A list of things without links, such as the ingredients of a recipe, belongs to it whatever its name.
        """
        counts, first, last = self._counts, self.line_at(element.start), self.line_at(element.end)
        if self._in_main[element.parent] and self._is_list_of_things(first, last):
            return True
        if not self._in_text[element.parent] or not means(self._names[element.number], "note"):
            return False
        if counts.between(counts.comments, first, last) >= MIN_COMMENT_LINES:
            return False
        return counts.between(counts.links, first, last) <= MAX_ASIDE_LINKS * (last - first)

    def _is_list_of_things(self, first: int, last: int) -> bool:
        """Whether these lines are mostly items of a list without links."""
        items = [line for line in self.tree.lines[first:last] if self.tree.elements[line.element].tag == "li"]
        bare = sum(not line.linked for line in items)
        return len(items) >= MIN_THINGS and 2 * len(items) > last - first and bare >= MIN_BARE_SHARE * len(items)

    def _is_of_prose(self, element: Element) -> bool:
        """Whether it contains sentences, more of them than links, and no comments."""
        counts = self._counts
        first, last = self.line_at(element.start), self.line_at(element.end)
        links, prose = counts.between(counts.links, first, last), counts.between(counts.prose, first, last)
        return links < prose and counts.between(counts.comments, first, last) < MIN_COMMENT_LINES

    @cached_property
    def _in_text(self) -> list[bool]:
        """For each element, whether it is, or is inside, an element named as the text of a post."""
        found: list[bool] = []
        for element in self.tree.elements:  # an element comes after those around it
            found.append(is_text_body(element) or (element.parent >= 0 and found[element.parent]))
        return found

    @cached_property
    def _in_main(self) -> list[bool]:
        """For each element, whether it is, or is inside, the main part of the page or the text of a post."""
        found: list[bool] = []
        for element in self.tree.elements:
            found.append(is_named_body(element) or (element.parent >= 0 and found[element.parent]))
        return found

    @cached_property
    def _counts(self) -> LineCounts:
        return LineCounts(self.tree.lines)

    def _weak_shares(self) -> dict[str, float]:
        """The share of the page's prose in elements that have a name which may mean boilerplate, by name."""
        words: dict[str, int] = defaultdict(int)
        ends: dict[str, int] = defaultdict(int)
        for element in self.tree.elements[1:]:
            for name in weak_names(self._names[element.number]):
                words[name] += self.prose[element.number] if element.number >= ends[name] else 0
                ends[name] = max(ends[name], element.last)  # one inside another counts once
        return {name: count / max(self.prose[0], 1) for name, count in words.items()}

    def line_at(self, place: int) -> int:
        """The number of the first line that begins at this place or later."""
        return bisect_left(self.tree.lines, place, key=lambda line: line.start)

    def is_dropped(self, line: HtmlLine) -> bool:
        """Whether a line is in boilerplate or hidden."""
        is_control = line.is_control and line.start not in self._headings
        return (is_control or self.dropped[line.element] is not None) and not self.is_kept(line)

    def is_kept(self, line: HtmlLine) -> bool:
        """Whether the user has marked a line as text."""
        return bool(self.kept) and fold_key(line.text) in self.kept

    def reason(self, line: HtmlLine) -> DroppedKind:
        """Why a line that is in no post was left out."""
        return self.dropped[line.element] or (
            "menu" if line.is_control else "closing" if line.start in self.closed else "outside"
        )

    def value(self, line: HtmlLine) -> float:
        """What a line adds to the elements around it: its words if it is prose, or a loss if it is part of a menu."""
        if self.is_dropped(line):
            return 0.0
        if is_prose(line):
            return line.words * (1 - line.linked)
        return SHORT_SHARE * line.words * (1 - line.linked) - LINE_COST * line.linked


def _is_address_of(address: str, text: str) -> bool:
    """Whether an id was made from a heading: the same words, joined; numbers may be missing."""
    key = fold_key(_NO_LETTERS.sub("", address))
    return bool(key) and key == fold_key(_NO_LETTERS.sub("", text))
