"""The reader's part: which chunks it reads, when it stops, and how its log odds move sentences and confidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag.answering.quotes.quoting import confidence_signs, quotes
from rag.answering.selection.features import FEATURES
from rag.answering.selection.ranker import READER_FEATURES, READER_SIGNS, SIGNS, load_weights
from rag.answering.selection.reading import FIRST, MOST, read
from rag.embedding.reader import UNREAD, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.engine import Index
    from rag.answering.selection.ranking import Ranking
    from rag.embedding.reader import ReadingTask

QUESTION = "When was Google incorporated?"


class _Made:
    """A reader that finds what it is told to find, and records what it was given."""

    def __init__(self, found: Callable[[ReadingTask], float]) -> None:
        self.tasks: list[ReadingTask] = []
        self._found = found

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        self.tasks += tasks
        return [Reading(np.full(len(task.sentences), self._found(task), dtype=np.float32)) for task in tasks]


@pytest.fixture
def ranking(seed_index: Index) -> Ranking:
    """The sentences for one question, without the reader."""
    return seed_index.ranking(QUESTION, fast=True)


def _read(made: _Made, ranking: Ranking) -> Ranking:
    return read(made, load_weights(reader=True), ranking, ranking.vector)  # type: ignore[arg-type]


def _text(ranking: Ranking, chunk_id: int) -> str:
    chunk = ranking.chunks[chunk_id]
    return ranking.bodies[chunk.post_id].text[chunk.start : chunk.end]


def test_it_stops_where_a_sentence_plainly_answers(ranking: Ranking) -> None:
    """The first chunks are read; the others only if none of those answers."""
    sure, unsure = _Made(lambda _: 3.0), _Made(lambda _: -6.0)
    _read(sure, ranking)
    _read(unsure, ranking)
    chunks = {one.chunk_id for one in ranking.ranked}
    assert len(sure.tasks) == min(FIRST, len(chunks))
    assert len(unsure.tasks) == min(MOST, len(chunks)) > FIRST
    assert all(task.question == QUESTION for task in unsure.tasks)
    three = _Made(lambda _: -6.0)
    read(three, load_weights(reader=True), ranking, ranking.vector, 3)  # type: ignore[arg-type]
    assert len(three.tasks) == 3 < len(chunks)


def test_all_the_chunks_of_a_follow_up_are_read(ranking: Ranking) -> None:
    """Those about its subject are few and alike, and the first that seems to answer need not be the right one."""
    sure = _Made(lambda _: 3.0)
    read(sure, load_weights(reader=True), ranking, ranking.vector, MOST + 1)  # type: ignore[arg-type]
    assert len(sure.tasks) == min(MOST + 1, len({one.chunk_id for one in ranking.ranked}))


def test_what_it_finds_moves_up(ranking: Ranking) -> None:
    """A chunk moves ahead of others if the reader finds the answer only there."""
    first = _Made(lambda _: 3.0)
    _read(first, ranking)
    texts = {task.text for task in first.tasks}
    order = list(dict.fromkeys(one.chunk_id for one in ranking.ranked))
    last = [one for one in order if _text(ranking, one) in texts][-1]
    wanted = _text(ranking, last)
    found = _read(_Made(lambda task: 8.0 if task.text == wanted else -8.0), ranking)
    assert list(dict.fromkeys(one.chunk_id for one in found.ranked)).index(last) < order.index(last)


def test_its_measures_follow_the_others(ranking: Ranking) -> None:
    """One column each; for chunks that were not read, they are zero and say so."""
    found = _read(_Made(lambda _: 3.0), ranking)
    assert found.measures.shape[1] == len(FEATURES) + len(READER_FEATURES)
    np.testing.assert_array_equal(found.measures[:, : len(FEATURES)], ranking.measures)
    assert found.log_odds is not None
    looked = found.log_odds > UNREAD
    assert 0 < looked.sum() < len(looked)
    assert not found.measures[~looked][:, -3:].any()


def test_the_confidence_hears_it(seed_index: Index, ranking: Ranking) -> None:
    """The same quote has more confidence if the reader finds that it answers."""
    weights = load_weights(reader=True)
    sure = []
    for log_odds in (-6.0, 5.0):
        found = _read(_Made(lambda _, value=log_odds: value), ranking)
        (first, *_) = quotes(seed_index.store, weights, found)
        signs = confidence_signs(seed_index.store, found, first)
        assert len(signs) == len(SIGNS) + len(READER_SIGNS)
        sure.append(weights.confidence(signs))
    assert sure[0] < sure[1]


def test_reading_again_changes_nothing(ranking: Ranking) -> None:
    """Its earlier result is not counted twice."""
    once = _read(_Made(lambda _: 1.5), ranking)
    again = _read(_Made(lambda _: 1.5), replace(once, scores=ranking.scores))
    assert again.measures.shape == once.measures.shape
