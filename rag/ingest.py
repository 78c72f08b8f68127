"""The write path: pages -> posts -> dedup -> chunks -> vectors and words -> one index, put in place whole."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rag.chunking import cut, embedded_text
from rag.config import DEFAULT_INDEX, silent
from rag.dedup import merge
from rag.embedding import load_encoder
from rag.errors import InputError
from rag.pages import read_pages
from rag.posts import divide
from rag.records import BuildReport, Page, PageEntry, SkippedPage, Span
from rag.store import Contents, building, write_generation
from rag.text import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.config import Progress
    from rag.embedding import Encoder
    from rag.records import Chunk, Merge, Post, Sentence

__all__ = ["build_index"]


def build_index(
    paths: Sequence[str | Path],
    into: str | Path = DEFAULT_INDEX,
    *,
    model: str | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Build the index of the pages under ``paths`` in the folder ``into``; an index that is there works until the end.

    ``model`` names another sentence-transformers model by name or path; the index remembers it.

    Raises:
        InputError: a path does not exist, or no post was found under any.
        ModelError: the model cannot be loaded.
        IndexBusy: another process is building there.

    """
    clock = _Clock()
    reading = read_pages(
        [Path(path) for path in paths]
    )  # a path that is not there is found out before the index's folder is made
    with building(Path(into)):
        pages, skipped = _read(reading, progress)
        clock.lap("reading pages")
        progress("finding posts", 0, 0)
        copies = divide(pages)
        clock.lap("finding posts")
        posts, merges = merge(copies)
        clock.lap("folding duplicates")
        if not posts:
            found = f"{len(pages)} readable pages, {len(skipped)} skipped"
            remedy = "Name a folder with .txt or .md pages."
            reason = f" ({skipped[0].file}: {skipped[0].reason})" if skipped else ""
            raise InputError("no post was found" + reason, expected="at least one post", got=found, remedy=remedy)
        progress("loading the model", 0, 0)
        encoder = load_encoder(model)
        clock.lap("loading the model")
        chunks, sentences = _cut(posts, encoder, progress)
        clock.lap("cutting chunks")
        contents = _contents(encoder, pages, skipped, posts, merges, chunks, sentences, progress)
        clock.lap("embedding")
        progress("writing the index", 0, 0)
        write_generation(Path(into), contents)
        clock.lap("writing")
    return BuildReport(
        len(pages),
        len(posts),
        len(copies) - len(posts),
        len(chunks),
        len(sentences),
        tuple(skipped),
        tuple(clock.laps),
    )


class _Clock:
    def __init__(self) -> None:
        self.laps: list[tuple[str, float]] = []
        self._last = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.laps.append((stage, now - self._last))
        self._last = now


def _read(reading: Iterable[Page | SkippedPage], progress: Progress) -> tuple[list[Page], list[SkippedPage]]:
    pages, skipped = [], []
    for done, page in enumerate(reading, 1):
        if isinstance(page, Page):
            pages.append(page)
        else:
            skipped.append(page)
        progress("reading pages", done, 0)
    return pages, skipped


def _cut(posts: Sequence[Post], encoder: Encoder, progress: Progress) -> tuple[list[Chunk], list[Sentence]]:
    chunks: list[Chunk] = []
    sentences: list[Sentence] = []
    for done, post in enumerate(posts, 1):
        more, inside = cut(post, len(chunks), encoder.count_tokens, encoder.identity.max_tokens)
        chunks += more
        sentences += inside
        progress("cutting chunks", done, len(posts))
    return chunks, sentences


def _contents(
    encoder: Encoder,
    pages: Sequence[Page],
    skipped: Sequence[SkippedPage],
    posts: Sequence[Post],
    merges: Sequence[Merge],
    chunks: Sequence[Chunk],
    sentences: Sequence[Sentence],
    progress: Progress,
) -> Contents:
    import numpy as np

    by_id = {post.post_id: post for post in posts}
    homed: list[list[int]] = [[] for _ in chunks]
    for row, sentence in enumerate(sentences):
        homed[sentence.chunk_id].append(row)
    texts, spans = [], []
    for chunk in chunks:
        post = by_id[chunk.post_id]
        text = embedded_text(post.title, post.text[chunk.start : chunk.end])
        shift = len(text) - chunk.end
        texts.append(text)
        spans.append([Span(sentences[r].start + shift, sentences[r].end + shift) for r in homed[chunk.chunk_id]])
    vectors, inside = encoder.encode_spans(
        texts, spans, progress=lambda done: progress("embedding chunks", done, len(texts))
    )
    sentence_vectors = np.zeros((len(sentences), encoder.identity.dim), dtype=np.float32)
    for rows, here in zip(homed, inside, strict=True):
        sentence_vectors[rows] = here
    return Contents(
        encoder.identity,
        [PageEntry(page.file, page.sha256, page.encoding, page.format, page.path) for page in pages],
        skipped,
        posts,
        merges,
        chunks,
        sentences,
        vectors,
        sentence_vectors,
        [stems(text) for text in texts],
    )
