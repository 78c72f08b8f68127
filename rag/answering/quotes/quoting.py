"""Ranked sentences to quotes: for each of the best, the smallest span that can be understood alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rag.answering.quotes.disagreement import disagreement
from rag.answering.quotes.growing import Growing
from rag.answering.quotes.lists import header_of, introduces_list, list_shown
from rag.answering.quotes.locations import locate, unbroken
from rag.answering.selection.ranker import Seen, covered_spans, signs
from rag.answering.selection.reading import reader_signs
from rag.records import Quote, Span
from rag.text.annotations import facts
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.selection.ranker import Weights
    from rag.answering.selection.ranking import Ranked, Ranking
    from rag.records import Post, Sentence, Variant
    from rag.store.protocols import Snapshot
    from rag.text.annotations import Facts

    Matrix = npt.NDArray[np.float32]

__all__ = ["QUOTE_GAP", "confidence_signs", "quotes", "reader_log_odds", "spanning"]

# log odds below the best quote at which a further one is no longer worth reading
QUOTE_GAP = 6.0
# the same for a sentence quoted alone because its context is in an earlier quote: a better one would be in that quote
# if there were room
_BESIDE_GAP = 2.5
# share of words that two different quotes may have in common
_MAX_OVERLAP = 0.6
# sentences used to see whether one post stands out
_BEST = 8
# smallest norm of a vector; only a span without tokens has less
_NO_LENGTH = 1e-9


def quotes(store: Snapshot, weights: Weights, ranking: Ranking, limit: int = 3, gap: float = QUOTE_GAP) -> list[Quote]:
    """The best quotes that differ from each other, best first, at most ``limit``.

    None is more than ``gap`` log odds below the first.
    """
    chosen: list[tuple[Ranked, int, int]] = []
    spans: dict[str, list[tuple[int, int]]] = {}
    said: list[tuple[Ranked, Facts]] = []
    span_of, post_of = spanning(ranking), cache(lambda post_id: store.posts([post_id])[post_id])
    for one in ranking.ranked:
        if len(chosen) == limit or (chosen and one.score < chosen[0][0].score - gap):
            break
        taken = spans.setdefault(one.post_id, [])
        rows = ranking.sentences[one.post_id]
        if any(rows[one.place].start < end and start < rows[one.place].end for start, end in taken):
            continue
        start, end = span_of(one)
        if any(start < there and begin < end for begin, there in taken):
            if one.score < chosen[0][0].score - _BESIDE_GAP:
                continue
            start, end = rows[one.place].start, rows[one.place].end  # its context is already quoted
        if (start, end) != (rows[one.place].start, rows[one.place].end):
            start, end = unbroken(post_of(one.post_id), rows, start, end, one.place)
        text = ranking.bodies[one.post_id].text[start:end]
        here = facts(text)
        if here.is_question or (here.ends_with_colon and (chosen or _leads_to_list(rows, end))):
            continue
        if any(_says_the_same(ranking, one, here, *other) for other in said):
            continue
        taken.append((start, end))
        said.append((one, here))
        chosen.append((one, start, end))
    return _shown(post_of, weights, ranking, chosen)


def _shown(
    post_of: Callable[[str], Post], weights: Weights, ranking: Ranking, chosen: Sequence[tuple[Ranked, int, int]]
) -> list[Quote]:
    """The quote of each chosen sentence, with the span to show for it."""
    shown = []
    for one, start, end in chosen:
        post, chunk = post_of(one.post_id), ranking.chunks[one.chunk_id]
        text = post.text[start:end]
        shown.append(
            Quote(
                text,
                post.post_id,
                post.title,
                one.score,
                start,
                end,
                locate(post, start, end),
                post.date,
                Span(chunk.start, chunk.end),
                tuple(Span(begin, there) for begin, there in covered_spans(ranking.query, text)),
                weights.features(ranking.measures[one.row]),
                tuple(variant for variant in post.variants if _differs_here(variant, text)),
                header=header_of(post, ranking.sentences[one.post_id], start, end),
                list=list_shown(post, ranking.sentences[one.post_id], start, end),
            )
        )
    return shown


def _differs_here(variant: Variant, text: str) -> bool:
    """Whether another version of the post has different words here."""
    here = f" {fold_white(text)} "
    return any(f" {words} " in here for words in variant.removed.split(" … ") if words)


def spanning(ranking: Ranking) -> Callable[[Ranked], tuple[int, int]]:
    """A function that returns the span of the post to show for a sentence."""
    scored = {(one.post_id, one.place): one for one in ranking.ranked}

    def span(one: Ranked) -> tuple[int, int]:
        rows = ranking.sentences[one.post_id]
        first, last = Growing(ranking, one, scored).grow()
        start = rows[first].start
        if first != last and rows[first].marker_start >= 0:
            start = rows[first].marker_start
        return start, rows[last].end

    return span


def _leads_to_list(rows: Sequence[Sentence], end: int) -> bool:
    """Whether a list follows the sentence that ends at an offset of the post."""
    return any(row.end == end and introduces_list(rows, place) for place, row in enumerate(rows))


def _says_the_same(ranking: Ranking, one: Ranked, here: Facts, other: Ranked, there: Facts) -> bool:
    """Whether two texts share their words, unless they have different dates and disagree."""
    if _overlap(here.unique, there.unique) <= _MAX_OVERLAP:
        return False
    dates = {ranking.bodies[one.post_id].date, ranking.bodies[other.post_id].date} - {None}
    return len(dates) < 2 or disagreement(here.text, there.text) is None  # noqa: PLR2004 - of two posts


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / max(min(len(one), len(other)), 1)


def confidence_signs(store: Snapshot, ranking: Ranking, first: Quote) -> Matrix:
    """The signs from which the confidence is computed: float32 (n_signs,), followed by the reader's if it was asked.

    The similarity of the quote is that of the mean of its sentences' vectors.
    """
    import numpy as np

    best = ranking.ranked[:_BEST]
    chosen = next(one for one in ranking.ranked if _inside(first, ranking.sentences[one.post_id][one.place]))
    chunk = ranking.chunks[chosen.chunk_id]
    body = ranking.bodies[first.post_id]
    titled = f"{body.title}\n"
    places = [place for place, row in enumerate(ranking.sentences[first.post_id]) if _inside(first, row)]
    middle = ranking.sentence_vectors[first.post_id][places].astype(np.float32).mean(axis=0)
    seen = Seen(
        facts(titled + first.text),
        facts(titled + body.text[chunk.start : chunk.end]),
        lambda: facts(titled + body.text),
        float(middle @ ranking.vector / max(float(np.linalg.norm(middle)), _NO_LENGTH)),
        sum(one.post_id == first.post_id for one in best) / len(best),
    )
    scores = ranking.scores[[one.row for one in ranking.ranked]]
    found = signs(ranking.query, ranking.measures[chosen.row], scores, seen, store.lexical.rarity)
    if ranking.log_odds is None:
        return found
    inside = [one.row for one in ranking.ranked if _inside(first, ranking.sentences[one.post_id][one.place])]
    return np.concatenate([found, reader_signs(ranking, inside)])


def reader_log_odds(ranking: Ranking, quote: Quote) -> float | None:
    """The reader's log odds for the best sentence of a quote; None if it was not asked."""
    if ranking.log_odds is None:
        return None
    inside = [one.row for one in ranking.ranked if _inside(quote, ranking.sentences[one.post_id][one.place])]
    return max((float(ranking.log_odds[row]) for row in inside), default=None)


def _inside(quote: Quote, sentence: Sentence) -> bool:
    """Whether a sentence is in a quote."""
    return sentence.post_id == quote.post_id and quote.start <= sentence.start and sentence.end <= quote.end
