"""How an answer was found: every considered chunk and its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.records import Considered, Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.selection.ranker import Weights
    from rag.answering.selection.ranking import Ranked, Ranking
    from rag.records import Quote

__all__ = ["explained"]


def explained(
    weights: Weights, ranking: Ranking, found: Sequence[Quote], threshold_confidence: float, seconds: float
) -> Trace:
    """The considered chunks, ordered by their best sentence."""
    best: dict[int, Ranked] = {}
    for ranked in ranking.ranked:
        best.setdefault(ranked.chunk_id, ranked)
    considered = []
    for hit in ranking.hits:
        chunk = ranking.chunks[hit.chunk_id]
        one = best.get(hit.chunk_id)
        considered.append(
            Considered(
                chunk.post_id,
                ranking.bodies[chunk.post_id].title,
                chunk.start,
                chunk.end,
                hit.dense_rank,
                hit.lexical_rank,
                hit.score,
                ranking.text_of(one) if one is not None else "",
                one.score if one is not None else 0.0,
                _outcome(ranking, hit.chunk_id, one.score if one is not None else None, found),
                weights.features(ranking.measures[one.row]) if one is not None else (),
            )
        )
    considered.sort(key=lambda item: -item.sentence_score)
    return Trace(ranking.query.text, tuple(considered), threshold_confidence, seconds)


def _outcome(ranking: Ranking, chunk_id: int, score: float | None, found: Sequence[Quote]) -> str:
    """The outcome of a chunk, in words."""
    chunk = ranking.chunks[chunk_id]
    for number, quote in enumerate(found, 1):
        if quote.post_id == chunk.post_id and quote.start < chunk.end and chunk.start < quote.end:
            return f"contains quote {number}"
    if score is None:
        return "has no sentence that can be quoted"
    behind = found[0].score - score if found else 0.0
    return f"its best sentence is {behind:.1f} behind the first quote"
