"""The cues that distinguish the title of a post from a sub-heading, and a sensible post from a wrong division."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from rag.extraction.outline import HABIT, LONG_WORDS, MIN_PLACES, Heap, Outline, ends_sentence
from rag.text.dates import trailing_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Cues", "possible_starts", "post_cues", "title_cues"]

WINDOW_WORDS = 250  # words on either side of a heading that are compared with each other
SYSTEMATIC = 0.6  # from this strength on, a cue counts as present in checking whether a page has it throughout
MAX_COHESION = 0.3  # more shared words mean nothing: some blogs use few different words (9 in 10 headings have less)
MAX_SECTIONS = 150  # headings within one post: limits the work on hostile pages; the most seen is 60

Cues = dict[str, float]

_OPENING = frozenset(
    "intro introduction overview background preface foreword prologue summary abstract tldr motivation".split()  # noqa: SIM905
)
_CLOSING = frozenset(
    "outro conclusion conclusions concluding epilogue references acknowledgements acknowledgments thanks bibliography "  # noqa: SIM905
    "footnotes credits wrap-up".split()
)
_CODE = re.compile(
    r"^[($<{\[#/\\;]|[{};]\s*$|\(\)|=>|->\s*\w+\(|[=!]==?|&&|\|\||^\w+(?:\.\w+)+\(|^[a-z]+ -{1,2}\w|</\w+>|::|\\n|"
    r"https?://|^[a-z]+(?: [a-z_./-]+){0,2}$"
)
_DECORATED = re.compile(r"([=*~#-]{2,})[ \t]++(\S.*\S|\S)[ \t]\1")  # "=== Harvest ==="
_NUMBERED = re.compile(
    r"\W?\d+(?:\.\d+)*[.):]\s|"
    r"(?:step|part|example|problem|scenario|figure|table|option|tip|chapter|section|question|lesson|case|day)\s+\#?"
    r"(?:\d+|[ivx]+|[a-d]|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\b(?:today|yesterday|tonight|recently|lately|this (?:week|month|morning|year|post|article|weekend|is the|series)|"
    r"last (?:week|month|night|year|weekend|time)|in this (?:post|article)|i (?:was|am|have|just|recently)|"
    r"i['’](?:ve|m|d)|we (?:are|have|just)|we['’](?:ve|re)|as (?:promised|you)|here['’]?s|have you|ever since|"
    r"a (?:few|couple|while)|welcome|hello|hi|hey|if you)\b",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"\b(?:thanks?|thank you|cheers|enjoy|happy \w+ing|hope (?:you|this|it|to)|let me know|stay tuned|good luck|"
    r"see you|comments?|feedback|until next|next (?:time|post|week)|that['’]s (?:it|all)|questions|subscribe|"
    r"in (?:conclusion|summary)|follow me|ps|p\.s|pps|to sum(?:marise|marize)?|finally)\b",
    re.IGNORECASE,
)


def possible_starts(one: Outline) -> list[int]:
    """Line 0 and every short line after it."""
    return [0, *(at for at, kind in enumerate(one.kinds) if kind == "short" and at > 0)]


def title_cues(one: Outline, starts: Sequence[int], heap: Heap) -> list[Cues]:
    """The cues of each possible title, including those that depend on the page's other headings."""
    parts, texts = heap.parts(one), _texts_after(one)
    spoken = [at for at, words in enumerate(one.words) if words]
    found = [
        _cues(one, at, heap, texts[at], spoken) | {"parts": parts[at]}
        if one.kinds[at] == "short"
        else {"untitled": 1.0}
        for at in starts
    ]
    titles = [cues for cues in found if "title" in cues]
    for name in ("cohesion", "named_right"):
        known = sorted(cues[name] for cues in titles)
        for cues in titles:
            cues[f"{name}_here"] = cues[name] - known[len(known) // 2]
    for name in ("held", "byline_after", "byline_before", "dated", "closer_before", "opener_after", "gap"):
        if sum(cues[name] >= SYSTEMATIC for cues in titles) < 2:  # noqa: PLR2004 - twice is again
            continue
        for cues in titles:
            # fewer than three words are not compared, and the first line of a page has nothing before it
            exempt = cues["frame_before"] or (name == "held" and cues["words"] < 4 / 12)
            if cues[name] >= SYSTEMATIC:
                cues[f"has_{name}"] = 1.0
            elif not exempt:
                cues[f"lacks_{name}"] = 1.0
    return found


def _texts_after(one: Outline) -> list[str]:
    """For each line, the next line below it that is text or a list item."""
    found: list[str] = []
    following = ""
    for block, kind in zip(reversed(one.blocks), reversed(one.kinds), strict=True):
        found.append(following)
        following = block.text if kind in ("text", "item") else following
    return found[::-1]


def _cues(one: Outline, number: int, heap: Heap, text_after: str, spoken: Sequence[int]) -> Cues:
    """The cues of the short line at ``number``, each about 0 to 1.

    ``text_after`` is the next text below it; ``spoken`` are the lines of the page that have words.
    """
    block, line = one.blocks[number], one.blocks[number].text
    last = len(one.blocks) - 1
    words = line.split()
    before = one.kinds[number - 1] if number else "frame"
    after = one.kinds[number + 1] if number < last else "frame"
    text_before = one.blocks[number - 1].text if number else ""
    above, below = bisect_left(spoken, number), bisect_right(spoken, number)
    left = _words_of(one, reversed(spoken[max(above - WINDOW_WORDS, 0) : above]), last=True)
    right = _words_of(one, spoken[below : below + WINDOW_WORDS])
    own = set(one.words[number])
    total = math.fsum(map(heap.weight, own)) or 1.0
    lesser = min(math.fsum(map(heap.weight, left)), math.fsum(map(heap.weight, right)))
    key_before = one.keys[number - 1] if number and len(one.words[number - 1]) < LONG_WORDS else ""
    return {
        "title": 1.0,
        "held": float(block.nbsp),
        "byline_after": float(after == "byline"),
        "byline_before": float(before == "byline"),
        "dated": float(trailing_date(line) is not None),
        "chrome_before": float(before == "chrome"),
        "frame_before": float(before == "frame"),
        "gap": min(max(block.blank - 1, 0), 2) / 2,
        "recurs": min(math.log2(max(heap.recurs(one.keys[number]), 1)), 3.0) / 3,
        "closer_before": heap.closes(key_before),
        "opener_after": heap.opens(one.keys[number + 1]) if after == "short" else 0.0,
        "farewell": min(math.log2(max(heap.farewells(text_before), 1)), 3.0) / 3 if before == "text" else 0.0,
        "words": min(len(words), 12) / 12,
        "single": float(len(words) == 1),
        "question": float(line[-1] == "?"),
        "stop": float(ends_sentence(line)),
        "code": float(_is_code(line)),
        "numbered": float(bool(_NUMBERED.match(line))),
        "opening_word": float(_named(line, _OPENING)),
        "closing_word": float(_named(line, _CLOSING)),
        "opens_next": float(after == "short" and _named(one.blocks[number + 1].text, _OPENING)),
        "short_after": float(after == "short"),
        "item_before": float(before == "item"),
        "item_after": float(after == "item"),
        "lead_before": float(text_before[-1:] == ":"),
        "unfinished_before": float(before == "text" and text_before[-1:] not in ".!?…)”\"’'。！？:"),
        "greets": float(bool(_GREETING.search(" ".join(text_after.split(None, 25)[:25])))),
        "parting": float(bool(_FAREWELL.search(" ".join(text_before.rsplit(None, 25)[-25:])))),
        "named_left": math.fsum(map(heap.weight, own & left)) / total,
        "named_right": math.fsum(map(heap.weight, own & right)) / total,
        "cohesion": min(math.fsum(map(heap.weight, left & right)) / lesser, MAX_COHESION) if lesser else 0.0,
    }


def post_cues(one: Outline, starts: Sequence[int], heap: Heap) -> Iterator[list[Cues]]:
    """For each start, the cues of the posts from there to each later start, the nearest first."""
    count = len(one.blocks)
    recurring = [len(one.words[at]) < LONG_WORDS and heap.recurs(one.keys[at]) >= MIN_PLACES for at in range(count)]
    plain = [kind in ("text", "item", "short") for kind in one.kinds]
    closer = [recurring[at] and plain[at] and heap.closes(one.keys[at]) >= HABIT for at in range(count)]
    opener = [recurring[at] and one.kinds[at] == "short" and heap.opens(one.keys[at]) >= HABIT for at in range(count)]
    closing = [one.kinds[at] == "short" and _named(one.blocks[at].text, _CLOSING) for at in range(count)]
    ends = [*starts[1:], count]
    own = [{word: heap.weight(word) for word in one.words[start]} for start in starts]
    spoken = [set(one.words[at]) if kind == "text" else set() for at, kind in enumerate(one.kinds)]
    for i, start in enumerate(starts):
        row: list[Cues] = []
        length = closers = openers = bylines = after_closing = 0
        signed = closed = dated = False
        last_text = echoed = start
        echo = 0.0
        total = sum(own[i].values()) or 1.0
        head = True
        for j in range(i, min(i + MAX_SECTIONS, len(starts))):
            for at in range(max(starts[j], start + 1), ends[j]):
                kind = one.kinds[at]
                if kind == "text":
                    last_text = at
                length += len(one.words[at]) if plain[at] else 0
                if plain[at]:
                    closers += signed and not closer[at]
                    signed = closer[at]
                openers += opener[at] and at > start + 1
                bylines += dated and plain[at]
                dated = (dated or kind == "byline") and not head and not plain[at]
                head = head and kind in ("byline", "chrome", "frame")
                after_closing += closed and kind == "short"
                closed = closed or closing[at]
            if last_text != echoed:
                echoed = last_text
                named = own[i].keys() & spoken[last_text]
                echo = math.fsum(own[i][word] for word in named) / total if named else 0.0
            # the text above the first title of a page need not be a post
            counted = 1.0 if length or one.kinds[start] == "short" else 0.0
            row.append(
                {
                    f"length_{min(int(math.log2(length / 10 + 1)), 7)}": counted,
                    "closers": min(closers, 4),
                    "openers": min(openers, 4),
                    "bylines": min(bylines, 4),
                    "after_closing": min(after_closing, 4),
                    "echo": echo,
                }
            )
        yield row


def _is_code(line: str) -> bool:
    decorated = _DECORATED.fullmatch(line)
    return _CODE.search(decorated[2] if decorated else line) is not None


def _named(line: str, names: frozenset[str]) -> bool:
    words = line.casefold().strip(" .!?:").split()
    return len(words) <= 3 and not names.isdisjoint(words)  # noqa: PLR2004 - "a short introduction"


def _words_of(one: Outline, lines: Iterable[int], *, last: bool = False) -> set[str]:
    """The words of lines, the nearest first, as far as a window reaches; with ``last``, from the end of each."""
    found: set[str] = set()
    room = WINDOW_WORDS
    for number in lines:
        if room <= 0:
            break
        words = one.words[number]
        found.update(words[-room:] if last else words[:room])
        room -= len(words)
    return found
