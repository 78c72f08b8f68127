"""Pages to a snapshot: finds posts, merges copies, cuts, embeds and writes; reuses what is unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.dedup.dropped_text import dropped_lines
from rag.dedup.merging import fold
from rag.dedup.overrides import Rulings
from rag.errors import InputError
from rag.extraction.web_pages import pages_without_posts
from rag.indexing.chunk_vectors import ChunkVectors, LazyEncoder
from rag.indexing.cutting import CutHeap, cut_heap
from rag.indexing.remembered import memory_on_disk
from rag.indexing.reuse import page_changes, write_growth
from rag.indexing.tasks import compare_texts, divide_pages
from rag.loading.files.file_types import kinds_taken
from rag.records import BuildReport
from rag.store.writer import SnapshotContents, SnapshotWriter
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.config import Clock, Progress
    from rag.dedup.minhash import Memory
    from rag.dedup.overrides import Decisions
    from rag.indexing.executor import TaskExecutor
    from rag.indexing.reuse import PreviousSnapshot
    from rag.records import Dropped, Merge, Page, PageEntry, Post, PostCopy, SkippedPage
    from rag.spools import Spools

__all__ = ["BuildPipeline"]


@dataclass(slots=True)
class _Folded:
    """The posts of a heap, and what was merged and left out."""

    posts: Sequence[Post]
    merges: Sequence[Merge]
    dropped: Sequence[Dropped]
    skipped: list[SkippedPage]
    copies: int
    memory: Memory
    notes: list[str]


@dataclass(slots=True)
class BuildPipeline:
    """One build: its home, sources and recipe, and the existing snapshot."""

    home: Path
    sources: tuple[str, ...]
    recipe: str
    decisions: Decisions
    model: LazyEncoder
    previous: PreviousSnapshot | None
    clock: Clock
    progress: Progress
    executor: TaskExecutor
    spools: Spools

    def run(
        self,
        pages: Sequence[Page],
        entries: Sequence[PageEntry],
        skipped: Sequence[SkippedPage],
        *,
        put_in_place: bool,
    ) -> BuildReport:
        """Make a snapshot of the pages and put it in place.

        Raises:
            InputError: there is no post, or the snapshot cannot be written.

        """
        folded = self._fold(pages, entries, skipped)
        heap, embedded = CutHeap(self.spools), 0
        if put_in_place:
            heap = self._cut(folded.posts)
            embedded = self._write(heap, entries, folded)
        previous = self.previous
        before = previous.post_titles() if previous else {}
        now = [(post.post_id, post.title) for post in folded.posts]
        there = {post_id for post_id, _ in now} if before else set()
        return BuildReport(
            len(entries),
            len(folded.posts),
            folded.copies - len(folded.posts),
            len(heap.chunks),
            len(heap.sentences),
            tuple(folded.skipped),
            tuple(self.clock.laps),
            page_changes(previous.pages(), entries) if previous else None,
            "planned" if not put_in_place else "grown" if previous else "built",
            embedded,
            tuple(post for post in now if post[0] not in before),
            tuple(post for post in before.items() if post[0] not in there),
            sum(row.times for row in folded.dropped),
            tuple(folded.notes),
            self.sources,
        )

    def _fold(self, pages: Sequence[Page], entries: Sequence[PageEntry], skipped: Sequence[SkippedPage]) -> _Folded:
        """Find the copies of posts on the pages and merge them into posts."""
        self.progress("finding posts", 0, 0)
        copies = divide_pages(pages, self.decisions.kept, self.executor, self.spools)
        left_out = [*skipped, *pages_without_posts(pages, copies)]
        self.clock.lap("finding posts")
        notes = _unkept(copies, self.decisions.kept)
        rulings = Rulings(self.decisions)
        memory = memory_on_disk(self.previous.texts() if self.previous else None, self.spools)
        self.progress("comparing texts", 0, 0)
        compare_texts(copies, memory, self.executor, self.spools)
        posts, merges = fold(copies, memory, rulings, self.spools)
        self.clock.lap("folding duplicates")
        if not posts:
            raise _no_posts(entries, left_out)
        dropped = dropped_lines(pages, copies, posts, self.spools)
        return _Folded(posts, merges, dropped, left_out, len(copies), memory, [*notes, *rulings.notes])

    def _cut(self, posts: Sequence[Post]) -> CutHeap:
        """Cut the posts that are new or have changed."""
        total = len(posts)

        def tell(done: int) -> None:
            self.progress("cutting chunks", done, total)

        heap = cut_heap(posts, self.model.identity, self._usable(), self.executor, self.spools, tell)
        self.clock.lap("cutting chunks")
        return heap

    def _write(self, heap: CutHeap, entries: Sequence[PageEntry], folded: _Folded) -> int:
        """Write the snapshot and put it in place; return the number of embedded chunks."""
        model = self.model.identity
        with SnapshotWriter(self.home) as writer:
            arrays = writer.vectors(len(heap.chunks), len(heap.sentences), model.dim)
            embedded, keys = self._embed(heap, *arrays)
            self.model.release()
            self.progress("writing the index", 0, 0)
            write_growth(writer.folder / "growth", folded.memory, keys, heap.stems)
            del keys  # 16 bytes for each chunk
            contents = SnapshotContents(
                model,
                self.recipe,
                self.sources,
                self.decisions.digest,
                entries,
                folded.skipped,
                folded.posts,
                folded.merges,
                folded.dropped,
                heap.chunks,
                heap.sentences,
                heap.stems,
            )
            writer.put_in_place(contents, arrays[0], self.spools)
            self.clock.lap("writing")
        return embedded

    def _embed(
        self, heap: CutHeap, chunks: npt.NDArray[np.float32], sentences: npt.NDArray[np.float16]
    ) -> tuple[int, npt.NDArray[np.uint8]]:
        """Fill in the vectors; return the number of embedded chunks, and the keys of all."""
        vectors = ChunkVectors(heap, chunks, sentences, self._usable())
        vectors.reuse()
        embedded = vectors.embed(
            self.model.identity, self.executor, lambda done, total: self.progress("embedding chunks", done, total)
        )
        self.clock.lap("embedding")
        return embedded, vectors.keys

    def _usable(self) -> PreviousSnapshot | None:
        """The previous snapshot, if its chunks and vectors are for the same model."""
        previous = self.previous
        return previous if previous is not None and previous.manifest.model == self.model.identity else None


def _unkept(copies: Iterable[PostCopy], kept: Sequence[str]) -> list[str]:
    """Report the lines to keep that are in no post."""
    missing = {fold_key(line) for line in kept}
    for copy in copies if kept else ():
        missing.difference_update(map(fold_key, copy.text.splitlines()))
    return [f'keep "{line}": no post has this line' for line in kept if fold_key(line) in missing]


def _no_posts(pages: Sequence[PageEntry], skipped: Sequence[SkippedPage]) -> InputError:
    found = f"{len(pages)} readable pages, {len(skipped)} skipped"
    reason = f" ({skipped[0].file}: {skipped[0].reason})" if skipped else ""
    return InputError(
        "no post was found" + reason,
        expected="at least one post",
        got=found,
        remedy=f"Name a folder with saved pages; supported endings: {kinds_taken()}.",
    )
