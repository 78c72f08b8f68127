"""The reader's part: it reads the likeliest chunks, and the sentences are reordered by what it finds.

The chunks are read in the order of their best sentence so far, a few at a time, until one of them plainly answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.selection.ranker import READER_FEATURES
from rag.answering.selection.ranking import rescored
from rag.records import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.selection.ranker import Weights
    from rag.answering.selection.ranking import Ranked, Ranking
    from rag.embedding.reader import Reader, ReadingTask

    Matrix = npt.NDArray[np.float32]

__all__ = ["MOST", "read", "reader_signs", "scored_by_reader"]

# chunks that are read at first, and at most: of 530 training questions over four heaps, the right one is among the
# first for 0.77 to 0.97, and among all for 0.80 to 1.00
FIRST, MOST = 8, 16
# log odds from which a sentence is taken to answer, so that no more chunks are read
PLAINLY = 0.0
# constant of the fusion by rank: with 3, six chunks contain as many right ones as eight do in either order alone
_RANK_SHIFT = 3.0
# log odds beyond these say no more
_LEAST, _GREATEST = -8.0, 8.0


def read(reader: Reader, weights: Weights, ranking: Ranking, tuned: Matrix, most: int = MOST) -> Ranking:
    """Let the reader read the best chunks, and order the sentences by ``weights``, which include its findings.

    ``tuned``, float32 (dim,), is what the reader's encoder makes of the question; at most ``most`` chunks are read. If
    these are more than usual, all are read: something in them seems to answer before the right sentence is reached.
    """
    import numpy as np

    from rag.embedding.reader import UNREAD

    near = _nearness(ranking, tuned)
    order = _reading_order(ranking, near)[:most]
    by_chunk: dict[int, list[Ranked]] = {chunk_id: [] for chunk_id in order}
    for one in ranking.ranked:
        if one.chunk_id in by_chunk:
            by_chunk[one.chunk_id].append(one)
    log_odds = np.full(len(ranking.ranked), UNREAD, dtype=np.float32)
    for group in (order[:FIRST], order[FIRST:]):
        if not group or (most <= MOST and log_odds.max(initial=UNREAD) >= PLAINLY):
            break
        sentences = [sorted(by_chunk[chunk_id], key=lambda one: one.place) for chunk_id in group]
        tasks = [_task(ranking, some) for some in sentences]
        for some, reading in zip(sentences, reader.read(tasks), strict=True):
            log_odds[[one.row for one in some]] = reading.log_odds
    return scored_by_reader(ranking, weights, log_odds, near)


def scored_by_reader(ranking: Ranking, weights: Weights, log_odds: Matrix, near: Matrix) -> Ranking:
    """Order sentences by weights that count the reader's log odds and the cosines with the question's tuned vector.

    Both are float32 (n_candidates,), indexed by ``Ranked.row``.
    """
    import numpy as np

    from rag.embedding.reader import UNREAD

    looked = log_odds > UNREAD
    clipped = np.where(looked, np.clip(log_odds, _LEAST, _GREATEST), 0.0).astype(np.float32)
    of_chunk = np.zeros_like(clipped)
    chunks: dict[int, list[int]] = {}
    for one in ranking.ranked:
        if looked[one.row]:
            chunks.setdefault(one.chunk_id, []).append(one.row)
    for rows in chunks.values():
        of_chunk[rows] = _together(clipped[rows])
    columns = np.stack([near, looked.astype(np.float32), clipped, of_chunk], axis=1)
    measures = np.concatenate([ranking.measures[:, : _plain(ranking)], columns], axis=1)
    return rescored(replace(ranking, measures=measures, log_odds=log_odds), weights)


def _nearness(ranking: Ranking, tuned: Matrix) -> Matrix:
    """Cosine of each sentence with the question's tuned vector: float32 (n_candidates,)."""
    import numpy as np

    near = np.zeros(len(ranking.ranked), dtype=np.float32)
    for post_id, vectors in ranking.sentence_vectors.items():
        here = [one for one in ranking.ranked if one.post_id == post_id]
        near[[one.row for one in here]] = vectors[[one.place for one in here]].astype(np.float32) @ tuned
    return near


def _reading_order(ranking: Ranking, near: Matrix) -> list[int]:
    """Chunks in the order to read them: by best sentence, in the ranking's order and in the cosines', fused by rank."""
    by_score = dict.fromkeys(one.chunk_id for one in ranking.ranked)
    by_cosine = dict.fromkeys(
        one.chunk_id for one in sorted(ranking.ranked, key=lambda one: (-float(near[one.row]), one.chunk_id))
    )
    fused: dict[int, float] = {}
    for order in (by_score, by_cosine):
        for rank, chunk_id in enumerate(order):
            fused[chunk_id] = fused.get(chunk_id, 0.0) + 1.0 / (_RANK_SHIFT + rank)
    return sorted(fused, key=lambda chunk_id: (-fused[chunk_id], chunk_id))


def reader_signs(ranking: Ranking, rows: Sequence[int]) -> Matrix:
    """The reader's signs of the confidence, float32 (2,); ``rows`` are those of the first quote's sentences."""
    import numpy as np

    from rag.embedding.reader import UNREAD

    log_odds = ranking.log_odds
    if log_odds is None:
        raise ValueError("nothing was read")
    looked = log_odds[log_odds > UNREAD]
    quote = max((float(log_odds[row]) for row in rows), default=_LEAST)
    everything = _together(looked) if len(looked) else _LEAST
    return np.clip(np.array([quote, everything], dtype=np.float32), _LEAST, _GREATEST)


def _together(log_odds: Matrix) -> float:
    """Log odds that one of several sentences answers."""
    import numpy as np

    most = float(log_odds.max())
    return most + float(np.log(np.exp(log_odds - most).sum()))


def _plain(ranking: Ranking) -> int:
    """The number of features of a sentence without the reader's."""
    width = int(ranking.measures.shape[1])
    return width if ranking.log_odds is None else width - len(READER_FEATURES)


def _task(ranking: Ranking, sentences: Sequence[Ranked]) -> ReadingTask:
    """A chunk to read, with those of its sentences that may answer."""
    from rag.embedding.reader import ReadingTask

    chunk = ranking.chunks[sentences[0].chunk_id]
    body = ranking.bodies[chunk.post_id]
    rows = ranking.sentences[chunk.post_id]
    text = body.text[chunk.start : chunk.end]
    spans = [
        Span(max(rows[one.place].start - chunk.start, 0), min(rows[one.place].end - chunk.start, len(text)))
        for one in sentences
    ]
    return ReadingTask(ranking.query.text, body.title, text, tuple(spans))
