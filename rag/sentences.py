"""Sentences, list items and headings of a post's text, as spans: blocks first, then sentences inside each block.

A blank line parts blocks. Inside a block a line break is a border too, unless the lines are one hard-wrapped
paragraph. nupunkt finds the sentence ends inside what remains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from rag.text import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Span

__all__ = ["Cut", "split"]

Kind = Literal["sentence", "item", "heading", "chrome"]

# longest heading: of 1,900 lines that stand alone without final punctuation in 600 blog posts, 98 in 100 are shorter
MAX_HEADING_WORDS = 14
# a sentence above this is a table or a text without punctuation; the longest real one in 600 blog posts has 190 words
MAX_SENTENCE_WORDS = 400
# widths that editors and mail programs wrap at
MIN_WRAP_CHARS, MAX_WRAP_CHARS = 45, 140
# of the line breaks of a wrapped paragraph, how many must stand where the next word no longer fitted
MIN_WRAPPED_SHARE = 0.8

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+|\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MARKER = re.compile(
    r"""(?P<bullet>[•‣◦▪▫●○■□►▸➢➤✓✔·∙⁃])\s*
      | (?P<dash>[-*–—])\s+
      | (?P<number>\d{1,3}[.)]|\(\d{1,2}\)|\([a-zA-Z]\)|\([ivx]{1,5}\)|[a-z][.)]|[A-Z]\)|[ivx]{1,5}[.)])\s+
      | (?P<hash>\#{1,6})\s+""",
    re.VERBOSE,
)
_CLOSERS = "\"'”’»›)]}*_"
_FINAL = ".!?…。！？｡"
_WORD = re.compile(r"\w")
_CLOSING = re.compile(r"(?:\[\d{1,3}\])+|[\"'”’»)\]]+(?=\s|$)")
_ASIDE = re.compile(r"\((?:[^\s()]+\s?){1,4}\)\.?")
_GLUED = re.compile(r"(?<![\w./@:-])[a-z]{3,}[.!?][”’\"')\]]?(?=[“‘\"'(]?[A-Z][a-z]*[\s,’'])")
_IDEOGRAPHIC = re.compile(r"[。！？｡][。！？｡”’」』）]*(?!$)")
_MISSED = re.compile(r"(?<![\w.])(?P<word>[^\W\d_]+)\.[\"'”’)\]]*\s+(?=[\"'“‘(\[]*(?P<next>[A-Z][\w’']*))")
_INITIALS = re.compile(r"(?:\b[A-Z]\.){2,}\s+\Z")
_FIRST_WORD = re.compile(r"[\w’']+")
# abbreviations that are followed by a capital inside a sentence
_ABBREVIATIONS = frozenset(
    """
    al approx ca cf dept dr ed eds eg esp est ext fig figs govt ie incl max min mr mrs ms op para pp prof pt ref resp
    sec st tel viz vol vols vs
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words of grammar that are also first names
_NAMES = frozenset({"may", "will"})
_INTRODUCES = re.compile(r"\b(?:following|below|as follows)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """One sentence, item, heading or piece of chrome: ``text[start:end]`` without outer white space.

    ``lead_in`` is the place in the list of the cut that introduces this one, or -1. ``paragraph`` counts blocks from
    0. ``marker_start`` is where the item's or heading's marker ("•", "1.", "##") stands, or -1.
    """

    start: int
    end: int
    kind: Kind = "sentence"
    lead_in: int = -1
    paragraph: int = 0
    marker_start: int = -1


@dataclass(frozen=True, slots=True)
class _Line:
    start: int  # of the first character that is not white
    end: int
    indent: int
    body: int  # past the marker; == start without one
    marker: str  # "", "bullet", "dash", "number" or "hash"


@dataclass(frozen=True, slots=True)
class _Unit:
    """Lines that belong together: a paragraph, a list item, a heading."""

    start: int
    end: int
    kind: Kind
    block: int
    indent: int = 0
    marker_start: int = -1
    alone: bool = False  # the only unit of its block, on one line


def split(text: str, chrome: Sequence[Span] = ()) -> list[Cut]:
    r"""Cut a text into sentences, items, headings and chrome, in order, covering all but white space and markers.

    ``chrome`` are spans of ``text`` that are never quoted; a sentence never crosses their borders.

    >>> [(cut.start, cut.kind) for cut in split("We need:\n\n• trust\n• time. And luck.")]
    [(0, 'sentence'), (12, 'item'), (20, 'item'), (26, 'item')]
    """
    units = _with_headings(text, list(_units(text, chrome)))
    cuts: list[Cut] = []
    leads: list[tuple[int, int]] = []  # (indent, lead-in) of the lists that are open
    opener = -1  # what may introduce the next unit
    for unit in units:
        spans = _sentences(text, unit) if unit.kind in {"sentence", "item"} else [(unit.start, unit.end)]
        if unit.kind == "chrome":
            cuts += [Cut(start, end, "chrome", -1, unit.block) for start, end in spans]
            continue
        lead = -1
        if unit.kind == "item":
            while leads and leads[-1][0] > unit.indent:
                leads.pop()
            if not leads or leads[-1][0] < unit.indent:
                inherited = leads[-1][1] if leads else -1
                leads.append((unit.indent, opener if opener >= 0 else inherited))
            lead = leads[-1][1]
        else:
            leads.clear()
            if opener >= 0 and text[cuts[opener].end - 1] == ":":
                lead = opener
        first = len(cuts)
        for place, (start, end) in enumerate(spans):
            kind = unit.kind if _WORD.search(text, start, end) else "chrome"
            marker_start = unit.marker_start if place == 0 else -1
            introduced = lead if unit.kind == "item" or place == 0 else -1
            cuts.append(Cut(start, end, kind, introduced if kind != "chrome" else -1, unit.block, marker_start))
        last = len(cuts) - 1
        if last >= first:
            opener = last if _opens(text, cuts[last], unit) else -1
    return cuts


def _opens(text: str, cut: Cut, unit: _Unit) -> bool:
    """Tell whether a cut can introduce the list or quotation after it."""
    if cut.kind == "chrome":
        return False
    if cut.kind == "heading" or text[cut.end - 1] in ":–—-":
        return True
    if unit.kind == "item":
        return False
    return not _finished(text[cut.start : cut.end]) or _INTRODUCES.search(text, cut.start, cut.end) is not None


def _finished(text: str) -> bool:
    """Tell whether a text ends as a sentence does."""
    return text.rstrip(_CLOSERS)[-1:] in tuple(_FINAL)


# --- blocks and units -------------------------------------------------------------------------------------------------


def _regions(text: str, chrome: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Give the stretches of the text between chrome borders, in order: (start, end, is chrome)."""
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


def _blocks(text: str, start: int, end: int) -> list[list[_Line]]:
    """Give the blocks between blank lines, each with its lines that are not blank."""
    blocks: list[list[_Line]] = []
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
        line = _Line(
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


def _wrapped(text: str, line: _Line, following: _Line, width: int) -> bool:
    """Tell whether the first word of the following line would not have fitted on this one."""
    word = text[following.start : following.end].split(None, 1)[0]
    length = line.end - line.start + line.indent
    return length <= width < length + 1 + len(word)


def _wrap_width(text: str, lines: Sequence[Sequence[_Line]]) -> int:
    """Give the width in characters at which these lines were wrapped, or 0 if they were not."""
    pairs = [
        (line, following)
        for block in lines
        for line, following in pairwise(block)
        if not following.marker and text[line.end - 1] not in f"{_FINAL}:"
    ]
    if not pairs:
        return 0
    width = max(line.end - line.start + line.indent for line, _ in pairs)
    if not MIN_WRAP_CHARS <= width <= MAX_WRAP_CHARS:
        return 0
    full = sum(_wrapped(text, line, following, width) for line, following in pairs)
    return width if len(pairs) > 1 and full >= MIN_WRAPPED_SHARE * len(pairs) else 0


def _units(text: str, chrome: Sequence[Span]) -> Iterator[_Unit]:
    regions = [(is_chrome, _blocks(text, start, end)) for start, end, is_chrome in _regions(text, chrome)]
    prose = [block for is_chrome, blocks in regions if not is_chrome for block in blocks]
    width = _wrap_width(text, prose)
    # where most blocks are indented, an indent says nothing
    indent_speaks = 2 * sum(block[0].indent > 1 for block in prose) < len(prose)
    number = 0
    for is_chrome, blocks in regions:
        for block in blocks:
            if is_chrome:
                yield _Unit(block[0].start, block[-1].end, "chrome", number)
            else:
                yield from _block_units(text, block, number, _wrap_width(text, [block]) or width, indent_speaks)
            number += 1


def _block_units(text: str, block: list[_Line], number: int, width: int, indent_speaks: bool) -> list[_Unit]:
    units: list[_Unit] = []
    seen: set[str] = set()
    previous: _Line | None = None
    for line in block:
        last = units[-1] if units else None
        fits = previous is not None and width > 0 and _wrapped(text, previous, line, width)
        ended = previous is None or text[previous.end - 1] in f"{_FINAL}:;"
        if line.marker and (not fits or ended or line.marker in seen or line.marker in {"bullet", "hash"}):
            seen.add(line.marker)
            kind: Kind = "heading" if line.marker == "hash" else "item"
            units.append(_Unit(line.body, line.end, kind, number, line.indent, line.start))
        elif last and last.kind != "heading" and (fits or (not ended and text[line.start].islower())):
            units[-1] = replace(last, end=line.end)
        elif last and last.kind == "item" and line.indent > last.indent:
            units.append(_Unit(line.start, line.end, "item", number, last.indent))
        else:
            units.append(_Unit(line.start, line.end, "sentence", number, line.indent))
        previous = line
    if len(units) == 1:
        return [replace(units[0], alone=len(block) == 1)]
    return _plain_items(text, units, indent_speaks)


def _plain_items(text: str, units: list[_Unit], indent_speaks: bool) -> list[_Unit]:
    """Make items of lines that are a list without markers: indented, or short, or after a colon."""
    first = 1 if text[units[0].end - 1] == ":" else 0
    rest = units[first:]
    if len(rest) < 2 or any(unit.kind != "sentence" for unit in rest):  # noqa: PLR2004 - one line is no list
        return units
    indented = indent_speaks and all(unit.indent > 1 for unit in rest)
    short = all(_short(text, unit) and not _finished(text[unit.start : unit.end]) for unit in rest)
    if indented or (short and (first or len(rest) > 2)):  # noqa: PLR2004 - two short lines may be a heading and more
        return units[:first] + [replace(unit, kind="item", marker_start=unit.start) for unit in rest]
    return units


def _short(text: str, unit: _Unit) -> bool:
    return len(text[unit.start : unit.end].split()) <= MAX_HEADING_WORDS


def _with_headings(text: str, units: list[_Unit]) -> list[_Unit]:
    """Mark the headings, and the items that stand one a block."""
    solid = [place for place, unit in enumerate(units) if unit.kind != "chrome"]
    kinds = {place: units[place].kind for place in solid}
    titled = {place for place in solid if _title_like(text, units[place])}
    # from the end, so that a heading may be followed by a heading that is followed by a paragraph
    for back in range(len(solid) - 2, -1, -1):
        place, following = solid[back], solid[back + 1]
        unit = units[place]
        before = units[solid[back - 1]] if back else None
        if place not in titled:
            continue
        if unit.kind == "item" and (kinds[following] == "item" or (before and before.kind == "item")):
            continue
        if before and text[unit.start].islower() and not _finished(text[before.start : before.end]):
            continue
        kinds[place] = "heading"
    # short lines one a block after a colon are a list, not headings: none of them has a paragraph of its own
    for at, place in enumerate(solid):
        if text[units[place].end - 1] != ":" or units[place].kind != "sentence":
            continue
        run = at + 1
        while run < len(solid) and solid[run] in titled and units[solid[run]].kind == "sentence":
            run += 1
        if run - at - 1 > 1:
            kinds.update(dict.fromkeys(solid[at + 1 : run], "item"))
    return [replace(unit, kind=kinds.get(place, unit.kind)) for place, unit in enumerate(units)]


def _title_like(text: str, unit: _Unit) -> bool:
    """Tell whether a unit looks like a heading: alone, short, not ended as a sentence but perhaps as a question."""
    if not unit.alone or not _short(text, unit) or unit.kind not in {"sentence", "item"}:
        return False
    inner = text[unit.start : unit.end].rstrip(_CLOSERS)
    if inner[-1:] in tuple(":;,.!…。！"):
        return False
    return len(_sentences(text, unit)) == 1


# --- sentences inside a unit ------------------------------------------------------------------------------------------


def _sentences(text: str, unit: _Unit) -> list[tuple[int, int]]:
    """Give the spans of the sentences of a unit, no white space around them."""
    inner = text[unit.start : unit.end]
    return [(unit.start + start, unit.start + end) for start, end in _cut_prose(inner)]


@lru_cache(maxsize=1024)
def _cut_prose(inner: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for here, there in pairwise([0, *_borders(inner), len(inner)]):
        for start, end in _tight(inner, here, there):
            # a note arrow, a smile or "(pdf)" behind a sentence is no sentence of its own
            if spans and (not _WORD.search(inner, start, end) or _ASIDE.fullmatch(inner, start, end)):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return tuple(piece for start, end in spans for piece in _bounded(inner, start, end))


def _borders(inner: str) -> list[int]:
    """Give the places where a new sentence begins: nupunkt's, repaired where blog prose is not what it learnt from."""
    import nupunkt

    lower_style = inner[:1].islower()
    borders = set()
    for start, _ in nupunkt.sentence_spans(inner, paragraph_breaks=False):
        closing = _CLOSING.match(inner, start)
        border = closing.end() if closing else start
        if 0 < border < len(inner) and _holds(inner, border, lower_style=lower_style):
            borders.add(border)
    for pattern in (_GLUED, _IDEOGRAPHIC):
        borders |= {match.end() for match in pattern.finditer(inner)}
    borders |= {match.end() for match in _MISSED.finditer(inner) if _ends_here(match["word"], match["next"])}
    return sorted(borders)


def _holds(inner: str, border: int, *, lower_style: bool) -> bool:
    """Tell whether a sentence can begin here."""
    following = inner[border:].lstrip()
    ended_by = inner[:border].rstrip().rstrip(_CLOSERS)[-1:]
    if ended_by in tuple("!?…") and following[:2].islower() and not lower_style:
        return False  # "Yahoo! is"
    if not inner[border - 1].isspace() and not following[:1].isspace() and inner[border - 1] not in "。！？｡":
        return border < len(inner) and inner[border].isspace()
    if _INITIALS.search(inner, 0, border):
        first = _FIRST_WORD.match(following)
        return first is None or first.group().casefold() in STOP_WORDS  # "the U.S. General Services Administration"
    return True


def _ends_here(word: str, following: str) -> bool:
    """Tell whether "word. Following" are two sentences although nupunkt takes the word for an abbreviation."""
    if word.casefold() in _ABBREVIATIONS:
        return False
    starter = len(following) > 1 and following.casefold() in STOP_WORDS - _NAMES
    return starter or (word.islower() and len(word) > 1)


def _tight(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Give the span without outer white space, or nothing."""
    body = text[start:end]
    bare = body.strip()
    if not bare:
        return []
    start += len(body) - len(body.lstrip())
    return [(start, start + len(bare))]


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a span of more than `MAX_SENTENCE_WORDS` words: at the last semicolon, else comma, else white space."""
    while True:
        words = [match.span() for match in re.finditer(r"\S+", text[start:end])]
        if len(words) <= MAX_SENTENCE_WORDS:
            yield start, end
            return
        window = words[MAX_SENTENCE_WORDS // 2 : MAX_SENTENCE_WORDS]
        cut = next(
            (stop for mark in ";,，、；" for _, stop in reversed(window) if text[start + stop - 1] == mark),
            window[-1][1],
        )
        yield start, start + cut
        start = _tight(text, start + cut, end)[0][0]
