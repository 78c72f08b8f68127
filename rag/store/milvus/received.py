"""Checks what a Milvus server sends before it is used: it may send only what a build writes.

A folder is checked once, but a server may belong to a stranger and can answer differently each time, so every row is
checked when it is read: its types and values, its spans, and whether rows that are used together fit each other.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import IndexDamaged
from rag.store.sound_rows import (
    WrongError,
    check_pieces,
    check_post,
    check_sentence,
    columns_of,
    kinds_of_rows,
    require,
    rows_of,
)
from rag.store.sound_values import is_day, is_post_id, right_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.store.address import Address
    from rag.store.manifest import Manifest
    from rag.store.rows import Row

__all__ = ["Received", "checking", "hits", "vectors", "weights"]

# What is remembered of posts and chunks is dropped beyond this many, some MB. A question reads some hundred.
_REMEMBERED = 50_000
_MOST_NUMBER = 2**53
_MOST_BUCKETS = 10_000_000  # of a hundred words each


@contextlib.contextmanager
def checking(address: Address) -> Iterator[None]:
    """Report whatever is wrong in the rows read here.

    Raises:
        IndexDamaged: the server sent what no build writes.

    """
    try:
        yield
    except (WrongError, ValueError, TypeError, LookupError, OverflowError, RecursionError, sqlite3.Error) as error:
        raise IndexDamaged(
            f"the index on the server contains what no build writes ({error})",
            path=f"{address}",
            remedy="Write it again: pullquote index or pullquote copy.",
        ) from error


@dataclass(slots=True)
class _Post:
    """A post as known so far: its length, where the last of its sentences and chunks ends, its number of sentences."""

    length: int | None = None
    reach: int = 0
    sentences: int | None = None


class Received:
    """The rows of one snapshot; safe to use from several threads."""

    def __init__(self, address: Address, manifest: Manifest) -> None:
        self._address = address
        self._manifest = manifest
        self._posts: dict[str, _Post] = {}
        self._homes: dict[int, str] = {}

    def rows(self, table: str, text: str) -> list[Row]:
        """The rows of a table, from a JSON list."""
        rows = json.loads(text)
        require(isinstance(rows, list), "a value that should be a list")
        kinds = kinds_of_rows(table)
        found = [tuple(row) for row in rows]
        require(all(tuple(map(type, row)) in kinds for row in found), f"a value of the wrong type in {table}")
        numbers = (value for row in found for value in row if not isinstance(value, str) and value is not None)
        require(all(-_MOST_NUMBER < number < _MOST_NUMBER for number in numbers), f"an impossible number in {table}")
        if found:
            names = [name for name, _ in columns_of(table)]
            for of_table, column, right, problem in right_values():
                if of_table == table:
                    place = names.index(column)
                    require(all(map(right, {row[place] for row in found})), problem)
        if table == "merges":
            for row in found:
                list(rows_of(str(row[-1]), (str, str, str, str)))
        return found

    def post(self, post_id: str, text: str) -> Row:
        """The row of a post."""
        (row,) = self.rows("posts", f"[{text}]")
        _, own, _, _, _, words, chrome, variants = row
        require(own == post_id, "another post than was asked for")
        require(all(map(is_post_id, check_post(str(words), str(chrome), str(variants)))), "an invalid id")
        known = self._post(post_id)
        known.length = len(str(words))
        require(known.reach <= known.length, "a span outside its post")
        return row

    def copies(self, post: Row, text: str) -> list[Row]:
        """The rows of the copies of a post."""
        found = self.rows("copies", text)
        require(found, "a post without a copy")
        for row in found:
            require(row[0] == post[0], "a copy of another post")
            check_pieces(str(row[8]), len(str(post[5])))
        return found

    def sentences(self, post_id: str, text: str) -> list[Row]:
        """The rows of the sentences of a post, in order."""
        found, known = self.rows("sentences", text), self._post(post_id)
        length = known.length if known.length is not None else _MOST_NUMBER
        for number, row in enumerate(found):
            check_sentence(row, number, length)
            home: Any = row[5]
            require(0 <= home < self._manifest.chunks, "a sentence in no chunk")
            require(self._homes.get(home, post_id) == post_id, "a sentence in a chunk of another post")
        self._reaches(known, max((max(int(str(row[4])), int(str(row[9]))) for row in found), default=0))
        self._counts(known, len(found))
        return found

    def vectors(self, post_id: str, text: str) -> npt.NDArray[np.float16]:
        """The vectors of the sentences of a post: float16 (n_sentences, dim)."""
        import numpy as np

        found = np.frombuffer(base64.b64decode(text, validate=True), "<f2").reshape(-1, self._manifest.model.dim)
        require(np.isfinite(found).all(), "no numbers")
        self._counts(self._post(post_id), len(found))
        return found

    def chunk(self, chunk: int, post_id: str, start: int, end: int, tokens: int) -> None:
        """Check the row of a chunk."""
        require(0 <= chunk < self._manifest.chunks and is_post_id(post_id), "an unknown chunk")
        require(0 <= start <= end < _MOST_NUMBER and tokens >= 0, "a chunk outside its post")
        if len(self._homes) >= _REMEMBERED:
            self._homes.clear()
        self._homes[chunk] = post_id
        self._reaches(self._post(post_id), end)

    def chunk_ids(self, text: str) -> list[int]:
        """The ids of the chunks of a post, from the rows of its chunks."""
        found = [int(str(row[0])) for row in self.rows("chunks", text)]
        require(all(0 <= chunk < self._manifest.chunks for chunk in found), "an unknown chunk")
        return found

    def post_ids(self, text: str) -> list[str]:
        """The ids of all posts."""
        found = json.loads(text)
        require(isinstance(found, list) and all(isinstance(one, str) for one in found), "an invalid id")
        require(all(map(is_post_id, found)) and len(set(found)) == self._manifest.posts, "an invalid id")
        return list(found)

    def entries(self, text: str) -> list[list[Any]]:
        """What lists show of all posts; see `rag.store.database.entry_rows`."""
        perhaps = (str, type(None))
        found = list(rows_of(text, (str, str, perhaps, perhaps, int, int, list)))
        for post_id, _, _, date, length, versions, places in found:
            require(is_post_id(post_id) and is_day(date), "an invalid id or date")
            require(0 <= length < _MOST_NUMBER and versions in (0, 1), "an impossible number")
            require(
                places and all(isinstance(file, str) and isinstance(site, perhaps) for file, site in places), "no place"
            )
        require(len(found) == self._manifest.posts, "a wrong number of posts")
        return found

    def layout(self, text: str) -> dict[str, object]:
        """How the rows are stored: {"buckets": int, "dense": str, "words": bool, "records": int}."""
        found = json.loads(text)
        fits = isinstance(found, dict) and {name: type(value) for name, value in found.items()} == {
            "buckets": int,
            "dense": str,
            "words": bool,
            "records": int,
        }
        require(fits and 0 < found["buckets"] < _MOST_BUCKETS, "an unknown layout")
        return dict(found)

    def must_have(self, post_ids: Sequence[str], found: Mapping[str, object]) -> None:
        """Check that no post is missing of which a chunk was read."""
        require(all(post_id in found for post_id in post_ids if post_id in self._posts), "a post without a text")

    def must_have_chunks(self, chunk_ids: Sequence[int], found: Mapping[int, object]) -> None:
        """Check that no chunk of the index is missing."""
        require(all(one in found for one in chunk_ids if 0 <= one < self._manifest.chunks), "a chunk is missing")

    def _post(self, post_id: str) -> _Post:
        if len(self._posts) >= _REMEMBERED:
            self._posts.clear()
        return self._posts.setdefault(post_id, _Post())

    @staticmethod
    def _reaches(known: _Post, end: int) -> None:
        known.reach = max(known.reach, end)
        require(known.length is None or known.reach <= known.length, "a span outside its post")

    @staticmethod
    def _counts(known: _Post, sentences: int) -> None:
        require(known.sentences in (None, sentences), "another number of sentences")
        known.sentences = sentences


def hits(manifest: Manifest, ids: Sequence[int]) -> None:
    """Check the ids of the chunks that a search has found."""
    require(all(0 <= one < manifest.chunks for one in ids) and len(set(ids)) == len(ids), "an unknown chunk")


def vectors(manifest: Manifest, rows: Sequence[object]) -> npt.NDArray[np.float32]:
    """The vectors of chunks: float32 (n, dim)."""
    import numpy as np

    found = np.array(rows, np.float32)
    require(found.shape == (len(rows), manifest.model.dim) and np.isfinite(found).all(), "no numbers")
    return found


def weights(held: object) -> dict[int, float]:
    """What the stems of a chunk contribute to its score, by the number of the stem."""
    require(isinstance(held, dict) and all(map(math.isfinite, held.values())), "a word of no weight")
    return dict(held)  # type: ignore[call-overload, no-any-return]
