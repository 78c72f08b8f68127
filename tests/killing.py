"""Killing one of the workers of a build, getting one stuck, and comparing what was built."""

from __future__ import annotations

import ctypes
import filecmp
import os
import random
import signal
from typing import TYPE_CHECKING, Self

from rag.indexing import workers
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["killing_one", "same_index", "stick"]


def stick() -> None:
    """Get stuck for good where neither a signal nor another thread gets through: in a C lock that waits for itself."""
    library, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(256)
    library.pthread_mutex_lock(lock)
    library.pthread_mutex_lock(lock)


def same_index(one: Path, other: Path) -> bool:
    """Whether two indexes are equal, byte for byte."""
    left, right = current_folder(one), current_folder(other)
    names = sorted(path.relative_to(left).as_posix() for path in left.rglob("*") if path.is_file())
    there = sorted(path.relative_to(right).as_posix() for path in right.rglob("*") if path.is_file())
    return names == there and filecmp.cmpfiles(left, right, names, shallow=False)[0] == names


class killing_one:  # noqa: N801 - used like a function, with `with`
    """Kills one worker with `SIGKILL` once a shard of this task is finished; ``killed`` says whether it did."""

    def __init__(self, task: str, seed: int) -> None:
        self.killed = False
        self._task, self._dice = task, random.Random(seed)
        self._submit, self._await = workers.ProcessExecutor._submit, workers.ProcessExecutor._await
        self._names: list[str] = []

    def __enter__(self) -> Self:
        def submit(own: workers.ProcessExecutor, task: object, shard: object) -> object:
            self._names.append(getattr(task, "func", task).__name__)  # type: ignore[attr-defined]
            return self._submit(own, task, shard)  # type: ignore[arg-type]

        def finish(own: workers.ProcessExecutor, waiting: object) -> object:
            outcomes = self._await(own, waiting)  # type: ignore[arg-type]
            if self._names[-1] == self._task and not self.killed and own._pool is not None:
                os.kill(self._dice.choice(sorted(own._pool._processes)), signal.SIGKILL)
                self.killed = True
            return outcomes

        workers.ProcessExecutor._submit = submit  # type: ignore[assignment, method-assign]
        workers.ProcessExecutor._await = finish  # type: ignore[assignment, method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        workers.ProcessExecutor._submit = self._submit  # type: ignore[method-assign]
        workers.ProcessExecutor._await = self._await  # type: ignore[method-assign]
