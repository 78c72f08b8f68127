"""Checks single rows of an index from elsewhere, whether from the database of a folder or from a server."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from rag.store.database import OLDER_SCHEMAS, SCHEMA
from rag.store.sentence_table import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "MAY_LACK",
    "WrongError",
    "check_pieces",
    "check_post",
    "check_sentence",
    "columns_of",
    "kinds_of_rows",
    "require",
    "rows_of",
]

# fields that a page may lack
MAY_LACK = frozenset(
    [
        ("posts", "author"),
        ("posts", "date"),
        *(("copies", name) for name in ("title", "author", "date", "record", "site")),
    ]
)
_KINDS: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (float, int)}


class WrongError(Exception):
    """What is wrong with the contents."""


def require(fact: object, what: str) -> None:
    """Raise a WrongError if a fact does not hold."""
    if not fact:
        raise WrongError(what)


@cache
def columns_of(table: str, schema: str = SCHEMA) -> tuple[tuple[str, str], ...]:
    """Name and type of each column of a table."""
    with contextlib.closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema)
        return tuple((str(name), str(kind)) for _, name, kind, *_ in made.execute(f"PRAGMA table_info({table})"))


@cache
def kinds_of_rows(table: str) -> frozenset[tuple[type, ...]]:
    """The types that the values of a row of a table may have, in this version of the tables and in older ones."""
    found: set[tuple[type, ...]] = set()
    for schema in (SCHEMA, *OLDER_SCHEMAS):
        columns = columns_of(table, schema)
        found.update(
            product(*(_KINDS[kind] + ((type(None),) if (table, name) in MAY_LACK else ()) for name, kind in columns))
        )
    return frozenset(found)


def rows_of(text: str, kinds: tuple[Any, ...]) -> Iterator[list[Any]]:
    """The rows of a JSON list, each with values of these types."""
    rows = json.loads(text)
    require(isinstance(rows, list), "a value that should be a list")
    for row in rows:
        fits = isinstance(row, list) and len(row) == len(kinds)
        require(fits and all(map(isinstance, row, kinds)), "a row of the wrong shape")
        yield row


def check_post(text: str, chrome: str, variants: str) -> list[str]:
    """Check the spans of a post; returns the ids of its other versions."""
    for start, end in rows_of(chrome, (int, int)):
        require(0 <= start <= end <= len(text), "a span outside its post")
    return [other for other, *_ in rows_of(variants, (str, str, str))]


def check_pieces(written: str, length: int) -> None:
    """Check that the pieces of a copy cover its post and its file without gaps."""
    at, file_at = 0, -1
    for start, end, file_start, file_end, text in rows_of(written, (int, int, int, int, (str, type(None)))):
        require(start == at <= end and file_at in (-1, file_start) and 0 <= file_start <= file_end, "pieces with gaps")
        require(text is not None or end - start == file_end - file_start, "a piece of the wrong length")
        at, file_at = end, file_end
    require(at == length and file_at >= 0, "pieces that end before their post")


def check_sentence(row: Sequence[Any], number: int, length: int) -> None:
    """Check the row of a sentence that is this one of its post, whose text has this length."""
    _, _, found, start, end, _, kind, lead_in, paragraph, marker = row
    require(0 <= start <= end <= length and found == number, "a sentence outside its post")
    require(kind in KINDS and -1 <= lead_in < number + 1, "a sentence of an unknown kind")
    require(-1 <= marker <= length and paragraph >= 0, "a sentence without a place")
