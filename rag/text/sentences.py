"""Sentences, list items and headings of a post's text, as spans, each with what introduces it.

Lines are grouped into units first (`paragraphs`); nupunkt finds the ends of sentences inside a unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.text.paragraphs import (
    CLOSERS,
    FINAL,
    MAX_HEADING_WORDS,
    MAX_PLAIN_ITEM_WORDS,
    Unit,
    finished,
    units_of,
    within,
)
from rag.text.tokens import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.records import SentenceKind, Span

__all__ = ["SentenceCut", "split"]

# this many lines in a row that look like headings are a list
MIN_LIST_OF_TITLES = 4
# anything longer is a table or a text without punctuation; the longest sentence in 600 blog posts has 113 words
MAX_SENTENCE_WORDS = 400

_WORD = re.compile(r"\w")
# what belongs to the sentence before although it follows its end: note marks, closing quotes, smileys, "(pdf)"
_ASIDE = r"\((?:[a-z\d][^().!?]{0,30}|[A-Z]{2,4})\)\.?"
_CLOSING = re.compile(
    r"(?:\[\d{1,3}\])+|[\"'”’»)\]]+(?=\s|$)|[:;]-?[()](?=\s|$)|" + _ASIDE + r"(?=\s+[\"“‘(]?[A-Z]|\s*$)"
)
_GLUED = re.compile(r"(?<![\w./@:-])[a-z]{3,}[.!?][”’\"')\]]?(?=[“‘\"'(]?[A-Z][a-z]*[\s,’'])")
_IDEOGRAPHIC = re.compile(r"[。！？｡][。！？｡”’」』）]*(?!$)")
_MISSED = re.compile(
    r"(?<![\w.])(?P<word>[^\W\d_]+)\.(?:[\"'”’)\]]|\[\d{1,3}\])*\s+(?=[\"'“‘(\[]*(?P<next>[A-Z][\w’']*))"
)
_INITIALS = re.compile(r"(?<!\b[A-Z]\.)(?:\b[A-Z]\.){2,}+\s++\Z")
# characters looked at on either side of a boundary, so that the work grows linearly even for a line of megabytes
_SEEN = 80
_FIRST_WORD = re.compile(r"[\w’']+")
# abbreviations that may be followed by a capital inside a sentence
_ABBREVIATIONS = frozenset(
    """
    al approx ca cf dept dr ed eds eg esp est ext fig figs govt ie incl max min mr mrs ms op para pp prof pt ref resp
    sec st tel viz vol vols vs
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words that never end a sentence: the next block continues it
_NEVER_LAST = frozenset(
    {"a", "an", "and", "are", "as", "by", "for", "is", "of", "or", "than", "that", "the", "was", "with"}
)
# function words that are also first names
_NAMES = frozenset({"may", "will"})


@dataclass(frozen=True, slots=True)
class SentenceCut:
    """One sentence, item, heading or piece of chrome: ``text[start:end]`` without surrounding white space.

    ``lead_in`` is the index, in the list, of the cut that introduces this one, or -1. ``paragraph`` counts blocks from
    0. ``marker_start`` is where the marker of an item or heading begins ("•", "1.", "##"), or -1.
    """

    start: int
    end: int
    kind: SentenceKind = "sentence"
    lead_in: int = -1
    paragraph: int = 0
    marker_start: int = -1


