"""How much faster two workers build than one, and whether killing workers changes anything.

    python tests/benchmarks/workers.py PAGES [--kills 20] [--ray]

Builds the same pages with one worker and with two, in turns in the same run, and compares every byte. With --kills, a
worker is killed in the middle of each of this many builds. The exit status is 1 if a byte differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from rag.indexing import tasks as shards
from rag.indexing.build import build_index

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from killing import killing_one, same_index


def build(pages: Path, home: Path, workers: int | None, ray: str | None = None) -> float:
    """Build; return the seconds it took."""
    started = time.monotonic()
    build_index([pages], into=home, workers=workers, ray=ray)
    return time.monotonic() - started


def main() -> int:
    """Build, count and print."""
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
        # more shards, so that one is always left when a worker is killed
        shards._CHUNKS, shards._POSTS, shards._TEXTS, shards._FILES = 8, 2, 4, 2
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
