"""Many questions by several processes over one index: its files are mapped, so that no process holds them alone.

An answer is half Python, which one process computes on one processor only. Each process asks as `ask_many` does, and
the answers are the same bytes as from one.
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering import Index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Answer, QuestionRow

__all__ = ["MIN_ROWS", "ask_by_processes"]

# A process is there after half a second of work, in which one alone answers some fifty questions.
MIN_ROWS = 200
# Rows handed to a process at once: enough that questions of one length meet, few enough that none works alone at the
# end and that what a stopped run loses is little.
_ROWS_AT_ONCE = 64

_index: Index | None = None


def ask_by_processes(
    index: Index, rows: Sequence[QuestionRow], *, always_answer: bool = False, processes: int | None = None
) -> Iterator[Answer]:
    """Answer rows in their order by ``processes`` processes, by default one for each processor.

    Few rows, and those for an index on a server, are answered by this process; where another dies, this one answers
    the rest.
    """
    wanted = processes or _processors()
    if wanted == 1 or len(rows) < MIN_ROWS or not isinstance(index.path, Path):
        yield from index.ask_many(rows, always_answer=always_answer)
        return
    groups = [rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE)]
    done = 0
    # a fork would copy locks that threads of the numerical libraries hold
    pool = ProcessPoolExecutor(wanted, get_context("spawn"), _open, (index.path, index.store.name))
    try:
        for answers in pool.map(_answer, groups, [always_answer] * len(groups)):
            for answer in answers:
                yield answer
                done += 1
    except BrokenProcessPool:
        yield from index.ask_many(rows[done:], always_answer=always_answer)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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
