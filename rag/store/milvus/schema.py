"""How a snapshot is stored on a Milvus server: three collections, and an alias for the snapshot in use.

    NAME                      alias of the records of the snapshot in use: switching it makes all of it visible
    NAME_<hash>_records       texts by key, in parts if they are long; see `Keys`
    NAME_<hash>_chunks        chunk id, vector, post, start, stop, tokens
    NAME_<hash>_words         chunk id, what each of its stems adds to its BM25 score, by the stem's number
    NAME_settings             what outlives snapshots: the calibrated threshold, decisions about duplicates

<hash> is that of the snapshot's name, and so of all its bytes: the same index always has the same names.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged
from rag.store.milvus.received import checking
from rag.store.sound_rows import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.store.milvus.client import Field, Server

__all__ = ["Collections", "Keys", "bucket_of", "read_records", "record_rows", "text_parts"]

# Milvus limits a text to 65,535 bytes; a code point has at most four
_PART_BYTES = 60_000
# parts fetched in one call, at most 4 MB
_FETCHED = 64
# 6 GB of text; a stranger's server may claim any number, and each part is asked for
_MOST_PARTS = 100_000


@dataclass(frozen=True, slots=True)
class Collections:
    """Names of the collections of a snapshot of the index ``index``."""

    index: str
    snapshot: str

    @property
    def _stem(self) -> str:
        return f"{self.index}_{self.snapshot.removeprefix('g-')}"

    @property
    def records(self) -> str:
        """Texts by key."""
        return f"{self._stem}_records"

    @property
    def chunks(self) -> str:
        """Vectors of chunks."""
        return f"{self._stem}_chunks"

    @property
    def words(self) -> str:
        """Word weights of chunks."""
        return f"{self._stem}_words"

    @property
    def all(self) -> tuple[str, str, str]:
        """All three, with the one for the alias last."""
        return self.chunks, self.words, self.records

    @staticmethod
    def settings(index: str) -> str:
        """The collection that outlives snapshots."""
        return f"{index}_settings"

    @staticmethod
    def is_of(index: str, collection: str) -> bool:
        """Whether a collection belongs to a snapshot of this index."""
        return re.fullmatch(rf"{re.escape(index)}_[0-9a-f]{{16}}_(records|chunks|words)", collection) is not None


class Keys:
    """Keys of the records. Rows are those of the snapshot's database, as JSON."""

    manifest = "manifest"
    layout = "layout"  # the number of buckets of words, and how vectors are searched
    schema = "schema"  # the statements that make the database
    post_ids = "post-ids"
    entries = "entries"  # of all posts: what lists show of them, so that nobody has to fetch every post for it
    # by the name of a table: all rows of one that is read whole (pages, skipped, merges, dropped)
    table = "table/{}".format
    # by a post's id
    post = "post/{}".format  # its row
    copies = "copies/{}".format  # the rows of its copies
    chunks = "chunks/{}".format  # the rows of its chunks
    sentences = "sentences/{}".format  # the rows of its sentences
    vectors = "vectors/{}".format  # those of its sentences, float16 (n_sentences, dim), in base64
    # by the number of a bucket: its stems, as (stem, number, chunks that contain it)
    words = "words/{}".format
    # by the name of a file that only the next build reads: its bytes, in base64
    file = "file/{}".format


# maximum length of keys: a post's id has 16 characters, and file names are ours
_MAX_KEY = 200
# a collection must have a vector field; this is the smallest possible one
_NOTHING = 2
RECORD_FIELDS: tuple[Field, ...] = (
    ("key", "text", _MAX_KEY),
    ("value", "long text", 65_535),
    ("nothing", "nothing", _NOTHING),
)
RECORD_INDEX = {"index_type": "FLAT", "metric_type": "IP"}


def chunk_fields(dim: int) -> tuple[Field, ...]:
    """Fields of the vectors of chunks."""
    return (
        ("chunk", "number", 0),
        ("post", "text", 64),
        ("start", "number", 0),
        ("stop", "number", 0),
        ("tokens", "number", 0),
        ("vector", "vector", dim),
    )


WORD_FIELDS: tuple[Field, ...] = (("chunk", "number", 0), ("weights", "weights", 0))
WORD_INDEX = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"}


def bucket_of(stem: str, buckets: int) -> int:
    """The bucket of a stem's number."""
    return zlib.crc32(stem.encode("utf-8", "surrogatepass")) % buckets


def text_parts(text: str) -> list[str]:
    """A text in pieces that Milvus accepts, the first with their number in front."""
    width = _PART_BYTES if text.isascii() else _PART_BYTES // 4
    pieces = [text[at : at + width] for at in range(0, len(text), width)] or [""]
    pieces[0] = f"{len(pieces)}\n{pieces[0]}"
    return pieces


def record_rows(key: str, text: str) -> Iterator[dict[str, object]]:
    """The rows of one record."""
    for number, piece in enumerate(text_parts(text)):
        yield {"key": f"{key}#{number}" if number else key, "value": piece, "nothing": [0.0] * _NOTHING}


def read_records(server: Server, collection: str, keys: Sequence[str], *, fresh: bool = False) -> dict[str, str]:
    """Texts of records; unknown keys are left out.

    Raises:
        IndexAway: the server does not answer.
        IndexDamaged: a part of a text is missing, or their number is impossible.

    """
    heads = dict(_fetched(server, collection, list(dict.fromkeys(keys)), fresh=fresh))
    with checking(server.address):
        counts = {key: int(value.partition("\n")[0]) for key, value in heads.items()}
        require(all(0 < count <= _MOST_PARTS for count in counts.values()), "a text in an impossible number of parts")
    rest = dict(
        _fetched(
            server, collection, [f"{key}#{n}" for key, count in counts.items() for n in range(1, count)], fresh=fresh
        )
    )
    found = {}
    for key in keys:
        if key not in heads:
            continue
        pieces = [heads[key].partition("\n")[2]]
        for number in range(1, counts[key]):
            piece = rest.get(f"{key}#{number}")
            if piece is None:
                raise IndexDamaged(
                    "a part of the index is missing on the server",
                    path=f"{server.address}",
                    expected=f"part {number} of {key}",
                    remedy="Write it again: pullquote index or pullquote copy.",
                )
            pieces.append(piece)
        found[key] = "".join(pieces)
    return found


def _fetched(server: Server, collection: str, keys: Sequence[str], *, fresh: bool) -> Iterator[tuple[str, str]]:
    for at in range(0, len(keys), _FETCHED):
        for row in server.fetch(collection, keys[at : at + _FETCHED], ["key", "value"], fresh=fresh):
            yield str(row["key"]), str(row["value"])