def split(text: str, chrome: Sequence[Span] = ()) -> list[SentenceCut]:
    r"""Cut a text into sentences, items, headings and chrome, in order; only white space and markers are left out.

    ``chrome`` are spans of ``text`` that are never quoted; a sentence never crosses their boundaries.

    >>> [(cut.start, cut.kind) for cut in split("We need:\n\n• trust\n• time. And luck.")]
    [(0, 'sentence'), (12, 'item'), (20, 'item'), (26, 'item')]
    """
    units = _with_headings(text, list(units_of(text, chrome)))
    cuts: list[SentenceCut] = []
    leads: list[tuple[int, int]] = []  # (indent, lead-in) of the open lists
    opener = -1  # what may introduce the next unit
    for unit in units:
        spans = _sentences(text, unit) if unit.kind in {"sentence", "item"} else [(unit.start, unit.end)]
        if unit.kind == "chrome":
            cuts += [SentenceCut(start, end, "chrome", -1, unit.block) for start, end in spans]
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
            if unit.kind == "sentence" and opener >= 0 and _runs_on(text, cuts, opener, unit):
                lead = opener
        for place, (start, end) in enumerate(spans):
            kind = unit.kind if _WORD.search(text, start, end) else "chrome"
            marker_start = unit.marker_start if place == 0 else -1
            introduced = lead if unit.kind == "item" or place == 0 else -1
            cuts.append(SentenceCut(start, end, kind, introduced if kind != "chrome" else -1, unit.block, marker_start))
        # the last sentence of a paragraph, or a heading, introduces the list after it; an item only if it ends in a
        # colon
        last = len(cuts) - 1
        if unit.kind != "item" or text[cuts[last].end - 1] == ":":
            opener = last if cuts[last].kind != "chrome" else -1
        else:
            opener = -1
    return cuts


# --- headings and lists one a block -----------------------------------------------------------------------------------


def _runs_on(text: str, cuts: Sequence[SentenceCut], opener: int, unit: Unit) -> bool:
    """Whether a paragraph continues the sentence before it: after a colon, or after a break in mid-sentence."""
    before = cuts[opener]
    if text[before.end - 1] == ":":
        return True
    if before.kind != "sentence" or before.paragraph == unit.block or finished(text[before.start : before.end]):
        return False
    last = text[before.start : before.end].rsplit(None, 1)[-1].casefold()
    return last in _NEVER_LAST or text[unit.start : unit.start + 2].islower()


def _with_headings(text: str, units: list[Unit]) -> list[Unit]:
    """Mark the headings, and the items that are blocks of their own."""
    solid = [place for place, unit in enumerate(units) if unit.kind != "chrome"]
    kinds = {place: units[place].kind for place in solid}
    titled = {place for place in solid if _title_like(text, units[place])}
    # backwards, because a heading may be followed by another heading that is followed by a paragraph
    for back in range(len(solid) - 2, -1, -1):
        place, following = solid[back], solid[back + 1]
        unit = units[place]
        before = units[solid[back - 1]] if back else None
        if place not in titled:
            continue
        if unit.kind == "item" and (kinds[following] == "item" or (before and before.kind == "item")):
            continue
        if before and text[unit.start].islower() and not finished(text[before.start : before.end]):
            continue
        if units[following].kind == "sentence" and text[units[following].start : units[following].start + 2].islower():
            continue  # the sentence continues there
        kinds[place] = "heading"
    _mark_items(text, units, solid, kinds)
    return [replace(unit, kind=kinds.get(place, unit.kind)) for place, unit in enumerate(units)]


def _mark_items(text: str, units: Sequence[Unit], solid: Sequence[int], kinds: dict[int, SentenceKind]) -> None:
    """Change the kind of lines that look like headings to "item" if they are a list."""
    for at, place in enumerate(solid):
        if units[place].kind == "sentence" and text[units[place].end - 1] == ":":
            # single-line blocks after a colon are a list, not headings
            run = _alike(text, (units[solid[other]] for other in range(at + 1, len(solid))))
            kinds.update(dict.fromkeys(solid[at + 1 : at + 1 + run] if run > 1 else [], "item"))
    # many headings in a row are a list or a table: the first may name it, the last the paragraph that follows
    at = 0
    while at < len(solid):
        run = at
        while run < len(solid) and kinds[solid[run]] == "heading":
            run += 1
        if run - at >= MIN_LIST_OF_TITLES:
            kinds.update(dict.fromkeys(solid[at + 1 : run - 1], "item"))
        at = max(run, at + 1)


