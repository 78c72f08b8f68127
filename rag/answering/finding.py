"""A question to its ranked sentences: chooses chunks, uses the earlier question, and asks the reader."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from rag.answering.conversation.follow_ups import Understood
from rag.answering.question import query as questions
from rag.answering.question.word_lookup import chunks_of, posts_about
from rag.answering.selection.preferred import with_explanations
from rag.answering.selection.ranker import load_weights
from rag.answering.selection.ranking import rank
from rag.answering.selection.reading import MOST, read
from rag.answering.selection.recency import newest_first, without_now
from rag.answering.selection.retrieval import retrieve, retrieve_by_sentences
from rag.errors import ModelError
from rag.text.tokens import words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.answering.selection.ranker import Weights
    from rag.answering.selection.ranking import Ranking
    from rag.embedding.reader import Reader
    from rag.store.protocols import Snapshot

    Vectors = npt.NDArray[np.float32]

__all__ = ["CONSIDERED", "Finder"]

# chunks whose sentences are ranked; they include the right one for 0.86 of the questions over 600 posts, and twice as
# many raise that by 0.03 but double the cost of every question
CONSIDERED = 14
# the same, if the reader reads the best of them
CONSIDERED_BY_READER = 24


class Finder:
    """Ranks the sentences of an index for questions; safe to use from several threads."""

    def __init__(self, store: Snapshot, encode: Callable[[Sequence[str]], list[Vectors]], *, fast: bool) -> None:
        """``encode`` turns texts into vectors, float32 (dim,) each; with ``fast`` the reader is not loaded."""
        self._store = store
        self._encode = encode
        self._fast = fast
        self._weights = load_weights()

    @property
    def usual_threshold(self) -> float:
        """The confidence below which an uncalibrated index refuses."""
        return load_weights(reader=not self._fast).threshold_confidence

    @property
    def reads(self) -> bool:
        """Whether the reader counts, unless a fast answer is asked for."""
        return not self._fast and self._reader is not None

    def ranking(self, asked: Understood, among: Sequence[int] | None, *, fast: bool) -> Ranking:
        """Rank the sentences of the best chunks; ``among`` restricts the chunk ids, ``fast`` leaves the reader out."""
        lasting = without_now(asked.text)
        if lasting is not None and words(lasting):
            return newest_first(self.ranking(replace(asked, text=lasting), among, fast=fast))
        query, vector = questions.query(asked.text), self._encode([asked.text])[0]
        posts: frozenset[str] = frozenset()
        if asked.changed:
            query = questions.query_after(query, asked.earlier)
            before = self.ranking(Understood(asked.earlier), among, fast=True)
            posts = frozenset(one.post_id for one in before.ranked[:1])
            held = chunks_of(self._store, posts_about(self._store, asked.subject)) if asked.subject else []
            among = sorted(set(held).intersection(among)) if held and among is not None else held or among
        if fast or not self.reads:
            hits = retrieve(self._store, query, vector, CONSIDERED, among)
            hits = with_explanations(self._store, query, vector, hits, among)
            return rank(self._store, self._weights, query, vector, hits, posts)
        return self._reading(query, vector, posts, among)

    def weights_of(self, ranking: Ranking) -> Weights:
        """The weights with which a ranking was made."""
        return load_weights(reader=True) if ranking.log_odds is not None else self._weights

    def _reading(self, query: Query, vector: Vectors, posts: frozenset[str], among: Sequence[int] | None) -> Ranking:
        """Rank sentences with the help of the reader."""
        reader = self._reader
        if reader is None:
            raise ValueError("there is no reader")
        tuned = reader.tuned(query.text, vector, self._store.manifest.model.name)
        hits = retrieve_by_sentences(self._store, query, vector, tuned, CONSIDERED_BY_READER, among)
        hits = with_explanations(self._store, query, vector, hits, among)
        ranking = rank(self._store, self._weights, query, vector, hits, posts)
        # a follow-up names its subject in words that occur all over the posts about it, so all its chunks are read
        most = CONSIDERED_BY_READER if query.earlier or posts else MOST
        return read(reader, load_weights(reader=True), ranking, tuned, most)

    @cached_property
    def _reader(self) -> Reader | None:
        """The reader; None, with the reason on standard error, if it cannot be opened."""
        try:
            from rag.embedding.reader import open_reader

            return open_reader()
        except ModelError as error:
            print(f"answering without the reader: {error}", file=sys.stderr)  # noqa: T201
            return None
