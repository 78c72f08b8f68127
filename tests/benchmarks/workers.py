"""How much faster two workers build than one, and whether killing workers changes anything.

    python tests/benchmarks/workers.py PAGES [--kills 20] [--ray]

Builds the same pages with one worker and with two, in turns in the same run, and compares every byte. With --kills a
worker is killed in the middle of each of so many builds. Exit status 1 where a byte differs.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from rag import crew
from rag.ingest import build_index
from rag.manifest import current_folder

__all__ = ["build", "killing_one", "same_index"]


def build(pages: Path, home: Path, workers: int | None, ray: str | None = None) -> float:
    """Build; returns the seconds that it took."""
    started = time.monotonic()
    build_index([pages], into=home, workers=workers, ray=ray)
    return time.monotonic() - started


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
        self._crews: list[crew.LocalCrew] = []
        self._begin = crew.LocalCrew.__init__

    def __enter__(self) -> Self:
        def begin(own: crew.LocalCrew, *given: object) -> None:
            self._begin(own, *given)  # type: ignore[arg-type]
            self._crews.append(own)

        crew.LocalCrew.__init__ = begin  # type: ignore[method-assign]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        crew.LocalCrew.__init__ = self._begin  # type: ignore[method-assign]
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--ray", action="store_true", help="also with a local Ray cluster of two workers")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder)
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(options.rounds):
            for workers in (1, 2):
                home = aside / f"{workers}-{turn}"
                seconds[workers].append(build(options.pages, home, workers))
                wrong += not same_index(aside / "1-0", home)
        if options.rounds:
            one, two = (sum(seconds[workers]) for workers in (1, 2))
            print(f"1 worker {seconds[1]} s, 2 workers {seconds[2]} s: {one / two:.2f} times as fast")
        else:
            build(options.pages, aside / "1-0", None)
        if options.ray:
            took = build(options.pages, aside / "ray", 2, "local")
            same = same_index(aside / "1-0", aside / "ray")
            print(f"Ray, 2 workers: {took:.1f} s, {'every byte the same' if same else 'ANOTHER INDEX'}")
            wrong += not same
        alike = kills = 0
        for turn in range(options.kills):
            home = aside / f"killed-{turn}"
            with killing_one(
                home, ("_embed", "_cut", "_sketch", "_read")[turn % 4 if turn % 2 else 0], turn
            ) as killing:
                build(options.pages, home, 2)
            kills += killing.killed
            alike += same_index(aside / "1-0", home)
        if options.kills:
            print(f"{kills} builds with a worker killed, {alike} of {options.kills} the same index")
            wrong += options.kills - alike
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
