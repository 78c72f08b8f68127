"""Question to chunks: nearest vectors and best words, fused by rank."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.records import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.store.protocols import Snapshot

__all__ = ["retrieve", "retrieve_by_sentences"]

# ranks beyond this add under 1/70 to the fused score; measured on 99 paraphrased and plain questions over 600 posts
_DEPTH = 60
# reciprocal rank fusion (Cormack, Clarke and Buettcher 2009 use 60); with 10 and the words at 0.8 the right chunk was
# among the first ten for 0.82 of those questions, with 60 and 1.0 for 0.79
_RANK_SHIFT = 10.0
_LEXICAL_WEIGHT = 0.8
# weight of the words of the previous question in a follow-up
_EARLIER_WEIGHT = 0.5
# chunks whose sentences are compared one by one; recall is the same with 400 and 0.01 lower with 100
_WIDE = 200
# weight of the usual order beside the order by best sentences
_USUAL_WEIGHT = 0.5


def retrieve_by_sentences(
    store: Snapshot,
    query: Query,
    vector: npt.NDArray[np.float32],
    tuned: npt.NDArray[np.float32],
    limit: int,
    among: Sequence[int] | None = None,
) -> list[Hit]:
    """The best chunks for a query by their best sentence, best first, for the reader.

    ``tuned``, float32 (dim,), is the vector that the reader's encoder gives the question. The chunks nearest to it, and
    those that `retrieve` finds, are reordered by the cosine of their best sentence with it, because the mean of a chunk
    hides the one sentence that answers. ``tests/training/README.md`` has how many questions find their chunk this way.
    """
    import numpy as np

    usual = retrieve(store, query, vector, _DEPTH, among)
    near = store.dense.search(tuned, _WIDE, among)
    chunks = store.chunks(list(dict.fromkeys([chunk for chunk, _ in near] + [hit.chunk_id for hit in usual])))
    post_ids = list(dict.fromkeys(chunk.post_id for chunk in chunks.values()))
    vectors = store.sentence_vectors_of(post_ids)
    best: dict[int, float] = {}
    for post_id, rows in store.sentences(post_ids).items():
        near_here = (np.asarray(vectors[post_id], dtype=np.float32) @ tuned).tolist()
        for (_, sentence), similarity in zip(rows, near_here, strict=True):
            home = sentence.chunk_id
            if sentence.kind in ("sentence", "item") and home in chunks and similarity > best.get(home, -1.0):
                best[home] = similarity
    by_sentence = {chunk: rank for rank, chunk in enumerate(sorted(best, key=lambda one: (-best[one], one)), 1)}
    seen = {hit.chunk_id: hit for hit in usual}
    fused = {
        chunk: (1.0 / (_RANK_SHIFT + by_sentence[chunk]) if chunk in by_sentence else 0.0)
        + _USUAL_WEIGHT * (1.0 / (_RANK_SHIFT + seen[chunk].rank) if chunk in seen else 0.0)
        for chunk in chunks
    }
    order = sorted(fused, key=lambda chunk: (-fused[chunk], chunk))[:limit]
    similarity_of = dict(store.dense.search(vector, limit, order)) if order else {}
    return [
        replace(seen[chunk], rank=rank, score=fused[chunk])
        if chunk in seen
        else Hit(chunk, fused[chunk], rank, None, None, similarity_of.get(chunk, 0.0), 0.0)
        for rank, chunk in enumerate(order, 1)
    ]


def retrieve(
    store: Snapshot,
    query: Query,
    vector: npt.NDArray[np.float32],
    limit: int,
    among: Sequence[int] | None = None,
) -> list[Hit]:
    """The best chunks for a query, best first; ``vector`` float32 (dim,), ``among`` restricts the chunk ids."""
    near = store.dense.search(vector, _DEPTH, among)
    worded = store.lexical.search(query.stems, _DEPTH, among)
    cosine = dict(near)
    dense_rank = {chunk: rank for rank, (chunk, _) in enumerate(near, 1)}
    lexical_rank = {chunk: rank for rank, (chunk, _) in enumerate(worded, 1)}
    most = worded[0][1] if worded else 1.0
    share = {chunk: score / most for chunk, score in worded}
    fused: dict[int, float] = {}
    for chunk, rank in dense_rank.items():
        fused[chunk] = 1.0 / (_RANK_SHIFT + rank)
    for chunk, rank in lexical_rank.items():
        fused[chunk] = fused.get(chunk, 0.0) + _LEXICAL_WEIGHT / (_RANK_SHIFT + rank)
    for rank, (chunk, _) in enumerate(store.lexical.search(query.earlier, _DEPTH, among), 1):
        fused[chunk] = fused.get(chunk, 0.0) + _EARLIER_WEIGHT / (_RANK_SHIFT + rank)
    order = sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    unseen = cosine[near[-1][0]] if near else 0.0
    return [
        Hit(
            chunk,
            score,
            rank,
            dense_rank.get(chunk),
            lexical_rank.get(chunk),
            cosine.get(chunk, unseen),
            share.get(chunk, 0.0),
        )
        for rank, (chunk, score) in enumerate(order, 1)
    ]
