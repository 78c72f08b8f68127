"""Checks an index from elsewhere, once and before anything in it is used: it may contain only what a build writes.

Hashes only show that the files are those that its maker wrote. A malicious maker can write a database that never
answers, or numbers that point outside an array. So every table and array is checked once, and a sound index is recorded
by the hash of its manifest, as are indexes built here:

    <user cache>/pullquote/sound/<SHA-256 of the manifest>
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any

from rag.config import user_folder
from rag.errors import IndexDamaged
from rag.store.database import OLDER_SCHEMAS, SCHEMA, TEXTS_SCHEMA, open_read_only
from rag.store.manifest import GROWTH, Manifest, check_files
from rag.store.sentence_table import rows_and_posts
from rag.store.sound_rows import MAY_LACK, WrongError, check_pieces, check_post, check_sentence, require, rows_of
from rag.store.sound_values import odd_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.generic]

__all__ = ["check_contents", "note_sound"]

_REMEDY = "Build the index again from its pages: pullquote index PATH --index DIR."
# number of records kept: many more than there are snapshots in use
_MOST_NOTES = 1_000
_KEY_BYTES = 16
_TYPES = {"TEXT": "text", "INTEGER": "integer", "REAL": "real", "BLOB": "blob"}


def note_sound(folder: Path) -> None:
    """Record that the contents of a snapshot are sound; does nothing if there is no place for it."""
    with contextlib.suppress(OSError):
        note = _note(folder)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
        notes = sorted(note.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for old in notes[:-_MOST_NOTES]:
            old.unlink()


def check_contents(folder: Path, manifest: Manifest) -> None:
    """Check a snapshot that was not built here and not checked before.

    Raises:
        IndexDamaged: it contains what no build writes.

    """
    with contextlib.suppress(OSError):
        if _note(folder).exists():
            return
    check_files(folder, manifest, everything=True)
    try:
        with contextlib.closing(open_read_only(folder / "posts.sqlite")) as database:
            _check_tables(database, SCHEMA, *OLDER_SCHEMAS)
            for odd in odd_values(database):
                require(None, odd)
            lengths = _check_posts(database, manifest)
            _check_cuts(database, manifest, lengths)
            _check_arrays(folder, manifest)
            _check_sentence_files(database, folder, manifest)
        if (folder / GROWTH).exists():
            _check_growth(folder, manifest)
    except (WrongError, sqlite3.Error, ValueError, TypeError, OverflowError, EOFError, RecursionError) as error:
        problem = f"the index contains what no build writes ({error})"
        raise IndexDamaged(problem, path=str(folder), remedy=_REMEDY) from error
    note_sound(folder)


def _note(folder: Path) -> Path:
    return user_folder("cache") / "sound" / hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


# --- tables -----------------------------------------------------------------------------------------------------------


def _check_tables(database: sqlite3.Connection, *schemas: str) -> None:
    """Check that the tables are those of a build, intact, with values of their types and without views or triggers."""
    columns = next(filter(None, (_columns(database, schema) for schema in schemas)), {})
    require(columns, "unknown tables")
    require(database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",), "a database that is not intact")
    for table, rows in columns.items():
        wrong = " OR ".join(_other_type(table, str(name), str(kind)) for _, name, kind, *_ in rows)
        # names and types of our own
        found = database.execute(f"SELECT 1 FROM {table} WHERE {wrong} LIMIT 1").fetchone()  # noqa: S608
        require(found is None, f"a value of the wrong type in {table}")


def _columns(database: sqlite3.Connection, schema: str) -> dict[str, list[tuple[object, ...]]]:
    """The columns of each table of a schema; empty if a database has another schema."""
    listed = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    with contextlib.closing(sqlite3.connect(":memory:")) as made:
        made.executescript(schema)
        if database.execute(listed).fetchall() != made.execute(listed).fetchall():
            return {}
        tables = [str(row[0]) for row in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: made.execute(f"PRAGMA table_info({table})").fetchall() for table in tables}


def _other_type(table: str, column: str, kind: str) -> str:
    allowed = f"'{_TYPES[kind]}'" + (", 'null'" if (table, column) in MAY_LACK else "")
    return f'typeof("{column}") NOT IN ({allowed})'


def _check_posts(database: sqlite3.Connection, manifest: Manifest) -> list[int]:
    """Check posts, copies, pages and reasons; returns the length of each post's text."""
    lengths: list[int] = []
    ids = {row[0] for row in database.execute("SELECT post_id FROM posts")}
    for number, (post, text, chrome, variants) in enumerate(
        database.execute("SELECT post, text, chrome, variants FROM posts ORDER BY post")
    ):
        require(post == number, "posts without consecutive numbers")
        require(ids.issuperset(check_post(text, chrome, variants)), "a version that is not a post")
        lengths.append(len(text))
    require(len(lengths) == manifest.posts, "a wrong number of posts")
    seen = bytearray(len(lengths))
    for post, pieces in database.execute("SELECT post, pieces FROM copies"):
        require(0 <= post < len(lengths), "a copy of an unknown post")
        check_pieces(pieces, lengths[post])
        seen[post] = 1
    require(all(seen), "a post without a copy")
    for (changes,) in database.execute("SELECT changes FROM merges"):
        for _ in rows_of(changes, (str, str, str, str)):
            pass
    require(database.execute("SELECT count(*) FROM pages").fetchone() == (manifest.pages,), "a wrong number of pages")
    return lengths


