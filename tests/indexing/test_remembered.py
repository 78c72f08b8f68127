"""Sketches and verdicts in tables: earlier results are looked up, new ones are stored, in the order of keys."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from rag.dedup.minhash import Sketch
from rag.indexing.remembered import in_key_order, memory_on_disk
from rag.spools import Spools
from rag.store.database import TEXTS_SCHEMA

OLD, NEW = Sketch(20, b"minima", b"lines"), Sketch(30, b"other", b"")


def test_tables_are_mappings() -> None:
    """Stored, looked up, replaced, removed; keys in the order of their bytes."""
    with Spools() as spools:
        memory = memory_on_disk(None, spools)
        for key in (b"\xff", b"\x00", b"a"):
            memory.sketches[key] = OLD
        memory.sketches[b"a"] = NEW
        assert list(in_key_order(memory.sketches)) == [b"\x00", b"a", b"\xff"]
        assert (memory.sketches[b"a"], len(memory.sketches)) == (NEW, 3)
        del memory.sketches[b"a"]
        assert b"a" not in memory.sketches
        with pytest.raises(KeyError):
            memory.sketches[b"a"]
        memory.verdicts[b"a", b"b"] = "version", 0.75
        assert dict(memory.verdicts) == {(b"a", b"b"): ("version", 0.75)}
    assert list(in_key_order({b"b": 1, b"a": 2})) == [b"a", b"b"]


def test_what_was_found_last_time_is_only_read() -> None:
    """It is found there; workers' results go elsewhere, and neither is kept until it is used."""
    with closing(sqlite3.connect(":memory:")) as earlier, Spools() as spools:
        earlier.executescript(TEXTS_SCHEMA)
        earlier.execute("INSERT INTO texts VALUES (?,?,?,?)", (b"old", OLD.words, OLD.minima, OLD.lines))
        earlier.execute("INSERT INTO pairs VALUES (?,?,?,?)", (b"old", b"new", "same", 0.5))
        memory = memory_on_disk(earlier, spools)
        memory.earlier_sketches[b"new"] = NEW
        assert memory.earlier_sketches[b"old"] == OLD
        assert memory.earlier_sketches.get(b"new") == NEW
        assert memory.earlier_verdicts[b"old", b"new"] == ("same", 0.5)
        assert (b"new", b"old") not in memory.earlier_verdicts
        assert (list(memory.sketches), list(memory.verdicts)) == ([], [])
        assert earlier.execute("SELECT count(*) FROM texts").fetchone() == (1,)
