"""A name on a Milvus server as a home of snapshots: written row by row, published by switching an alias.

Only one process at a time may write to a name; there can be many readers, and they need not stop.
"""

from __future__ import annotations

import contextlib
import json
from itertools import groupby
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged
from rag.store.database import open_read_only
from rag.store.manifest import check_files, read_manifest, snapshot_name
from rag.store.milvus.client import Server
from rag.store.milvus.records import chunk_rows, records, word_rows
from rag.store.milvus.restore import restore
from rag.store.milvus.schema import (
    RECORD_FIELDS,
    RECORD_INDEX,
    WORD_FIELDS,
    WORD_INDEX,
    Collections,
    Keys,
    chunk_fields,
    read_records,
    record_rows,
)
from rag.store.milvus.settings import MilvusSettings
from rag.store.milvus.snapshot import MilvusSnapshot

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rag.store.address import Address
    from rag.store.manifest import Manifest
    from rag.store.protocols import OnProgress

__all__ = ["MilvusHome"]

# With more chunks, a graph is searched instead of every vector: one thread compares a million vectors in 0.1 s.
EXACT_UP_TO = 1_000_000
# neighbours of the graph that are looked at; on a million made-up vectors, 32 found 0.96 of the ten nearest with SQ8
_GRAPH = {"M": 32, "efConstruction": 200}
_BATCH = 500  # rows of chunks sent together: under 2 MB
_BATCH_CHARACTERS = 4_000_000  # of records sent together


class MilvusHome:
    """An index of some name on a server.

    With ``words`` False, the lexical half is left out, for servers that are too old for it (before 2.4); this is enough
    to search vectors, but not to answer questions.
    """

    def __init__(self, address: Address, *, words: bool = True) -> None:
        self._address = address
        self._words = words
        self._connected: Server | None = None

    @property
    def _server(self) -> Server:
        if self._connected is None:
            self._connected = Server(self._address)
        return self._connected

    def current(self) -> str | None:
        """Name of the snapshot in use; None if there is no index."""
        if not self._server.has(self._address.name):
            return None
        self._server.load(self._address.name)
        text = read_records(self._server, self._address.name, [Keys.manifest], fresh=True).get(Keys.manifest)
        return None if text is None else snapshot_name(text)

    def open(self) -> MilvusSnapshot:
        """Open the snapshot in use."""
        return MilvusSnapshot(self._address)

    def write(self, folder: Path, on_progress: OnProgress) -> str:
        """Store a complete snapshot without making it current; return its name.

        Raises:
            IndexProblem: the snapshot is damaged, or the server does not answer.

        """
        manifest = read_manifest(folder)
        check_files(folder, manifest, everything=True)
        name = snapshot_name((folder / "manifest.json").read_text(encoding="utf-8"))
        if self.current() == name:
            return name
        collections = Collections(self._address.name, name)
        there = set(self._server.collections())
        for left in there & set(collections.all):
            self._server.drop(left)  # left by an interrupted write
        self.settings().prepare()
        dense = "FLAT" if manifest.chunks <= EXACT_UP_TO else "HNSW"
        graph = {} if dense == "FLAT" else {"params": _GRAPH}
        self._server.create(
            collections.chunks,
            chunk_fields(manifest.model.dim),
            {"index_type": dense, "metric_type": "IP", **graph},
        )
        self._server.create(collections.records, RECORD_FIELDS, RECORD_INDEX)
        with contextlib.closing(open_read_only(folder / "posts.sqlite")) as database:
            self._send(collections, folder, database, manifest, dense, on_progress)
        for collection in collections.all:
            if self._words or collection != collections.words:
                self._server.finish(collection)
        self._check(collections, manifest)
        return name

    def _send(
        self,
        collections: Collections,
        folder: Path,
        database: sqlite3.Connection,
        manifest: Manifest,
        dense: str,
        on_progress: OnProgress,
    ) -> None:
        """Send the rows of a snapshot."""
        kinds = [(collections.chunks, chunk_rows(folder, database))]
        if self._words:
            self._server.create(collections.words, WORD_FIELDS, WORD_INDEX)
            kinds.append((collections.words, word_rows(folder, manifest)))
        total = manifest.chunks * len(kinds) + manifest.posts
        done = 0
        for collection, rows in kinds:
            for batch in _batches(rows):
                self._server.insert(collection, batch)
                done += len(batch)
                on_progress(done, total)
        texts = records(folder, database, manifest, dense=dense, words=self._words)
        self._put(collections.records, texts, manifest, on_progress, done, total)

    def _put(
        self,
        collection: str,
        texts: Iterable[tuple[str, str]],
        manifest: Manifest,
        on_progress: OnProgress,
        done: int,
        total: int,
    ) -> None:
        rows: list[dict[str, object]] = []
        count = characters = posts = 0
        layout: dict[str, object] = {}
        for key, text in texts:
            if key == Keys.layout:
                layout = json.loads(text)
                continue
            rows += record_rows(key, text)
            characters += len(text)
            posts += key.startswith("post/")
            if characters > _BATCH_CHARACTERS:
                self._server.insert(collection, rows)
                on_progress(done + min(posts, manifest.posts), total)
                count, characters, rows = count + len(rows), 0, []
        layout["records"] = count + len(rows) + 1
        rows += record_rows(Keys.layout, json.dumps(layout))
        self._server.insert(collection, rows)
        on_progress(total, total)

    def _check(self, collections: Collections, manifest: Manifest) -> None:
        """Check that everything sent has arrived."""
        found = self._server.count(collections.chunks)
        if found != manifest.chunks:
            raise IndexDamaged(
                "the server did not accept all chunks",
                path=str(self._address),
                expected=str(manifest.chunks),
                got=str(found),
                remedy="Write the index again.",
            )

    def publish(self, name: str) -> None:
        """Make a written snapshot the one in use, atomically, and delete older ones."""
        collections = Collections(self._address.name, name)
        self._server.point(self._address.name, collections.records)
        for collection in self._server.collections():
            if Collections.is_of(self._address.name, collection) and collection not in collections.all:
                self._server.drop(collection)

    def settings(self) -> MilvusSettings:
        """The settings, which outlive the snapshots; they exist once something was written."""
        return MilvusSettings(self._server, self._address.name)

    def save(self, into: Path, on_progress: OnProgress) -> None:
        """Write the snapshot in use into an empty or new folder.

        Raises:
            IndexProblem: there is none, or it has changed since it was stored.

        """
        store = self.open()
        try:
            restore(store, into, on_progress)
        finally:
            store.close()


def _batches(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    for _, batch in groupby(enumerate(rows), key=lambda pair: pair[0] // _BATCH):
        yield [row for _, row in batch]
