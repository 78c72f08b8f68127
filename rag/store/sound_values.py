"""Checks those values of an index from elsewhere that are shown or used without further checks.

Ids are printed as they are, days are read as days, encodings choose a codec, and paths are given to the system. In an
index that was built here each has one form, but a malicious maker can write any text.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, get_args

from rag.records import DroppedKind, MergeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["odd_values"]

_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")


def odd_values(database: sqlite3.Connection) -> Iterator[str]:
    """What is odd in the tables of a snapshot, in words; nothing if a build could have written all of it.

    The types of the values must have been checked before.

    Raises:
        ValueError: a date is not valid.

    """
    # imported here, because an index that was built on this machine is not looked at again
    from rag.loading.decoding import can_decode_as
    from rag.loading.formats import PAGE_FORMATS

    of_posts = frozenset(name for names in PAGE_FORMATS.values() for name in names)
    for column, right, problem in (
        ("post_id FROM posts", _ID.fullmatch, "an invalid id"),
        ("post_id FROM merges", _ID.fullmatch, "an invalid id"),
        ("text_id FROM merges", lambda value: not value or _ID.fullmatch(value), "an invalid id"),
        ("sha256 FROM pages", _HASH.fullmatch, "an invalid hash"),
        ("sha256 FROM copies", _HASH.fullmatch, "an invalid hash"),
        ("date FROM posts", _is_day, "an invalid date"),
        ("date FROM copies", _is_day, "an invalid date"),
        ("path FROM pages", lambda value: "\0" not in value, "a path that no file can have"),
        ("encoding FROM pages", can_decode_as, "an unknown encoding"),
        ("format FROM pages", PAGE_FORMATS.__contains__, "pages of an unknown format"),
        ("format FROM copies", of_posts.__contains__, "posts of an unknown format"),
        ("kind FROM merges", get_args(MergeKind).__contains__, "merges of an unknown kind"),
        ("similarity FROM merges", lambda share: 0 <= share <= 1, "a similarity that is not between 0 and 1"),
        ("kind FROM dropped", get_args(DroppedKind).__contains__, "lines of an unknown kind"),
    ):
        if not all(right(value) for (value,) in database.execute(f"SELECT DISTINCT {column}")):
            yield problem


def _is_day(text: str | None) -> bool:
    return text is None or date.fromisoformat(text).isoformat() == text
