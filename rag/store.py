"""What is kept on disk: one folder of an index, written aside and put in place in one step.

    embeddings/
        current            the name of the generation in use
        g-<hash>/          one whole index, never changed after it was put in place
            manifest.json      format, model, counts, size and SHA-256 of every other file
            posts.sqlite       pages, posts, copies, chunks, sentences, merges
            chunks/            chunk vectors, all of them exactly
            sentences.npy      sentence vectors, float16 (n_sentences, dim)
            words/             word statistics
        threshold.json     where refusing begins, once `pullquote calibrate` has moved it

A reader that has a generation open keeps it while a new one is put beside it. The pointer is replaced by rename, so a
kill at any moment leaves the old index or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.dense import DenseIndex
from rag.embedding import ModelIdentity
from rag.errors import IndexBusy, IndexDamaged, IndexFormatError, IndexMissing, InputError
from rag.lexical import LexicalIndex
from rag.records import Chunk, Copy, Merge, PageEntry, Piece, Post, Sentence, SkippedPage, Span, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = ["Body", "Contents", "Manifest", "Store", "building", "write_generation"]

FORMAT = 3
_REBUILD = "Build the index again: pullquote index."
_THRESHOLD = "threshold.json"
# posts fetched together when all are listed; SQLite takes up to 32,766 marks in a query
_FETCHED = 500

_SCHEMA = """
CREATE TABLE pages (file TEXT PRIMARY KEY, sha256 TEXT, encoding TEXT, format TEXT, path TEXT);
CREATE TABLE skipped (file TEXT, reason TEXT);
CREATE TABLE posts (post INTEGER PRIMARY KEY, post_id TEXT UNIQUE, title TEXT, author TEXT, date TEXT, text TEXT,
                    chrome TEXT, variants TEXT);
CREATE TABLE copies (post INTEGER, file TEXT, sha256 TEXT, format TEXT, title TEXT, author TEXT, date TEXT,
                     record TEXT, pieces TEXT);
CREATE INDEX copies_post ON copies (post);
CREATE TABLE merges (post_id TEXT, file TEXT, kind TEXT, similarity REAL, removed TEXT, added TEXT);
CREATE TABLE chunks (chunk_id INTEGER PRIMARY KEY, post INTEGER, start INTEGER, "end" INTEGER, tokens INTEGER);
CREATE INDEX chunks_post ON chunks (post);
CREATE TABLE sentences (row INTEGER PRIMARY KEY, post INTEGER, number INTEGER, start INTEGER, "end" INTEGER,
                        chunk_id INTEGER, kind TEXT, lead_in INTEGER, paragraph INTEGER, marker_start INTEGER);
CREATE INDEX sentences_post ON sentences (post);
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The front page of an index; ``files`` maps names to (bytes, SHA-256)."""

    format: int
    model: ModelIdentity
    pages: int
    posts: int
    chunks: int
    sentences: int
    files: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that goes into an index.

    ``chunks`` and ``sentences`` are in the order of their vectors: ``chunk_vectors`` float32 (n_chunks, dim) and
    ``sentence_vectors`` float32 (n_sentences, dim), unit rows; ``stems`` has a row for each chunk.
    """

    model: ModelIdentity
    pages: Sequence[PageEntry]
    skipped: Sequence[SkippedPage]
    posts: Sequence[Post]
    merges: Sequence[Merge]
    chunks: Sequence[Chunk]
    sentences: Sequence[Sentence]
    chunk_vectors: npt.NDArray[np.float32]
    sentence_vectors: npt.NDArray[np.float32]
    stems: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Body:
    """A post without its places: what ranking reads."""

    title: str
    date: str | None
    text: str


