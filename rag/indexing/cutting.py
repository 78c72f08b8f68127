"""Cuts the posts of a heap into chunks and sentences, or takes them from the previous snapshot."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from rag.indexing.reuse import ReusedCut
from rag.indexing.tasks import cut_posts
from rag.records import Chunk, Sentence  # noqa: TC001 - records are packed by the types of their fields
from rag.spools import Chosen, Streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.embedding.models import ModelIdentity
    from rag.indexing.executor import TaskExecutor
    from rag.indexing.reuse import PreviousSnapshot
    from rag.records import Post
    from rag.spools import Spools

__all__ = ["CutHeap", "PostCut", "cut_heap"]


@dataclass(frozen=True, slots=True)
class PostCut:
    """What one post was cut into; chunk ids count from 0.

    ``texts`` has the text to embed for each chunk; it is empty for a post from the previous snapshot, for which ``old``
    are its first chunk and first sentence.
    """

    chunks: list[Chunk]
    sentences: list[Sentence]
    texts: list[str]
    old: tuple[int, int] | None = None


class CutHeap:
    """The chunks and sentences of a heap, in files that are read post by post.

    ``first_chunks`` and ``first_rows`` have the id of each post's first chunk and the row of its first sentence,
    followed by the totals.
    """

    def __init__(self, spools: Spools) -> None:
        self._cuts = spools.spool(PostCut)
        self._stems = spools.spool(list[list[str]])
        self.first_chunks = array("q", [0])
        self.first_rows = array("q", [0])

    def add(self, cut: PostCut, stems: list[list[str]]) -> None:
        """Add one more post, with the stems of each of its chunks."""
        self._cuts.append(cut)
        self._stems.append(stems)
        self.first_chunks.append(self.first_chunks[-1] + len(cut.chunks))
        self.first_rows.append(self.first_rows[-1] + len(cut.sentences))

    def posts(self) -> Iterator[tuple[int, int, PostCut]]:
        """Each post: the id of its first chunk, the row of its first sentence, and its chunks and sentences."""
        return zip(self.first_chunks, self.first_rows, self._cuts, strict=False)

    def post_of(self, chunk: int) -> tuple[int, int, PostCut]:
        """The same for the post of a chunk."""
        at = bisect_right(self.first_chunks, chunk) - 1
        return self.first_chunks[at], self.first_rows[at], self._cuts[at]

    @property
    def chunks(self) -> Streamed[Chunk]:
        """The chunks of all posts, in the order of their ids."""

        def each() -> Iterator[Chunk]:
            for first, _, cut in self.posts():
                yield from (replace(chunk, chunk_id=chunk.chunk_id + first) for chunk in cut.chunks)

        return Streamed(self.first_chunks[-1], each)

    @property
    def sentences(self) -> Streamed[Sentence]:
        """The sentences of all posts, in the order of their rows."""

        def each() -> Iterator[Sentence]:
            for first, _, cut in self.posts():
                yield from (replace(sentence, chunk_id=sentence.chunk_id + first) for sentence in cut.sentences)

        return Streamed(self.first_rows[-1], each)

    @property
    def stems(self) -> Streamed[Sequence[str]]:
        """The stems of all chunks, in the order of their ids."""
        return Streamed(self.first_chunks[-1], lambda: chain.from_iterable(self._stems))


def cut_heap(
    posts: Sequence[Post],
    model: ModelIdentity,
    previous: PreviousSnapshot | None,
    executor: TaskExecutor,
    spools: Spools,
    on_done: Callable[[int], None],
) -> CutHeap:
    """Cut posts for a model; ``on_done`` is called with the number done.

    Posts that ``previous``, a snapshot, has with the same title and text are taken from it.
    """
    reused = spools.spool(list[ReusedCut])  # one or none for each post
    fresh = array("q")
    for number, post in enumerate(posts if previous is not None else ()):
        old = previous.cut(post) if previous is not None else None
        reused.append([] if old is None else [old])
        if old is None:
            fresh.append(number)
    made = cut_posts(posts if previous is None else Chosen(posts, fresh), model, executor)
    heap = CutHeap(spools)
    for number in range(len(posts)):
        old = next(iter(reused[number]), None) if len(reused) else None
        if previous is not None and old is not None:
            chunks = range(old.old_chunk, old.old_chunk + len(old.chunks))
            heap.add(
                PostCut(old.chunks, old.sentences, [], (old.old_chunk, old.old_row)),
                [previous.stems(chunk) for chunk in chunks],
            )
        else:
            cut = next(made)
            heap.add(PostCut(cut.chunks, cut.sentences, cut.texts), cut.stems)
        on_done(number + 1)
    return heap
