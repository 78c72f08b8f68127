"""HTML to the text that a person reads, with the place of every character in the source.

`render` makes the text; `strip_markup` proves it: the source at a location, stripped of its tags, is the quote. Both
see the same tags and elements, and differ only in how they treat white space.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING

from rag.loading.html.hidden_text import BLOCKS, LINES, SUPERSCRIPTS, shown_tokens
from rag.loading.html.tokens import tokens_of
from rag.records import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.loading.html.tokens import Token
    from rag.records import Span

__all__ = ["BLOCKS", "LINES", "Rendered", "render", "shown_text", "shown_tokens", "strip_markup"]

_CELLS = frozenset({"button", "td", "th"})
_PICTURES = frozenset({"image", "img"})  # a word does not go on behind one
_TABLE_CELLS = frozenset({"td", "th"})
_CELL_TAG = re.compile(r"<t[dh]\b", re.IGNORECASE)
MAX_CELL_CHARACTERS = 200  # of a table's cell; longer ones are the columns of a layout
_PREFORMATTED = frozenset({"listing", "pre", "xmp"})
# What separates two texts with a tag between them: nothing, or what separates words, cells, lines or blocks.
_GLUED, _SPACE, _CELL, _LINE, _BLOCK = range(5)
_SHOWN = ("", " ", "\t", "\n", "\n\n")
_BREAKS_BETWEEN = 2  # old pages separate blocks with "<br><br>"

# a longer number, or a name longer than the longest (31), is not an entity
_ENTITY = re.compile(
    r"&(?:#(?:\d{1,16}(?!\d)|x[\da-f]{1,16}(?![\da-f]));?|[a-z][a-z\d]{1,31};?)", re.ASCII | re.IGNORECASE
)
_RUN = re.compile(r"\S+(?: \S+)*+|\s+")
_PRE_RUN = re.compile(r"\S+|\s+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """``text`` as a person reads it; ``pieces`` map it to code points of the source, without gaps on either side."""

    text: str
    pieces: tuple[Piece, ...]


def render(source: str, start: int = 0, end: int | None = None, cuts: Sequence[Span] = ()) -> Rendered:
    r"""The readable text of ``source[start:end]``, with blank lines between blocks, and the pieces that map it.

    White space is shown as in a browser: a run is one space, except in preformatted text. The text in the spans of
    ``cuts``, which are in order, is left out. The first piece begins at the first character shown, and the last piece
    ends at the last.

    >>> render("<p>Fish &amp; <b>chips</b></p><p>Tea").text
    'Fish & chips\n\nTea'
    """
    writer = _Writer(source)
    left_out = _Cuts(cuts)
    depth = 0  # of preformatted elements
    tokens: Iterable[Token] = shown_tokens(tokens_of(source, start, end), source)
    alone: set[int] = set()
    if _CELL_TAG.search(source, start, len(source) if end is None else end):  # only then are they kept in memory
        tokens = list(tokens)
        alone = _alone_in_cells(tokens)
    for token in tokens:
        if token.kind in ("open", "close"):
            if left_out.holds(token.start):
                writer.part(_SPACE)
            if token.name in _PREFORMATTED:
                depth = depth + 1 if token.kind == "open" else max(depth - 1, 0)
            distance = _SPACE if token.start in alone else _distance(token.name)
            writer.part(distance, line_break=token.name == "br")
        elif token.kind == "text":
            for begin, stop in left_out.around(token.start, token.end):
                writer.write(begin, stop, preformatted=depth > 0, raised=token.name == "sup")
            if left_out.holds(token.end - 1):
                writer.part(_SPACE)
    return writer.rendered()


def strip_markup(source: str) -> str:
    """The words of a piece of HTML: tags stripped, entities decoded, runs of white space turned into single spaces.

    This is how anyone can check a quote from HTML: ``strip_markup(file_text[start:end])`` at its location returns the
    words of the quote.

    >>> strip_markup("Fish &amp;<br> <b>ch</b>ips")
    'Fish & chips'
    """
    found = []
    for token in shown_tokens(tokens_of(source), source):
        if token.kind == "text":
            found.append("".join(shown for _, _, shown in shown_text(token, source)))
        elif token.kind != "comment" and _distance(token.name) != _GLUED:
            found.append(" ")
    return " ".join("".join(found).split())


def shown_text(token: Token, source: str) -> Iterator[tuple[int, int, str]]:
    """The stretches of a text token: (start, end, what is shown)."""
    return _shown(source, token.start, token.end, raised=token.name == "sup")


def _shown(source: str, start: int, end: int, *, raised: bool) -> Iterator[tuple[int, int, str]]:
    for begin, stop, shown in decoded(source, start, end):
        yield begin, stop, shown.translate(SUPERSCRIPTS) if raised else shown


def _alone_in_cells(tokens: Sequence[Token]) -> set[int]:
    """Where the tags are of paragraphs that are alone in a short cell of a table: they do not part it from its row."""
    found: set[int] = set()
    inside: list[Token] | None = None
    for token in tokens:
        if token.name in _TABLE_CELLS and token.kind == "open":
            inside = []
        elif inside is None:
            continue
        elif token.name in _TABLE_CELLS and token.kind == "close":
            blocks = [one for one in inside if one.kind != "text" and _distance(one.name) >= _LINE]
            size = sum(one.end - one.start for one in inside if one.kind == "text")
            if [one.name for one in blocks] in (["p", "p"], ["div", "div"]) and size <= MAX_CELL_CHARACTERS:
                found |= {one.start for one in blocks}
            inside = None
        else:
            inside.append(token)
    return found


def _distance(name: str) -> int:
    if name in LINES:
        return _LINE
    if name in BLOCKS:
        return _BLOCK
    if name in _CELLS:
        return _CELL
    return _SPACE if name in _PICTURES else _GLUED


def decoded(source: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The stretches of a text between entities, and the entities: (start, end, what is shown)."""
    here = start
    for match in _ENTITY.finditer(source, start, end):
        stop = match.end()
        if match.group()[1] != "#":
            name = match.group()[1:]
            # old names need no semicolon, and may be the beginning of a longer word
            known = next((size for size in range(len(name), 1, -1) if name[:size] in html5), 0)
            if not known:
                continue
            stop = match.start() + 1 + known
        if here < match.start():
            yield here, match.start(), source[here : match.start()]
        yield match.start(), stop, unescape(source[match.start() : stop])
        here = stop
    if here < end:
        yield here, end, source[here:end]


