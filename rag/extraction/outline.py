"""The lines of a page by kind, and what the pages of a heap have in common.

These are short lines that recur, rare words, and places where two pages stop or start agreeing.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from rag.extraction.text_boilerplate import MAX_ARCHIVE_LINES, Glue, archive_lines, is_caption, is_chrome
from rag.text.dates import read_byline
from rag.text.lines import Block, fold_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["HABIT", "LONG_WORDS", "Heap", "LineKind", "Outline", "ends_sentence", "outline"]

LineKind = Literal["text", "short", "item", "byline", "chrome", "frame"]

MAX_TITLE_WORDS = 22  # the longest of 2,500 blog titles looked at has 21
MAX_TITLE_CHARACTERS = 160  # the longest of them has 142
MAX_STOPPED_WORDS = 14  # 1 in 100 of 2,500 titles ends in a full stop or exclamation mark; the longest of these has 14
MAX_FRAME_LINES = 40  # in a site's menu at the top or bottom of a page; the longest seen has 13
MIN_FRAME_PAGES = 3  # two pages that begin alike may be two posts under one name, not a menu
LONG_WORDS = 8  # a line of this many words identifies its place in a text: shorter ones recur by chance
MIN_PLACES = 3  # places that make a short line a habit of the site; two may be one post that was edited
HABIT = 0.8  # share of its places in which a recurring line must close or open a post for this to be its habit
DENSE = 0.9  # share of lines without a blank line before them above which blank lines mean nothing

_SIGNED = re.compile(r"\s*[—–―-]{1,2}\s?.{1,60}\(@\w+\)")  # below an embedded post of a social network
_ITEM = re.compile(r"(?:[•◦▪‣∙●○*+-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
# a sentence, which many posts may really contain; menus and copyright lines are rarely sentences
_SAID = re.compile(r"^[A-Z“\"'‘].*\s\S+\s\S+[.!?…][\"'”’)]?$", re.DOTALL)
_ADDRESS = re.compile(r"https?://\S+")  # of the page, above it
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCES = re.compile(r"\w{2}[.!?…]['\"”’)]?\s+[A-Z]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A page's lines, and for each its kind, its words for comparison, its folded key, and whether it is long."""

    blocks: tuple[Block, ...]
    kinds: tuple[LineKind, ...]
    words: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    long: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Note the long lines, which are looked up for every line of a page."""
        object.__setattr__(self, "long", tuple(filter(self.is_long, range(len(self.words)))))

    def is_long(self, number: int) -> bool:
        """Whether the line is long enough to identify its place."""
        return len(self.words[number]) >= LONG_WORDS and self.kinds[number] != "chrome"

    def long_before(self, number: int) -> int:
        """The nearest long line before this one, or -1."""
        at = bisect_left(self.long, number)
        return self.long[at - 1] if at else -1

    def long_after(self, number: int) -> int:
        """The nearest long line after this one, or the number of lines."""
        at = bisect_right(self.long, number)
        return self.long[at] if at < len(self.long) else len(self.blocks)


def outline(blocks: Sequence[Block], glue: Glue, *, compared: bool = True) -> Outline:
    """Sort the lines of a page by kind; "short" is what may be a title or a sub-heading.

    Words and keys are left empty for a page that is not compared with others.
    """
    dense = sum(block.blank == 0 for block in blocks) > DENSE * len(blocks)
    kinds: list[LineKind] = []
    for number, block in enumerate(blocks):
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        alone = dense or (block.blank > 0 and (after is None or after.blank > 0))
        kinds.append("chrome" if glue.is_caption(block.text) else _kind(block, after, alone=alone))
        if (
            kinds[-1] == "chrome"
            and is_caption(block.text)
            and block.blank == 0
            and kinds[-2:-1] in (["short"], ["text"])
        ):
            # the line right above a picture's credit is its caption
            above = blocks[number - 1].text
            if len(above.split()) < LONG_WORDS and above[-1] not in ".!?:,;":
                kinds[-2] = "chrome"
    header = archive_lines([block.text for block in blocks[:MAX_ARCHIVE_LINES]])
    header = header or int(bool(blocks) and _ADDRESS.fullmatch(blocks[0].text) is not None)
    kinds[:header] = ["chrome"] * header
    lines = [glue.without(block.text) if compared else "" for block in blocks]
    words = tuple(tuple(_stems(line)) for line in lines)
    return Outline(tuple(blocks), tuple(kinds), words, tuple(map(fold_key, lines)))


def _kind(block: Block, after: Block | None, *, alone: bool) -> LineKind:
    line = block.text
    if is_chrome(line) or is_caption(line):
        return "chrome"
    if _ITEM.match(line):
        return "item"
    if _SIGNED.match(line):
        return "text"
    if read_byline(line) is not None:
        return "byline"
    apart = alone or (after is not None and block.blank > 0 and read_byline(after.text) is not None)
    return "short" if apart and _may_be_title(line) else "text"


def _may_be_title(line: str) -> bool:
    """Whether a line is as short as a title and does not end like a sentence or clause."""
    words = len(line.split()) + len(_WIDE.findall(line)) // 2
    if words > MAX_TITLE_WORDS or len(line) > MAX_TITLE_CHARACTERS or line[-1] in ",;:，；：":
        return False
    stops = line.rstrip("\"'”’)")[-1:] in (".", "!", "…")
    if stops and (words > MAX_STOPPED_WORDS or _SENTENCES.search(line)):
        return False
    return any(character.isalnum() for character in line)


def _stems(text: str) -> Iterator[str]:
    """Words cut to seven letters, without numbers; pairs of characters in scripts written without spaces."""
    for match in _WORD.finditer(text.casefold()):
        word = match.group()
        if _WIDE.search(word):
            yield from (word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        elif not word.isdigit():
            yield word.removesuffix("'s").removesuffix("’s").rstrip("s")[:7] or word


@dataclass(slots=True)
class _Places:
    """Where a short line occurs in the heap: the long lines around it, and how often a short line is next to it."""

    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    times: int = 0
    before_short: int = 0
    after_short: int = 0

    @property
    def different(self) -> int:
        """The number of different surroundings; a post on several pages counts once."""
        return min(len(self.before), len(self.after))


class Heap:
    """What the pages of one heap have in common.

    A line that recurs with different texts is a habit of the site: a signature, the name of a section, a menu. A word
    on few lines says more than a word on many. Where two pages stop agreeing, a post begins or ends.
    """

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self._places: dict[str, _Places] = defaultdict(_Places)
        self._followers: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._leaders: dict[tuple[str, ...], set[str]] = defaultdict(set)
        spread: Counter[str] = Counter()
        lines = 0
        texts: set[tuple[str, str, bool]] = set()
        for one in outlines:
            longs = [number for number in range(len(one.blocks)) if one.is_long(number)]
            lines += len(longs)
            for number in longs:
                spread.update(set(one.words[number]))
            self._note_short(one)
            self._note_long([one.keys[number] for number in longs])
            texts.update(_endings(one))
        self._endings = Counter(ending for _, ending in {(key, ending) for key, ending, _ in texts})
        self._refrains = Counter(ending for _, ending, closes in texts if not closes)
        self._rarity = {word: math.log((lines + 1) / count) for word, count in spread.items()}
        self._top_rarity = math.log(lines + 1)
        self._tops = _shared_runs(outlines, 1)
        self._bottoms = _shared_runs(outlines, -1)

    def _note_short(self, one: Outline) -> None:
        last = len(one.blocks) - 1
        before = "^"
        follow = one.long_after(-1)
        for number, key in enumerate(one.keys):
            if number == follow:
                before, follow = key, one.long_after(number)
                continue
            known = self._places[key]
            after = one.keys[follow] if follow <= last else "$"
            if before not in known.before or after not in known.after:
                known.times += 1
                known.before_short += number > 0 and one.kinds[number - 1] == "short"
                known.after_short += number == last or one.kinds[number + 1] == "short"
            known.before.add(before)
            known.after.add(after)

    def _note_long(self, keys: list[str]) -> None:
        line = ["^", "^", "^", *keys, "$", "$", "$"]
        for at in range(2, len(line) - 3):
            self._followers[tuple(line[at - 2 : at + 1])].add(line[at + 1])
            self._leaders[tuple(line[at + 1 : at + 4])].add(line[at])

    def weight(self, word: str) -> float:
        """How much a word says: the logarithm of how few lines contain it."""
        return self._rarity.get(word, self._top_rarity)

    def recurs(self, key: str) -> int:
        """The number of different surroundings in which a short line occurs."""
        return self._places[key].different if key in self._places else 0

    def closes(self, key: str) -> float:
        """How regularly a recurring line is followed by something short: a signature, a row of buttons."""
        known = self._places.get(key)
        return known.after_short / known.times if known and known.different >= MIN_PLACES else 0.0

    def opens(self, key: str) -> float:
        """How regularly a recurring line is preceded by something short: the name of a first section."""
        known = self._places.get(key)
        return known.before_short / known.times if known and known.different >= MIN_PLACES else 0.0

    def farewells(self, line: str) -> int:
        """The number of text lines in the heap that end in the same two words.

        0 if nearly all of these are followed by more text, because that is a refrain.
        """
        ending = _ending(line)
        times = self._endings[ending]
        return times if times - self._refrains[ending] >= (1 - HABIT) * times else 0

    def parts(self, one: Outline) -> list[float]:
        """For each line, whether pages diverge just before it.

        0.5 if another page has the same three long lines before it and continues differently, and 0.5 more if one has
        the same three after it and a different text before.
        """
        line = ["^", "^", "^", *(key for at, key in enumerate(one.keys) if one.is_long(at)), "$", "$", "$"]
        found = []
        at = 2
        for number in range(len(one.keys)):
            ends = len(self._followers[tuple(line[at - 2 : at + 1])] - {line[at + 1]}) > 0
            starts = len(self._leaders[tuple(line[at + 1 : at + 4])] - {line[at]}) > 0
            found.append((ends + starts) / 2)
            at += one.is_long(number)
        return found

    def framed(self, one: Outline) -> Outline:
        """Mark the lines at the top and bottom that are the site's, because most pages begin or end with them."""
        kinds = list(one.kinds)
        for runs, turn in ((self._tops, 1), (self._bottoms, -1)):
            keys = one.keys[::turn]
            together = runs[keys[:1]]
            length = 0
            blocks = one.blocks[::turn]
            while length < min(len(keys), MAX_FRAME_LINES) and runs[keys[: length + 1]] * 2 >= max(
                together, 2 * MIN_FRAME_PAGES
            ):
                if keys.count(keys[length]) > 1:
                    break  # a signature below every post, not the site's
                if _SAID.search(blocks[length].text.rstrip()) is not None:
                    break  # a sentence is text, even if many pages end with it
                length += 1
                together = runs[keys[:length]]
            if turn > 0 and length and one.kinds[length : length + 1] == ("text",):
                length -= 1  # the line above the text is its title, however many posts have it
            for at in range(length):
                kinds[at if turn > 0 else -1 - at] = "frame"
        return replace(one, kinds=tuple(kinds))


