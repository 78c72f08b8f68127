"""The vectors of a cut heap: taken from the previous snapshot if it has them, otherwise embedded."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Self

from rag.embedding.devices import card_for
from rag.embedding.encoder import load_encoder, open_encoder
from rag.embedding.models import DEFAULT_MODEL
from rag.indexing.reuse import KEY_BYTES, chunk_key
from rag.indexing.tasks import embed_chunks, lend_encoder, take_back_encoder
from rag.records import Span
from rag.store.mmap import LARGE_BYTES, release_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.config import Clock, Progress
    from rag.embedding.encoder import Encoder
    from rag.embedding.models import ModelIdentity
    from rag.indexing.cutting import CutHeap, PostCut
    from rag.indexing.executor import TaskExecutor
    from rag.indexing.reuse import PreviousSnapshot

__all__ = ["ChunkVectors", "LazyEncoder"]

# New chunks given to the executor together: their vectors take 15 MB.
_EMBEDDED_TOGETHER = 1024
# sorted keys that are compared together: 8 MB
_COMPARED_TOGETHER = 2**17


class LazyEncoder:
    """The embedding model, loaded only if something must be cut or embedded.

    Use it as a context manager, in which the tasks of this process get it.
    """

    def __init__(self, name: str, previous: PreviousSnapshot | None, clock: Clock, progress: Progress) -> None:
        self._name = name
        self._clock = clock
        self._progress = progress
        self._loaded: Encoder | None = None
        # the code determines the packaged model: with the same code, the model is the same
        known = previous is not None and previous.same_vectors and name == previous.manifest.model.name == DEFAULT_MODEL
        self._identity = previous.manifest.model if previous is not None and known else None

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *error: object) -> None:
        """Release the model."""
        if self._identity is not None:
            take_back_encoder(self._identity)

    @property
    def identity(self) -> ModelIdentity:
        """The identity of the model, which is loaded only if that is not known."""
        if self._identity is None:
            self._progress("loading the model", 0, 0)
            self._loaded = load_encoder(self._name)
            self._identity = self._loaded.identity
            self._clock.lap("loading the model")
        lend_encoder(self._identity, self._load)
        return self._identity

    def release(self) -> None:
        """Free the model's memory, though it may be used again: it is loaded again then."""
        self._loaded = None

    def _load(self) -> Encoder:
        if self._loaded is None:
            self._progress("loading the model", 0, 0)
            self._loaded = open_encoder(self.identity, card=card_for())
            self._clock.lap("loading the model")
        return self._loaded


