"""One folder of an index, opened for reading.

    embeddings/
        current            the name of the snapshot in use
        g-<hash>/          one complete index, never changed once it is in place
            manifest.json      format, model, paths, counts, size and SHA-256 of every other file
            posts.sqlite       pages, posts, copies, chunks, sentences, merges, what was dropped
            chunks/            chunk vectors, exact
            sentences.npy      sentence vectors, float16 (n_sentences, dim)
            sentence-*         their positions and the notes on them (``rag.store.sentence_table``)
            words/             word statistics
            growth/            what the next build can reuse
        threshold.json     the confidence below which it refuses, if set by `pullquote calibrate`
        duplicates.txt     which texts are never or always one post, if the user decided so

A process with an open snapshot keeps it while a new one is written beside it. The pointer is replaced by renaming, so a
kill at any moment leaves the old index or the new one.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged, IndexProblem
from rag.records import Chunk
from rag.store.bm25 import LexicalIndex
from rag.store.confirmed import Confirmed, confirmed
from rag.store.database import entry_rows, open_read_only
from rag.store.manifest import check_files, current_folder, read_manifest
from rag.store.mmap import LARGE_BYTES, release
from rag.store.plain_files import check_own_files, unreadable
from rag.store.rows import (
    PostText,
    copy_of,
    dropped_of,
    entry_of,
    merge_of,
    page_of,
    post_of,
    post_text_of,
    skipped_of,
)
from rag.store.sentence_table import SentenceTable
from rag.store.settings import FolderSettings
from rag.store.soundness import check_contents
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.records import Copy, Dropped, Merge, PageEntry, Post, PostEntry, Sentence, SkippedPage
    from rag.text.annotations import Noted

__all__ = ["FolderSnapshot", "PostText"]

# posts fetched together when all are listed; SQLite allows up to 32,766 parameters in a query
_FETCHED = 500
# posts whose sentences are cached, because questions return to the same posts; 1,000 blog posts take 9 MB
_KEPT_POSTS = 1000


class FolderSnapshot:
    """An open snapshot: texts are fetched by key, vectors and word statistics are mapped, not read.

    Safe to use from several threads.
    """

    def __init__(self, home: Path) -> None:
        """Open the current snapshot of ``home``.

        Raises:
            IndexMissing: there is no index.
            IndexProblem: a link or pipe is where a file of the index is kept.
            IndexFormatError: it was written by another version of the format.
            IndexDamaged: a file is missing or has changed since it was written.

        """
        check_own_files(home)
        self.home = home
        self.settings = FolderSettings(home)
        self._lock = threading.Lock()
        self._sentences: dict[str, list[tuple[int, Sentence]]] = {}
        folder = current_folder(home)
        while True:
            try:
                self._open(folder)
            except (IndexProblem, OSError, EOFError, ValueError, sqlite3.Error) as error:
                # a build that has just ended removes the older snapshot
                newer = current_folder(home)
                if newer == folder:
                    raise _problem(folder, error) from error
                folder = newer
            else:
                return

    def _open(self, folder: Path) -> None:
        import numpy as np

        self.folder = folder
        self.name = folder.name
        self.manifest = read_manifest(self.folder)
        check_files(self.folder, self.manifest)
        check_contents(self.folder, self.manifest)
        self.dense = DenseIndex.load(self.folder / "chunks", lists=confirmed(self.home) != Confirmed())
        self.lexical = LexicalIndex.load(self.folder / "words")
        self.sentence_vectors: npt.NDArray[np.float16] = np.load(self.folder / "sentences.npy", mmap_mode="r")
        self._table = SentenceTable(self.folder)
        self._database = open_read_only(self.folder / "posts.sqlite", any_thread=True)

    def close(self) -> None:
        """Close the database and the sentences; mapped arrays are freed with their last user."""
        with self._lock:  # closing it while another thread reads would crash SQLite
            self._database.close()
        self._table.close()

    def health(self) -> str:
        """Its condition; a folder with altered files cannot be opened."""
        return f"ok: {len(self.manifest.files)} files were as written when last read"

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        try:
            with self._lock:
                return self._database.execute(query, tuple(values)).fetchall()
        except sqlite3.DatabaseError as error:
            raise _problem(self.folder, error) from error

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name."""
        return [page_of(row) for row in self._rows("SELECT * FROM pages ORDER BY file")]

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return [skipped_of(row) for row in self._rows("SELECT * FROM skipped")]

    def merges(self) -> list[Merge]:
        """Every merged copy, with the reason."""
        return [merge_of(row) for row in self._rows("SELECT * FROM merges")]

    def dropped(self) -> list[Dropped]:
        """Every line of the pages that is in no post or is never quoted, with the reason."""
        return [dropped_of(row) for row in self._rows("SELECT * FROM dropped")]

    def post_ids(self) -> list[str]:
        """Ids of all posts, in order."""
        return [str(row[0]) for row in self._rows("SELECT post_id FROM posts ORDER BY post")]

    def entries(self) -> list[PostEntry]:
        """Every post, in order, without its text."""
        return list(map(entry_of, entry_rows(self._rows)))

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
        for row in fetched:
            copies.setdefault(row[0], []).append(copy_of(row))
        return {str(row[1]): post_of(row, copies.get(row[0], ())) for row in rows}

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order, a few hundred fetched at a time."""
        ids = self.post_ids()
        for at in range(0, len(ids), _FETCHED):
            some = ids[at : at + _FETCHED]
            found = self.posts(some)
            yield from (found[post_id] for post_id in some)

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Fetch title, date and text of posts by id, without their locations."""
        marks = ",".join("?" * len(post_ids))
        rows = self._rows(f"SELECT * FROM posts WHERE post_id IN ({marks})", post_ids)
        return {str(row[1]): post_text_of(row) for row in rows}

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
        kept = self._sentences
        found = {post_id: kept.get(post_id) for post_id in post_ids}
        missing: dict[str, list[tuple[int, Sentence]]] = {
            post_id: [] for post_id, rows in found.items() if rows is None
        }
        if missing:
            marks = ",".join("?" * len(missing))
            for post_id, post in self._rows(
                f"SELECT post_id, post FROM posts WHERE post_id IN ({marks})", list(missing)
            ):
                missing[str(post_id)] = self._table.of_post(int(str(post)), str(post_id))
            if len(kept) > _KEPT_POSTS:
                kept.clear()
            kept.update(missing)
        return {post_id: missing[post_id] if rows is None else rows for post_id, rows in found.items()}

    def sentence_vectors_of(self, post_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Fetch the vectors of all sentences of posts: float16 (n_sentences, dim) each, in the order of `sentences`."""
        import numpy as np

        vectors = self.sentence_vectors
        found = {}
        for post_id, rows in self.sentences(post_ids).items():
            first = rows[0][0] if rows else 0  # those of a post are side by side
            found[post_id] = np.asarray(vectors[first : first + len(rows)])
        if vectors.nbytes > LARGE_BYTES:
            release([vectors.base])  # from the previous question
        return found

    def noted(self, post_id: str, first: int, end: int) -> Noted:
        """The notes on a post's sentences ``first`` up to ``end``, in order."""
        rows = self._sentences.get(post_id) or self.sentences([post_id])[post_id]
        row = rows[0][0]  # those of a post are side by side
        return self._table.noted(row + first, row + end)


def _problem(folder: Path, error: Exception) -> IndexProblem:
    if isinstance(error, IndexProblem):
        return error
    if isinstance(error, OSError):
        return unreadable(folder, error)
    remedy = "Build the index again: pullquote index PATH."
    if isinstance(error, sqlite3.Error):
        return IndexDamaged(f"the database cannot be read ({error})", path=str(folder / "posts.sqlite"), remedy=remedy)
    return IndexDamaged(f"a file is not what it should be ({error})", path=str(folder), remedy=remedy)