def _endings(one: Outline) -> Iterator[tuple[str, str, bool]]:
    """For each line of text: its key, its last two words, and whether the line below may begin something new."""
    following = (*one.kinds[1:], "frame"), (*(block.text for block in one.blocks[1:]), "")
    for key, block, kind, after, below in zip(one.keys, one.blocks, one.kinds, *following, strict=True):
        if kind == "text":
            yield key, _ending(block.text), after not in ("text", "item") and not ends_sentence(below)


def ends_sentence(line: str) -> bool:
    """Whether a line ends in a full stop, as do 1 in 800 titles and 1 in 14 other lines of their length."""
    return line.rstrip("\"'”’)")[-1:] in (".", "。", "…")


def _ending(line: str) -> str:
    return fold_key(" ".join(line.split()[-2:]))


def _shared_runs(outlines: Sequence[Outline], turn: int) -> Counter[tuple[str, ...]]:
    """The number of different texts next to each run of short lines at the top (turn 1) or bottom (-1) of pages."""
    follows: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one in outlines:
        keys, words = one.keys[::turn], one.words[::turn]
        short = next((at for at, line in enumerate(words) if len(line) >= LONG_WORDS), len(words))
        text = keys[short] if short < len(keys) else ""
        for length in range(1, min(short, MAX_FRAME_LINES) + 1):
            follows[keys[:length]].add(text)
    return Counter({run: len(texts) for run, texts in follows.items()})
