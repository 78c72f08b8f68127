"""Many questions by several processes over one index: its files are mapped, so that no process holds them alone.

An answer is half Python, which one process computes on one processor only. Each process asks as `ask_many` does, and
the answers are the same bytes as from one.
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

from rag.answering import Index
from rag.errors import PullquoteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Answer, QuestionRow

__all__ = ["MIN_ROWS", "ask_by_processes"]

# A second process is there after a second of work, in which this one goes on answering.
MIN_ROWS = 200
# Rows handed to a process at once: enough that questions of one length meet, few enough that none works alone at the
# end and that what a stopped run loses is little.
_ROWS_AT_ONCE = 32
# Groups that each of the others has before it: one to work at, one to go on with.
_HANDED_OUT = 2

_index: Index | None = None


def ask_by_processes(
    index: Index, rows: Sequence[QuestionRow], *, always_answer: bool = False, processes: int | None = None
) -> Iterator[Answer]:
    """Answer rows in their order by ``processes`` processes, this one among them, by default one for each processor.

    Few rows, and those for an index on a server, are answered by this process; where another dies, this one answers
    the rest.
    """
    wanted = processes or _processors()
    if wanted == 1 or len(rows) < MIN_ROWS or not isinstance(index.path, Path):
        yield from index.ask_many(rows, always_answer=always_answer)
        return
    groups = [rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)]
    # a fork would copy locks that threads of the numerical libraries hold
    pool = ProcessPoolExecutor(wanted - 1, get_context("spawn"), _open, (index.path, index.store.name))
    shared = _Shared(index, groups, pool, (wanted - 1) * _HANDED_OUT, always_answer=always_answer)
    try:
        for number in range(len(groups)):
            yield from shared.answers(number)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Shared:
    """Groups of rows that this process and those of a pool take turns at."""

    def __init__(
        self,
        index: Index,
        groups: Sequence[Sequence[QuestionRow]],
        pool: ProcessPoolExecutor,
        ahead: int,
        *,
        always_answer: bool,
    ) -> None:
        self._index = index
        self._groups = groups
        self._pool = pool
        self._ahead = ahead
        self._always_answer = always_answer
        self._left = deque(range(len(groups)))
        self._found: dict[int, Future[list[Answer]]] = {}

    def answers(self, number: int) -> list[Answer]:
        """Answer the next group; while another process has it, this one works at those behind it."""
        while self._left and not (number in self._found and self._found[number].done()):
            mine = self._left.popleft()
            self._hand_out()
            self._found[mine] = self._answered(mine)
            self._hand_out()
        try:
            return self._found.pop(number).result()
        except BrokenProcessPool:
            return self._answered(number).result()

    def _hand_out(self) -> None:
        """See to it that the others have work."""
        under_way = sum(not found.done() for found in self._found.values())
        try:
            for _ in range(min(self._ahead - under_way, len(self._left))):
                number = self._left[0]
                self._found[number] = self._pool.submit(_answer, self._groups[number], self._always_answer)
                self._left.popleft()
        except BrokenProcessPool:
            self._ahead = 0

    def _answered(self, number: int) -> Future[list[Answer]]:
        """What this process answers to a group; a row that cannot be asked is told when the turn of its group comes."""
        found: Future[list[Answer]] = Future()
        try:
            found.set_result(list(self._index.ask_many(self._groups[number], always_answer=self._always_answer)))
        except PullquoteError as error:
            found.set_exception(error)
        return found


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(path: Path, generation: str) -> None:
    global _index  # noqa: PLW0603 - a process of the pool has one index
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks is the one to stop
    opened = Index(path)
    if opened.store.name == generation:  # else it was built anew this moment, and the one that asks goes on alone
        _index = opened


def _answer(rows: Sequence[QuestionRow], always_answer: bool) -> list[Answer]:
    if _index is None:
        os._exit(1)
    return list(_index.ask_many(rows, always_answer=always_answer))
