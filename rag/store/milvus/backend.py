"""A name on a Milvus server as a home of snapshots: written row by row, published by switching one alias.

One process at a time may write to a name; readers may be many and need not stop.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from itertools import groupby
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged
from rag.store.bm25 import LexicalIndex
from rag.store.manifest import GROWTH, check_files, read_manifest, sha256_of, snapshot_name
from rag.store.milvus.client import Server
from rag.store.milvus.schema import (
    RECORD_FIELDS,
    RECORD_INDEX,
    WORD_FIELDS,
    WORD_INDEX,
    Collections,
    Keys,
    bucket_of,
    chunk_fields,
    read_records,
    record_rows,
)
from rag.store.milvus.settings import MilvusSettings
from rag.store.milvus.snapshot import MilvusSnapshot
from rag.store.mmap import mapped_array
from rag.store.sentence_table import SentenceTable
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from rag.store.address import Address
    from rag.store.manifest import Manifest
    from rag.store.protocols import OnProgress

__all__ = ["MilvusHome"]

# Beyond this a graph is searched instead of every vector: one thread compares a million vectors in 0.1 s.
EXACT_UP_TO = 1_000_000
# of the graph's neighbours; on a million made-up vectors 32 found 0.96 of the ten nearest with SQ8
_GRAPH = {"M": 32, "efConstruction": 200}
_BATCH = 500  # rows of chunks sent together: under 2 MB
_BATCH_CHARACTERS = 4_000_000  # of records sent together
_STEMS_IN_BUCKET = 100  # looked up together: some 3 kB
_WEIGHED = 50_000  # chunks whose weights are turned around together: 100 MB
_WHOLE_TABLES = ("pages", "skipped", "merges", "dropped")
_POSTS = 200  # posts read back together


class MilvusHome:
    """An index of some name on a server.

    ``words`` False leaves the lexical half out, for a server that is too old for it (before 2.4): enough to search
    vectors, not to answer questions.
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
        """Name of the snapshot in use; None where there is no index."""
        if not self._server.has(self._address.name):
            return None
        self._server.load(self._address.name)
        text = read_records(self._server, self._address.name, [Keys.manifest], fresh=True).get(Keys.manifest)
        return None if text is None else snapshot_name(text)

    def open(self) -> MilvusSnapshot:
        """Open the snapshot in use."""
        return MilvusSnapshot(self._address)

    def write(self, folder: Path, told: OnProgress) -> str:
        """Take in a whole snapshot, which nobody sees yet; returns its name.

        Raises:
            IndexProblem: what is to be written is damaged, or the server does not answer.

        """
        manifest = read_manifest(folder)
        check_files(folder, manifest, everything=True)
        name = snapshot_name((folder / "manifest.json").read_text(encoding="utf-8"))
        if self.current() == name:
            return name
        collections = Collections(self._address.name, name)
        there = set(self._server.collections())
        for left in there & set(collections.all):
            self._server.drop(left)  # of a writing that was broken off
        self.settings().prepare()
        dense = "FLAT" if manifest.chunks <= EXACT_UP_TO else "HNSW"
        graph = {} if dense == "FLAT" else {"params": _GRAPH}
        self._server.create(
            collections.chunks,
            chunk_fields(manifest.model.dim),
            {"index_type": dense, "metric_type": "IP", **graph},
        )
        self._server.create(collections.records, RECORD_FIELDS, RECORD_INDEX)
        total = manifest.chunks * (2 if self._words else 1) + manifest.posts
        done = 0
        place = f"{(folder / 'posts.sqlite').absolute().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(place, uri=True)) as database:
            for batch in _batches(_chunk_rows(folder, database)):
                self._server.insert(collections.chunks, batch)
                done += len(batch)
                told(done, total)
            if self._words:
                self._server.create(collections.words, WORD_FIELDS, WORD_INDEX)
                for batch in _batches(_word_rows(folder, manifest)):
                    self._server.insert(collections.words, batch)
                    done += len(batch)
                    told(done, total)
            records = _records(folder, database, manifest, dense=dense, words=self._words)
            self._put(collections.records, records, manifest, told, done, total)
        for collection in collections.all:
            if self._words or collection != collections.words:
                self._server.finish(collection)
        self._check(collections, manifest)
        return name

    def _put(
        self,
        collection: str,
        records: Iterable[tuple[str, str]],
        manifest: Manifest,
        told: OnProgress,
        done: int,
        total: int,
    ) -> None:
        rows: list[dict[str, object]] = []
        count = characters = posts = 0
        layout: dict[str, object] = {}
        for key, text in records:
            if key == Keys.layout:
                layout = json.loads(text)
                continue
            rows += record_rows(key, text)
            characters += len(text)
            posts += key.startswith("post/")
            if characters > _BATCH_CHARACTERS:
                self._server.insert(collection, rows)
                told(done + min(posts, manifest.posts), total)
                count, characters, rows = count + len(rows), 0, []
        layout["records"] = count + len(rows) + 1
        rows += record_rows(Keys.layout, json.dumps(layout))
        self._server.insert(collection, rows)
        told(total, total)

    def _check(self, collections: Collections, manifest: Manifest) -> None:
        """See that all that was sent has arrived."""
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
        """Make a written snapshot the one in use, in one step, and drop those before it."""
        collections = Collections(self._address.name, name)
        self._server.point(self._address.name, collections.records)
        for collection in self._server.collections():
            if Collections.is_of(self._address.name, collection) and collection not in collections.all:
                self._server.drop(collection)

    def settings(self) -> MilvusSettings:
        """What outlives the snapshots; there once something was written."""
        return MilvusSettings(self._server, self._address.name)

    def save(self, into: Path, told: OnProgress) -> None:
        """Write the snapshot in use into a folder that is empty or not there.

        Raises:
            IndexProblem: there is none, or what came out is not what went in.

        """
        store = self.open()
        try:
            _restore(store, into, told)
        finally:
            store.close()


