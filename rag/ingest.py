"""The write path: pages -> posts -> dedup -> chunks -> vectors and words -> one index, put in place whole.

Where an index is there already, only what is new is worked out; see ``rag.growth``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.chunking import cut, embedded_text
from rag.config import DEFAULT_INDEX, DEFAULT_PAGES, silent
from rag.decisions import Decisions, Rulings, read_decisions
from rag.dedup import merge
from rag.embedding import DEFAULT_MODEL, load_encoder
from rag.errors import IndexMissing, InputError
from rag.generation import Aside, Contents, building
from rag.growth import KEY_BYTES, Past, chunk_key, page_changes, recipe, write_growth
from rag.leftovers import left_over
from rag.manifest import origin
from rag.pages import read_pages
from rag.posts import divide
from rag.records import BuildReport, Page, PageEntry, SkippedPage, Span
from rag.text import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.config import Progress
    from rag.embedding import Encoder, ModelIdentity
    from rag.records import Chunk, Dropped, Merge, Post, Sentence
    from rag.sketches import Memory

__all__ = ["build_index", "index_sources"]

# chunks handed to the model together: enough to sort by length, little enough to hold (6 MB of vectors)
_EMBEDDED_TOGETHER = 4096


def build_index(
    paths: Sequence[str | Path] | None = None,
    into: str | Path = DEFAULT_INDEX,
    *,
    model: str | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> BuildReport:
    """Bring the index in the folder ``into`` up to date with the pages under ``paths``.

    Only what changed since the last build is worked out, and the outcome is the same as if all of it were. Without
    ``paths`` they are the ones that the index was built from before. An index that is there works until the end.
    ``model`` names another sentence-transformers model by name or path; the index remembers it. ``dry_run`` finds out
    what would happen and changes nothing.

    Raises:
        InputError: a path does not exist, or no post was found under any.
        ModelError: the model cannot be loaded.
        IndexBusy: another process is building there.
        IndexProblem: no path was given and the index does not tell its own.

    """
    home = Path(into)
    sources = index_sources(paths, home)
    reading = read_pages([Path(source) for source in sources])  # what is not there is found out before a folder is made
    build = _Build(home, tuple(sources), model, read_decisions(home), progress)
    if dry_run:
        return build.run(reading, put_in_place=False)
    with building(home):
        return build.run(reading, put_in_place=True)


def index_sources(paths: Sequence[str | Path] | None, home: Path) -> list[str]:
    """The paths to build from, absolute: those given, else those that the index remembers, else the default pages.

    Raises:
        IndexProblem: there is an index, but it does not tell.
        InputError: a folder that it remembers is not there.

    """
    if paths is not None:
        return list(dict.fromkeys(str(Path(path).absolute()) for path in paths))
    try:
        known = origin(home).sources
    except IndexMissing:
        return [str(Path(DEFAULT_PAGES).absolute())]
    # a file that is gone was removed; a folder may be on a disk that is not there today
    gone = [source for source in known if not Path(source).exists() and not _was_file(source)]
    left = [source for source in known if Path(source).exists()]
    if gone or not left:
        raise InputError(
            "the index was built from this and it is not there any more",
            path=(gone or list(known))[0],
            remedy="Bring it back, or name the pages that are left: pullquote index PATH.",
        )
    return left


def _was_file(source: str) -> bool:
    return bool(Path(source).suffix) and Path(source).parent.is_dir()


class _Clock:
    def __init__(self) -> None:
        self.laps: list[tuple[str, float]] = []
        self._last = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.laps.append((stage, now - self._last))
        self._last = now


class _Model:
    """The embedding model, loaded when something has to be cut or embedded and not before."""

    def __init__(self, name: str, past: Past | None, clock: _Clock, progress: Progress) -> None:
        self._name = name
        self._encoder: Encoder | None = None
        self._clock = clock
        self._progress = progress
        # the packaged model is pinned by the code, and so is the same where the code is
        known = past is not None and past.same_vectors and name == past.manifest.model.name == DEFAULT_MODEL
        self._identity = past.manifest.model if past is not None and known else None

    @property
    def identity(self) -> ModelIdentity:
        return self._identity or self.encoder.identity

    @property
    def encoder(self) -> Encoder:
        if self._encoder is None:
            self._progress("loading the model", 0, 0)
            self._encoder = load_encoder(self._name)
            self._clock.lap("loading the model")
        return self._encoder


@dataclass(slots=True)
class _Cut:
    """What the posts were cut into, and where it stands in the old index: (new first, old first, count)."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    stems: list[list[str]]
    texts: dict[int, str]  # what is to be embedded, by chunk id
    chunk_runs: list[tuple[int, int, int]]
    row_runs: list[tuple[int, int, int]]


