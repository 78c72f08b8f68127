"""Groups the lines of a text into paragraphs, list items and headings.

Blank lines separate blocks. Inside a block, a line break is a boundary too, unless the lines are one hard-wrapped
paragraph; a marker ("•", "1.", "(a)") begins an item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import SentenceKind, Span

__all__ = [
    "CLOSERS",
    "FINAL",
    "MAX_HEADING_WORDS",
    "MAX_PLAIN_ITEM_WORDS",
    "Unit",
    "finished",
    "units_of",
    "within",
]


# longest heading: of 1,384 lines that stand alone without final punctuation in 600 blog posts, 93% are no longer
MAX_HEADING_WORDS = 14
# longest line that can be an item without a marker: of 1,635 such lines in the same posts, 95% are no longer
MAX_PLAIN_ITEM_WORDS = 30
# two short lines may be a heading and its subtitle; more are a list
MIN_SHORT_LINES = 3
# share of them that must be short and without final punctuation: "Smith & Co." may be among them
MIN_SHORT_SHARE = 0.8
# line widths used by editors and mail programs
MIN_WRAP_CHARS, MAX_WRAP_CHARS = 45, 140
# a line that ends in ":" or "." is ignored in measuring the width, and may be this much longer than the measured ones
WRAP_SLACK_CHARS = 8
# a single line break just where the next word no longer fits may be chance
MIN_WRAPPED_BREAKS = 2
# share of a paragraph's line breaks that must be in such a place for it to count as wrapped; the author broke the rest
MIN_WRAPPED_SHARE = 0.8
# share of its lines that must not begin with a capital, as the lines of a list do
MIN_GOING_ON_SHARE = 0.3

# what may follow the final punctuation of a sentence
CLOSERS = "\"'”’»›)]}*_"
FINAL = ".!?…。！？｡"

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+|\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MARKER = re.compile(
    r"""(?P<bullet>[•‣◦▪▫●○■□►▸➢➤✓✔·∙⁃])\s*
      | (?P<dash>[-*–—])\s+
      | (?P<number>\d{1,3}[.)]|\(\d{1,2}\)|\([a-zA-Z]\)|\([ivx]{1,5}\)|[a-z][.)]|[A-Z]\)|[ivx]{1,5}[.)])\s+
      | (?P<hash>\#{1,6})\s+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class MarkedLine:
    start: int  # the first character that is not white space
    end: int
    indent: int
    body: int  # after the marker; == start if there is none
    marker: str  # "", "bullet", "dash", "number" or "hash"


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that belong together: a paragraph, a list item or a heading."""

    start: int
    end: int
    kind: SentenceKind
    block: int
    indent: int = 0
    marker_start: int = -1
    alone: bool = False  # the only unit of its block, on one line


def within(text: str, unit: Unit, most_words: int) -> bool:
    """Whether a unit has at most this many words."""
    return len(text[unit.start : unit.end].split(None, most_words)) <= most_words


def finished(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return text.rstrip(CLOSERS)[-1:] in tuple(FINAL)


def _regions(text: str, chrome: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """The stretches of the text between the boundaries of chrome, in order: (start, end, is chrome)."""
    here = 0
    for span in sorted(chrome, key=lambda span: (span.start, span.end)):
        start, end = max(span.start, here), min(span.end, len(text))
        if start >= end:
            continue
        if here < start:
            yield here, start, False
        yield start, end, True
        here = end
    if here < len(text):
        yield here, len(text), False


def _blocks(text: str, start: int, end: int) -> list[list[MarkedLine]]:
    """The blocks between blank lines, each with its non-blank lines."""
    blocks: list[list[MarkedLine]] = []
    fresh = True
    breaks = 0
    for match in _LINE.finditer(text, start, end):
        raw = match.group()
        body = raw.strip()
        if not body:
            # "\n", "   ", "\n": the second line break in a row closes the block
            breaks += 1 if raw[0] in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" else 0
            fresh = fresh or breaks > 1
            continue
        indent = len(raw) - len(raw.lstrip())
        line_start = match.start() + indent
        marker = _MARKER.match(text, line_start, line_start + len(body))
        has_text = marker is not None and marker.end() < line_start + len(body)
        line = MarkedLine(
            line_start,
            line_start + len(body),
            indent,
            marker.end() if marker and has_text else line_start,
            (marker.lastgroup or "") if marker and has_text else "",
        )
        if fresh or not blocks:
            blocks.append([])
        blocks[-1].append(line)
        fresh, breaks = False, 0
    return blocks


def _wrapped(text: str, line: MarkedLine, following: MarkedLine, width: int) -> bool:
    """Whether the first word of the following line would not have fitted on this one."""
    word = text[following.start : following.end].split(None, 1)[0]
    length = line.end - line.start + line.indent
    return length <= width + WRAP_SLACK_CHARS and width < length + 1 + len(word)


def _wrap_width(text: str, block: Sequence[MarkedLine]) -> int:
    """The width in characters at which the lines of a block were wrapped, or 0 if they were not."""
    pairs = [
        (line, following)
        for line, following in pairwise(block)
        if not following.marker and text[line.end - 1] not in f"{FINAL}:"
    ]
    if len(pairs) < MIN_WRAPPED_BREAKS:
        return 0
    width = max(line.end - line.start + line.indent for line, _ in pairs)
    full = sum(_wrapped(text, line, following, width) for line, following in pairs)
    goes_on = sum(not text[following.start].isupper() for _, following in pairs)
    wrapped = full >= MIN_WRAPPED_SHARE * len(pairs) and goes_on >= MIN_GOING_ON_SHARE * len(pairs)
    return width if wrapped and MIN_WRAP_CHARS <= width <= MAX_WRAP_CHARS else 0


def units_of(text: str, chrome: Sequence[Span] = ()) -> Iterator[Unit]:
    r"""The paragraphs, items, marked headings and chrome of a text, in order.

    ``chrome`` are spans of ``text``; their boundaries are also boundaries of units.

    >>> [(unit.kind, unit.start) for unit in units_of("We need:\n\n• trust\n• time")]
    [('sentence', 0), ('item', 12), ('item', 20)]
    """
    regions = [(is_chrome, _blocks(text, start, end)) for start, end, is_chrome in _regions(text, chrome)]
    prose = [block for is_chrome, blocks in regions if not is_chrome for block in blocks]
    width = max((_wrap_width(text, block) for block in prose), default=0)
    # if most blocks are indented, an indent means nothing
    indent_speaks = 2 * sum(block[0].indent > 1 for block in prose) < len(prose)
    number = 0
    after_colon = False
    for is_chrome, blocks in regions:
        for block in blocks:
            if is_chrome:
                yield Unit(block[0].start, block[-1].end, "chrome", number)
            else:
                units = _block_units(text, block, number, _wrap_width(text, block) or width, indent_speaks)
                yield from _plain_items(text, units, indent_speaks, after_colon)
                after_colon = text[block[-1].end - 1] == ":"
            number += 1


def _block_units(text: str, block: list[MarkedLine], number: int, width: int, indent_speaks: bool) -> list[Unit]:
    units: list[Unit] = []
    seen: set[str] = set()
    previous: MarkedLine | None = None
    # a lower-case letter continues the line before, unless all lines begin with one or are indented: then it is a list
    prose = not text[block[0].start].islower() and not (indent_speaks and all(line.indent > 1 for line in block))
    for line in block:
        last = units[-1] if units else None
        fits = previous is not None and width > 0 and _wrapped(text, previous, line, width)
        ended = previous is None or text[previous.end - 1] in f"{FINAL}:;"
        if line.marker and (not fits or ended or line.marker in seen or line.marker in {"bullet", "hash"}):
            seen.add(line.marker)
            kind: SentenceKind = "heading" if line.marker == "hash" else "item"
            units.append(Unit(line.body, line.end, kind, number, line.indent, line.start))
        elif last and last.kind != "heading" and (fits or (prose and not ended and text[line.start].islower())):
            units[-1] = replace(last, end=line.end)
        elif last and last.kind == "item" and line.indent > last.indent:
            units.append(Unit(line.start, line.end, "item", number, last.indent))
        else:
            units.append(Unit(line.start, line.end, "sentence", number, line.indent))
        previous = line
    return [replace(units[0], alone=len(block) == 1)] if len(units) == 1 else units


def _plain_items(text: str, units: list[Unit], indent_speaks: bool, after_colon: bool) -> list[Unit]:
    """Turn the lines of a block into items if it is a list without markers: indented, after a colon, or all short."""
    first = 1 if text[units[0].end - 1] == ":" else 0
    rest = units[first:]
    if len(rest) < 2 or any(unit.kind != "sentence" for unit in rest):  # noqa: PLR2004 - one line is no list
        return units
    indented = indent_speaks and all(unit.indent > 1 for unit in rest)
    introduced = (first or after_colon) and all(within(text, unit, MAX_PLAIN_ITEM_WORDS) for unit in rest)
    listed = sum(within(text, unit, MAX_HEADING_WORDS) and not finished(text[unit.start : unit.end]) for unit in rest)
    short = len(rest) >= MIN_SHORT_LINES and listed >= MIN_SHORT_SHARE * len(rest)
    if indented or introduced or short:
        return units[:first] + [replace(unit, kind="item", marker_start=unit.start) for unit in rest]
    return units
