"""Checks the values of an index from elsewhere that are shown or used without another look.

Ids are printed as they are, days are read as days, encodings choose a codec, and paths are given to the system. In an
index that was built here each has one form; a malicious maker can write any text.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, get_args

from rag.loading.decoding import can_decode_as
from rag.loading.formats import PAGE_FORMATS
from rag.records import DroppedKind, MergeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = ["odd_values"]

_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{64}")
_OF_POSTS = frozenset(name for names in PAGE_FORMATS.values() for name in names)


def odd_values(database: sqlite3.Connection) -> Iterator[str]:
    """What is odd in the tables of a snapshot, in words; nothing if a build could have written all of it.

    The tables have values of their types. Raises ValueError where a day is none.
    """
    for column, right, problem in (
        ("post_id FROM posts", _ID.fullmatch, "an id that is none"),
        ("post_id FROM merges", _ID.fullmatch, "an id that is none"),
        ("text_id FROM merges", lambda told: not told or _ID.fullmatch(told), "an id that is none"),
        ("sha256 FROM pages", _HASH.fullmatch, "a hash that is none"),
        ("sha256 FROM copies", _HASH.fullmatch, "a hash that is none"),
        ("date FROM posts", _is_day, "a day that is none"),
        ("date FROM copies", _is_day, "a day that is none"),
        ("path FROM pages", lambda told: "\0" not in told, "a path that no file has"),
        ("encoding FROM pages", can_decode_as, "an encoding that is none"),
        ("format FROM pages", PAGE_FORMATS.__contains__, "pages of an unknown format"),
        ("format FROM copies", _OF_POSTS.__contains__, "posts of an unknown format"),
        ("kind FROM merges", get_args(MergeKind).__contains__, "merges of an unknown kind"),
        ("similarity FROM merges", lambda share: 0 <= share <= 1, "a similarity that is none"),
        ("kind FROM dropped", get_args(DroppedKind).__contains__, "lines of an unknown kind"),
    ):
        if not all(right(told) for (told,) in database.execute(f"SELECT DISTINCT {column}")):
            yield problem


def _is_day(told: str | None) -> bool:
    return told is None or date.fromisoformat(told).isoformat() == told