class _Cuts:
    """Spans to leave out, looked up in the order of the source."""

    def __init__(self, cuts: Sequence[Span]) -> None:
        self._waiting = deque(cuts)

    def holds(self, place: int) -> bool:
        """Whether the character at this place is left out; places must be asked for in order."""
        while self._waiting and self._waiting[0].end <= place:
            self._waiting.popleft()
        return bool(self._waiting) and self._waiting[0].start <= place

    def around(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The stretches of ``source[start:end]`` that are not left out."""
        while start < end:
            if self.holds(start):
                start = self._waiting[0].end
                continue
            stop = min(self._waiting[0].start, end) if self._waiting else end
            yield start, stop
            start = stop


class _Writer:
    """Writes text and pieces; white space and mark-up are held back until the next visible character."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._pieces: list[Piece] = []
        self._length = 0
        self._here = 0  # where in the source the last written text ends
        self._level = _GLUED
        self._breaks = 0
        self._held: list[str] = []  # preformatted white space

    def part(self, level: int, *, line_break: bool = False) -> None:
        """Note a tag, or a line break, since the last visible character."""
        self._breaks += line_break
        self._level = max(self._level, _BLOCK if self._breaks >= _BREAKS_BETWEEN else level)
        if level >= _LINE:
            self._held = []

    def write(self, start: int, end: int, *, preformatted: bool, raised: bool = False) -> None:
        """Write the text of ``source[start:end]``."""
        run = _PRE_RUN if preformatted else _RUN
        for begin, stop, shown in _shown(self._source, start, end, raised=raised):
            same = stop - begin == len(shown) and self._source[begin:stop] == shown
            for match in run.finditer(shown):
                there = (begin + match.start(), begin + match.end()) if same else (begin, stop)
                if match.group().isspace():
                    self._level = max(self._level, _SPACE)
                    self._held += [match.group()] if preformatted else []
                else:
                    self._emit(match.group(), *there, same=same)

    def rendered(self) -> Rendered:
        """The text written, without white space and mark-up after the last visible character."""
        return Rendered("".join(self._text), tuple(self._pieces))

    def _emit(self, shown: str, start: int, end: int, *, same: bool) -> None:
        if self._pieces:
            gap = self._source[self._here : start]
            held = "".join(self._held)
            parted = held if held and self._level <= _SPACE else _SHOWN[self._level]
            if held and self._level >= _LINE:
                parted += held.rpartition("\n")[2]  # the indent of the first line
            if parted or gap:
                self._add(parted, self._here, start, same=parted == gap)
        self._add(shown, start, end, same=same)
        self._here, self._level, self._breaks, self._held = end, _GLUED, 0, []

    def _add(self, shown: str, start: int, end: int, *, same: bool) -> None:
        stop = self._length + len(shown)
        last = self._pieces[-1] if self._pieces else None
        if same and last is not None and last.text is None:
            self._pieces[-1] = Piece(last.start, stop, last.file_start, end)
        else:
            self._pieces.append(Piece(self._length, stop, start, end, None if same else self._source[start:end]))
        self._text.append(shown)
        self._length = stop
