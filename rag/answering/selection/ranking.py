"""Chunks to ranked sentences: measures every sentence of the considered chunks and puts the likeliest answer first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answering.question.wanted_words import Wanted
from rag.answering.selection.context import ContextWindow, look_at
from rag.answering.selection.features import Candidates, measure
from rag.text.annotations import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.answering.selection.ranker import Weights
    from rag.records import Chunk, Hit, Sentence
    from rag.store.protocols import Snapshot
    from rag.store.rows import PostText

    Matrix = npt.NDArray[np.float32]

__all__ = ["Ranked", "Ranking", "rank", "reordered", "reranked", "rescored"]

# sentences that a reranker reads; a small cross-encoder takes about 10 ms for each on one core
_RERANKED = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """One sentence of a considered chunk; ``place`` is its number among the sentences of the post."""

    post_id: str
    place: int
    chunk_id: int
    score: float
    row: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """All sentences of the considered chunks, best first, with their features.

    ``measures`` is float32 (n_candidates, n_features) and ``scores`` float32 (n_candidates,), both indexed by
    ``Ranked.row``; ``vector`` is the question's, float32 (dim,); ``sentence_vectors`` are those of each post's
    sentences, float16 (n_sentences, dim). ``log_odds``, float32 (n_candidates,), are the reader's for each sentence.
    """

    query: Query
    vector: Matrix
    ranked: tuple[Ranked, ...]
    measures: Matrix
    scores: Matrix
    bodies: dict[str, PostText]
    sentences: dict[str, list[Sentence]]
    chunks: dict[int, Chunk]
    hits: tuple[Hit, ...]
    sentence_vectors: dict[str, npt.NDArray[np.float16]]
    log_odds: Matrix | None = None

    def text_of(self, one: Ranked) -> str:
        """The text of the sentence."""
        sentence = self.sentences[one.post_id][one.place]
        return self.bodies[one.post_id].text[sentence.start : sentence.end]


def rank(
    store: Snapshot,
    weights: Weights,
    query: Query,
    vector: Matrix,
    hits: Sequence[Hit],
    earlier_posts: Collection[str] = (),
) -> Ranking:
    """Rank the sentences of chunks for a query; ``vector``, float32 (dim,), is the question's.

    ``earlier_posts`` are those that answered the previous question.
    """
    chunks = store.chunks([hit.chunk_id for hit in hits])
    post_ids = list(dict.fromkeys(chunks[hit.chunk_id].post_id for hit in hits))
    bodies = store.bodies(post_ids)
    sentences = {post_id: [sentence for _, sentence in rows] for post_id, rows in store.sentences(post_ids).items()}
    sentence_vectors = store.sentence_vectors_of(post_ids)
    around = _Surroundings(hits, sentences, sentence_vectors, vector)
    windows = []
    for hit in hits:
        chunk = chunks[hit.chunk_id]
        if around.homed[hit.chunk_id]:
            rows, body = sentences[chunk.post_id], bodies[chunk.post_id]
            windows.append(ContextWindow(hit, chunk, around.homed[hit.chunk_id], rows, body))
    wanted, candidates = Wanted(query), Candidates()
    owners: list[tuple[str, int, int]] = []
    look_at(store, wanted, windows)
    for window in windows:
        places = [place for place in window.places if window.rows[place].kind not in ("chrome", "heading")]
        _add(candidates, window, places, wanted, around, earlier=window.chunk.post_id in earlier_posts)
        owners += [(window.chunk.post_id, place, window.chunk.chunk_id) for place in places]
    measures = measure(
        query, wanted, candidates, max((hit.similarity for hit in hits), default=0.0), store.lexical.rarity
    )
    scores = weights.scores(measures)
    order = sorted(range(len(owners)), key=lambda row: (-float(scores[row]), owners[row][2], owners[row][1]))
    ranked = tuple(Ranked(*owners[row], float(scores[row]), row) for row in order)
    return Ranking(query, vector, ranked, measures, scores, bodies, sentences, chunks, tuple(hits), sentence_vectors)


class _Surroundings:
    """The sentences in and around the considered chunks; only those that matter are read, because posts may be long.

    ``homed`` are the places of each chunk's sentences; ``headings`` maps each place to that of the heading above it,
    ``similarity`` to its cosine with the question; both are by post id.
    """

    def __init__(
        self,
        hits: Sequence[Hit],
        sentences: dict[str, list[Sentence]],
        sentence_vectors: dict[str, npt.NDArray[np.float16]],
        vector: Matrix,
    ) -> None:
        import numpy as np

        self.homed: dict[int, list[int]] = {hit.chunk_id: [] for hit in hits}
        self.headings: dict[str, dict[int, int]] = {}
        self.similarity: dict[str, dict[int, float]] = {}
        for post_id, rows in sentences.items():
            places = [place for place, row in enumerate(rows) if row.chunk_id in self.homed]
            for place in places:
                self.homed[rows[place].chunk_id].append(place)
            self.headings[post_id] = over = _headings(rows, places)
            around = {beside for place in places for beside in (place - 1, place, place + 1)} | set(over.values())
            seen = sorted(around.intersection(range(len(rows))))
            vectors = sentence_vectors[post_id][seen].astype(np.float32)
            self.similarity[post_id] = dict(zip(seen, (vectors @ vector).tolist(), strict=True))


def _add(
    candidates: Candidates,
    window: ContextWindow,
    places: Sequence[int],
    wanted: Wanted,
    around: _Surroundings,
    *,
    earlier: bool,
) -> None:
    """Add the sentences of a chunk to the candidates; ``earlier``: their post answered the previous question."""
    over, near = around.headings[window.chunk.post_id], around.similarity[window.chunk.post_id]
    candidates.texts += map(window.text, places)
    candidates.notes += map(window.note, places)
    candidates.previous_notes += [window.note(place - 1) for place in places]
    candidates.is_item += [window.rows[place].kind == "item" for place in places]
    candidates.in_sentence += map(window.held, places)
    candidates.in_title += [wanted.in_text(facts(window.body.title))] * len(places)
    candidates.in_heading += [window.held_far(over[place], wanted) for place in places]
    candidates.in_previous += [window.held(place - 1) for place in places]
    candidates.in_next += [window.held(place + 1) for place in places]
    candidates.in_chunk += [window.in_chunk(wanted)] * len(places)
    candidates.pairs += map(window.pairs, places)
    candidates.sentence_similarity += [near[place] for place in places]
    candidates.previous_similarity += [near.get(place - 1, 0.0) for place in places]
    candidates.next_similarity += [near.get(place + 1, 0.0) for place in places]
    candidates.heading_similarity += [near.get(over[place], 0.0) for place in places]
    candidates.hits += [window.hit] * len(places)
    candidates.earlier_post += [earlier] * len(places)


def rescored(ranking: Ranking, weights: Weights) -> Ranking:
    """Rank the same sentences with other weights."""
    return reordered(ranking, weights.scores(ranking.measures))


def reranked(ranking: Ranking, score: Callable[[str, Sequence[str]], list[float]]) -> Ranking:
    """Add a reranker's scores to those of the best sentences; it reads each with its post's title."""
    best = ranking.ranked[:_RERANKED]
    texts = [f"{ranking.bodies[one.post_id].title}\n{ranking.text_of(one)}" for one in best]
    scores = ranking.scores.copy()
    for one, added in zip(best, score(ranking.query.text, texts), strict=True):
        scores[one.row] += added
    return reordered(ranking, scores)


def reordered(ranking: Ranking, scores: Matrix) -> Ranking:
    """Rank the same sentences by other scores, float32 (n_candidates,), by ``Ranked.row``."""
    ranked = [replace(one, score=float(scores[one.row])) for one in ranking.ranked]
    ranked.sort(key=lambda one: (-one.score, one.chunk_id, one.place))
    return replace(ranking, ranked=tuple(ranked), scores=scores)


def _headings(rows: Sequence[Sentence], places: Sequence[int]) -> dict[int, int]:
    """The place of the heading above each of some places, in order, or -1."""
    found: dict[int, int] = {}
    for place in places:
        over = place - 1
        while over >= 0 and rows[over].kind != "heading":
            if over in found:
                over = found[over]
                break
            over -= 1
        found[place] = over
    return found
