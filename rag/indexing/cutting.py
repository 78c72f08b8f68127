"""Cut the posts of a heap into chunks and sentences; posts that the previous snapshot has cut are taken from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.indexing.tasks import cut_posts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.embedding.models import ModelIdentity
    from rag.indexing.reuse import PreviousSnapshot
    from rag.indexing.workers import TaskExecutor
    from rag.records import Chunk, Post, Sentence

__all__ = ["CutHeap", "cut_heap"]


@dataclass(slots=True)
class CutHeap:
    """What the posts of a heap were cut into.

    ``texts`` are what is to be embedded, by chunk id. ``chunk_runs`` and ``row_runs`` say which chunks and sentences
    come from the previous snapshot, as (first id here, first id there, how many).
    """

    chunks: list[Chunk] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    stems: list[list[str]] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    chunk_runs: list[tuple[int, int, int]] = field(default_factory=list)
    row_runs: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, chunks: Sequence[Chunk], sentences: Sequence[Sentence]) -> None:
        """Add the chunks and sentences of one more post, whose chunk ids count from 0."""
        first = len(self.chunks)
        self.chunks += [replace(chunk, chunk_id=chunk.chunk_id + first) for chunk in chunks]
        self.sentences += [replace(sentence, chunk_id=sentence.chunk_id + first) for sentence in sentences]


def cut_heap(
    posts: Sequence[Post],
    model: ModelIdentity,
    previous: PreviousSnapshot | None,
    executor: TaskExecutor,
    on_done: Callable[[int], None],
) -> CutHeap:
    """Cut posts for a model; ``on_done`` hears how many are done.

    ``previous`` is the snapshot to take posts from that it has with the same title and text.
    """
    reused = {}
    if previous is not None:
        reused = {post.post_id: cut for post in posts if (cut := previous.cut(post)) is not None}
    fresh = cut_posts([post for post in posts if post.post_id not in reused], model, executor)
    heap = CutHeap()
    for done, post in enumerate(posts, 1):
        first, first_row = len(heap.chunks), len(heap.sentences)
        old = reused.pop(post.post_id, None)
        if previous is not None and old is not None:
            heap.add(old.chunks, old.sentences)
            heap.chunk_runs.append((first, old.old_chunk, len(old.chunks)))
            heap.row_runs.append((first_row, old.old_row, len(old.sentences)))
            heap.stems += [previous.stems(old.old_chunk + place) for place in range(len(old.chunks))]
        else:
            made = next(fresh)
            heap.add(made.chunks, made.sentences)
            heap.texts.update(enumerate(made.texts, first))
            heap.stems += made.stems
        on_done(done)
    return heap
