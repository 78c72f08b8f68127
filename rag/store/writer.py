"""Writing an index: a snapshot is made aside, in a folder that nobody reads, and put in place in one step.

A kill at any moment leaves the old snapshot or the new one. Vectors go to mapped files as they come, so that memory
does not grow with them. The same contents make the same bytes and with them the same name.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.errors import IndexBusy, IndexProblem, InputError
from rag.store.bm25 import LexicalIndex
from rag.store.manifest import (
    FORMAT,
    Manifest,
    check_files,
    current_folder,
    manifest_text,
    read_manifest,
    sha256_of,
    snapshot_name,
    sync,
)
from rag.store.mmap import mapped_array
from rag.store.sentence_table import SentenceTable
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.embedding.models import ModelIdentity
    from rag.records import Chunk, Dropped, Merge, PageEntry, Post, Sentence, SkippedPage

__all__ = ["SnapshotContents", "SnapshotWriter", "building", "clear_older", "place", "publish"]

_LOCK = ".building"
_VECTORS = ".vectors.npy"

_SCHEMA = """
CREATE TABLE pages (file TEXT PRIMARY KEY, sha256 TEXT, encoding TEXT, format TEXT, path TEXT);
CREATE TABLE skipped (file TEXT, reason TEXT);
CREATE TABLE posts (post INTEGER PRIMARY KEY, post_id TEXT UNIQUE, title TEXT, author TEXT, date TEXT, text TEXT,
                    chrome TEXT, variants TEXT);
CREATE TABLE copies (post INTEGER, file TEXT, sha256 TEXT, format TEXT, title TEXT, author TEXT, date TEXT,
                     record TEXT, pieces TEXT);
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


@dataclass(frozen=True, slots=True)
class SnapshotContents:
    """Everything that goes into an index but its vectors.

    ``chunks`` and ``sentences`` are in the order of their vectors; ``stems`` has a row for each chunk.
    """

    model: ModelIdentity
    recipe: str
    sources: Sequence[str]
    decisions: str
    pages: Sequence[PageEntry]
    skipped: Sequence[SkippedPage]
    posts: Sequence[Post]
    merges: Sequence[Merge]
    dropped: Sequence[Dropped]
    chunks: Sequence[Chunk]
    sentences: Sequence[Sentence]
    stems: Sequence[Sequence[str]]


