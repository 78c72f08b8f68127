"""Where posts begin on a page: the most likely division, judged over the whole page and all pages of a site."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rag.extraction.boundary_features import Cues, possible_starts, post_cues, title_cues
from rag.extraction.outline import MIN_PLACES, Heap, Outline, ends_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["find_starts", "load_cue_weights"]

# One post too many costs a reader as much as one too few, but the likeliest division errs towards too few. This is the
# value, out of 0 to 2 in steps of a quarter, with the best F1 of titles over real archive pages and pages of a single
# post.
EAGERNESS = 1.0

# A site shows the same number of posts on each page of its archive. Pages follow the common number if that costs at
# most MAX_CONSENSUS_LOSS each and MEAN_CONSENSUS_LOSS on average (in the units of the weights). Measured with one blog
# left out of an earlier fit: F1 rose from 0.84 to 0.92 on one blog and stayed within 0.005 on the others.
MAX_CONSENSUS_LOSS = 3.0
MEAN_CONSENSUS_LOSS = 1.0
MIN_CONSENSUS_SHARE = 0.4  # share of the pages that must have this number anyway
MAX_CONSENSUS_SECTIONS = 120  # headings on a page: bounds the work; archive pages looked at have up to 65

# If nearly all pages of a site begin with a title and a date beside it, a heading without a date is not a title.
# The cost outweighs any single cue in favour of a title.
MIN_HABIT_PAGES = 6
MIN_HABIT_SHARE = 0.9
COST_WITHOUT_DATE = 8.0

# If most lines that may be titles are sentences, the paragraphs of the page are as short as titles. 6 of 5,200 titles
# end in a full stop and have six words or more, and 1 in 15 of 25,000 other lines of that length: a logarithm of 4, of
# which the table, whose weights are kept small, already contains half.
SENTENCE_WORDS = 5
MIN_SENTENCES = 3
MIN_SENTENCE_SHARE = 0.5
COST_OF_SENTENCE = 2.0

# The first line of a page is a title unless the cues say otherwise; a page may also begin in the middle of a post.
MIN_FIRST_SCORE = -6.0


@cache
def load_cue_weights() -> Mapping[str, float]:
    """How much each cue adds to the log odds of a title, from the table that ships with the package.

    ``tests/training/borders.py`` makes ``boundaries.json``, which records what it was fitted to and how well it does on
    other blogs.
    """
    table = json.loads(resources.files("rag.extraction").joinpath("boundaries.json").read_text(encoding="utf-8"))
    return {name: float(weight) for name, weight in table["weights"].items()}


def find_starts(
    outlines: Sequence[Outline], heap: Heap, weights: Mapping[str, float] | None = None
) -> list[list[tuple[int, bool]]]:
    """For each page, the lines that begin its posts, and whether each is a title.

    The first start is always line 0; all others are titles. The heading of a post that is on several pages is judged
    once, by the mean over the pages. By default, ``weights`` are those that ship with the package.
    """
    table = load_cue_weights() if weights is None else weights
    pages = [_PageCut(one, heap, table) for one in outlines]
    sites: dict[str, list[_PageCut]] = defaultdict(list)
    for page in pages:
        sites[page.site].append(page)
    for group in sites.values():
        _follow_dates(group)
    pooled: dict[tuple[str, str], list[float]] = defaultdict(list)
    for page in pages:
        for name, score in page.named_scores():
            pooled[name].append(score)
    means = {name: math.fsum(scores) / len(scores) for name, scores in pooled.items()}
    for page in pages:
        page.solve(means)
    common = {site: _common_number(group) for site, group in sites.items()}
    return [page.starts(common[page.site]) for page in pages]


def _follow_dates(pages: Sequence[_PageCut]) -> None:
    """Require a date beside each title if nearly all pages of a site begin with a title and a date."""
    titled = [page for page in pages if not page.untitled]
    if len(titled) < MIN_HABIT_PAGES:
        return
    for side in ("below", "above"):
        following = [page for page in titled if side in page.dates[0]]
        if len(following) >= MIN_HABIT_SHARE * len(titled):
            for page in following:
                page.expect_dates(side)
            return


def _common_number(pages: Sequence[_PageCut]) -> int | None:
    """The number of titles that fits nearly all pages, or None."""
    several = [page for page in pages if len(page.lines) <= MAX_CONSENSUS_SECTIONS]
    if len(several) < MIN_PLACES:
        return None
    liked = Counter(page.best - page.untitled for page in several)
    found = []
    for number in sorted(liked):
        if number < 1 or liked[number] < max(2, MIN_CONSENSUS_SHARE * len(several)):
            continue
        loss = sum(min(page.loss(number), MAX_CONSENSUS_LOSS) for page in several) / len(several)
        found.append((loss, number))
    return min(found)[1] if found and min(found)[0] <= MEAN_CONSENSUS_LOSS else None


class _PageCut:
    """One page and its best division, unrestricted or into a given number of posts."""

    def __init__(self, one: Outline, heap: Heap, weights: Mapping[str, float]) -> None:
        self.lines = possible_starts(one)
        self.site = one.keys[0] if one.kinds and one.kinds[0] == "frame" else ""
        cues = title_cues(one, self.lines, heap)
        first = _score(cues[0], weights) - weights["frame_before"] * cues[0].get("frame_before", 0.0)
        self.untitled = "title" not in cues[0] or first < MIN_FIRST_SCORE
        self._scores = [_score(each, weights) + EAGERNESS for each in cues]
        self._doubt_sentences([one.blocks[at].text for at in self.lines])
        follows = [one.long_after(at) for at in self.lines]
        self._names = [
            (one.keys[at], one.keys[follow] if follow < len(one.keys) else "")
            for at, follow in zip(self.lines, follows, strict=True)
        ]
        kinds = one.kinds
        self.dates = [
            {
                side
                for side, near in (("below", kinds[at + 1 : at + 3]), ("above", kinds[max(at - 1, 0) : at]))
                if "byline" in near
            }
            for at in self.lines
        ]
        self._spans = [[_score(each, weights) for each in row] for row in post_cues(one, self.lines, heap)]
        self._values: list[float] = []
        self._next: list[int] = []
        self.best = 0

    def _doubt_sentences(self, lines: Sequence[str]) -> None:
        """Make a title that is a sentence less likely on a page of short sentences."""
        sentences = [at for at, line in enumerate(lines) if ends_sentence(line) and len(line.split()) >= SENTENCE_WORDS]
        if len(sentences) >= max(MIN_SENTENCES, MIN_SENTENCE_SHARE * len(lines)):
            for at in sentences:
                self._scores[at] -= COST_OF_SENTENCE

    def expect_dates(self, side: str) -> None:
        """Treat headings after the first as sub-headings unless a date is "below" or "above" them."""
        for place in range(1, len(self.lines)):
            if side not in self.dates[place]:
                self._scores[place] -= COST_WITHOUT_DATE

    def named_scores(self) -> Iterator[tuple[tuple[str, str], float]]:
        """Each heading except the page's first line, by its words and the text that follows, with its score."""
        return zip(self._names[1:], self._scores[1:], strict=True)

    def solve(self, means: Mapping[tuple[str, str], float]) -> None:
        """Find the best division, from the end backwards, with the scores agreed over the pages."""
        self._scores[1:] = [means[name] for name in self._names[1:]]
        count = len(self.lines)
        self._values, self._next = [0.0] * (count + 1), [count] * (count + 1)
        for i in range(count - 1, -1, -1):
            self._values[i], self._next[i] = max(
                (self._scores[i] + span + self._values[i + 1 + step], i + 1 + step)
                for step, span in enumerate(self._spans[i])
            )
        self.best = len(self._follow())

    def _follow(self) -> list[int]:
        found, i = [], 0
        while i < len(self.lines):
            found.append(i)
            i = self._next[i]
        return found

    def _into(self, posts: int) -> tuple[float, list[int]]:
        """The score and the starts of the best division into this many posts."""
        count = len(self.lines)
        values = [-math.inf] * count + [0.0]
        choices = []
        for _ in range(posts):
            fresh, choice = [-math.inf] * (count + 1), [count] * (count + 1)
            for i in range(count):
                for step, span in enumerate(self._spans[i]):
                    score = self._scores[i] + span + values[i + 1 + step]
                    if score > fresh[i]:
                        fresh[i], choice[i] = score, i + 1 + step
            values = fresh
            choices.append(choice)
        found, i = [], 0
        for choice in reversed(choices):
            found.append(i)
            i = choice[i]
        return values[0], found

    def loss(self, titles: int) -> float:
        """The cost of having this many titles instead of the best number."""
        posts = titles + self.untitled
        return 0.0 if posts == self.best else self._values[0] - self._into(posts)[0]

    def starts(self, titles: int | None) -> list[tuple[int, bool]]:
        """The lines where posts begin, and whether each is a title; of the given number if that costs little."""
        found = self._follow()
        if titles is not None and self.best != titles + self.untitled and len(self.lines) <= MAX_CONSENSUS_SECTIONS:
            score, other = self._into(titles + self.untitled)
            if self._values[0] - score < MAX_CONSENSUS_LOSS:
                found = other
        return [(self.lines[i], i > 0 or not self.untitled) for i in found]


def _score(cues: Cues, weights: Mapping[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in cues.items() if value)
