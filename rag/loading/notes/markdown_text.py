"""Markdown to the text that a person reads, with the place of every character in the source.

markdown-it-py finds the lines of each block; `markdown_inline` reads their content. HTML in Markdown is read as HTML.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from rag.loading.html.text import render
from rag.loading.notes.markdown_inline import LINE_BREAK, SOFT_BREAK, inline_runs, parser
from rag.loading.notes.markdown_marks import are_marks, without_marks
from rag.loading.parts import Mapped
from rag.loading.pieces import PieceWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from rag.records import Piece

__all__ = ["MarkdownBlock", "Run", "join_blocks", "mapped_markdown", "read_blocks"]

MIN_WRAPPED_SHARE = 0.8  # share of a paragraph's line ends; authors break some lines of wrapped text too
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_ITEM = re.compile(
    r"(?=[-*+\d]|(?<![ \t])[ \t])(?P<bullet>[-*+])?(?P<number>\d{1,9}[.)])?[ \t]++(?P<task>\[[ xX]\][ \t]++)?\Z"
)
_TASK = re.compile(r"\[[ xX]\][ \t]+")
# the mark of a note, in Obsidian's and GitHub's style or in that of MkDocs: ``!!! tip "Title"``
_CALLOUT = re.compile(r"\[![\w-]+\][-+]?[ \t]*|(?:!!!|\?\?\?\+?)(?:[ \t]+[\w-]+){1,3}[ \t]*(?:\n[ \t]*|\Z|(?=\"))")
# languages of blocks that ask a program for a list of other notes, or have the data of a drawing
_NO_CODE = frozenset({"base", "compressed-json", "dataview", "dataviewjs", "query", "tasks"})
_DRAWN = re.compile(r'\s*\{\s*"type"\s*:\s*"excalidraw"')
_BULLET = "•"
_ITEM_BORDER, _BLOCK_BORDER, _CELL_BORDER = "\n", "\n\n", "\t"


@dataclass(frozen=True, slots=True)
class Run:
    """``source[start:end]`` is read as ``shown``; ``before`` separates it from the run before, if needed."""

    start: int
    end: int
    shown: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class MarkdownBlock:
    """A paragraph, heading, list item, table row or block of code. ``level`` is that of a heading, else 0.

    ``start`` and ``end`` span its lines in the source, marks included.
    """

    start: int
    end: int
    runs: tuple[Run, ...]
    level: int = 0
    is_code: bool = False

    @property
    def text(self) -> str:
        """Its words on one line."""
        return " ".join("".join(run.before + run.shown for run in self.runs).split())


def read_blocks(source: str, start: int = 0, *, mdx: bool = False) -> list[MarkdownBlock]:
    r"""The blocks of ``source[start:]`` that contain text, in order.

    >>> [block.text for block in read_blocks("# On *bread*\\n\\n- [flour](f)\\n- water")]
    ['On bread', '• flour', '• water']
    """
    reading = _Blocks(source, start, without_marks(source[start:], mdx=mdx))
    return reading.blocks


def join_blocks(source: str, blocks: Sequence[MarkdownBlock]) -> tuple[str, tuple[Piece, ...]]:
    """The text of some blocks and the gapless pieces that map it to the source."""
    writer = PieceWriter(source)
    for block in blocks:
        for run in block.runs:
            writer.write(run.before, run.start, run.end, run.shown)
    return writer.text, writer.pieces


def mapped_markdown(source: str) -> Mapped:
    """The whole text of a source in Markdown, and its pieces."""
    return Mapped(*join_blocks(source, read_blocks(source)))


class _Blocks:
    """Reads the blocks of one source; ``marked`` is ``source[start:]`` with marks of dialects blanked out."""

    def __init__(self, source: str, start: int, marked: str) -> None:
        self._source = source
        self._env: dict[str, object] = {}
        self._lines = [(start + found.start(), found.group().rstrip("\r\n")) for found in _LINE.finditer(marked)]
        self._in_item = self._in_row = False
        self._border = _BLOCK_BORDER  # what separates the next item or row
        self.blocks: list[MarkdownBlock] = []
        tokens = parser().parse(marked, self._env)
        for number, token in enumerate(tokens):
            self._take(token, tokens[number - 1] if number else token)

    def _take(self, token: Token, before: Token) -> None:
        if token.type == "inline" and token.map is not None:
            if before.type in ("th_open", "td_open"):
                self._cell(token)
            else:
                self._paragraph(token, before)
        elif token.type in ("fence", "code_block") and token.map is not None:
            self._code(token)
        elif token.type == "html_block" and token.map is not None:
            self._html(token)
        elif token.type == "tr_open":
            self._in_row = False
        elif token.type == "list_item_open":
            self._in_item = True
        elif token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
            self._border = _BLOCK_BORDER

    def _add(self, lines: tuple[int, int], runs: Sequence[Run], level: int = 0, *, is_code: bool = False) -> None:
        runs = list(runs)
        while runs and runs[-1].shown.isspace():  # a mark that shows nothing comes after it
            runs.pop()
        if runs:
            end = runs[-1]
            bare = end.shown.rstrip()
            same = end.end - end.start == len(end.shown)
            runs = [*runs[:-1], Run(end.start, end.end - (len(end.shown) - len(bare)) * same, bare, end.before)]
            start, last = self._lines[lines[0]][0], self._lines[min(lines[1], len(self._lines)) - 1]
            self.blocks.append(MarkdownBlock(start, last[0] + len(last[1]), tuple(runs), level, is_code))

    def _paragraph(self, token: Token, before: Token) -> None:
        first, last = token.map or (0, 0)
        is_heading = before.type == "heading_open"
        if is_heading and before.markup in "=-":
            last -= 1
        places = list(self._places(token.content, first, last, rightmost=is_heading))
        content = token.content
        runs: list[Run] = []
        skip = 0
        first_soft = soft = SOFT_BREAK if _is_wrapped(content) else LINE_BREAK
        item = self._item(places) if self._in_item and not is_heading else None
        if item is not None:
            self._border = _ITEM_BORDER
            runs.append(item)
            task = _TASK.match(content)
            skip = task.end() if task else 0
        elif callout := _CALLOUT.match(content):
            skip, first_soft = callout.end(), LINE_BREAK
        self._in_item = False
        if skip or not are_marks(content, may_be_tags=item is None and not is_heading):
            border = _ITEM_BORDER if self._is_definition(places) else _BLOCK_BORDER
            runs += self._inline(content, places, skip, " " if runs else border, (first_soft, soft))
        if [run for run in runs if run is not item]:
            self._add((first, last), runs, int(before.tag[1]) if is_heading else 0)

    def _is_definition(self, places: Sequence[tuple[int, int]]) -> bool:
        """Whether a colon is before the first line: it defines the word in the line above."""
        return self._prefix(places).strip() == ":"

    def _prefix(self, places: Sequence[tuple[int, int]]) -> str:
        """What is before the content in its first line."""
        at = places[0][1]
        return self._source[self._lines[bisect_right(self._lines, at, key=itemgetter(0)) - 1][0] : at]

    def _item(self, places: Sequence[tuple[int, int]]) -> Run | None:
        """The bullet or number before an item."""
        prefix = self._prefix(places)
        mark = _ITEM.search(prefix)
        if mark is None or not (mark["bullet"] or mark["number"]):
            return None
        start = places[0][1] - len(prefix) + mark.start()
        shown = mark["number"] or _BULLET
        return Run(start, start + len(mark["number"] or mark["bullet"]), shown, self._border)

    def _inline(
        self,
        content: str,
        places: Sequence[tuple[int, int]],
        skip: int,
        border: str,
        soft: tuple[str, str] = (SOFT_BREAK, SOFT_BREAK),
    ) -> Iterator[Run]:
        """The runs of a paragraph's content; its lines are at ``places``: (place in the content, in the source).

        ``soft`` is how the first line end without a mark is read, and how the others are.
        """
        number, held = 0, border
        for run in inline_runs(content[skip:], self._env):
            start = run.start + skip
            while number + 1 < len(places) and places[number + 1][0] <= start:
                number += 1
            at = places[number][1] + start - places[number][0]
            if run.shown == LINE_BREAK or (run.shown == SOFT_BREAK and content[start : run.end + skip] == "\n"):
                if len(held) <= 1:  # a break belongs to what comes after it
                    held = LINE_BREAK if LINE_BREAK in (held, run.shown) else soft[0]
                    soft = (soft[1], soft[1])
                continue
            shown = run.shown.lstrip() if held else run.shown
            end = at + run.end - run.start
            if shown:
                same = len(shown) < len(run.shown) and len(run.shown) == run.end - run.start
                yield Run(end - len(shown) if same else at, end, shown, held)
                held = ""

    def _places(self, content: str, first: int, last: int, *, rightmost: bool) -> Iterator[tuple[int, int]]:
        """Where each line of a block's content is: (offset in the content, offset in the source)."""
        at = 0
        for number, line in enumerate(content.split("\n")):
            start, raw = self._lines[min(first + number, last, len(self._lines) - 1)]
            if rightmost:
                place = raw.rfind(line)
            else:
                whole = raw if raw.endswith(line) else raw.rstrip()
                place = len(whole) - len(line.rstrip() if whole is not raw else line)
            yield at, start + max(place, 0)
            at += len(line) + 1

    def _cell(self, token: Token) -> None:
        first, last = token.map or (0, 0)
        start, raw = self._lines[first]
        after = self.blocks[-1].runs[-1].end if self._in_row else start
        place = self._source.find(token.content, after, start + len(raw)) if token.content else -1
        border = _CELL_BORDER if self._in_row else self._border
        if place >= 0:
            runs = list(self._inline(token.content, [(0, place)], 0, border))
        else:
            written = token.content.replace("|", "\\|")
            place = self._source.find(written, after, start + len(raw))
            runs = [Run(place, place + len(written), token.content, border)] if place >= 0 and written else []
        if runs:
            row = self.blocks.pop().runs if self._in_row else ()
            self._add((first, last), [*row, *runs])
            self._in_row, self._border = True, _ITEM_BORDER

    def _code(self, token: Token) -> None:
        if token.info.strip().partition(" ")[0] in _NO_CODE or _DRAWN.match(token.content):
            return
        first, last = token.map or (0, 0)
        first += token.type == "fence"
        border = _BLOCK_BORDER
        runs: list[Run] = []
        for number, line in enumerate(token.content.rstrip("\n").split("\n")):
            if first + number >= min(last, len(self._lines)):
                break
            start, raw = self._lines[first + number]
            if line.strip() and raw.endswith(line):
                bare = line if runs else line.lstrip()
                runs.append(Run(start + len(raw) - len(bare), start + len(raw), bare, border))
                border = "\n"
        self._in_item = False
        self._add((first, last), runs, is_code=True)

    def _html(self, token: Token) -> None:
        first, last = token.map or (0, 0)
        end = min(last, len(self._lines)) - 1
        start, stop = self._lines[first][0], self._lines[end][0] + len(self._lines[end][1])
        shown = render(self._source, start, stop)
        border = _BLOCK_BORDER
        runs = []
        for piece in shown.pieces:
            text = shown.text[piece.start : piece.end]
            if not text.strip():
                border = border + text if len(border) < len(_BLOCK_BORDER) else border
                continue
            runs.append(Run(piece.file_start, piece.file_end, text, border))
            border = ""
        self._add((first, last), runs)


def _is_wrapped(content: str) -> bool:
    """Whether lines end because the next word did not fit, as in hard-wrapped text, rather than on purpose."""
    lines = content.split("\n")
    width = max(map(len, lines))
    if len(lines) == 1:
        return True
    wrapped = sum(
        len(line) + 1 + len((following.split(None, 1) or [""])[0]) > width or following[:1].islower()
        for line, following in pairwise(lines)
    )
    return wrapped >= MIN_WRAPPED_SHARE * (len(lines) - 1)
