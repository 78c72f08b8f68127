"""The text of a post or page with the quoted words marked. Exactly the characters of the text are shown."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from rag.records import Span
from ui.views.html import Markup, join, tag
from ui.views.soft_breaks import flowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ui.views.list_items import Item

__all__ = ["Marked", "marked_text", "outside"]

# An address as written in a text: up to the next space, without the punctuation that ends the sentence.
_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]}'’]")


NOTHING = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Marked:
    """The marked spans of a text, any of them empty.

    ``chunk`` is the retrieved chunk, ``quote`` the quoted words, ``others`` further quotes with the link that opens
    each. ``headings`` and ``chrome`` (captions and the like, never quoted) are styled as such. Each of the ``pictures``
    comes before the character at its offset; line breaks at ``breaks`` are shown as spaces. ``items`` are those of
    lists, whose lines are indented.
    """

    chunk: Span = NOTHING
    quote: Span = NOTHING
    others: tuple[tuple[Span, str], ...] = ()
    headings: tuple[Span, ...] = ()
    chrome: tuple[Span, ...] = ()
    pictures: tuple[tuple[int, Markup], ...] = ()
    breaks: frozenset[int] = frozenset()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Element:
    start: int
    end: int
    wrap: Callable[[Markup], Markup]


def marked_text(text: str, marked: Marked) -> Markup:
    """The text as HTML: the chunk in a light tone, the quote in one strong element with the id ``hit``."""
    quote, chunk = marked.quote, marked.chunk
    if quote.end > quote.start:
        chunk = Span(min(chunk.start, quote.start), max(chunk.end, quote.end))
    chunks = [_Element(chunk.start, chunk.end, lambda inner: tag("span", inner, class_="chunk"))]
    quotes = [_Element(quote.start, quote.end, lambda inner: tag("mark", inner, id="hit", tabindex="-1"))]
    for span, href in marked.others:
        quotes += [_Element(low, high, _other(href)) for low, high in outside(span, quote)]
    small = [
        *(_Element(one.start, one.end, lambda inner: tag("span", inner, class_="chrome")) for one in marked.chrome),
        *(_Element(one.start, one.end, lambda inner: tag("b", inner, class_="heading")) for one in marked.headings),
        *(_Element(found.start(), found.end(), _link(found[0])) for found in _ADDRESS.finditer(text)),
    ]
    small += [_Element(one.start, one.words, _hung("marker", one.hang(text))) for one in marked.items]
    levels = [_apart(level) for level in (chunks, quotes, small)]
    levels = _with_items(text, marked.items, levels)
    last = [picture for at, picture in marked.pictures if at >= len(text)]
    return join([_layered(_Text(text, marked.pictures, sorted(marked.breaks)), 0, len(text), levels), *last])


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with its pictures between the characters, and its soft line breaks as spaces."""

    text: str
    pictures: tuple[tuple[int, Markup], ...]
    breaks: Sequence[int]

    def between(self, low: int, high: int) -> Markup:
        breaks = self.breaks[bisect_left(self.breaks, low) : bisect_left(self.breaks, high)]
        parts: list[Markup] = []
        for at, picture in self.pictures:
            if low <= at < high:
                parts += [flowed(self.text, low, at, breaks), picture]
                low = at
        return join([*parts, flowed(self.text, low, high, breaks)])


def outside(span: Span, hole: Span) -> Iterator[tuple[int, int]]:
    """The parts of a span that are not in another.

    >>> list(outside(Span(0, 9), Span(3, 5)))
    [(0, 3), (5, 9)]
    """
    if hole.end <= hole.start or hole.end <= span.start or span.end <= hole.start:
        yield span.start, span.end
        return
    if span.start < hole.start:
        yield span.start, hole.start
    if hole.end < span.end:
        yield hole.end, span.end


def _other(href: str) -> Callable[[Markup], Markup]:
    return lambda inner: tag("mark", inner, class_="also", data_open=href)


def _link(address: str) -> Callable[[Markup], Markup]:
    return lambda inner: tag(
        "a", inner, href=address, class_="address", target="_blank", rel="noopener noreferrer nofollow"
    )


def _apart(elements: Iterable[_Element]) -> list[_Element]:
    """The elements in order, without empty ones; of two that overlap, the later one is shortened or left out."""
    kept: list[_Element] = []
    for one in sorted(elements, key=lambda element: element.start):
        start = max(one.start, kept[-1].end) if kept else one.start
        if start < one.end:
            kept.append(_Element(start, one.end, one.wrap))
    return kept


def _with_items(text: str, items: Sequence[Item], levels: Sequence[list[_Element]]) -> list[list[_Element]]:
    """The levels of the chunk, the quotes and what is in them, with the items of lists around or inside those.

    What an item says is one box beside its marker, so it is left out where something begins in it and ends outside.
    """
    chunks, quotes, small = levels
    around: list[_Element] = []
    between: list[_Element] = []
    inside: list[_Element] = []
    for item in items:
        box = _Element(item.words, item.end, _hung("item", item.hang(text)))
        chunk, quote = _relation(box, chunks), _relation(box, quotes)
        if "crosses" in (chunk, quote) or (chunk == "around" and quote == "inside"):
            continue
        (around if chunk == "around" else inside if quote == "inside" else between).append(box)
    return [around, chunks, between, quotes, inside, small]


def _relation(box: _Element, elements: Iterable[_Element]) -> Literal["apart", "around", "inside", "crosses"]:
    """How an element lies to those of one level."""
    near = [one for one in elements if one.start < box.end and box.start < one.end]
    if not near:
        return "apart"
    if any(one.start <= box.start and box.end <= one.end for one in near):
        return "inside"
    return "around" if all(box.start <= one.start and one.end <= box.end for one in near) else "crosses"


def _hung(name: str, hang: str) -> Callable[[Markup], Markup]:
    return lambda inner: tag("span", inner, class_=name, style=f"--hang: {hang}")


def _layered(text: _Text, low: int, high: int, levels: Sequence[Sequence[_Element]]) -> Markup:
    if not levels:
        return text.between(low, high)
    here = [one for one in levels[0] if one.start < high and low < one.end]
    cuts = sorted({low, high, *(max(one.start, low) for one in here), *(min(one.end, high) for one in here)})
    parts = []
    for start, end in pairwise(cuts):
        inner = _layered(text, start, end, levels[1:])
        around = next((one for one in here if one.start <= start and end <= one.end), None)
        parts.append(inner if around is None else around.wrap(inner))
    return join(parts)