def _alike(text: str, units: Iterable[Unit]) -> int:
    """The number of leading single-line units that end alike: all with a question mark or all without punctuation."""
    first: str | None = None
    count = 0
    for unit in units:
        end = text[unit.start : unit.end].rstrip(CLOSERS)[-1:]
        first = end if first is None else first
        fits = unit.alone and unit.kind == "sentence" and within(text, unit, MAX_PLAIN_ITEM_WORDS)
        if not fits or (end == "?") != (first == "?") or (end != "?" and end in tuple(f"{FINAL}:")):
            break
        count += 1
    return count


def _title_like(text: str, unit: Unit) -> bool:
    """Whether a unit looks like a heading: alone, short, and without final punctuation except a question mark."""
    if not unit.alone or not within(text, unit, MAX_HEADING_WORDS) or unit.kind not in {"sentence", "item"}:
        return False
    inner = text[unit.start : unit.end].rstrip(CLOSERS)
    if inner[-1:] in tuple(":;,.!…。！"):
        return False
    return len(_sentences(text, unit)) == 1


# --- sentences inside a unit ------------------------------------------------------------------------------------------


def _sentences(text: str, unit: Unit) -> list[tuple[int, int]]:
    """The spans of the sentences of a unit, without surrounding white space."""
    inner = text[unit.start : unit.end]
    return [(unit.start + start, unit.start + end) for start, end in _cut_prose(inner)]


@lru_cache(maxsize=1024)
def _cut_prose(inner: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    for here, there in pairwise([0, *_borders(inner), len(inner)]):
        for start, end in _tight(inner, here, there):
            # a note arrow after a sentence is not a sentence of its own
            if spans and not _WORD.search(inner, start, end):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return tuple(piece for start, end in spans for piece in _bounded(inner, start, end))


def _borders(inner: str) -> list[int]:
    """The places where a new sentence begins: nupunkt's, corrected where blog prose differs from its training texts."""
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
    """Whether a sentence can begin here."""
    before = inner[max(border - _SEEN, 0) : border]
    following = inner[border : border + _SEEN].lstrip()
    ended_by = before.rstrip().rstrip(CLOSERS)[-1:]
    if ended_by in tuple("!?…") and following[:2].islower() and not lower_style:
        return False  # "Yahoo! is"
    if not inner[border - 1].isspace() and not following[:1].isspace() and inner[border - 1] not in "。！？｡":
        return border < len(inner) and inner[border].isspace()
    if _INITIALS.search(before):
        first = _FIRST_WORD.match(following)
        return first is None or first.group().casefold() in STOP_WORDS  # "the U.S. General Services Administration"
    return True


def _ends_here(word: str, following: str) -> bool:
    """Whether "word. Following" are two sentences although nupunkt takes the word for an abbreviation."""
    if word.casefold() in _ABBREVIATIONS:
        return False
    starter = len(following) > 1 and following.casefold() in STOP_WORDS - _NAMES
    return starter or (word.islower() and len(word) > 1)


def _tight(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span without surrounding white space, as a list of one; empty if nothing is left."""
    body = text[start:end]
    bare = body.strip()
    if not bare:
        return []
    start += len(body) - len(body.lstrip())
    return [(start, start + len(bare))]


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split a span of more than `MAX_SENTENCE_WORDS` words: at the last semicolon, else comma, else white space."""
    words = [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]
    first = 0
    while len(words) - first > MAX_SENTENCE_WORDS:
        window = range(first + MAX_SENTENCE_WORDS - 1, first + MAX_SENTENCE_WORDS // 2 - 1, -1)
        last = next((at for mark in ";,，、；" for at in window if text[words[at][1] - 1] == mark), window[0])
        yield start, words[last][1]
        first = last + 1
        start = words[first][0]
    yield start, end
