"""Why this answer: what spoke for each quote and against it, and what came second for want of what."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rag.cli.terminal import cut, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.cli.terminal import Style
    from rag.records import Answer, Considered, Feature, Quote, Trace

__all__ = ["explain_lines", "families", "ordinal", "ranks"]

# What a feature is about, by a part of its name; the first that fits counts, others keep their own name.
_FAMILIES = (
    ("asked", "kind of answer asked for"),
    ("similarity", "similar meaning"),
    ("names", "names in common"),
    ("covered", "words in common"),
    ("bm25", "words in common"),
    ("rank", "place in the search"),
    ("earlier", "what was asked before"),
    ("short", "form of the sentence"),
    ("length", "form of the sentence"),
    ("is_", "form of the sentence"),
    ("colon", "form of the sentence"),
    ("pronoun", "form of the sentence"),
    ("question", "form of the sentence"),
)
_FAMILY_WIDTH = max(len(name) for _, name in _FAMILIES)

# Contributions below this do not show in two digits, nor in the order of sentences.
_NO_WEIGHT = 0.05
# Features named behind their family, the largest first; more than three make the line longer than a terminal.
_NAMED = 3
# Chunks whose loss is explained; of those behind them a line each is enough.
_RUNNERS_UP = 2


def families(features: Iterable[Feature]) -> dict[str, float]:
    """Contributions summed by what they are about: three dozen numbers say nothing, half a dozen causes do."""
    return {name: sum(one.contribution for one in group) for name, group in _grouped(features).items()}


def _grouped(features: Iterable[Feature]) -> dict[str, list[Feature]]:
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        name = next((words for part, words in _FAMILIES if part in feature.name), feature.name.replace("_", " "))
        groups.setdefault(name, []).append(feature)
    return groups


def ranks(chunk: Considered) -> str:
    """The place of a chunk in both searches, in words."""
    meaning = f"{ordinal(chunk.dense_rank)} by meaning" if chunk.dense_rank else "not found by meaning"
    words = f"{ordinal(chunk.lexical_rank)} by words" if chunk.lexical_rank else "not found by words"
    return f"{meaning}, {words}"


def ordinal(rank: int) -> str:
    """A rank as it is said.

    >>> ordinal(2), ordinal(13)
    ('2nd', '13th')
    """
    suffix = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")  # noqa: PLR2004
    return f"{rank}{suffix}"


def explain_lines(answer: Answer, style: Style) -> Iterator[str]:
    """Show how an answer was found: what counted for each quote, what came second and why, and what else there was."""
    for part in answer.parts or (answer,):
        quotes = part.quotes or part.closest
        yield style.bold("How it was found")
        if part.trace is not None:
            yield f"  searched for: {visible(part.trace.query)}"
            yield (
                f"  confidence {part.confidence:.2f}: of answers that look like this one about"
                f" {round(part.confidence * 10)} in 10 hold; answers are given from"
                f" {part.trace.threshold_confidence:.2f}"
            )
        if part.uncovered:
            yield f"  words that stand nowhere near: {visible(', '.join(part.uncovered))}"
        for number, quote in enumerate(quotes, 1):
            mark = f"[{number}]" if part.quotes else "-"
            yield ""
            yield f"  {mark} score {quote.score:+.2f}: “{cut(quote.text, 60)}”"
            yield from _reasons(quote.features)
        if part.trace is not None and quotes:
            yield from _others(part.trace, quotes[0])
        yield ""


def _reasons(features: Sequence[Feature]) -> Iterator[str]:
    """A line for each family, the weightiest first, with the features and values that made it."""
    groups = _grouped(features)
    sums = families(features)
    for name in sorted(groups, key=lambda name: (-abs(sums[name]), name)):
        if abs(sums[name]) < _NO_WEIGHT:
            continue
        largest = sorted(groups[name], key=lambda one: (-abs(one.contribution), one.name))
        named = [
            f"{one.name} {one.value:.2f}: {one.contribution:+.2f}"
            for one in islice(largest, _NAMED)
            if abs(one.contribution) >= _NO_WEIGHT
        ]
        yield f"      {sums[name]:+6.2f}  {name:<{_FAMILY_WIDTH}}  {', '.join(named)}".rstrip()


def _others(trace: Trace, first: Quote) -> Iterator[str]:
    """The chunks that lost to the first quote, best first."""
    lost = [
        chunk
        for chunk in trace.considered
        if chunk.features
        and not (chunk.post_id == first.post_id and chunk.start <= first.start and first.end <= chunk.end)
    ]
    won = families(first.features)
    for place, chunk in enumerate(islice(lost, _RUNNERS_UP), 2):
        yield ""
        yield f"  came {ordinal(place)}, {_behind(first, chunk)}: “{cut(chunk.best_sentence, 60)}”"
        yield f"      {cut(chunk.post_title, 50)}; {ranks(chunk)}; {visible(chunk.outcome)}"
        apart = families(chunk.features)
        differences = {name: apart.get(name, 0.0) - won.get(name, 0.0) for name in {**won, **apart}}
        for name in sorted(differences, key=lambda name: (differences[name], name)):
            if abs(differences[name]) >= _NO_WEIGHT:
                yield f"      {differences[name]:+6.2f}  {name}"
    if len(lost) > _RUNNERS_UP:
        yield ""
        yield "  also looked at"
    for chunk in lost[_RUNNERS_UP:]:
        yield f"      {_behind(first, chunk):>12}  {cut(chunk.post_title, 34)}: “{cut(chunk.best_sentence, 40)}”"


def _behind(first: Quote, chunk: Considered) -> str:
    apart = first.score - chunk.sentence_score
    return f"{apart:.1f} behind" if apart >= 0 else f"{-apart:.1f} ahead"
