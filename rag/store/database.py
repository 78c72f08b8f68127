"""The database of a snapshot: its tables, and how a build writes them."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from rag.embedding.models import ModelIdentity
    from rag.records import Chunk, Dropped, Merge, PageEntry, Post, Sentence, SkippedPage

__all__ = [
    "OLDER_SCHEMAS",
    "SCHEMA",
    "TEXTS_SCHEMA",
    "SnapshotContents",
    "entry_rows",
    "open_read_only",
    "write_database",
]

SCHEMA = """
CREATE TABLE pages (file TEXT PRIMARY KEY, sha256 TEXT, encoding TEXT, format TEXT, path TEXT);
CREATE TABLE skipped (file TEXT, reason TEXT);
CREATE TABLE posts (post INTEGER PRIMARY KEY, post_id TEXT UNIQUE, title TEXT, author TEXT, date TEXT, text TEXT,
                    chrome TEXT, variants TEXT);
CREATE TABLE copies (post INTEGER, file TEXT, sha256 TEXT, format TEXT, title TEXT, author TEXT, date TEXT,
                     record TEXT, pieces TEXT, site TEXT);
CREATE INDEX copies_post ON copies (post);
CREATE TABLE merges (post_id TEXT, file TEXT, kind TEXT, similarity REAL, removed TEXT, added TEXT, start INTEGER,
                     text_id TEXT, changes TEXT);
CREATE TABLE dropped (text TEXT, kind TEXT, times INTEGER, pages INTEGER, file TEXT);
CREATE TABLE chunks (chunk_id INTEGER PRIMARY KEY, post INTEGER, start INTEGER, "end" INTEGER, tokens INTEGER);
CREATE INDEX chunks_post ON chunks (post);
CREATE TABLE sentences (row INTEGER PRIMARY KEY, post INTEGER, number INTEGER, start INTEGER, "end" INTEGER,
                        chunk_id INTEGER, kind TEXT, lead_in INTEGER, paragraph INTEGER, marker_start INTEGER);
CREATE INDEX sentences_post ON sentences (post);
"""
# for indexes of this format that were built before sites were stored
OLDER_SCHEMAS = (SCHEMA.replace(", site TEXT", ""),)

# sketches of texts and verdicts on pairs of them, which the next build reuses
TEXTS_SCHEMA = """
CREATE TABLE texts (key BLOB PRIMARY KEY, words INTEGER, minima BLOB, lines BLOB) WITHOUT ROWID;
CREATE TABLE pairs (one BLOB, other BLOB, verdict TEXT, similarity REAL, PRIMARY KEY (one, other)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class SnapshotContents:
    """Everything in an index except its vectors.

    ``chunks`` and ``sentences`` are in the order of their vectors, and so of the posts; ``stems`` has a row for each
    chunk. All are read one by one and never kept in memory.
    """

    model: ModelIdentity
    recipe: str
    sources: Sequence[str]
    decisions: str
    pages: Collection[PageEntry]
    skipped: Collection[SkippedPage]
    posts: Collection[Post]
    merges: Collection[Merge]
    dropped: Collection[Dropped]
    chunks: Collection[Chunk]
    sentences: Collection[Sentence]
    stems: Collection[Sequence[str]]


def open_read_only(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """Open the finished database of a snapshot for reading."""
    place = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    database = sqlite3.connect(place, uri=True, check_same_thread=not any_thread)
    database.execute("PRAGMA trusted_schema = OFF")  # an index may come from a stranger
    return database


def entry_rows(read: Callable[[str], Iterable[Sequence[object]]]) -> Iterator[tuple[object, ...]]:
    """What lists show of each post: (id, title, author, date, characters, 1 if it has variants, places).

    ``places`` are (file, site) of its copies. ``read`` returns the rows of a query.
    """
    columns = {row[1] for row in read("PRAGMA table_info(copies)")}
    site = "site" if "site" in columns else "NULL"  # see OLDER_SCHEMAS
    places: dict[object, list[tuple[object, object]]] = {}
    for post, file, of_site in read(f"SELECT post, file, {site} FROM copies ORDER BY rowid"):  # noqa: S608
        places.setdefault(post, []).append((file, of_site))
    query = "SELECT post, post_id, title, author, date, length(text), variants <> '[]' FROM posts ORDER BY post"
    for post, *fields in read(query):
        yield *fields, places.get(post, [])


def write_database(path: Path, contents: SnapshotContents) -> None:
    """Write the database of a snapshot."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        # the file becomes visible only when it is complete and on disk
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        _write_pages(database, contents)
        _write_posts(database, contents.posts)
        put = database.executemany
        put(
            "INSERT INTO chunks VALUES (?,?,?,?,?)",
            ((c.chunk_id, post, c.start, c.end, c.tokens) for post, c in _numbered(database, contents.chunks)),
        )
        put(
            "INSERT INTO sentences VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                (row, post, s.number, s.start, s.end, s.chunk_id, s.kind, s.lead_in, s.paragraph, s.marker_start)
                for row, (post, s) in enumerate(_numbered(database, contents.sentences))
            ),
        )
        database.commit()


OfPost = TypeVar("OfPost", "Chunk", "Sentence")


def _numbered(database: sqlite3.Connection, rows: Iterable[OfPost]) -> Iterator[tuple[int, OfPost]]:
    """Chunks or sentences, which are in the order of their posts, each with the number of its post."""
    posts = database.execute("SELECT post, post_id FROM posts ORDER BY post")
    number, post_id = -1, ""
    for row in rows:
        while row.post_id != post_id:
            number, post_id = next(posts)
        yield number, row


def _write_pages(database: sqlite3.Connection, contents: SnapshotContents) -> None:
    put = database.executemany
    put(
        "INSERT INTO pages VALUES (?,?,?,?,?)",
        ((p.file, p.sha256, p.encoding, p.format, p.path) for p in contents.pages),
    )
    put("INSERT INTO skipped VALUES (?,?)", ((s.file, s.reason) for s in contents.skipped))
    put(
        "INSERT INTO merges VALUES (?,?,?,?,?,?,?,?,?)",
        (
            (
                m.post_id,
                m.file,
                m.kind,
                m.similarity,
                m.removed,
                m.added,
                m.start,
                m.text_id,
                _json([astuple(change) for change in m.changes]),
            )
            for m in contents.merges
        ),
    )
    put(
        "INSERT INTO dropped VALUES (?,?,?,?,?)",
        ((d.text, d.kind, d.times, d.pages, d.file) for d in contents.dropped),
    )


def _write_posts(database: sqlite3.Connection, posts: Collection[Post]) -> None:
    put = database.executemany
    put(
        "INSERT INTO posts VALUES (?,?,?,?,?,?,?,?)",
        (
            (
                number,
                post.post_id,
                post.title,
                post.author,
                post.date,
                post.text,
                _json([(span.start, span.end) for span in post.chrome]),
                _json([(v.post_id, v.removed, v.added) for v in post.variants]),
            )
            for number, post in enumerate(posts)
        ),
    )
    put(
        "INSERT INTO copies VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            (
                number,
                copy.file,
                copy.sha256,
                copy.format,
                copy.title,
                copy.author,
                copy.date,
                copy.record,
                _json([(p.start, p.end, p.file_start, p.file_end, p.text) for p in copy.pieces]),
                copy.site,
            )
            for number, post in enumerate(posts)
            for copy in post.copies
        ),
    )


def _json(rows: Sequence[Sequence[object]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
