"""Killing one of the workers of a build, and comparing what was built."""

from __future__ import annotations

import filecmp
import os
import random
import signal
import threading
from typing import TYPE_CHECKING, Self

from rag.indexing import workers as crew
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["killing_one", "same_index"]


def same_index(one: Path, other: Path) -> bool:
    """Whether two indexes are equal, byte for byte."""
    left, right = current_folder(one), current_folder(other)
    names = sorted(path.relative_to(left).as_posix() for path in left.rglob("*") if path.is_file())
    there = sorted(path.relative_to(right).as_posix() for path in right.rglob("*") if path.is_file())
    return names == there and filecmp.cmpfiles(left, right, names, shallow=False)[0] == names


class killing_one:  # noqa: N801 - used like a function, with `with`
    """Kills one worker, `SIGKILL`, once a shard of this step is done; ``killed`` tells whether it did."""

    def __init__(self, home: Path, step: str, seed: int) -> None:
        self.killed = False
        self._home, self._step, self._dice = home, step, random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._crews: list[crew.ProcessExecutor] = []
        self._begin = crew.ProcessExecutor.__init__

    def __enter__(self) -> Self:
        def begin(own: crew.ProcessExecutor, *given: object) -> None:
            self._begin(own, *given)  # type: ignore[arg-type]
            self._crews.append(own)

        crew.ProcessExecutor.__init__ = begin  # type: ignore[method-assign]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        crew.ProcessExecutor.__init__ = self._begin  # type: ignore[method-assign]
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            pool = self._crews[0]._pool if self._crews else None
            if pool is None or not any(self._home.glob(f"{crew.SHARDS}/{self._step}-*")):
                continue
            workers = sorted(pool._processes)
            if workers:
                os.kill(self._dice.choice(workers), signal.SIGKILL)
                self.killed = True
                return
