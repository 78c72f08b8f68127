"""The sentences of an index as numbers: where each is, and the notes on it, so that answering reads no text.

    sentence-posts.bin    int64 (n_posts + 1), the row at which the sentences of each post begin
    sentence-rows.bin     int32 (n_sentences, 8): number, start, end, chunk, kind, lead-in, paragraph, marker's start
    sentence-words.bin    uint32: for each sentence, the codes of its words, in order
    sentence-ends.bin     int64 (n_sentences,), where each sentence ends in it, counted in words
    sentence-notes.bin    uint32 (n_sentences,), what each sentence contains, see `rag.text.annotations.note`

All are little-endian and are made from the database. Only the parts around the considered chunks are read.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from typing import IO, TYPE_CHECKING, get_args

from rag.records import Sentence, SentenceKind
from rag.store.plain_files import unreadable
from rag.text.annotations import Noted, noted

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["KINDS", "SentenceTable", "rows_and_posts"]

_FILES = ("posts", "rows", "words", "ends", "notes")
_INT32, _UINT32, _INT64 = "<i4", "<u4", "<i8"
_SELECT = (
    'SELECT number, start, "end", chunk_id, kind, lead_in, paragraph, marker_start '
    "FROM sentences WHERE post = ? ORDER BY row"
)
_COLUMNS, _KIND = 8, 4
_CODE_BYTES, _PLACE_BYTES = 4, 8
KINDS: tuple[SentenceKind, ...] = get_args(SentenceKind)
# sentences written together
_TOGETHER = 10_000


class SentenceTable:
    """Notes on sentences; a sentence has the same row here as its vector. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the files in a folder; the caller has already checked their hashes.

        Raises:
            IndexDamaged: a file is missing.

        """
        # read, not mapped, because reading from a mapped file maps 64 KB, and these add up to the whole file
        self._handles: dict[str, int] = {}
        self.close = weakref.finalize(self, _close, self._handles)
        for name in _FILES:
            path = _path(folder, name)
            try:
                self._handles[name] = os.open(path, os.O_RDONLY)
            except OSError as error:
                raise unreadable(path, error) from error

    @classmethod
    def write(cls, database: sqlite3.Connection, folder: Path) -> None:
        """Write the sentences of a database into an existing folder, with few of them in memory at a time."""
        with contextlib.ExitStack() as stack:
            files = {name: stack.enter_context(_path(folder, name).open("wb")) for name in _FILES}
            rows: list[Sequence[object]] = []
            texts: list[str] = []
            done = words = 0
            for post, text in database.execute("SELECT post, text FROM posts ORDER BY post"):
                files["posts"].write((done + len(rows)).to_bytes(_PLACE_BYTES, "little"))
                for row in database.execute(_SELECT, [post]):
                    rows.append(row)
                    texts.append(text[row[1] : row[2]])
                if len(rows) >= _TOGETHER:
                    words += _put(files, rows, texts, words)
                    done += len(rows)
                    rows, texts = [], []
            _put(files, rows, texts, words)
            files["posts"].write((done + len(rows)).to_bytes(_PLACE_BYTES, "little"))

    def of_post(self, post: int, post_id: str) -> list[tuple[int, Sentence]]:
        """The sentences of the post with this number, in order, each with its row."""
        first, end = self._read("posts", _INT64, post, post + 2)
        rows = self._read("rows", _INT32, first * _COLUMNS, end * _COLUMNS)
        found = []
        for place in range(end - first):
            number, start, stop, chunk, kind, *rest = rows[place * _COLUMNS : (place + 1) * _COLUMNS]
            found.append((first + place, Sentence(post_id, number, start, stop, chunk, KINDS[kind], *rest)))
        return found

    def noted(self, first: int, end: int) -> Noted:
        """The notes about the sentences in rows ``first`` up to ``end``, in order."""
        import numpy as np

        before = min(first, 1)  # each sentence begins where the one before ends
        ends = np.frombuffer(self._bytes("ends", _PLACE_BYTES, first - before, end), _INT64)
        start, ends = (int(ends[0]), ends[1:] - ends[0]) if before else (0, ends)
        stop = start + (int(ends[-1]) if len(ends) else 0)
        codes = np.frombuffer(self._bytes("words", _CODE_BYTES, start, stop), _UINT32)
        return Noted(codes, ends, np.frombuffer(self._bytes("notes", _CODE_BYTES, first, end), _UINT32))

    def _bytes(self, name: str, size: int, first: int, end: int) -> bytes:
        return os.pread(self._handles[name], (end - first) * size, first * size)

    def _read(self, name: str, kind: str, first: int, end: int) -> list[int]:
        import numpy as np

        size = np.dtype(kind).itemsize
        found: list[int] = np.frombuffer(self._bytes(name, size, first, end), kind).tolist()
        return found


def _path(folder: Path, name: str) -> Path:
    return folder / f"sentence-{name}.bin"


def _close(handles: dict[str, int]) -> None:
    while handles:  # a late reader finds no handle, instead of one that now belongs to another file
        os.close(handles.popitem()[1])


def rows_and_posts(database: sqlite3.Connection) -> Iterator[tuple[bytes, bytes]]:
    """The rows of a database for ``sentence-rows.bin`` and ``sentence-posts.bin``, post by post."""
    done = 0
    for (post,) in database.execute("SELECT post FROM posts ORDER BY post"):
        rows = database.execute(_SELECT, [post]).fetchall()
        yield _as_bytes(rows), done.to_bytes(_PLACE_BYTES, "little")
        done += len(rows)
    yield b"", done.to_bytes(_PLACE_BYTES, "little")


def _as_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    import numpy as np

    numbers = [[KINDS.index(value) if at == _KIND else value for at, value in enumerate(row)] for row in rows]
    return np.array(numbers, dtype=_INT32).tobytes()


def _put(files: Mapping[str, IO[bytes]], rows: Sequence[Sequence[object]], texts: Sequence[str], before: int) -> int:
    """Write some sentences, after the ``before`` words already written; returns their number of words."""
    files["rows"].write(_as_bytes(rows))
    found = noted(texts)
    files["words"].write(found.codes.astype(_UINT32).tobytes())
    files["ends"].write((found.ends + before).astype(_INT64).tobytes())
    files["notes"].write(found.notes.astype(_UINT32).tobytes())
    return len(found.codes)
