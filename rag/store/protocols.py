"""The two interfaces of every home of an index: one for writing, one for reading.

A home is a folder (``rag.store.folder``) or a name on a Milvus server (``rag.store.milvus.backend``). Homes exchange
snapshots: folders as ``rag.store.snapshot`` describes them. tests/store/test_backends.py checks that every home keeps
the same contract:

* a written snapshot is invisible until it is published, and then visible as a whole;
* both searches return the same chunks, in the same order, with the same scores to the last bit, in every home;
* a snapshot saved from a home is, byte for byte, the one that was written to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.records import Chunk, Dropped, Merge, PageEntry, Post, PostEntry, Sentence, SkippedPage
    from rag.store.manifest import Manifest
    from rag.store.rows import PostText
    from rag.store.settings import Settings
    from rag.text.annotations import Noted

    OnProgress = Callable[[int, int], None]

__all__ = ["DenseSearch", "Home", "Snapshot", "WordSearch"]


class DenseSearch(Protocol):
    """The dense half of a search."""

    def search(
        self, vector: npt.NDArray[np.float32], limit: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Chunk ids and cosines, nearest first, equal ones by chunk id; ``vector`` is float32 (dim,), a unit vector."""


class WordSearch(Protocol):
    """The lexical half of a search."""

    def search(self, stems: Sequence[str], limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and BM25 scores above zero, best first, equal ones by chunk id."""

    def frequency(self, stem: str) -> int:
        """The number of chunks with the stem."""

    def rarity(self, stem: str) -> float:
        """Inverse document frequency of a stem: 0.0 or less if in every chunk, just below 1.0 if in none."""

    def stems(self) -> Iterator[tuple[str, int]]:
        """Every stem in order, with the number of chunks that have it."""


class Snapshot(Protocol):
    """A snapshot open for asking: search vectors, search words, fetch records. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """The snapshot's name."""

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""

    @property
    def settings(self) -> Settings:
        """The settings, which outlive the snapshots, such as the calibrated threshold."""

    @property
    def dense(self) -> DenseSearch:
        """Search by vectors."""

    @property
    def lexical(self) -> WordSearch:
        """Search by words."""

    def close(self) -> None:
        """Close files and connections."""

    def health(self) -> str:
        """Its condition, in words for a person: "ok" and what was checked, or what is wrong."""

    def post_ids(self) -> list[str]:
        """Ids of all posts, in order."""

    def entries(self) -> list[PostEntry]:
        """Every post, in order, without its text."""

    def posts(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Fetch posts by id; unknown ids are left out."""

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order."""

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Fetch title, date and text of posts by id, without their locations."""

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        """Fetch chunks by id."""

    def chunks_of(self, post_id: str) -> list[int]:
        """Chunk ids of one post, in order."""

    def sentences(self, post_ids: Sequence[str]) -> dict[str, list[tuple[int, Sentence]]]:
        """Fetch all sentences of posts: (row of the sentence vectors, sentence), in order."""

    def sentence_vectors_of(self, post_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Fetch the vectors of all sentences of posts: float16 (n_sentences, dim) each, in the order of `sentences`."""

    def noted(self, post_id: str, first: int, end: int) -> Noted | None:
        """The notes on a post's sentences ``first`` up to ``end``; None if they are not kept."""

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name."""

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""

    def merges(self) -> list[Merge]:
        """Every merged copy, with the reason."""

    def dropped(self) -> list[Dropped]:
        """Every line of the pages that is in no post or is never quoted, with the reason."""


class Home(Protocol):
    """The home of the snapshots of one index: write one, publish it, open the one in use, save it elsewhere."""

    def current(self) -> str | None:
        """Name of the snapshot in use; None if there is no index."""

    def write(self, folder: Path, on_progress: OnProgress) -> str:
        """Store a complete snapshot, not yet visible; return its name. Writing it again does no harm.

        ``on_progress`` is called with (rows done, rows in total).
        """

    def publish(self, name: str) -> None:
        """Make a written snapshot the one in use, atomically, and delete older ones."""

    def open(self) -> Snapshot:
        """Open the snapshot in use.

        Raises:
            IndexProblem: there is none, or it cannot be opened.

        """

    def save(self, into: Path, on_progress: OnProgress) -> None:
        """Write the snapshot in use, byte for byte as it was stored, into an empty folder.

        Raises:
            IndexProblem: there is none, or it has changed since it was stored.

        """

    def settings(self) -> Settings:
        """The settings, which outlive the snapshots; they exist once something was written."""
