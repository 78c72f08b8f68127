"""The elements of an HTML page as a tree, and its lines of text, each with its place in the source.

The tree follows browsers' reading of broken mark-up in the cases that matter for where a text ends. It is built and
walked without recursion, in time linear in the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.loading.html.text import BLOCKS, LINES, shown_text, shown_tokens
from rag.loading.html.tokens import VOID, read_attributes, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.loading.html.tokens import Token

__all__ = ["Element", "HtmlLine", "Tree", "grow"]

_CELLS = frozenset({"td", "th"})
_NAMED_BY_BUTTONS = frozenset({"dt", "h1", "h2", "h3", "h4", "h5", "h6", "summary"})  # headings of what unfolds
_ROWS = _CELLS | {"tr"}
_PARTED = BLOCKS | LINES | _CELLS
# an opening tag closes open elements of the first set inside the innermost element of the second
_CLOSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "tr": (_ROWS, frozenset({"table"})),
    "td": (_CELLS, frozenset({"table", "tr"})),
    "th": (_CELLS, frozenset({"table", "tr"})),
    "tbody": (_ROWS | {"thead", "tbody"}, frozenset({"table"})),
    "tfoot": (_ROWS | {"thead", "tbody"}, frozenset({"table"})),
    "body": (frozenset({"head"}), frozenset({"html"})),
}
_UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_MADE = re.compile(r"\d[a-z]+\d|[:\[]")  # a name that a program made, or that names a style: "print:block"
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(slots=True)
class Element:
    """``source[start:end]``; what is between its tags is ``source[inner:inner_end]``.

    ``parent`` is the number of the element around it, or -1. The numbers of its descendants are between its own number
    and ``last``, both exclusive. ``depth`` is the number of elements around it. ``names`` are its class names and id,
    each split into words: "relatedPosts box" is ["related", "posts"] and ["box"].
    """

    number: int
    tag: str
    start: int
    inner: int
    inner_end: int
    end: int
    parent: int
    last: int
    depth: int
    attributes: dict[str, str]
    names: list[list[str]]

    @property
    def class_names(self) -> list[list[str]]:
        """Its class names without its id, each split into words."""
        return _names({"class": self.attributes.get("class", "")})


@dataclass(frozen=True, slots=True)
class HtmlLine:
    """Text between two tags that separate blocks or lines: ``source[start:end]``, shown as ``text``.

    White space in ``text`` is collapsed. ``element`` is the number of the innermost block element around it. ``linked``
    is the share of its characters in links. ``is_control`` says whether it consists only of buttons.
    """

    start: int
    end: int
    text: str
    element: int
    linked: float
    is_control: bool = False

    @property
    def words(self) -> int:
        """The number of its words; in scripts written without spaces, two characters count as one word."""
        return self.text.count(" ") + 1 + len(_UNSPACED.findall(self.text)) // 2


@dataclass(slots=True)
class Tree:
    """The elements of a page in the order of their opening tags, and its lines of text.

    The first element is the page itself, without a name, because the tags around everything may be missing. ``title``
    is the content of its first title element, ``data`` the contents of its JSON-LD scripts.
    """

    source: str
    title: str = ""
    data: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    lines: list[HtmlLine] = field(default_factory=list)

    def around(self, number: int) -> Iterator[Element]:
        """The element and those around it, innermost first."""
        while number >= 0:
            yield self.elements[number]
            number = self.elements[number].parent

    def inside(self, element: Element) -> Iterator[Element]:
        """Its descendants in order."""
        return (self.elements[number] for number in range(element.number + 1, element.last))

    def texts_of(self, element: Element) -> list[str]:
        """The text it shows, one string for each stretch between two tags."""
        tokens = shown_tokens(tokens_of(self.source, element.inner, element.inner_end), self.source)
        found = ("".join(shown for *_, shown in shown_text(one, self.source)) for one in tokens if one.kind == "text")
        return [" ".join(text.split()) for text in found if text.strip()]

    def text_of(self, element: Element) -> str:
        """Its text on one line, with white space collapsed."""
        found: list[str] = []
        for token in shown_tokens(tokens_of(self.source, element.inner, element.inner_end), self.source):
            if token.kind == "text":
                found += (shown for _, _, shown in shown_text(token, self.source))
            elif token.name in _PARTED:
                found.append(" ")
        return " ".join("".join(found).split())


def grow(source: str) -> Tree:
    """Parse a page."""
    tree = Tree(source)
    builder = _Builder(tree)
    tokens = list(tokens_of(source))
    for tag, token in pairwise(tokens):
        if token.kind == "raw" and token.name == "title" and not tree.title:
            tree.title = " ".join(unescape(source[token.start : token.end]).split())
        elif token.kind == "raw" and token.name == "script" and "ld+json" in source[tag.start : tag.end].lower():
            tree.data.append(source[token.start : token.end])
    for token in shown_tokens(iter(tokens), source):
        if token.kind == "text":
            builder.write(token)
        elif token.kind == "open":
            builder.open(token)
        elif token.kind == "close":
            builder.close(token)
    builder.finish()
    return tree


def _names(attributes: dict[str, str]) -> list[list[str]]:
    if "class" not in attributes and "id" not in attributes:
        return []
    written = f"{attributes.get('class', '')} {attributes.get('id', '')}".split()
    return [[word.lower() for word in _HUMPS.findall(name)] for name in written if not _MADE.search(name)]


class _Builder:
    """Assembles tokens into elements and lines."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        size = len(tree.source)
        tree.elements.append(Element(0, "", 0, 0, size, size, -1, 1, 0, {}, []))
        self._stack = [tree.elements[0]]
        self._depths: dict[str, list[int]] = {}  # depths of the open elements, by name
        self._blocks = [0]  # depths of the open elements that separate blocks
        self._cells: list[int] = []
        self._links = 0
        self._text: list[str] = []
        self._linked = self._pressed = 0
        self._start = self._end = -1
        self._home = -1

    def open(self, token: Token) -> None:
        name = token.name
        if name in _PARTED:
            self._end_line()
        if name == "br":
            return
        self._text.append(" " if name == "img" else "")
        if name in BLOCKS or name in _CLOSES:
            paragraphs = self._depths.get("p")
            if paragraphs and paragraphs[-1] == self._blocks[-1]:
                self._pop_to(paragraphs[-1], token.start, token.start)
        if name in _CLOSES:
            closed, around = _CLOSES[name]
            barrier = max((self._depths[tag][-1] for tag in around if self._depths.get(tag)), default=-1)
            open_ones = [self._depths[tag] for tag in closed if self._depths.get(tag)]
            lowest = min((depth for depths in open_ones for depth in depths[-1:] if depth > barrier), default=-1)
            if lowest >= 0:
                self._pop_to(lowest, token.start, token.start)
        tag = self._tree.source[token.start : token.end]
        attributes = read_attributes(tag) if len(tag) > len(name) + 2 else {}
        number = len(self._tree.elements)
        parent = self._stack[-1].number
        size = len(self._tree.source)
        element = Element(
            number,
            name,
            token.start,
            token.end,
            size,
            size,
            parent,
            number + 1,
            len(self._stack),
            attributes,
            _names(attributes),
        )
        self._tree.elements.append(element)
        if name in VOID or tag.endswith("/>"):
            element.inner_end = element.end = token.end
            return
        depth = len(self._stack)
        self._stack.append(element)
        self._depths.setdefault(name, []).append(depth)
        if name in _PARTED:
            self._blocks.append(depth)
        if name in _CELLS:
            self._cells.append(depth)
        self._links += name == "a"

    def close(self, token: Token) -> None:
        name = token.name
        if name in _PARTED:
            self._end_line()
        depths = self._depths.get(name)
        if not depths:
            return
        depth = depths[-1]
        if name not in _PARTED and self._blocks[-1] > depth:
            return  # </b> does not end paragraphs that began inside it
        in_table = name in ("table", "tr", "tbody", "thead", "tfoot") or name in _CELLS
        if self._cells and self._cells[-1] > depth and not in_table:
            return
        self._pop_to(depth, token.start, token.end)

    def write(self, token: Token) -> None:
        for start, end, shown in shown_text(token, self._tree.source):
            if not shown.strip():
                self._text.append(shown)
                continue
            if self._start < 0:
                self._home = self._stack[self._blocks[-1]].number
                self._start = start + (len(shown) - len(shown.lstrip()) if end - start == len(shown) else 0)
            self._end = end - (len(shown) - len(shown.rstrip()) if end - start == len(shown) else 0)
            self._text.append(shown)
            size = len("".join(shown.split()))
            self._linked += size if self._links else 0
            self._pressed += size if self._depths.get("button") else 0

    def finish(self) -> None:
        self._end_line()
        self._pop_to(1, len(self._tree.source), len(self._tree.source))
        self._tree.elements[0].last = len(self._tree.elements)

    def _pop_to(self, depth: int, inner_end: int, end: int) -> None:
        while len(self._stack) > depth:
            element = self._stack.pop()
            at = len(self._stack)
            element.inner_end, element.end = inner_end, end if at == depth else inner_end
            element.last = len(self._tree.elements)
            self._depths[element.tag].pop()
            if self._blocks[-1] == at:
                self._blocks.pop()
            if self._cells and self._cells[-1] == at:
                self._cells.pop()
            self._links -= element.tag == "a"

    def _end_line(self) -> None:
        if self._start >= 0:
            text = " ".join("".join(self._text).split())
            visible = len(text) - text.count(" ")
            share = min(self._linked / visible, 1.0) if visible else 0.0
            is_control = self._pressed == visible and self._tree.elements[self._home].tag not in _NAMED_BY_BUTTONS
            self._tree.lines.append(HtmlLine(self._start, self._end, text, self._home, share, is_control))
        self._text, self._linked, self._pressed, self._start = [], 0, 0, -1