@contextlib.contextmanager
def building(home: Path) -> Iterator[None]:
    """Hold the right to build in ``home``; also clears what a killed build left there.

    Raises:
        IndexBusy: another process is building there.
        InputError: the folder cannot be written.

    """
    import fcntl

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / ".building").open("a+", encoding="ascii")
    except OSError as error:
        raise InputError(
            f"the index cannot be written there ({error.strerror})", path=str(home), remedy="Name another --index DIR."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise IndexBusy(
                "another process is building this index",
                path=str(home),
                got=f"process {lock.read().strip() or 'unknown'}",
                remedy="Wait until it is done, or name another --index DIR.",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        for left in home.glob(".aside-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def write_generation(home: Path, contents: Contents) -> str:
    """Write a generation aside, put it in place and make it the current one; returns its name.

    Call it inside ``building(home)``. Older generations are removed afterwards.
    """
    import numpy as np

    aside = Path(tempfile.mkdtemp(prefix=".aside-", dir=home))
    aside.chmod(0o755)
    _write_database(aside / "posts.sqlite", contents)
    DenseIndex.build(contents.chunk_vectors).save(aside / "chunks")
    np.save(aside / "sentences.npy", contents.sentence_vectors.astype(np.float16))
    LexicalIndex.build(contents.stems).save(aside / "words")
    files = {
        path.relative_to(aside).as_posix(): (path.stat().st_size, _sha256(path))
        for path in sorted(aside.rglob("*"))
        if path.is_file()
    }
    manifest = Manifest(
        FORMAT,
        contents.model,
        len(contents.pages),
        len(contents.posts),
        len(contents.chunks),
        len(contents.sentences),
        files,
    )
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"
    (aside / "manifest.json").write_text(text, encoding="utf-8")
    name = f"g-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    for path in aside.rglob("*"):
        _sync(path)
    if (home / name).exists():
        shutil.rmtree(home / name)
    aside.rename(home / name)
    pointer = home / ".current-aside"
    pointer.write_text(name + "\n", encoding="ascii")
    _sync(pointer)
    pointer.replace(home / "current")
    _sync(home)
    for old in home.glob("g-*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    return name


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_database(path: Path, contents: Contents) -> None:
    number = {post.post_id: row for row, post in enumerate(contents.posts)}
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(_SCHEMA)
        put = database.executemany
        put(
            "INSERT INTO pages VALUES (?,?,?,?,?)",
            [(p.file, p.sha256, p.encoding, p.format, p.path) for p in contents.pages],
        )
        put("INSERT INTO skipped VALUES (?,?)", [(s.file, s.reason) for s in contents.skipped])
        put(
            "INSERT INTO posts VALUES (?,?,?,?,?,?,?,?)",
            [
                (
                    number[post.post_id],
                    post.post_id,
                    post.title,
                    post.author,
                    post.date,
                    post.text,
                    json.dumps([(span.start, span.end) for span in post.chrome]),
                    json.dumps([(v.post_id, v.removed, v.added) for v in post.variants], ensure_ascii=False),
                )
                for post in contents.posts
            ],
        )
        put(
            "INSERT INTO copies VALUES (?,?,?,?,?,?,?,?,?)",
            [
                (
                    number[post.post_id],
                    copy.file,
                    copy.sha256,
                    copy.format,
                    copy.title,
                    copy.author,
                    copy.date,
                    copy.record,
                    json.dumps(
                        [(p.start, p.end, p.file_start, p.file_end, p.text) for p in copy.pieces], ensure_ascii=False
                    ),
                )
                for post in contents.posts
                for copy in post.copies
            ],
        )
        put(
            "INSERT INTO merges VALUES (?,?,?,?,?,?)",
            [(m.post_id, m.file, m.kind, m.similarity, m.removed, m.added) for m in contents.merges],
        )
        put(
            "INSERT INTO chunks VALUES (?,?,?,?,?)",
            [(c.chunk_id, number[c.post_id], c.start, c.end, c.tokens) for c in contents.chunks],
        )
        put(
            "INSERT INTO sentences VALUES (?,?,?,?,?,?,?,?,?,?)",
            [
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
            ],
        )
        database.commit()


class Store:
    """An opened generation: texts are fetched by key, vectors and word statistics are mapped, not read.

    Safe to use from several threads.
    """

    def __init__(self, home: Path) -> None:
        """Open the current generation of ``home``.

        Raises:
            IndexMissing: there is no index.
            IndexFormatError: it was written by another version of the format.
            IndexDamaged: a file is missing or is not what was written.

        """
        import numpy as np

        self.home = home
        self.folder = _current(home)
        self.manifest = _manifest(self.folder)
        for name, (size, digest) in self.manifest.files.items():
            _check(self.folder / name, size, digest)
        self.dense = DenseIndex.load(self.folder / "chunks")
        self.lexical = LexicalIndex.load(self.folder / "words")
        self.sentence_vectors: npt.NDArray[np.float16] = np.load(self.folder / "sentences.npy", mmap_mode="r")
        place = f"{(self.folder / 'posts.sqlite').absolute().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(place, uri=True, check_same_thread=False)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock:
            return self._database.execute(query, tuple(values)).fetchall()

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name."""
        return [PageEntry(*map(str, row)) for row in self._rows("SELECT * FROM pages ORDER BY file")]

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return [SkippedPage(*map(str, row)) for row in self._rows("SELECT * FROM skipped")]

    def merges(self) -> list[Merge]:
        """The account of every folded copy."""
        return [Merge(*row) for row in self._rows("SELECT * FROM merges")]  # type: ignore[arg-type]

    def post_ids(self) -> list[str]:
        """Ids of all posts, in order."""
        return [str(row[0]) for row in self._rows("SELECT post_id FROM posts ORDER BY post")]

    def posts(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Fetch posts by id; unknown ids are left out."""
        marks = ",".join("?" * len(post_ids))
        rows = self._rows(f"SELECT * FROM posts WHERE post_id IN ({marks})", post_ids)
        numbers = ",".join("?" * len(rows))
        copies: dict[object, list[Copy]] = {}
        fetched = self._rows(
            f"SELECT * FROM copies WHERE post IN ({numbers}) ORDER BY rowid",
            [row[0] for row in rows],
        )
        for post, file, digest, form, title, author, date, record, pieces in fetched:
            copy = Copy(
                str(file),
                str(digest),
                _pieces(str(pieces)),
                _text(title),
                _text(author),
                _text(date),
                str(form),
                _text(record),
            )
            copies.setdefault(post, []).append(copy)
        return {
            str(post_id): Post(
                str(post_id),
                str(title),
                str(text),
                tuple(copies.get(number, ())),
                _text(author),
                _text(date),
                tuple(Span(start, end) for start, end in json.loads(str(chrome))),
                tuple(Variant(*variant) for variant in json.loads(str(variants))),
            )
            for number, post_id, title, author, date, text, chrome, variants in rows
        }

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order, a few hundred fetched at a time."""
        ids = self.post_ids()
        for at in range(0, len(ids), _FETCHED):
            some = ids[at : at + _FETCHED]
            found = self.posts(some)
            yield from (found[post_id] for post_id in some)

    def threshold(self, default: float) -> float:
        """Confidence below which this index refuses: its own if it was calibrated, else ``default``."""
        own = self._calibrated()
        return default if own is None else own[0]

    def threshold_source(self) -> str:
        """What the threshold was chosen on."""
        own = self._calibrated()
        return "the questions the ranking was trained on" if own is None else own[1]

    def set_threshold(self, confidence: float, source: str) -> None:
        """Keep a threshold of this index's own; it survives rebuilding."""
        aside = self.home / f".threshold-{os.getpid()}"
        aside.write_text(json.dumps({"confidence": confidence, "source": source}) + "\n", encoding="utf-8")
        _sync(aside)
        aside.replace(self.home / _THRESHOLD)

    def _calibrated(self) -> tuple[float, str] | None:
        path = self.home / _THRESHOLD
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            return float(row["confidence"]), str(row["source"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(
                "the calibrated threshold cannot be read",
                path=str(path),
                remedy="Delete the file, or run pullquote calibrate.",
            ) from error

    def bodies(self, post_ids: Sequence[str]) -> dict[str, Body]:
        """Fetch title, date and text of posts by id, without their locations."""
        marks = ",".join("?" * len(post_ids))
        rows = self._rows(
            f"SELECT post_id, title, date, text FROM posts WHERE post_id IN ({marks})",
            post_ids,
        )
        return {str(row[0]): Body(str(row[1]), _text(row[2]), str(row[3])) for row in rows}

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        """Fetch chunks by id."""
        marks = ",".join("?" * len(chunk_ids))
        rows = self._rows(
            'SELECT chunk_id, post_id, start, "end", tokens FROM chunks JOIN posts USING (post) '
            f"WHERE chunk_id IN ({marks})",
            chunk_ids,
        )
        return {chunk.chunk_id: chunk for chunk in (Chunk(*row) for row in rows)}  # type: ignore[arg-type]

    def chunks_of(self, post_id: str) -> list[int]:
        """Chunk ids of one post, in order."""
        rows = self._rows(
            "SELECT chunk_id FROM chunks JOIN posts USING (post) WHERE post_id = ? ORDER BY chunk_id", [post_id]
        )
        return [int(str(row[0])) for row in rows]

    def sentences(self, post_ids: Sequence[str]) -> dict[str, list[tuple[int, Sentence]]]:
        """Fetch all sentences of posts: (row of the sentence vectors, sentence), in order."""
        marks = ",".join("?" * len(post_ids))
        rows = self._rows(
            'SELECT post_id, number, start, "end", chunk_id, kind, lead_in, paragraph, marker_start, row '
            f"FROM sentences JOIN posts USING (post) WHERE post_id IN ({marks}) ORDER BY row",
            post_ids,
        )
        found: dict[str, list[tuple[int, Sentence]]] = {post_id: [] for post_id in post_ids}
        for *fields, row in rows:
            sentence = Sentence(*fields)  # type: ignore[arg-type]
            found[sentence.post_id].append((int(str(row)), sentence))
        return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _pieces(text: str) -> tuple[Piece, ...]:
    return tuple(Piece(*piece) for piece in json.loads(text))


def _current(home: Path) -> Path:
    try:
        name = (home / "current").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise IndexMissing(
            "there is no index here", path=str(home), remedy="Build one: pullquote index PAGES."
        ) from error
    folder = home / name
    if not name.startswith("g-") or "/" in name or not folder.is_dir():
        raise IndexDamaged("the index it names is not there", path=str(home / "current"), remedy=_REBUILD)
    return folder


def _manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    try:
        text = path.read_text(encoding="utf-8")
        if folder.name != f"g-{hashlib.sha256(text.encode()).hexdigest()[:16]}":
            raise IndexDamaged("the manifest is not the one that was written", path=str(path), remedy=_REBUILD)
        fields = json.loads(text)
        if fields["format"] != FORMAT:
            raise IndexFormatError(
                "the index has another format",
                path=str(path),
                expected=str(FORMAT),
                got=str(fields["format"]),
                remedy=_REBUILD,
            )
        model = ModelIdentity(**fields.pop("model"))
        files = {name: (int(size), str(digest)) for name, (size, digest) in fields.pop("files").items()}
        return Manifest(model=model, files=files, **fields)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged("the manifest cannot be read", path=str(path), remedy=_REBUILD) from error


def _check(path: Path, size: int, digest: str) -> None:
    try:
        right = path.stat().st_size == size and _sha256(path) == digest
    except OSError as error:
        raise IndexDamaged(f"the file cannot be read ({error.strerror})", path=str(path), remedy=_REBUILD) from error
    if not right:
        raise IndexDamaged("the file is not the one that was written", path=str(path), remedy=_REBUILD)