def _batches(rows: Iterator[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    for _, batch in groupby(enumerate(rows), key=lambda pair: pair[0] // _BATCH):
        yield [row for _, row in batch]


def _chunk_rows(folder: Path, database: sqlite3.Connection) -> Iterator[dict[str, object]]:
    vectors = DenseIndex.load(folder / "chunks").vectors
    rows = database.execute(
        'SELECT chunk_id, post_id, start, "end", tokens FROM chunks JOIN posts USING (post) ORDER BY chunk_id'
    )
    for chunk, post, start, end, tokens in rows:
        yield {
            "chunk": chunk,
            "post": post,
            "start": start,
            "stop": end,
            "tokens": tokens,
            "vector": vectors[chunk].tolist(),
        }


def _word_rows(folder: Path, manifest: Manifest) -> Iterator[dict[str, object]]:
    words = LexicalIndex.load(folder / "words")
    for at in range(0, manifest.chunks, _WEIGHED):
        for chunk, weights in enumerate(words.weights(at, min(at + _WEIGHED, manifest.chunks)), at):
            yield {"chunk": chunk, "weights": weights}


def _records(
    folder: Path, database: sqlite3.Connection, manifest: Manifest, *, dense: str, words: bool
) -> Iterator[tuple[str, str]]:
    """All records of a snapshot, keys and texts."""
    import numpy as np

    yield Keys.manifest, (folder / "manifest.json").read_text(encoding="utf-8")
    statements = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    yield Keys.schema, json.dumps(statements)
    for table in _WHOLE_TABLES:
        yield Keys.table(table), _json(database.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall())  # noqa: S608
    posts = database.execute("SELECT * FROM posts ORDER BY post").fetchall()
    yield Keys.post_ids, _json([row[1] for row in posts])
    sentence_vectors = np.load(folder / "sentences.npy", mmap_mode="r")
    for row in posts:
        number, post_id = row[:2]
        yield Keys.post(post_id), _json(row)
        for key, query in (
            (Keys.copies, "SELECT * FROM copies WHERE post = ? ORDER BY rowid"),
            (Keys.chunks, "SELECT * FROM chunks WHERE post = ? ORDER BY chunk_id"),
        ):
            yield key(post_id), _json(database.execute(query, [number]).fetchall())
        sentences = database.execute("SELECT * FROM sentences WHERE post = ? ORDER BY row", [number]).fetchall()
        yield Keys.sentences(post_id), _json(sentences)
        vectors = sentence_vectors[[sentence[0] for sentence in sentences]] if sentences else sentence_vectors[:0]
        yield Keys.vectors(post_id), base64.b64encode(vectors.astype("<f2").tobytes()).decode("ascii")
    stems = list(LexicalIndex.load(folder / "words").stems())
    buckets: list[list[tuple[str, int, int]]] = [[] for _ in range(len(stems) // _STEMS_IN_BUCKET + 1)]
    for number, (stem, frequency) in enumerate(stems):
        buckets[bucket_of(stem, len(buckets))].append((stem, number, frequency))
    for place, held in enumerate(buckets):
        yield Keys.words(place), json.dumps(held)
    for name in manifest.files:
        if name.startswith(GROWTH):
            yield Keys.file(name), base64.b64encode((folder / name).read_bytes()).decode("ascii")
    yield Keys.layout, json.dumps({"buckets": len(buckets), "dense": dense, "words": words})


def _json(rows: Sequence[object]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _restore(store: MilvusSnapshot, into: Path, told: OnProgress) -> None:
    """Make the folder again of which a snapshot on a server was made."""
    import numpy as np

    manifest = store.manifest
    into.mkdir(parents=True, exist_ok=True)
    texts = store.texts([Keys.manifest, Keys.schema, *(Keys.file(n) for n in manifest.files if n.startswith(GROWTH))])
    for name, text in texts.items():
        if name.startswith("file/"):
            path = into / name.removeprefix("file/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(text))
    shape = (manifest.sentences, manifest.model.dim)
    sentences = mapped_array(into / "sentences.npy", np.float16, shape)
    ids = store.post_ids()
    tables: dict[str, list[tuple[object, ...]]] = {name: store.table(name) for name in _WHOLE_TABLES}
    kinds = {"posts": Keys.post, "copies": Keys.copies, "chunks": Keys.chunks, "sentences": Keys.sentences}
    with contextlib.closing(sqlite3.connect(into / "posts.sqlite")) as database:
        for statement in json.loads(texts[Keys.schema]):
            database.execute(statement)
        database.commit()
        for name in _WHOLE_TABLES:
            _insert(database, name, tables[name])
        for table, key in kinds.items():
            for at in range(0, len(ids), _POSTS):
                some = ids[at : at + _POSTS]
                read = store.texts([key(post_id) for post_id in some])
                rows = [json.loads(read[key(post_id)]) for post_id in some]
                _insert(database, table, rows if table == "posts" else [row for held in rows for row in held])
                if table == "sentences":
                    vectors = store.sentence_vectors_of(some)
                    for post_id, held in zip(some, rows, strict=True):
                        if held:
                            sentences[[row[0] for row in held]] = vectors[post_id]
                told(min(at + _POSTS, len(ids)), len(ids))
        database.commit()
        SentenceTable.write(database, into)
    # mapped, so that memory does not grow with them
    spool = into / ".vectors.npy"
    shape = (manifest.chunks, manifest.model.dim)
    vectors_of_chunks = mapped_array(spool, np.float32, shape)
    store.dense.fetch(vectors_of_chunks)
    DenseIndex.build(vectors_of_chunks).save(into / "chunks")
    spool.unlink()
    LexicalIndex.write(_stems(into / GROWTH), into / "words")
    (into / "manifest.json").write_text(texts[Keys.manifest], encoding="utf-8")
    for name, (_, digest) in manifest.files.items():
        if not (into / name).is_file() or sha256_of(into / name) != digest:
            raise IndexDamaged(
                "what the server returned is not what was written to it",
                path=str(into / name),
                remedy="Another version of a library may write the file otherwise: build the index from the pages.",
            )


def _insert(database: sqlite3.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)  # noqa: S608


def _stems(folder: Path) -> Iterator[list[str]]:
    """The stems of each chunk, as the last build kept them for the next."""
    import numpy as np

    names = (folder / "stems.txt").read_text(encoding="utf-8").split("\n")
    flat, borders = np.load(folder / "stems.npy", mmap_mode="r"), np.load(folder / "borders.npy")
    for start, end in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        yield [names[number] for number in flat[start:end].tolist()]
