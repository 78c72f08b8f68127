"""Restores, byte for byte, the folder from which a snapshot on a Milvus server was made."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged
from rag.store.bm25 import LexicalIndex
from rag.store.database import SCHEMA
from rag.store.manifest import GROWTH, SNAPSHOT_FILES, sha256_of
from rag.store.milvus.received import checking
from rag.store.milvus.records import WHOLE_TABLES
from rag.store.milvus.schema import Keys
from rag.store.mmap import mapped_array
from rag.store.sentence_table import SentenceTable
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.store.milvus.snapshot import MilvusSnapshot
    from rag.store.protocols import OnProgress

__all__ = ["restore"]

_POSTS = 200  # posts read back together
_TABLES = {"posts": Keys.post, "copies": Keys.copies, "chunks": Keys.chunks, "sentences": Keys.sentences}


def restore(snapshot: MilvusSnapshot, into: Path, on_progress: OnProgress) -> None:
    """Write a snapshot on a server into an empty or new folder.

    Raises:
        IndexDamaged: what the server returned is not what was written to it.

    """
    manifest = snapshot.manifest
    strange = sorted(set(manifest.files) - set(SNAPSHOT_FILES))
    if strange:
        raise _damaged(snapshot, f"it names a file that no index has: {strange[0]}")
    into.mkdir(parents=True, exist_ok=True)
    with checking(snapshot.address):
        _write(snapshot, into, on_progress)
    for name, (_, digest) in manifest.files.items():
        if not (into / name).is_file() or sha256_of(into / name) != digest:
            raise IndexDamaged(
                "what the server returned is not what was written to it",
                path=str(into / name),
                remedy="Another version of a library may write the file differently: build the index from the pages.",
            )


def _write(snapshot: MilvusSnapshot, into: Path, on_progress: OnProgress) -> None:
    import numpy as np

    _write_files(snapshot, into)
    _write_tables(snapshot, into, on_progress)
    # memory-mapped, so that memory does not grow with them
    spool = into / ".vectors.npy"
    vectors = mapped_array(spool, np.float32, (snapshot.manifest.chunks, snapshot.manifest.model.dim))
    snapshot.dense.fetch(vectors)
    DenseIndex.write(vectors, spool, into / "chunks")
    LexicalIndex.write(_stems(into / GROWTH), into / "words")
    (into / "manifest.json").write_text(snapshot.texts([Keys.manifest])[Keys.manifest], encoding="utf-8")


def _write_files(snapshot: MilvusSnapshot, into: Path) -> None:
    """Write the files that are stored unchanged on the server."""
    names = [name for name in snapshot.manifest.files if name.startswith(GROWTH)]
    texts = snapshot.texts([Keys.file(name) for name in names])
    for name in names:
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(texts.get(Keys.file(name), "")))


def _write_tables(snapshot: MilvusSnapshot, into: Path, on_progress: OnProgress) -> None:
    """Restore the database, and the sentences with their vectors."""
    with contextlib.closing(sqlite3.connect(into / "posts.sqlite")) as database:
        # our own statements, because those of a server could do anything
        database.executescript(SCHEMA)
        if _statements(database) != json.loads(snapshot.texts([Keys.schema])[Keys.schema]):
            raise _damaged(snapshot, "its tables are not those of this version")
        for name in WHOLE_TABLES:
            _insert(database, name, snapshot.table(name))
        _write_posts(snapshot, database, into, on_progress)
        database.commit()
        SentenceTable.write(database, into)


def _write_posts(snapshot: MilvusSnapshot, database: sqlite3.Connection, into: Path, on_progress: OnProgress) -> None:
    import numpy as np

    shape = snapshot.manifest.sentences, snapshot.manifest.model.dim
    sentences = mapped_array(into / "sentences.npy", np.float16, shape)
    ids = snapshot.post_ids()
    for table, key in _TABLES.items():
        for at in range(0, len(ids), _POSTS):
            some = ids[at : at + _POSTS]
            read = snapshot.texts([key(post_id) for post_id in some])
            rows = [json.loads(read[key(post_id)]) for post_id in some]
            _insert(database, table, rows if table == "posts" else [row for held in rows for row in held])
            if table == "sentences":
                vectors = snapshot.sentence_vectors_of(some)
                for post_id, held in zip(some, rows, strict=True):
                    if held:
                        sentences[[row[0] for row in held]] = vectors[post_id]
            on_progress(min(at + _POSTS, len(ids)), len(ids))


def _statements(database: sqlite3.Connection) -> list[object]:
    return [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]


def _damaged(snapshot: MilvusSnapshot, problem: str) -> IndexDamaged:
    remedy = "Write it again: pullquote index or pullquote copy."
    return IndexDamaged(f"the index on the server cannot be used: {problem}", path=str(snapshot.address), remedy=remedy)


def _insert(database: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)  # noqa: S608


def _stems(folder: Path) -> Iterator[list[str]]:
    """The stems of each chunk, which the last build kept for the next."""
    import numpy as np

    names = (folder / "stems.txt").read_text(encoding="utf-8").split("\n")
    flat, borders = np.load(folder / "stems.npy", mmap_mode="r"), np.load(folder / "borders.npy")
    for start, end in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        yield [names[number] for number in flat[start:end].tolist()]
