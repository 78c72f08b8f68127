"""What a build reuses from the existing index: everything that would come out the same.

    growth/
        texts.sqlite    sketches of the texts and verdicts on pairs of them
        keys.npy        uint8 (n_chunks, 16): hash of what was embedded of each chunk
        stems.npy       uint32: the stems of all chunks, one chunk after the other, as numbers of stems.txt
        borders.npy     int64 (n_chunks + 1,): where each chunk begins in it
        stems.txt       the stems, in order

An index is reused only if the same code and libraries made it, so an updated index is, byte for byte, the same as a
fresh one. Vectors depend on less code, and can be reused from indexes of older code.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, Self

from rag.errors import IndexFormatError, IndexProblem
from rag.records import Chunk, PageChanges, PageEntry, Sentence, SkippedPage
from rag.store.confirmed import Confirmed, confirmed
from rag.store.database import TEXTS_SCHEMA, open_read_only
from rag.store.manifest import FORMAT, GROWTH, Manifest, check_files, current_folder, read_manifest
from rag.store.mmap import mapped_array, release_arrays
from rag.store.soundness import check_contents
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.dedup.minhash import Memory
    from rag.records import Post, Span

__all__ = ["KEY_BYTES", "PreviousSnapshot", "ReusedCut", "chunk_key", "page_changes", "write_growth"]

KEY_BYTES = 16

_CHUNKS_OF = 'SELECT chunk_id, start, "end", tokens FROM chunks WHERE post = ? ORDER BY chunk_id'
_SENTENCES_OF = (
    'SELECT row, number, start, "end", chunk_id, kind, lead_in, paragraph, marker_start '
    "FROM sentences WHERE post = ? ORDER BY row"
)
_ROWS_OF = (
    "SELECT min(row), count(*) FROM sentences "
    "WHERE post = (SELECT post FROM chunks WHERE chunk_id = ?) AND chunk_id = ?"
)
# chunks whose stems are numbered together
_CHUNKS_TOGETHER = 256


def page_changes(before: Sequence[PageEntry], now: Sequence[PageEntry]) -> PageChanges:
    """The pages that were added, changed, removed, or renamed with the same bytes."""
    old, new = ({entry.file: entry.sha256 for entry in entries} for entries in (before, now))
    came = [file for file in new if file not in old]
    went = [file for file in old if file not in new]
    by_hash: dict[str, list[str]] = {}
    for file in went:
        by_hash.setdefault(old[file], []).append(file)
    renamed = [(by_hash[new[file]].pop(0), file) for file in came if by_hash.get(new[file])]
    gone, named = {pair[0] for pair in renamed}, {pair[1] for pair in renamed}
    return PageChanges(
        tuple(file for file in came if file not in named),
        tuple(file for file in new if file in old and old[file] != new[file]),
        tuple(file for file in went if file not in gone),
        tuple(renamed),
        sum(file in old and old[file] == new[file] for file in new),
    )


def chunk_key(text: str, spans: Sequence[Span]) -> bytes:
    """Hash of what is embedded of a chunk: its text, and the spans in it that get a vector of their own."""
    content = repr([(span.start, span.end) for span in spans]) + text
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES]


def write_growth(folder: Path, memory: Memory, keys: npt.NDArray[np.uint8], stems: Collection[Sequence[str]]) -> None:
    """Write what the next build can reuse into a new folder.

    The stems of all chunks are read twice and not kept in memory, which grows only with the number of different stems.
    """
    import numpy as np

    from rag.indexing.remembered import in_key_order

    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / "texts.sqlite")) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + TEXTS_SCHEMA)
        sketches = ((key, memory.sketches[key]) for key in in_key_order(memory.sketches))
        database.executemany(
            "INSERT INTO texts VALUES (?,?,?,?)",
            ((key, sketch.words, sketch.minima, sketch.lines) for key, sketch in sketches),
        )
        database.executemany(
            "INSERT INTO pairs VALUES (?,?,?,?)",
            ((*pair, *memory.verdicts[pair]) for pair in in_key_order(memory.verdicts)),
        )
        database.commit()
    np.save(folder / "keys.npy", keys)
    borders = np.zeros(len(stems) + 1, np.int64)
    different: set[str] = set()
    for number, row in enumerate(stems, 1):
        different.update(row)
        borders[number] = borders[number - 1] + len(row)
    np.save(folder / "borders.npy", borders)
    vocabulary = sorted(different)
    del different
    (folder / "stems.txt").write_text("\n".join(vocabulary), encoding="utf-8", newline="")
    numbers = {stem: number for number, stem in enumerate(vocabulary)}
    flat = mapped_array(folder / "stems.npy", np.uint32, (int(borders[-1]),))
    for start, rows in _together(stems):
        held = [numbers[stem] for row in rows for stem in row]
        flat[start : start + len(held)] = held
        release_arrays(flat)


def _together(stems: Iterable[Sequence[str]]) -> Iterator[tuple[int, list[Sequence[str]]]]:
    """The stems of a few hundred chunks at a time, with the number of stems before them."""
    start, rest = 0, iter(stems)
    while rows := list(islice(rest, _CHUNKS_TOGETHER)):
        yield start, rows
        start += sum(map(len, rows))


@dataclass(frozen=True, slots=True)
class ReusedCut:
    """The cut of an unchanged post: its chunks and sentences, and where they began in the old index."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    old_chunk: int
    old_row: int


