"""Many questions: encoded ahead, by several threads or processes, each gets the answer that it gets alone."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

import rag.answering.process_pool
from rag.answering.one_question import OneQuestion
from rag.answering.process_pool import ask_by_processes
from rag.embedding.batching import Batcher
from rag.errors import InputError
from rag.records import QuestionRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.answering.engine import Index

ASKED = (
    "What is dark traffic?",
    "When did Wikipedia move to HTTPS?",
    "What is dark traffic, and when did Wikipedia move to HTTPS?",
    "Who was the first on the moon?",
    "Why?",
    "...",
)


def _rows() -> list[QuestionRow]:
    single = [QuestionRow(str(number), question) for number, question in enumerate(ASKED)]
    return [*single, QuestionRow("f", "And why is that?", (ASKED[0],)), QuestionRow("g", "Who says so?", ASKED[:3])]


@pytest.fixture(scope="module")
def alone(seed_index: Index) -> list[dict[str, object]]:
    """The answers to the rows, each asked by itself."""
    return [seed_index.ask(row.question, history=row.history, id=row.id, explain=False).to_dict() for row in _rows()]


def test_read_ahead_or_alone_the_answer_is_the_same(seed_index: Index, alone: list[dict[str, object]]) -> None:
    """Rows that go through the model together get the same answers as rows asked one by one."""
    assert [answer.to_dict() for answer in seed_index.ask_many(_rows())] == alone


def test_several_threads_get_the_same_answers(seed_index: Index, alone: list[dict[str, object]]) -> None:
    """The page asks from many threads at once."""
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda row: next(iter(seed_index.ask_many([row]))).to_dict(), _rows() * 2))
    assert found == alone * 2


@pytest.mark.parametrize(("rows", "groups"), [(3, 16), (1, 3)])
def test_processes_give_the_same_answers_in_order(
    seed_index: Index, alone: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, rows: int, groups: int
) -> None:
    """Two processes over one index, each with some of the rows, whose questions are encoded in one batch or several."""
    monkeypatch.setattr(rag.answering.process_pool, "MIN_ROWS", 2)
    monkeypatch.setattr(rag.answering.process_pool, "_ROWS_AT_ONCE", rows)
    monkeypatch.setattr(rag.answering.process_pool, "_ROWS_READ_AT_ONCE", rows)
    monkeypatch.setattr(rag.answering.process_pool, "_GROUPS_READ", groups)
    found = [answer.to_dict() for answer in ask_by_processes(seed_index, _rows() * 2, processes=2)]
    assert found == alone * 2


def test_a_row_that_cannot_be_asked_is_reported_by_whichever_process_has_it(
    seed_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the answers to all rows before it."""
    monkeypatch.setattr(rag.answering.process_pool, "MIN_ROWS", 2)
    monkeypatch.setattr(rag.answering.process_pool, "_ROWS_AT_ONCE", 1)
    monkeypatch.setattr(rag.answering.process_pool, "_ROWS_READ_AT_ONCE", 1)
    rows = _rows()
    for place in (1, len(rows) - 1):
        some = [*rows[:place], QuestionRow("long", "why " * 5000), *rows[place:]]
        found = ask_by_processes(seed_index, some, processes=2)
        assert [next(found).id for _ in range(place)] == [row.id for row in rows[:place]]
        with pytest.raises(InputError, match="too long"):
            next(found)


def test_where_no_process_answers_this_one_does(
    seed_index: Index, alone: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An index that another build has replaced is not mixed with the open one."""
    monkeypatch.setattr(rag.answering.process_pool, "MIN_ROWS", 2)
    monkeypatch.setattr(seed_index.store, "name", f"g-of-{tmp_path.name}")
    found = [answer.to_dict() for answer in ask_by_processes(seed_index, _rows(), processes=2)]
    assert found == alone


def test_a_question_that_cannot_be_asked_is_reported_when_its_turn_comes(seed_index: Index) -> None:
    """Reading ahead ignores them."""
    rows = [*_rows()[:2], QuestionRow("long", "why " * 5000), *_rows()[2:]]
    found = seed_index.ask_many(rows)
    assert [next(found).id, next(found).id] == ["0", "1"]
    with pytest.raises(InputError, match="too long"):
        next(found)


def test_what_waits_goes_together_and_nothing_twice() -> None:
    """While one thread has the model, the others queue; the next takes all of them, each text once."""
    calls: list[list[str]] = []
    first, others = threading.Event(), threading.Event()

    def encode(texts: Sequence[str]) -> np.ndarray:
        calls.append(list(texts))
        if len(calls) == 1:
            first.set()
            assert others.wait(10)
        return np.array([[float(text)] for text in texts], np.float32)

    waiting = Batcher(encode)
    with ThreadPoolExecutor(5) as pool:
        one = pool.submit(waiting.vectors, ["1"])
        assert first.wait(10)
        more = [pool.submit(waiting.vectors, [text, "9"]) for text in ("2", "3", "4")]
        while len(waiting._wanted) < 4:
            pass
        others.set()
        assert one.result() == [np.array([1.0])]
        assert [[float(v[0]) for v in done.result()] for done in more] == [[2.0, 9.0], [3.0, 9.0], [4.0, 9.0]]
    assert calls[0] == ["1"]
    assert sorted(calls[1]) == ["2", "3", "4", "9"]
    assert len(calls) == 2
    assert waiting.vectors(["4", "1"]) == [np.array([4.0]), np.array([1.0])]
    assert len(calls) == 2


def test_an_error_of_the_model_reaches_the_one_who_asked() -> None:
    """And the next is served."""
    bad = [True]

    def encode(texts: Sequence[str]) -> np.ndarray:
        if bad.pop() if bad else False:
            raise OSError("no memory")
        return np.zeros((len(texts), 2), np.float32)

    waiting = Batcher(encode)
    with pytest.raises(OSError, match="no memory"):
        waiting.vectors(["a"])
    assert len(waiting.vectors(["a", "b"])) == 2


def test_what_another_process_has_read_is_not_read_again(
    seed_index: Index, alone: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions are encoded once for all processes, including those that a follow-up depends on."""
    before, vectors = alone, seed_index.read_ahead(_rows())
    assert len(vectors) > len(ASKED)
    waiting = Batcher(lambda texts: pytest.fail(f"read again: {texts}"))
    monkeypatch.setattr(seed_index, "_waiting", waiting)
    monkeypatch.setattr(OneQuestion, "quote_similarity", lambda *_: 0.5)  # which reads a quote, not a question
    seed_index.take(pickle.loads(pickle.dumps(vectors)))  # noqa: S301 - our own
    found = [answer.to_dict() for answer in seed_index.ask_many(_rows())]
    assert [one["question"] for one in found] == [one["question"] for one in before]


def test_what_a_reranker_reads_too_is_asked_by_one_process(seed_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other processes would answer without it."""
    monkeypatch.setattr(rag.answering.process_pool, "MIN_ROWS", 2)
    monkeypatch.setattr(seed_index._one, "rerank", lambda _question, texts: [0.0] * len(texts))
    monkeypatch.setattr(rag.answering.process_pool, "ProcessPoolExecutor", None)
    assert len(list(ask_by_processes(seed_index, _rows(), processes=2))) == len(_rows())
