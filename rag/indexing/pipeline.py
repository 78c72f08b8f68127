"""From pages to a whole index: posts, folded, cut, embedded and written; what an older index has is carried over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.dedup.dropped_text import left_over
from rag.dedup.merging import merge
from rag.dedup.minhash import Memory
from rag.dedup.overrides import Rulings
from rag.embedding.encoder import load_encoder, open_encoder
from rag.embedding.models import DEFAULT_MODEL
from rag.errors import InputError
from rag.extraction.posts import divide, pages_without_posts
from rag.indexing.reuse import KEY_BYTES, chunk_key, page_changes, write_growth
from rag.indexing.tasks import compare_together, cut_post, cut_together, divide_together, embed_together
from rag.loading.file_types import kinds_taken
from rag.records import BuildReport, Span
from rag.store.writer import SnapshotContents, SnapshotWriter
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.config import Clock, Progress
    from rag.dedup.overrides import Decisions
    from rag.embedding.encoder import Encoder
    from rag.embedding.models import ModelIdentity
    from rag.indexing.reuse import PreviousSnapshot
    from rag.indexing.tasks import CutPost
    from rag.indexing.workers import TaskExecutor
    from rag.records import Chunk, Dropped, Merge, Page, PageEntry, Post, PostCopy, Sentence, SkippedPage

__all__ = ["BuildPipeline", "LazyEncoder"]

# chunks handed to the model together: as many as it sorts by length at a time; their vectors take 15 MB
_EMBEDDED_TOGETHER = 1024


class LazyEncoder:
    """The embedding model, loaded when something has to be cut or embedded and not before."""

    def __init__(self, name: str, past: PreviousSnapshot | None, clock: Clock, progress: Progress) -> None:
        self._name = name
        self._encoder: Encoder | None = None
        self._clock = clock
        self._progress = progress
        # the packaged model is pinned by the code, and so is the same where the code is
        known = past is not None and past.same_vectors and name == past.manifest.model.name == DEFAULT_MODEL
        self._identity = past.manifest.model if past is not None and known else None

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; not loaded to tell where it is known."""
        return self._identity or self.encoder.identity

    @property
    def encoder(self) -> Encoder:
        """The model, ready to read."""
        if self._encoder is None:
            self._progress("loading the model", 0, 0)
            known = self._identity
            self._encoder = load_encoder(self._name) if known is None else open_encoder(known)
            self._clock.lap("loading the model")
        return self._encoder


