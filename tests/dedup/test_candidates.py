"""Texts that share a band or a line are found by sorting: the same ones as by comparing each with all before it."""

from __future__ import annotations

import random
import tracemalloc
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from rag.dedup import candidates as module
from rag.dedup.minhash import BAND_HASHES, BANDS, MAX_SHARERS, MIN_NEAR_WORDS, Sketch, likely_copies
from rag.spools import Spools

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BAND_BYTES = BAND_HASHES * 4


def _one_by_one(sketches: Sequence[Sketch]) -> Iterator[list[int]]:
    """What `likely_copies` should find, by its definition."""
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    sharers: dict[bytes, list[int]] = defaultdict(list)
    for number, sketch in enumerate(sketches):
        nearby: set[int] = set()
        if sketch.words >= MIN_NEAR_WORDS:
            for band in range(BANDS):
                alike = bands[band, sketch.minima[band * _BAND_BYTES : (band + 1) * _BAND_BYTES]]
                nearby.update(alike)
                alike.append(number)
            for at in range(0, len(sketch.lines), 8):
                holders = sharers[sketch.lines[at : at + 8]]
                if len(holders) <= MAX_SHARERS:
                    nearby.update(holders)
                    holders.append(number)
        yield sorted(nearby)


def _sketches(chance: random.Random, count: int, values: int) -> Iterator[Sketch]:
    """Sketches that often share bands and lines, some of texts too short for any."""
    for _ in range(count):
        if chance.random() < 0.1:
            yield Sketch(3, b"", b"")
            continue
        bands = (chance.randrange(values).to_bytes(_BAND_BYTES, "big") for _ in range(BANDS))
        lines = sorted({chance.randrange(values).to_bytes(8, "big") for _ in range(chance.randrange(5))})
        yield Sketch(50, b"".join(bands), b"".join(lines))


@pytest.mark.parametrize("values", [2, 40, 3_000])
def test_the_same_are_found_as_one_by_one(values: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several blocks and parts, and also if a line is in more texts than are looked at."""
    monkeypatch.setattr(module, "_BLOCK", 64)
    sketches = list(_sketches(random.Random(values), 300, values))
    with Spools(memory=6_400) as spools:
        assert list(likely_copies(sketches, spools)) == list(likely_copies(sketches)) == list(_one_by_one(sketches))


def test_nothing_shares_nothing() -> None:
    """No texts, one, and only short ones."""
    sketch = next(iter(_sketches(random.Random(1), 1, 5)))
    short = Sketch(2, b"", b"")
    assert list(likely_copies([])) == []
    assert list(likely_copies([sketch])) == [[]]
    assert list(likely_copies([short, short])) == [[], []]


def test_sketches_are_not_held() -> None:
    """Another text takes less memory than its sketch has bytes."""

    def peak(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in likely_copies(_sketches(random.Random(3), count, 2**60))) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert (peak(10_000) - peak(5_000)) / 5_000 < 250