def _check_cuts(database: sqlite3.Connection, manifest: Manifest, lengths: list[int]) -> None:
    """Check that chunks and sentences are in the order of the posts and inside them."""
    homes: list[int] = []
    used = bytearray(manifest.chunks)
    for chunk_id, post, start, end, tokens in database.execute("SELECT * FROM chunks ORDER BY chunk_id"):
        require(chunk_id == len(homes) and (homes[-1] if homes else 0) <= post < len(lengths), "chunks out of order")
        require(0 <= start <= end <= lengths[post] and tokens >= 0, "a chunk outside its post")
        homes.append(post)
    require(len(homes) == manifest.chunks, "a wrong number of chunks")
    row, last, wanted = -1, -1, 0
    for row, values in enumerate(database.execute("SELECT * FROM sentences ORDER BY row")):
        at, post, _, _, _, home, *_ = values
        require(at == row and last <= post < len(lengths), "sentences out of order")
        wanted = wanted + 1 if post == last else 0
        last = post
        check_sentence(values, wanted, lengths[post])
        require(0 <= home < len(homes) and homes[home] == post, "a sentence outside its chunk's post")
        used[home] = 1
    require(row + 1 == manifest.sentences and all(used), "another number of sentences")


# --- arrays -----------------------------------------------------------------------------------------------------------


def _check_arrays(folder: Path, manifest: Manifest) -> None:
    import numpy as np

    dim = manifest.model.dim
    vectors = _array(folder / "chunks/vectors.npy", np.float32, (manifest.chunks, dim))
    sentences = _array(folder / "sentences.npy", np.float16, (manifest.sentences, dim))
    for some in (vectors, sentences):
        require(all(np.isfinite(some[at : at + 10_000]).all() for at in range(0, len(some), 10_000)), "no numbers")
    words = folder / "words"
    require(json.loads((words / "chunks.json").read_text(encoding="ascii")) == {"chunks": manifest.chunks}, "chunks")
    borders, starts = _array(words / "borders.npy", np.int64, (-1,)), _array(words / "starts.npy", np.int64, (-1,))
    ids, scores = _array(words / "chunks.npy", np.int32, (-1,)), _array(words / "scores.npy", np.float32, (-1,))
    _check_rising(borders, (words / "words.txt").stat().st_size, "the words", exact=False)
    _check_rising(starts, len(ids), "the chunks of words")
    require(len(borders) == len(starts) and len(ids) == len(scores), "word statistics of other lengths")
    require(np.isfinite(scores).all(), "a word of no weight")
    require(not len(ids) or (ids.min() >= 0 and ids.max() < manifest.chunks), "a word in no chunk")


def _check_sentence_files(database: sqlite3.Connection, folder: Path, manifest: Manifest) -> None:
    """Check that the files of sentences match the database, with words and notes for each sentence."""
    import numpy as np

    with (folder / "sentence-rows.bin").open("rb") as rows, (folder / "sentence-posts.bin").open("rb") as posts:
        for of_rows, of_posts in rows_and_posts(database):
            same = rows.read(len(of_rows)) == of_rows and posts.read(len(of_posts)) == of_posts
            require(same, "other sentences than the database")
        require(not rows.read(1) and not posts.read(1), "more sentences than the database")
    ends = np.concatenate([[0], np.fromfile(folder / "sentence-ends.bin", "<i8")])
    words, notes = ((folder / f"sentence-{name}.bin").stat().st_size for name in ("words", "notes"))
    _check_rising(ends, words // 4, "the words of sentences")
    sizes = (words % 4, len(ends) - 1, notes, (folder / "sentence-ends.bin").stat().st_size)
    require(sizes == (0, manifest.sentences, 4 * manifest.sentences, 8 * manifest.sentences), "other notes")


def _check_growth(folder: Path, manifest: Manifest) -> None:
    import numpy as np

    growth = folder / GROWTH
    with contextlib.closing(open_read_only(growth / "texts.sqlite")) as database:
        _check_tables(database, TEXTS_SCHEMA)
    _array(growth / "keys.npy", np.uint8, (manifest.chunks, _KEY_BYTES))
    stems = _array(growth / "stems.npy", np.uint32, (-1,))
    _check_rising(_array(growth / "borders.npy", np.int64, (manifest.chunks + 1,)), len(stems), "the stems of chunks")
    vocabulary = (growth / "stems.txt").read_text(encoding="utf-8").split("\n")
    require(not len(stems) or stems.max() < len(vocabulary), "a stem that is not listed")


def _array(path: Path, kind: npt.DTypeLike, shape: Iterable[int]) -> Any:  # noqa: ANN401 - of the kind that is asked for
    """A mapped array of one type and shape; -1 means any length."""
    import numpy as np

    found = np.load(path, mmap_mode="r")
    wanted = tuple(shape)
    fits = found.dtype == kind and found.ndim == len(wanted) and found.flags.c_contiguous
    fits = fits and all(want in (-1, size) for want, size in zip(wanted, found.shape, strict=True))
    require(fits, f"{path.name} of another shape")
    return np.asarray(found)


def _check_rising(borders: Numbers, end: int, what: str, *, exact: bool = True) -> None:
    """Check that borders begin at 0, never decrease, and end at the end."""
    import numpy as np

    numbers: npt.NDArray[np.int64] = borders.astype(np.int64, copy=False)
    rises = len(numbers) > 0 and numbers[0] == 0 and not (numbers[1:] < numbers[:-1]).any()
    require(rises and (numbers[-1] == end if exact else numbers[-1] <= end), f"{what} without order")
