"""Many questions answered by several processes from one index, whose memory-mapped files they share.

Half of the work on an answer is Python, which uses one processor per process. This process encodes the questions, many
at once, and all processes answer them; the answers are byte for byte those of one process.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.heaps import Heaps, indexes_of, open_indexes
from rag.embedding.devices import chosen_device, use_device, use_processors
from rag.errors import PullquoteError
from rag.processes import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.engine import Index
    from rag.records import Answer, QuestionRow

    Vectors = npt.NDArray[np.float32]

__all__ = ["MIN_ROWS", "ask_by_processes"]

# A second process starts in half a second, in which this one answers forty questions.
MIN_ROWS = 200
# The same with the reader, which keeps all processors busy except for a seventh of the time of a question.
MIN_ROWS_READ = 100
# Rows given to a process at once: few, so that none works alone at the end; a group takes a tenth of a second.
_ROWS_AT_ONCE = 8
# The same with the reader, with which a question takes ten times as long.
_ROWS_READ_AT_ONCE = 2
# Groups queued for each other process: the current one and the next.
_HANDED_OUT = 2
# Groups whose questions are encoded together, 128 questions: one takes 4.5 ms alone, 3.4 among 32, 2.7 among 128 and
# 2.6 among 500. Encoding uses one thread for each processor; meanwhile the other processes may run out of work.
_GROUPS_READ = 16

_index: Index | Heaps | None = None


def ask_by_processes(
    index: Index | Heaps, rows: Sequence[QuestionRow], *, always_answer: bool = False, processes: int | None = None
) -> Iterator[Answer]:
    """Answer rows in order with ``processes`` processes, including this one; by default one for each processor.

    This process answers alone if there are few rows, the index is on a server or a reranker is used; if another process
    dies, this one answers the rest.
    """
    wanted = processes or _processors()
    indexes = indexes_of(index)
    folders = tuple(one.path for one in indexes if isinstance(one.path, Path))
    fewest, at_once = (MIN_ROWS_READ, _ROWS_READ_AT_ONCE) if index.reads else (MIN_ROWS, _ROWS_AT_ONCE)
    if wanted == 1 or len(rows) < min(fewest, MIN_ROWS) or index.has_reranker or len(folders) < len(indexes):
        yield from index.ask_many(rows, always_answer=always_answer)
        return
    groups = [rows[at : at + at_once] for at in range(0, len(rows), at_once)]
    # a fork would copy locks that threads of the numerical libraries hold
    snapshots = tuple(one.catalogue.snapshot for one in indexes)
    pool = ProcessPoolExecutor(
        wanted - 1, get_context("spawn"), _open, (folders, snapshots, not index.reads, chosen_device())
    )
    shared = _Shared(index, groups, pool, wanted - 1, always_answer=always_answer)
    try:
        for number in range(len(groups)):
            yield from shared.answers(number)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Shared:
    """Groups of rows shared between this process and those of a pool."""

    def __init__(
        self,
        index: Index | Heaps,
        groups: Sequence[Sequence[QuestionRow]],
        pool: ProcessPoolExecutor,
        others: int,
        *,
        always_answer: bool,
    ) -> None:
        self._index = index
        self._groups = groups
        self._pool = pool
        self._ahead = others * _HANDED_OUT
        self._always_answer = always_answer
        self._left = deque(range(len(groups)))
        self._read: dict[int, Mapping[str, Vectors]] = {}
        self._found: dict[int, Future[list[Answer]]] = {}
        for _ in range(others):
            pool.submit(_ready)  # each starts a process, while the first questions are encoded

    def answers(self, number: int) -> list[Answer]:
        """Answer the next group; while another process works on it, this one answers later groups."""
        while self._left and not (number in self._found and self._found[number].done()):
            mine = self._taken()
            self._hand_out()
            self._found[mine] = self._answered(mine)
            self._hand_out()
        try:
            return self._found.pop(number).result()
        except BrokenProcessPool:
            return self._answered(number).result()

    def _taken(self) -> int:
        """The first group not given to a process, with its questions encoded."""
        number = self._left[0]
        if number not in self._read:
            groups = self._groups[number : number + _GROUPS_READ]
            self._index.read_ahead([row for group in groups for row in group])
            self._read = {place: self._index.read_ahead(group) for place, group in enumerate(groups, number)}
        return self._left.popleft()

    def _hand_out(self) -> None:
        """Keep the other processes busy."""
        under_way = sum(not found.done() for found in self._found.values())
        try:
            for _ in range(min(self._ahead - under_way, len(self._left))):
                number = self._taken()
                asked = self._groups[number], self._read[number], self._always_answer
                self._found[number] = self._pool.submit(_answer, *asked)
        except BrokenProcessPool:
            self._ahead = 0
            self._left.appendleft(number)

    def _answered(self, number: int) -> Future[list[Answer]]:
        """This process's answers to a group; an invalid row is reported when its group's turn comes."""
        found: Future[list[Answer]] = Future()
        try:
            found.set_result(list(self._index.ask_many(self._groups[number], always_answer=self._always_answer)))
        except PullquoteError as error:
            found.set_exception(error)
        return found


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(folders: Sequence[Path], snapshots: Sequence[str], fast: bool, device: str) -> None:
    global _index  # noqa: PLW0603 - a process of the pool has one index
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the process that asks handles Ctrl-C
    # the chat page asks from short-lived threads: a process must outlive the one that started it
    end_with_parent(even_if_stuck=False)
    use_device(device)
    use_processors(1)
    opened = open_indexes(folders, fast=fast)
    # otherwise it was just rebuilt, and the process that asks continues alone
    if tuple(one.catalogue.snapshot for one in indexes_of(opened)) == tuple(snapshots):
        _index = opened


def _ready() -> None:
    """Do nothing: submitting a task starts a process."""


def _answer(rows: Sequence[QuestionRow], vectors: Mapping[str, Vectors], always_answer: bool) -> list[Answer]:
    if _index is None:
        os._exit(1)
    _index.take(vectors)
    return list(_index.ask_many(rows, always_answer=always_answer))