@dataclass(slots=True)
class _HeapCut:
    """What the posts were cut into, and where it stands in the old index: (new first, old first, count)."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    stems: list[list[str]]
    texts: dict[int, str]  # what is to be embedded, by chunk id
    chunk_runs: list[tuple[int, int, int]]
    row_runs: list[tuple[int, int, int]]


@dataclass(slots=True)
class BuildPipeline:
    """One build: where, of what, by what code, and the index that is there already."""

    home: Path
    sources: tuple[str, ...]
    recipe: str
    decisions: Decisions
    model: LazyEncoder
    past: PreviousSnapshot | None
    clock: Clock
    progress: Progress
    workers: TaskExecutor | None = None

    def run(
        self,
        pages: list[Page],
        entries: Sequence[PageEntry],
        skipped: Sequence[SkippedPage],
        *,
        put_in_place: bool,
    ) -> BuildReport:
        """Make the index of the pages, whose list is emptied on the way, and put it in place."""
        past = self.past
        self.progress("finding posts", 0, 0)
        kept = self.decisions.kept
        copies = divide(pages, kept) if self.workers is None else divide_together(pages, kept, self.workers)
        skipped = [*skipped, *pages_without_posts(pages, copies)]
        self.clock.lap("finding posts")
        notes = _unkept(copies, self.decisions.kept)
        memory, rulings = past.memory() if past else Memory(), Rulings(self.decisions)
        if self.workers is not None:
            self.progress("comparing texts", 0, 0)
            compare_together(copies, memory, self.workers)
        posts, merges = merge(copies, memory, rulings)
        self.clock.lap("folding duplicates")
        if not posts:
            raise _no_posts(entries, skipped)
        dropped = left_over(pages, copies, posts)
        folded = len(copies) - len(posts)
        pages.clear()
        copies.clear()
        before = past.post_titles() if past else {}
        now = {post.post_id: post.title for post in posts}
        cuts = _HeapCut([], [], [], {}, [], [])
        embedded = 0
        if put_in_place:
            self._cut(posts, cuts)
            embedded = self._write(cuts, entries, skipped, posts, merges, dropped, memory)
        return BuildReport(
            len(entries),
            len(posts),
            folded,
            len(cuts.chunks),
            len(cuts.sentences),
            tuple(skipped),
            tuple(self.clock.laps),
            page_changes(past.pages(), entries) if past else None,
            "planned" if not put_in_place else "grown" if past else "built",
            embedded,
            tuple((post_id, title) for post_id, title in now.items() if post_id not in before),
            tuple((post_id, title) for post_id, title in before.items() if post_id not in now),
            sum(row.times for row in dropped),
            (*notes, *rulings.notes),
            self.sources,
        )

    def _cut(self, posts: Sequence[Post], cuts: _HeapCut) -> None:
        """Cut the posts that are new or have changed; the others are cut already."""
        past = self._usable()
        fresh = self._cut_by_workers(posts)
        for done, post in enumerate(posts, 1):
            first, first_row = len(cuts.chunks), len(cuts.sentences)
            carried = past.cut(post, first) if past else None
            if past is not None and carried is not None:
                chunks, sentences = carried.chunks, carried.sentences
                cuts.chunk_runs.append((first, carried.old_chunk, len(chunks)))
                cuts.row_runs.append((first_row, carried.old_row, len(sentences)))
                cuts.stems += [past.stems(carried.old_chunk + place) for place in range(len(chunks))]
            else:
                made = fresh.pop(post.post_id) if fresh else cut_post(post, self.model.encoder)
                chunks = [replace(chunk, chunk_id=chunk.chunk_id + first) for chunk in made.chunks]
                sentences = [replace(sentence, chunk_id=sentence.chunk_id + first) for sentence in made.sentences]
                cuts.texts.update(zip((chunk.chunk_id for chunk in chunks), made.texts, strict=True))
                cuts.stems += made.stems
            cuts.chunks += chunks
            cuts.sentences += sentences
            self.progress("cutting chunks", done, len(posts))
        self.clock.lap("cutting chunks")

    def _cut_by_workers(self, posts: Sequence[Post]) -> dict[str, CutPost]:
        """What the workers made of the posts that are not cut already, by post id; nothing where there are none."""
        if self.workers is None:
            return {}
        past = self._usable()
        new = [post for post in posts if past is None or past.cut(post, 0) is None]
        told = self._told("cutting chunks", 0, len(new))
        cuts = cut_together(new, self.model.identity, self.workers, told)
        return {post.post_id: made for post, made in zip(new, cuts, strict=True)}

    def _write(
        self,
        cuts: _HeapCut,
        entries: Sequence[PageEntry],
        skipped: Sequence[SkippedPage],
        posts: Sequence[Post],
        merges: Sequence[Merge],
        dropped: Sequence[Dropped],
        memory: Memory,
    ) -> int:
        import numpy as np

        past = self._usable()
        with SnapshotWriter(self.home) as aside:
            chunk_vectors, sentence_vectors = aside.vectors(
                len(cuts.chunks), len(cuts.sentences), self.model.identity.dim
            )
            keys: npt.NDArray[np.uint8] = np.zeros((len(cuts.chunks), KEY_BYTES), np.uint8)
            if past is not None:
                old_chunks, old_sentences, old_keys = past.vectors()
                for new, old, count in cuts.chunk_runs:
                    chunk_vectors[new : new + count] = old_chunks[old : old + count]
                    keys[new : new + count] = old_keys[old : old + count]
                for new, old, count in cuts.row_runs:
                    sentence_vectors[new : new + count] = old_sentences[old : old + count]
            embedded = self._embed(cuts, chunk_vectors, sentence_vectors, keys)
            self.clock.lap("embedding")
            self.progress("writing the index", 0, 0)
            write_growth(aside.folder / "growth", memory, keys, cuts.stems)
            aside.put_in_place(
                SnapshotContents(
                    self.model.identity,
                    self.recipe,
                    self.sources,
                    self.decisions.digest,
                    entries,
                    skipped,
                    posts,
                    merges,
                    dropped,
                    cuts.chunks,
                    cuts.sentences,
                    cuts.stems,
                ),
                chunk_vectors,
            )
            self.clock.lap("writing")
        return embedded

    def _embed(
        self,
        cuts: _HeapCut,
        chunk_vectors: npt.NDArray[np.float32],
        sentence_vectors: npt.NDArray[np.float16],
        keys: npt.NDArray[np.uint8],
    ) -> int:
        """Fill in the vectors that are not carried; each text that was embedded before, or twice here, is read once."""
        import numpy as np

        past = self._usable()
        rows: dict[int, list[int]] = {chunk: [] for chunk in cuts.texts}
        for row, sentence in enumerate(cuts.sentences):
            if sentence.chunk_id in rows:
                rows[sentence.chunk_id].append(row)
        waiting: dict[bytes, list[int]] = {}
        spans: dict[int, list[Span]] = {}
        for chunk, text in cuts.texts.items():
            shift = len(text) - cuts.chunks[chunk].end
            spans[chunk] = [Span(cuts.sentences[r].start + shift, cuts.sentences[r].end + shift) for r in rows[chunk]]
            key = chunk_key(text, spans[chunk])
            keys[chunk] = np.frombuffer(key, np.uint8)
            known = past.embedded(key) if past else None
            if past is not None and known is not None:
                old_chunks, old_sentences, _ = past.vectors()
                chunk_vectors[chunk] = old_chunks[known[0]]
                sentence_vectors[rows[chunk]] = old_sentences[known[1] : known[1] + known[2]]
            else:
                waiting.setdefault(key, []).append(chunk)
        jobs = list(waiting.values())
        for at in range(0, len(jobs), _EMBEDDED_TOGETHER):
            some = jobs[at : at + _EMBEDDED_TOGETHER]
            told = self._told("embedding chunks", at, len(jobs))
            texts, inner = [cuts.texts[job[0]] for job in some], [spans[job[0]] for job in some]
            if self.workers is None:
                vectors, inside = self.model.encoder.encode_spans(texts, inner, progress=told)
            else:
                vectors, inside = embed_together(texts, inner, self.model.identity, self.workers, told)
            for job, vector, here in zip(some, vectors, inside, strict=True):
                for chunk in job:
                    chunk_vectors[chunk] = vector
                    sentence_vectors[rows[chunk]] = here
        return len(jobs)

    def _told(self, stage: str, before: int, total: int) -> Callable[[int], None]:
        return lambda done: self.progress(stage, before + done, total)

    def _usable(self) -> PreviousSnapshot | None:
        """The old index where its cuts and vectors are of the same model."""
        return self.past if self.past is not None and self.past.manifest.model == self.model.identity else None


def _unkept(copies: Sequence[PostCopy], kept: Sequence[str]) -> list[str]:
    """Name the lines that were to be kept and stand in no post."""
    lines = {fold_key(line) for copy in copies for line in copy.text.splitlines()} if kept else set()
    return [f'keep "{line}": no post has this line' for line in kept if fold_key(line) not in lines]


def _no_posts(pages: Sequence[PageEntry], skipped: Sequence[SkippedPage]) -> InputError:
    found = f"{len(pages)} readable pages, {len(skipped)} skipped"
    reason = f" ({skipped[0].file}: {skipped[0].reason})" if skipped else ""
    return InputError(
        "no post was found" + reason,
        expected="at least one post",
        got=found,
        remedy=f"Name a folder with saved pages; the endings that are read: {kinds_taken()}.",
    )
