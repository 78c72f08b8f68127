"""Records in files: read as they were written, with nothing left behind and hardly anything in memory."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from rag.records import Page
from rag.spools import Chosen, Spool, Spools, Streamed, beside

if TYPE_CHECKING:
    from pathlib import Path


def _page(number: int) -> Page:
    return Page(f"{number}.txt", f"Line {number} says é, 漢 and \ud800.\r\n" * 20, "0" * 64, "utf-8")


def test_records_are_read_as_they_were_written() -> None:
    """One by one, in slices, from the end, repeatedly, and between two that are added."""
    spool = Spool(Page)
    for number in range(50):
        spool.append(_page(number))
        assert spool[number] == _page(number)
    assert list(spool) == list(spool) == [_page(number) for number in range(50)]
    assert spool[10:30:7] == [_page(number) for number in (10, 17, 24)]
    assert (spool[-1], len(spool)) == (_page(49), 50)
    with pytest.raises(IndexError):
        spool[50]


def test_nothing_is_seen_of_the_file(tmp_path: Path) -> None:
    """Not even while it is used, and so not after a kill; at the end the space is freed."""
    with Spools(tmp_path) as spools:
        spool = spools.spool(str)
        spool.append("a record")
        assert spool[0] == "a record"
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        spool.append("another")


def test_a_record_takes_eight_bytes_of_memory() -> None:
    """And reading keeps one record in memory at a time."""
    spool = Spool(str)
    spool.append("warm")
    tracemalloc.start()
    for number in range(5_000):
        spool.append(f"{number}" * 500)
    assert sum(len(record) for record in spool) > 5_000_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000


def test_some_records_of_a_sequence_are_a_sequence() -> None:
    """By their numbers, in that order."""
    some = Chosen("abcdef", [4, 0, 5])
    assert (list(some), len(some), some[1], some[1:]) == (["e", "a", "f"], 3, "a", ["a", "f"])


def test_what_is_streamed_is_made_again() -> None:
    """Each time it is iterated over, and when searched."""
    times: list[int] = []

    def each():  # type: ignore[no-untyped-def]  # noqa: ANN202 - an iterator of numbers
        times.append(1)
        return iter(range(3))

    streamed: Streamed[int] = Streamed(3, each)
    assert (list(streamed), list(streamed), len(streamed)) == ([0, 1, 2], [0, 1, 2], 3)
    assert 2 in streamed
    assert len(times) == 3


def test_records_beside_those_of_their_key() -> None:
    """Some have none; those with one key come together."""
    left, right = ["a", "b", "c", "d"], ["b1", "b2", "d1"]
    found = list(beside(left, right, str, lambda one: one[0]))
    assert found == [("a", []), ("b", ["b1", "b2"]), ("c", []), ("d", ["d1"])]
    assert list(beside(left[:1], [], str, str)) == [("a", [])]