class _Build:
    """One build: what it was asked, and its steps."""

    def __init__(
        self, home: Path, sources: tuple[str, ...], model: str | None, decisions: Decisions, progress: Progress
    ) -> None:
        self.home = home
        self.sources = sources
        self.decisions = decisions
        self.progress = progress
        self.clock = _Clock()
        self.recipe = recipe()
        self.model_name = model

    def run(self, reading: Iterable[Page | SkippedPage], *, put_in_place: bool) -> BuildReport:
        past = Past.open(self.home, self.recipe)
        try:
            pages, skipped = _read(reading, self.progress)
            self.clock.lap("reading pages")
            name = self.model_name or (past.manifest.model.name if past else DEFAULT_MODEL)
            entries = [PageEntry(page.file, page.sha256, page.encoding, page.format, page.path) for page in pages]
            model = _Model(name, past, self.clock, self.progress)
            if past is not None and self._is_up_to_date(past, entries, skipped, model):
                return self._unchanged(past, skipped)
            return self._make(past, model, pages, entries, skipped, put_in_place=put_in_place)
        finally:
            if past is not None:
                past.close()

    def _is_up_to_date(
        self, past: Past, entries: Sequence[PageEntry], skipped: Sequence[SkippedPage], model: _Model
    ) -> bool:
        return (
            past.same_recipe
            and past.manifest.sources == self.sources
            and past.manifest.decisions == self.decisions.digest
            and past.pages() == entries
            and past.skipped() == skipped
            and past.manifest.model == model.identity
        )

    def _unchanged(self, past: Past, skipped: Sequence[SkippedPage]) -> BuildReport:
        manifest = past.manifest
        self.clock.lap("comparing with the index")
        return BuildReport(
            manifest.pages,
            manifest.posts,
            past.copies() - manifest.posts,
            manifest.chunks,
            manifest.sentences,
            tuple(skipped),
            tuple(self.clock.laps),
            page_changes(past.pages(), past.pages()),
            "unchanged",
            dropped_lines=past.dropped_lines(),
            sources=self.sources,
        )

    def _make(
        self,
        past: Past | None,
        model: _Model,
        pages: list[Page],
        entries: Sequence[PageEntry],
        skipped: Sequence[SkippedPage],
        *,
        put_in_place: bool,
    ) -> BuildReport:
        self.progress("finding posts", 0, 0)
        copies = divide(pages)
        self.clock.lap("finding posts")
        memory, rulings = _memory(past), Rulings(self.decisions)
        posts, merges = merge(copies, memory, rulings)
        self.clock.lap("folding duplicates")
        if not posts:
            raise _no_posts(pages, skipped)
        dropped = left_over(pages, copies, posts)
        folded = len(copies) - len(posts)
        pages.clear()
        copies.clear()
        before = past.post_titles() if past else {}
        now = {post.post_id: post.title for post in posts}
        cuts = _Cut([], [], [], {}, [], [])
        embedded = 0
        if put_in_place:
            if past is not None and past.manifest.model != model.identity:
                past = None
            self._cut(posts, past, model, cuts)
            embedded = self._write(past, model, cuts, entries, skipped, posts, merges, dropped, memory)
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
            tuple(rulings.notes),
            self.sources,
        )

    def _cut(self, posts: Sequence[Post], past: Past | None, model: _Model, cuts: _Cut) -> None:
        """Cut the posts that are new or have changed; the others are cut already."""
        for done, post in enumerate(posts, 1):
            first, first_row = len(cuts.chunks), len(cuts.sentences)
            carried = past.cut(post, first) if past else None
            if past is not None and carried is not None:
                chunks, sentences = carried.chunks, carried.sentences
                cuts.chunk_runs.append((first, carried.old_chunk, len(chunks)))
                cuts.row_runs.append((first_row, carried.old_row, len(sentences)))
                cuts.stems += [past.stems(carried.old_chunk + place) for place in range(len(chunks))]
            else:
                encoder = model.encoder
                chunks, sentences = cut(post, first, encoder.count_tokens, encoder.identity.max_tokens)
                for chunk in chunks:
                    text = embedded_text(post.title, post.text[chunk.start : chunk.end])
                    cuts.texts[chunk.chunk_id] = text
                    cuts.stems.append(stems(text))
            cuts.chunks += chunks
            cuts.sentences += sentences
            self.progress("cutting chunks", done, len(posts))
        self.clock.lap("cutting chunks")

    def _write(
        self,
        past: Past | None,
        model: _Model,
        cuts: _Cut,
        entries: Sequence[PageEntry],
        skipped: Sequence[SkippedPage],
        posts: Sequence[Post],
        merges: Sequence[Merge],
        dropped: Sequence[Dropped],
        memory: Memory,
    ) -> int:
        import numpy as np

        with Aside(self.home) as aside:
            chunk_vectors, sentence_vectors = aside.vectors(len(cuts.chunks), len(cuts.sentences), model.identity.dim)
            keys: npt.NDArray[np.uint8] = np.zeros((len(cuts.chunks), KEY_BYTES), np.uint8)
            if past is not None:
                old_chunks, old_sentences, old_keys = past.vectors()
                for new, old, count in cuts.chunk_runs:
                    chunk_vectors[new : new + count] = old_chunks[old : old + count]
                    keys[new : new + count] = old_keys[old : old + count]
                for new, old, count in cuts.row_runs:
                    sentence_vectors[new : new + count] = old_sentences[old : old + count]
            embedded = self._embed(past, model, cuts, chunk_vectors, sentence_vectors, keys)
            self.clock.lap("embedding")
            self.progress("writing the index", 0, 0)
            write_growth(aside.folder / "growth", memory, keys, cuts.stems)
            aside.put_in_place(
                Contents(
                    model.identity,
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
        past: Past | None,
        model: _Model,
        cuts: _Cut,
        chunk_vectors: npt.NDArray[np.float32],
        sentence_vectors: npt.NDArray[np.float16],
        keys: npt.NDArray[np.uint8],
    ) -> int:
        """Fill in the vectors that are not carried; each text that was embedded before, or twice here, is read once."""
        import numpy as np

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
            vectors, inside = model.encoder.encode_spans(
                [cuts.texts[job[0]] for job in some],
                [spans[job[0]] for job in some],
                progress=self._told(at, len(jobs)),
            )
            for job, vector, here in zip(some, vectors, inside, strict=True):
                for chunk in job:
                    chunk_vectors[chunk] = vector
                    sentence_vectors[rows[chunk]] = here
        return len(jobs)

    def _told(self, before: int, total: int) -> Callable[[int], None]:
        return lambda done: self.progress("embedding chunks", before + done, total)


def _memory(past: Past | None) -> Memory:
    from rag.sketches import Memory

    return past.memory() if past else Memory()


def _no_posts(pages: Sequence[Page], skipped: Sequence[SkippedPage]) -> InputError:
    found = f"{len(pages)} readable pages, {len(skipped)} skipped"
    reason = f" ({skipped[0].file}: {skipped[0].reason})" if skipped else ""
    return InputError(
        "no post was found" + reason, expected="at least one post", got=found, remedy="Name a folder with saved pages."
    )


def _read(reading: Iterable[Page | SkippedPage], progress: Progress) -> tuple[list[Page], list[SkippedPage]]:
    pages, skipped = [], []
    for done, page in enumerate(reading, 1):
        if isinstance(page, Page):
            pages.append(page)
        else:
            skipped.append(page)
        progress("reading pages", done, 0)
    return pages, skipped
