"""Sketches and verdicts in tables on disk, of the last build and of the current one."""

from __future__ import annotations

import sqlite3
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Generic, TypeVar

from rag.dedup.minhash import Memory, Sketch
from rag.store.database import TEXTS_SCHEMA

if TYPE_CHECKING:
    from rag.dedup.similarity import Verdict
    from rag.spools import Spools

__all__ = ["SketchTable", "VerdictTable", "in_key_order", "memory_on_disk"]

Key = TypeVar("Key")
Value = TypeVar("Value")
Sortable = TypeVar("Sortable", bytes, "tuple[bytes, bytes]")


class _Table(MutableMapping[Key, Value], Generic[Key, Value]):
    """A table as a mapping, in the order of its keys."""

    name: str
    keys_of: tuple[str, ...]
    columns: str

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        where = " AND ".join(f"{key} = ?" for key in self.keys_of)
        # names of our own
        self._one = f"SELECT {self.columns} FROM {self.name} WHERE {where}"  # noqa: S608
        self._keys = f"SELECT {', '.join(self.keys_of)} FROM {self.name} ORDER BY {', '.join(self.keys_of)}"  # noqa: S608
        places = ", ".join("?" * (len(self.keys_of) + len(self.columns.split(","))))
        self._put = f"INSERT OR REPLACE INTO {self.name} VALUES ({places})"  # noqa: S608
        self._drop = f"DELETE FROM {self.name} WHERE {where}"  # noqa: S608
        self._size = f"SELECT count(*) FROM {self.name}"  # noqa: S608

    def _row(self, key: Key) -> tuple[object, ...]:
        """A key as values of its columns."""
        raise NotImplementedError

    def _key(self, row: tuple[object, ...]) -> Key:
        raise NotImplementedError

    def _fields(self, value: Value) -> tuple[object, ...]:
        """A value as values of its columns."""
        raise NotImplementedError

    def _value(self, row: tuple[object, ...]) -> Value:
        raise NotImplementedError

    def __getitem__(self, key: Key) -> Value:
        """Look a key up."""
        row = self._database.execute(self._one, self._row(key)).fetchone()
        if row is None:
            raise KeyError(key)
        return self._value(row)

    def __setitem__(self, key: Key, value: Value) -> None:
        """Add or replace a row."""
        self._database.execute(self._put, (*self._row(key), *self._fields(value)))

    def __delitem__(self, key: Key) -> None:
        """Remove a row."""
        self._database.execute(self._drop, self._row(key))

    def __iter__(self) -> Iterator[Key]:
        """Go through the keys, in order."""
        return map(self._key, self._database.execute(self._keys))

    def __len__(self) -> int:
        """The number of rows."""
        return int(self._database.execute(self._size).fetchone()[0])


class SketchTable(_Table[bytes, Sketch]):
    """The sketch of each text, by its key."""

    name, keys_of, columns = "texts", ("key",), "words, minima, lines"

    def _row(self, key: bytes) -> tuple[object, ...]:
        return (key,)

    def _key(self, row: tuple[object, ...]) -> bytes:
        return row[0]  # type: ignore[return-value]  # a BLOB

    def _fields(self, value: Sketch) -> tuple[object, ...]:
        return value.words, value.minima, value.lines

    def _value(self, row: tuple[object, ...]) -> Sketch:
        return Sketch(*row)  # type: ignore[arg-type]  # as they were written


class VerdictTable(_Table["tuple[bytes, bytes]", "tuple[Verdict, float]"]):
    """Verdict and similarity of each pair of texts, by their keys."""

    name, keys_of, columns = "pairs", ("one", "other"), "verdict, similarity"

    def _row(self, key: tuple[bytes, bytes]) -> tuple[object, ...]:
        return key

    def _key(self, row: tuple[object, ...]) -> tuple[bytes, bytes]:
        return row[0], row[1]  # type: ignore[return-value]  # two BLOBs

    def _fields(self, value: tuple[Verdict, float]) -> tuple[object, ...]:
        return value

    def _value(self, row: tuple[object, ...]) -> tuple[Verdict, float]:
        return row[0], row[1]  # type: ignore[return-value]  # as they were written


def memory_on_disk(earlier: sqlite3.Connection | None, spools: Spools) -> Memory:
    """Results about texts, together with those of the last build, if any, in a read-only database."""
    # results that workers compute in advance are stored with the earlier ones
    before, used = _working_database(spools), _working_database(spools)
    sketches: MutableMapping[bytes, Sketch] = SketchTable(before)
    verdicts: MutableMapping[tuple[bytes, bytes], tuple[Verdict, float]] = VerdictTable(before)
    if earlier is not None:
        sketches, verdicts = ChainMap(sketches, SketchTable(earlier)), ChainMap(verdicts, VerdictTable(earlier))
    return Memory(sketches, verdicts, SketchTable(used), VerdictTable(used))


def _working_database(spools: Spools) -> sqlite3.Connection:
    """A temporary database: SQLite keeps little of it in memory and the rest in a file, which is deleted on closing."""
    database = sqlite3.connect("", isolation_level=None)
    spools.call_at_end(database.close)
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + TEXTS_SCHEMA)
    return database


def in_key_order(found: Mapping[Sortable, object]) -> Iterator[Sortable]:
    """The keys of a mapping in the order of a table."""
    return iter(found) if isinstance(found, _Table) else iter(sorted(found))
