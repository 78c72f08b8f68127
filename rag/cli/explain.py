"""Why this answer: what counted for and against each quote, and why the others rank lower."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rag.answering.selection.contributions import FAMILIES, families, grouped, ordinal, ranks, reader_chance
from rag.cli.terminal import clipped, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.cli.terminal import Style
    from rag.records import Answer, Considered, Feature, Quote, Trace

__all__ = ["explain_lines"]

_FAMILY_WIDTH = max(len(name) for _, name in FAMILIES)

# Smaller contributions show neither in two digits nor in the order of sentences.
_NO_WEIGHT = 0.05
# Features named after their family, the largest first; more than three do not fit the width of a terminal.
_NAMED = 3
# Chunks whose lower rank is explained; the rest get one line each.
_RUNNERS_UP = 2


def explain_lines(answer: Answer, style: Style) -> Iterator[str]:
    """Show how an answer was found: what counted for each quote, what came second and why, and the other chunks."""
    for part in answer.parts or (answer,):
        quotes = part.quotes or part.closest
        yield style.bold("How it was found")
        if part.trace is not None:
            yield f"  searched for: {visible(part.trace.query)}"
            yield (
                f"  confidence {part.confidence:.2f}: of answers like this one, about"
                f" {round(part.confidence * 10)} in 10 are right; below"
                f" {part.trace.threshold_confidence:.2f} the question is refused"
            )
        if part.uncovered:
            yield f"  words not found nearby: {visible(', '.join(part.uncovered))}"
        for number, quote in enumerate(quotes, 1):
            mark = f"[{number}]" if part.quotes else "-"
            yield ""
            yield f"  {mark} score {quote.score:+.2f}: “{clipped(quote.text, 60)}”"
            chance = reader_chance(quote.features)
            if chance is not None:
                yield f"      the reader's probability that this sentence answers: {round(chance * 10)} in 10"
            yield from _reasons(quote.features)
        if part.trace is not None and quotes:
            yield from _others(part.trace, quotes[0])
        yield ""


def _reasons(features: Sequence[Feature]) -> Iterator[str]:
    """A line for each family, the largest contribution first, with its features and values."""
    groups = grouped(features)
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
    """The chunks ranked below the first quote, best first."""
    lost = [
        chunk
        for chunk in trace.considered
        if chunk.features
        and not (chunk.post_id == first.post_id and chunk.start <= first.start and first.end <= chunk.end)
    ]
    won = families(first.features)
    for place, chunk in enumerate(islice(lost, _RUNNERS_UP), 2):
        yield ""
        yield f"  came {ordinal(place)}, {_behind(first, chunk)}: “{clipped(chunk.best_sentence, 60)}”"
        yield f"      {clipped(chunk.post_title, 50)}; {ranks(chunk)}; {visible(chunk.outcome)}"
        theirs = families(chunk.features)
        differences = {name: theirs.get(name, 0.0) - won.get(name, 0.0) for name in {**won, **theirs}}
        for name in sorted(differences, key=lambda name: (differences[name], name)):
            if abs(differences[name]) >= _NO_WEIGHT:
                yield f"      {differences[name]:+6.2f}  {name}"
    if len(lost) > _RUNNERS_UP:
        yield ""
        yield "  also considered"
    for chunk in lost[_RUNNERS_UP:]:
        title, sentence = clipped(chunk.post_title, 34), clipped(chunk.best_sentence, 40)
        yield f"      {_behind(first, chunk):>12}  {title}: “{sentence}”"


def _behind(first: Quote, chunk: Considered) -> str:
    gap = first.score - chunk.sentence_score
    return f"{gap:.1f} behind" if gap >= 0 else f"{-gap:.1f} ahead"