@contextlib.contextmanager
def building(home: Path) -> Iterator[None]:
    """Hold the right to build in ``home``; also clears what a killed build left there.

    Nothing stays behind of a build that fails: a folder that was not there is not there afterwards.

    Raises:
        IndexBusy: another process is building there.
        InputError: the folder cannot be written.

    """
    import fcntl

    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = _open_lock(home)
    except OSError as error:
        raise InputError(
            f"the index cannot be written there ({error.strerror})", path=str(home), remedy="Name another --index DIR."
        ) from error
    with contextlib.ExitStack() as stack:
        # the folders go last, after the lock's file
        stack.callback(_remove_empty, made)
        while True:
            file = stack.enter_context(lock)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise IndexBusy(
                    "another process is building this index",
                    path=str(home),
                    got=f"process {file.read().strip() or 'unknown'}",
                    remedy="Wait until it is done, or name another --index DIR.",
                ) from error
            with contextlib.suppress(OSError):
                if os.fstat(file.fileno()).st_ino == (home / _LOCK).stat().st_ino:
                    break
            # a build that just ended took the file away before it was locked here
            home.mkdir(parents=True, exist_ok=True)
            lock = _open_lock(home)
        stack.callback((home / _LOCK).unlink, missing_ok=True)
        with contextlib.suppress(OSError):  # a full disk; who builds is only told to another build
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        for left in home.glob(".aside-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _unwritten(home: Path, error: OSError | sqlite3.Error) -> InputError:
    what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    remedy = "Make room for it, or name another --index DIR; the index that was there is unchanged."
    return InputError(f"the index cannot be written there ({what})", path=str(home), remedy=remedy)


def _open_lock(home: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a text file, whose type has a long name
    return (home / _LOCK).open("a+", encoding="ascii")


def _remove_empty(folders: Sequence[Path]) -> None:
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


class SnapshotWriter:
    """A snapshot in the making; use it inside ``building(home)``, as a context manager that clears what failed.

    Where the disk is full or fails, leaving the block raises InputError, and the index of before is untouched.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=".aside-", dir=home))
        except OSError as error:
            raise _unwritten(home, error) from error
        self.folder.chmod(0o755)

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Clear what was not put in place."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if isinstance(error, OSError | sqlite3.Error):
            raise _unwritten(self.home, error) from error

    def vectors(self, chunks: int, sentences: int, dim: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16]]:
        """Mapped files for float32 (chunks, dim) and float16 (sentences, dim); zero until they are written."""
        import numpy as np

        return (
            mapped_array(self.folder / _VECTORS, np.float32, (chunks, dim)),
            mapped_array(self.folder / "sentences.npy", np.float16, (sentences, dim)),
        )

    def put_in_place(self, contents: SnapshotContents, chunk_vectors: npt.NDArray[np.float32]) -> str:
        """Write the rest, make this the current snapshot and remove the older ones; returns its name."""
        _write_database(self.folder / "posts.sqlite", contents)
        with contextlib.closing(sqlite3.connect(self.folder / "posts.sqlite")) as database:
            SentenceTable.write(database, self.folder)
        DenseIndex.build(chunk_vectors).save(self.folder / "chunks")
        (self.folder / _VECTORS).unlink()
        LexicalIndex.write(contents.stems, self.folder / "words")
        files = {
            path.relative_to(self.folder).as_posix(): (path.stat().st_size, sha256_of(path))
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        text = manifest_text(
            Manifest(
                FORMAT,
                contents.model,
                contents.recipe,
                tuple(contents.sources),
                contents.decisions,
                len(contents.pages),
                len(contents.posts),
                len(contents.chunks),
                len(contents.sentences),
                files,
            )
        )
        (self.folder / "manifest.json").write_text(text, encoding="utf-8")
        name = place(self.folder, self.home)
        publish(self.home, name)
        return name


def place(folder: Path, home: Path) -> str:
    """Move a finished snapshot to a home, where nobody sees it until it is published; returns its name."""
    name = snapshot_name((folder / "manifest.json").read_text(encoding="utf-8"))
    for path in (*folder.rglob("*"), folder):
        sync(path)
    there = home / name
    if there.exists():
        if _is_whole(there):
            return name  # the very same bytes are there
        shutil.rmtree(there)
    folder.rename(there)
    return name


def publish(home: Path, name: str) -> None:
    """Make a snapshot the one in use and remove the older ones."""
    pointer = home / ".current-aside"
    pointer.write_text(name + "\n", encoding="ascii")
    sync(pointer)
    pointer.replace(home / "current")
    sync(home)
    clear_older(home)


def clear_older(home: Path) -> None:
    """Remove every snapshot but the one in use, inside ``building(home)``; there may be none in use."""
    with contextlib.suppress(IndexProblem):
        name = current_folder(home).name
        for old in home.glob("g-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        check_files(folder, read_manifest(folder), everything=True)
    except IndexProblem:
        return False
    return True


def _write_database(path: Path, contents: SnapshotContents) -> None:
    number = {post.post_id: row for row, post in enumerate(contents.posts)}
    with contextlib.closing(sqlite3.connect(path)) as database:
        # nobody sees the file before it is whole and on the disk
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        _write_pages(database, contents)
        _write_posts(database, contents.posts)
        put = database.executemany
        put(
            "INSERT INTO chunks VALUES (?,?,?,?,?)",
            ((c.chunk_id, number[c.post_id], c.start, c.end, c.tokens) for c in contents.chunks),
        )
        put(
            "INSERT INTO sentences VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                (
                    row,
                    number[s.post_id],
                    s.number,
                    s.start,
                    s.end,
                    s.chunk_id,
                    s.kind,
                    s.lead_in,
                    s.paragraph,
                    s.marker_start,
                )
                for row, s in enumerate(contents.sentences)
            ),
        )
        database.commit()


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


def _write_posts(database: sqlite3.Connection, posts: Sequence[Post]) -> None:
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
        "INSERT INTO copies VALUES (?,?,?,?,?,?,?,?,?)",
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
            )
            for number, post in enumerate(posts)
            for copy in post.copies
        ),
    )


def _json(rows: Sequence[Sequence[object]]) -> str:
    return json.dumps(rows, ensure_ascii=False)