class PreviousSnapshot:
    """The snapshot in use, as read by the next build; a context manager."""

    def __init__(self, home: Path, made_by: str, *, reread: bool = True) -> None:
        """Open it; ``made_by`` is the recipe of the build.

        Nothing may be reused unless its files are ``reread`` to check them; see ``rag.store.manifest.check_files``.

        Raises:
            IndexProblem: there is none, or this version cannot read it.

        """
        self.folder = current_folder(home)
        self.manifest: Manifest = read_manifest(self.folder)
        check_files(self.folder, self.manifest, everything=True, reread=reread)
        check_contents(self.folder, self.manifest)
        self.same_recipe = self.manifest.recipe == made_by
        self.same_vectors = self.manifest.recipe.partition("-")[0] == made_by.partition("-")[0]
        self._database = open_read_only(self.folder / "posts.sqlite")
        self._texts: sqlite3.Connection | None = None
        self._stems: tuple[list[str], npt.NDArray[np.uint32], npt.NDArray[np.int64]] | None = None
        self._vectors: tuple[npt.NDArray[np.float32], npt.NDArray[np.float16], npt.NDArray[np.uint8]] | None = None
        self._by_key: tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64], npt.NDArray[np.uint64]] | None = None

    @classmethod
    def open(cls, home: Path, made_by: str, *, reread: bool = True) -> PreviousSnapshot | None:
        """The snapshot in use; None if there is none, it cannot be reused, or it comes from elsewhere.

        Raises:
            IndexFormatError: a newer version of Pullquote wrote it, and a build would remove it.

        """
        try:
            found = cls(home, made_by, reread=reread)
        except IndexFormatError as error:
            if int(error.got or 0) > FORMAT:
                raise
            return None
        except IndexProblem:
            return None
        if confirmed(home) == Confirmed():
            found.__exit__()
            return None
        return found

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._database.close()
        if self._texts is not None:
            self._texts.close()

    def each_page(self) -> Iterator[PageEntry]:
        """Every page that was indexed, by name."""
        return (PageEntry(*row) for row in self._database.execute("SELECT * FROM pages ORDER BY rowid"))

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name, as a list."""
        return list(self.each_page())

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out."""
        return [SkippedPage(*row) for row in self._database.execute("SELECT * FROM skipped ORDER BY rowid")]

    def copies(self) -> int:
        """The total number of copies of the posts."""
        return int(self._database.execute("SELECT count(*) FROM copies").fetchone()[0])

    def dropped_lines(self) -> int:
        """The number of lines that are in no post or are never quoted."""
        return int(self._database.execute("SELECT coalesce(sum(times), 0) FROM dropped").fetchone()[0])

    def post_titles(self) -> dict[str, str]:
        """Titles of all posts by their ids, in order."""
        return dict(self._database.execute("SELECT post_id, title FROM posts ORDER BY post"))

    def texts(self) -> sqlite3.Connection | None:
        """The database of results about the texts of the heap; None if other code made it."""
        if self._texts is None and self.same_recipe:
            self._texts = open_read_only(self.folder / GROWTH / "texts.sqlite")
        return self._texts

    def cut(self, post: Post) -> ReusedCut | None:
        """The chunks and sentences of a post that was there with the same title, text and chrome; ids count from 0."""
        if not self.same_recipe:
            return None
        row = self._database.execute(
            "SELECT post, title, text, chrome FROM posts WHERE post_id = ?", (post.post_id,)
        ).fetchone()
        chrome = json.dumps([(span.start, span.end) for span in post.chrome])
        if row is None or row[1:] != (post.title, post.text, chrome):
            return None
        old = self._database.execute(_CHUNKS_OF, row[:1]).fetchall()
        if not old:
            return ReusedCut([], [], 0, 0)
        shift = -old[0][0]
        chunks = [Chunk(number + shift, post.post_id, *rest) for number, *rest in old]
        rows = self._database.execute(_SENTENCES_OF, row[:1]).fetchall()
        sentences = [
            Sentence(post.post_id, number, start, end, home + shift, _kind(kind), *rest)
            for _, number, start, end, home, kind, *rest in rows
        ]
        return ReusedCut(chunks, sentences, old[0][0], rows[0][0])

    def stems(self, chunk: int) -> list[str]:
        """The stems of a chunk of the old index, for reused chunks."""
        import numpy as np

        if self._stems is None:
            folder = self.folder / GROWTH
            vocabulary = (folder / "stems.txt").read_text(encoding="utf-8").split("\n")
            mapped = [np.asarray(np.load(folder / name, mmap_mode="r")) for name in ("stems.npy", "borders.npy")]
            self._stems = vocabulary, mapped[0], mapped[1]
        vocabulary, flat, borders = self._stems
        return [vocabulary[number] for number in flat[borders[chunk] : borders[chunk + 1]].tolist()]

    def vectors(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16], npt.NDArray[np.uint8]]:
        """Vectors of the chunks and sentences, and the keys of the chunks, memory-mapped."""
        import numpy as np

        if self._vectors is None:
            self._vectors = (
                DenseIndex.load(self.folder / "chunks", lists=False).vectors,
                np.load(self.folder / "sentences.npy", mmap_mode="r"),
                np.load(self.folder / GROWTH / "keys.npy"),
            )
        return self._vectors

    def embedded(self, key: bytes) -> tuple[int, int, int] | None:
        """Chunk, first sentence row and number of sentences of a text that was embedded before, in any post."""
        if not self.same_vectors:
            return None
        import numpy as np

        if self._by_key is None:
            halves = self.vectors()[2].view(">u8").astype(np.uint64)
            order = np.lexsort((halves[:, 1], halves[:, 0]))
            self._by_key = order, halves[order, 0], halves[order, 1]
        order, firsts, seconds = self._by_key
        first, second = np.frombuffer(key, ">u8").astype(np.uint64)
        low, high = np.searchsorted(firsts, first), np.searchsorted(firsts, first, side="right")
        place = low + int(np.searchsorted(seconds[low:high], second, side="right")) - 1
        if place < low or seconds[place] != second:
            return None
        chunk = int(order[place])
        found = self._database.execute(_ROWS_OF, (chunk, chunk)).fetchone()
        return chunk, int(found[0] or 0), int(found[1])


def _kind(kind: str) -> Literal["sentence", "item", "heading", "chrome"]:
    return kind  # type: ignore[return-value]  # the column contains nothing else
