"""A folder's snapshot as data on a Milvus server: rows of chunks and words, and records of everything else."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from rag.store.bm25 import LexicalIndex
from rag.store.database import entry_rows
from rag.store.manifest import GROWTH
from rag.store.milvus.schema import Keys, bucket_of
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.store.manifest import Manifest

__all__ = ["WHOLE_TABLES", "chunk_rows", "records", "word_rows"]

WHOLE_TABLES = ("pages", "skipped", "merges", "dropped")
_STEMS_IN_BUCKET = 100  # looked up together, some 3 kB
_WEIGHED = 50_000  # chunks whose weights are transposed together: 100 MB


def chunk_rows(folder: Path, database: sqlite3.Connection) -> Iterator[dict[str, object]]:
    """The rows of all chunks, with their vectors."""
    vectors = DenseIndex.load(folder / "chunks", lists=False).vectors
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


def word_rows(folder: Path, manifest: Manifest) -> Iterator[dict[str, object]]:
    """The rows with the contribution of each stem to the score of each chunk."""
    words = LexicalIndex.load(folder / "words")
    for at in range(0, manifest.chunks, _WEIGHED):
        for chunk, weights in enumerate(words.weights(at, min(at + _WEIGHED, manifest.chunks)), at):
            yield {"chunk": chunk, "weights": weights}


def records(
    folder: Path, database: sqlite3.Connection, manifest: Manifest, *, dense: str, words: bool
) -> Iterator[tuple[str, str]]:
    """All records of a snapshot, as (key, text)."""
    import numpy as np

    yield Keys.manifest, (folder / "manifest.json").read_text(encoding="utf-8")
    statements = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    yield Keys.schema, json.dumps(statements)
    for table in WHOLE_TABLES:
        yield Keys.table(table), _json(database.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall())  # noqa: S608
    posts = database.execute("SELECT * FROM posts ORDER BY post").fetchall()
    yield Keys.post_ids, _json([row[1] for row in posts])
    yield Keys.entries, _json(list(entry_rows(database.execute)))
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
