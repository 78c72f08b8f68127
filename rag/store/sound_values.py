"""Checks those values of an index from elsewhere that are shown or used without further checks.

Ids are printed as they are, days are read as days, encodings choose a codec, and paths are given to the system. In an
index that was built here each has one form, but a malicious maker can write any text.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from rag.records import DroppedKind, MergeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

__all__ = ["is_day", "is_post_id", "odd_values", "right_values"]

_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")


def odd_values(database: sqlite3.Connection) -> Iterator[str]:
    """What is odd in the tables of a snapshot, in words; nothing if a build could have written all of it.

    The types of the values must have been checked before.

    Raises:
        ValueError: a date is not valid.

    """
    for table, column, right, problem in right_values():
        # names of our own
        if not all(right(value) for (value,) in database.execute(f"SELECT DISTINCT {column} FROM {table}")):  # noqa: S608
            yield problem


def is_post_id(text: str) -> bool:
    """Whether this may be the id of a post."""
    return _ID.fullmatch(text) is not None


@cache
def right_values() -> tuple[tuple[str, str, Callable[[Any], object], str], ...]:
    """Table, column, whether a value is right, and what is wrong otherwise."""
    # imported here, because an index that was built on this machine is not looked at again
    from rag.loading.decoding import can_decode_as
    from rag.loading.formats import PAGE_FORMATS

    of_posts = frozenset(name for names in PAGE_FORMATS.values() for name in names)
    return (
        ("posts", "post_id", _ID.fullmatch, "an invalid id"),
        ("merges", "post_id", _ID.fullmatch, "an invalid id"),
        ("merges", "text_id", lambda value: not value or _ID.fullmatch(value), "an invalid id"),
        ("pages", "sha256", _HASH.fullmatch, "an invalid hash"),
        ("copies", "sha256", _HASH.fullmatch, "an invalid hash"),
        ("posts", "date", is_day, "an invalid date"),
        ("copies", "date", is_day, "an invalid date"),
        ("pages", "path", lambda value: "\0" not in value, "a path that no file can have"),
        ("pages", "encoding", can_decode_as, "an unknown encoding"),
        ("pages", "format", PAGE_FORMATS.__contains__, "pages of an unknown format"),
        ("copies", "format", of_posts.__contains__, "posts of an unknown format"),
        ("merges", "kind", get_args(MergeKind).__contains__, "merges of an unknown kind"),
        ("merges", "similarity", lambda share: 0 <= share <= 1, "a similarity that is not between 0 and 1"),
        ("dropped", "kind", get_args(DroppedKind).__contains__, "lines of an unknown kind"),
    )


def is_day(text: str | None) -> bool:
    """Whether this is a day as written by a build, or none.

    Raises:
        ValueError: it is no day at all.

    """
    return text is None or date.fromisoformat(text).isoformat() == text