class ChunkVectors:
    """Fills the arrays of a snapshot in the making.

    ``chunks`` are float32 (n_chunks, dim), ``sentences`` float16 (n_sentences, dim), both mapped files; ``keys`` uint8
    (n_chunks, KEY_BYTES): hashes by which the next build finds what was embedded.
    """

    def __init__(
        self,
        heap: CutHeap,
        chunks: npt.NDArray[np.float32],
        sentences: npt.NDArray[np.float16],
        previous: PreviousSnapshot | None,
    ) -> None:
        import numpy as np

        self.chunks, self.sentences = chunks, sentences
        self.keys: npt.NDArray[np.uint8] = np.zeros((len(chunks), KEY_BYTES), np.uint8)
        self._heap = heap
        self._previous = previous
        # for each chunk to embed, the first one with the same key; otherwise -1
        self._jobs: npt.NDArray[np.int64] = np.full(len(chunks), -1, np.int64)
        self._written = 0

    def reuse(self) -> None:
        """Copy the vectors of unchanged posts, and of texts that were in other posts before."""
        for first, row, cut in self._heap.posts():
            if cut.old is not None:
                self._carry(first, row, cut)
                continue
            for chunk, text, rows in _parts(first, row, cut):
                self._note(chunk, chunk_key(text, _spans(text, cut, chunk - first, row, rows)), rows)
        self._jobs = _first_of_each(self.keys, self._jobs)

    def _carry(self, first: int, row: int, cut: PostCut) -> None:
        if self._previous is None or cut.old is None:
            return
        chunks, sentences, keys = self._previous.vectors()
        chunk, sentence = cut.old
        count = len(cut.chunks)
        self.keys[first : first + count] = keys[chunk : chunk + count]
        self._put(slice(first, first + count), chunks[chunk : chunk + count])
        count = len(cut.sentences)
        self._put_rows(slice(row, row + count), sentences[sentence : sentence + count])

    def _note(self, chunk: int, key: bytes, rows: Sequence[int]) -> None:
        """Store the key of a chunk, and fill in its vectors if the previous snapshot has them from any post."""
        import numpy as np

        self.keys[chunk] = np.frombuffer(key, np.uint8)
        known = self._previous.embedded(key) if self._previous else None
        if self._previous is None or known is None:
            self._jobs[chunk] = chunk
            return
        chunks, sentences, _ = self._previous.vectors()
        self._put(chunk, chunks[known[0]])
        self._put_rows(rows, sentences[known[1] : known[1] + known[2]])

    def embed(self, model: ModelIdentity, executor: TaskExecutor, on_done: Callable[[int, int], None]) -> int:
        """Embed new chunks, equal texts only once; return the number of texts.

        ``on_done`` is called with the number done and the total.
        """
        import numpy as np

        total = int(np.count_nonzero(self._jobs == np.arange(len(self._jobs))))
        done = 0
        waiting = self._waiting()
        while some := list(islice(waiting, _EMBEDDED_TOGETHER)):
            texts = [(text, spans) for _, text, spans, _ in some]
            made = embed_chunks(texts, model, executor, lambda now, done=done: on_done(done + now, total))  # type: ignore[misc]
            for (chunk, _, _, rows), (vector, inside) in zip(some, made, strict=True):
                self._put(chunk, vector)
                self._put_rows(rows, inside)
            done += len(some)
        self._repeat()
        return total

    def _waiting(self) -> Iterator[tuple[int, str, Sequence[Span], Sequence[int]]]:
        """The chunks to embed: each with its text, the spans in it and the rows of their vectors."""
        for first, row, cut in self._heap.posts():
            if cut.old is None:
                for chunk, text, rows in _parts(first, row, cut):
                    if self._jobs[chunk] == chunk:
                        yield chunk, text, _spans(text, cut, chunk - first, row, rows), rows

    def _repeat(self) -> None:
        """Copy the vectors of a text to the other chunks with the same text."""
        import numpy as np

        numbers = np.arange(len(self._jobs))
        for chunk in np.flatnonzero((self._jobs >= 0) & (self._jobs != numbers)).tolist():
            like = int(self._jobs[chunk])
            self._put(chunk, self.chunks[like])
            self._put_rows(self._rows_of(chunk), self.sentences[self._rows_of(like)])

    def _rows_of(self, chunk: int) -> Sequence[int]:
        first, row, cut = self._heap.post_of(chunk)
        return next(rows for number, _, rows in _parts(first, row, cut) if number == chunk)

    def _put(self, place: slice | int, vectors: npt.NDArray[np.float32]) -> None:
        self.chunks[place] = vectors
        self._count(vectors.nbytes)

    def _put_rows(self, place: slice | Sequence[int], vectors: npt.NDArray[np.floating]) -> None:
        self.sentences[place] = vectors
        self._count(vectors.nbytes)

    def _count(self, written: int) -> None:
        """Release written pages from time to time, so that the system can cache them or write them to the disk."""
        self._written += written
        if self._written > LARGE_BYTES:
            release_arrays(self.chunks, self.sentences)
            self._written = 0


def _parts(first: int, row: int, cut: PostCut) -> Iterator[tuple[int, str, list[int]]]:
    """Each chunk of a newly cut post: its id, the text to embed, and the rows of its sentences."""
    rows: list[list[int]] = [[] for _ in cut.chunks]
    for number, sentence in enumerate(cut.sentences, row):
        rows[sentence.chunk_id].append(number)
    return zip(range(first, first + len(rows)), cut.texts, rows, strict=True)


def _spans(text: str, cut: PostCut, chunk: int, row: int, rows: Sequence[int]) -> list[Span]:
    """The spans of the sentences of a chunk in the text to embed."""
    shift = len(text) - cut.chunks[chunk].end
    sentences = [cut.sentences[number - row] for number in rows]
    return [Span(sentence.start + shift, sentence.end + shift) for sentence in sentences]


def _first_of_each(keys: npt.NDArray[np.uint8], wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each wanted chunk, the first wanted one with the same key; -1 for the others."""
    import numpy as np

    numbers = np.flatnonzero(wanted >= 0)
    halves = keys[numbers].view(np.uint64)
    order = np.lexsort((halves[:, 1], halves[:, 0]))  # stable: of equal keys the first chunk comes first
    found = np.full(len(wanted), -1, np.int64)
    last = -1  # the first chunk with the last key of the block before
    for at in range(0, len(order), _COMPARED_TOGETHER):
        some = order[max(at - 1, 0) : at + _COMPARED_TOGETHER]
        begins = np.append(at == 0, (halves[some[1:]] != halves[some[:-1]]).any(axis=1))[: len(some)]
        firsts = np.append(last, numbers[some[begins]])
        found[numbers[some]] = filled = firsts[np.cumsum(begins)]
        last = int(filled[-1])
    return found
