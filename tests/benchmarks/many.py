"""A large index made from a small one: its chunks repeated, with changed words and slightly moved vectors.

Each chunk is a post of its own. Only the vectors' files grow in memory: records are made when they are written.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar, overload

import numpy as np

from rag.records import Chunk, Copy, PageEntry, Piece, Post, Sentence
from rag.store.confirmed import confirm
from rag.store.ownership import building
from rag.store.snapshot import FolderSnapshot
from rag.store.writer import SnapshotContents, SnapshotWriter
from rag.text.tokens import stems

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["make_many"]

# one in this many words of a copy is replaced by another word of the heap
_CHANGED = 9
# how far a vector is moved, in each number: its cosine with the original is 0.98; two neighbouring sentences of a post
# have 0.5
_MOVED = 0.01
_TOGETHER = 20_000

T = TypeVar("T")


class Made(Sequence[T], Generic[T]):
    """A sequence whose items are made when they are accessed."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(self._length))]
        if not 0 <= place < self._length:
            raise IndexError(place)
        return self._make(place)


def make_many(base: Path, home: Path, size: int) -> None:
    """Write an index of ``size`` chunks into ``home``, made from the index in ``base``."""
    store = FolderSnapshot(base)
    chunks, texts, titles, spans, rows = _read(store)
    pool = sorted({word for text in texts for word in text.split() if word.isalpha()})
    count = len(texts)
    # the sentences of the first round, and how many stand before each chunk
    before = np.cumsum([0, *map(len, spans)])

    def text_of(number: int) -> str:
        """The text of a chunk; in later rounds some words are replaced by others of about the same length, in place."""
        turn, at = divmod(number, count)
        if not turn:
            return texts[at]
        words = texts[at].split(" ")
        for place in range(zlib.crc32(f"{turn} {at}".encode()) % _CHANGED, len(words), _CHANGED):
            other = pool[zlib.crc32(f"{turn} {at} {place}".encode()) % len(pool)]
            # offsets of sentences stay the same
            words[place] = (
                other[: len(words[place])].ljust(len(words[place]), "e") if words[place].isalpha() else words[place]
            )
        return " ".join(words)

    def post(number: int) -> Post:
        text, file = text_of(number), f"{number % 1000}.txt"
        copy = Copy(file, "0" * 64, (Piece(0, len(text), 0, len(text)),))
        return Post(f"{number:016x}", titles[number % count], text, (copy,))

    def chunk(number: int) -> Chunk:
        return replace(
            chunks[number % count], chunk_id=number, post_id=f"{number:016x}", start=0, end=len(texts[number % count])
        )

    sentences_total = int(before[-1]) * (size // count) + int(before[size % count])

    def sentence(row: int) -> Sentence:
        turn, left = divmod(row, int(before[-1]))
        at = int(np.searchsorted(before, left, side="right")) - 1
        number = turn * count + at
        return replace(spans[at][left - int(before[at])], post_id=f"{number:016x}", chunk_id=number)

    with building(home), SnapshotWriter(home) as aside:
        vectors, inside = aside.vectors(size, sentences_total, store.manifest.model.dim)
        for first in range(0, size, _TOGETHER):
            numbers = np.arange(first, min(first + _TOGETHER, size))
            vectors[numbers] = _moved(store.dense.vectors[numbers % count], numbers // count, first)
        flat = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        for first in range(0, sentences_total, _TOGETHER):
            places = np.arange(first, min(first + _TOGETHER, sentences_total))
            inside[places] = store.sentence_vectors[flat[places % len(flat)]]
        pages = [PageEntry(f"{number}.txt", "0" * 64, "utf-8", "text", "") for number in range(min(1000, size))]
        words = Made(size, lambda number: stems(f"{titles[number % count]}\n{text_of(number)}"))
        contents = SnapshotContents(
            store.manifest.model,
            "made",
            (),
            "",
            pages,
            [],
            Made(size, post),
            [],
            [],
            Made(size, chunk),
            Made(sentences_total, sentence),
            words,
        )
        aside.put_in_place(contents, vectors)
    confirm(home, [str(base)])  # as a build does: in an index from elsewhere the lists of vectors are not read
    store.close()


def _moved(vectors: np.ndarray, turns: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(vectors.shape, dtype=np.float32) * _MOVED
    found = vectors + noise * (turns > 0)[:, None]
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _read(store: FolderSnapshot) -> tuple[list[Chunk], list[str], list[str], list[list[Sentence]], list[np.ndarray]]:
    """Chunks with their texts, titles, sentences (offsets in the chunk's text) and rows of the sentences' vectors."""
    chunks: list[Chunk] = []
    texts: list[str] = []
    titles: list[str] = []
    spans: list[list[Sentence]] = []
    rows: list[np.ndarray] = []
    for post in store.posts_in_order():
        numbered = store.sentences([post.post_id])[post.post_id]
        for chunk in store.chunks(store.chunks_of(post.post_id)).values():
            # captions at a chunk's ends belong to it and are outside it
            inside = range(chunk.start, chunk.end)
            mine = [pair for pair in numbered if pair[1].chunk_id == chunk.chunk_id and pair[1].start in inside]
            chunks.append(chunk)
            texts.append(post.text[chunk.start : chunk.end])
            titles.append(post.title)
            spans.append(
                [
                    replace(
                        one,
                        number=number,
                        start=one.start - chunk.start,
                        end=min(one.end, chunk.end) - chunk.start,
                        lead_in=-1,
                        marker_start=-1,
                    )
                    for number, (_, one) in enumerate(mine)
                ]
            )
            rows.append(np.array([row for row, _ in mine], dtype=np.int64))
    return chunks, texts, titles, spans, rows
