"""The vectors of a cut heap: taken from the previous snapshot where it has them, else embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rag.embedding.encoder import load_encoder, open_encoder
from rag.embedding.models import DEFAULT_MODEL
from rag.indexing.reuse import KEY_BYTES, chunk_key
from rag.indexing.tasks import embed_chunks, lend_encoder, take_back_encoder
from rag.records import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.config import Clock, Progress
    from rag.embedding.encoder import Encoder
    from rag.embedding.models import ModelIdentity
    from rag.indexing.cutting import CutHeap
    from rag.indexing.reuse import PreviousSnapshot
    from rag.indexing.workers import TaskExecutor

__all__ = ["ChunkVectors", "LazyEncoder"]

# Chunks whose keys are known to be new and which are handed to the executor together: their vectors take 15 MB.
_EMBEDDED_TOGETHER = 1024


class LazyEncoder:
    """The embedding model, loaded only when something has to be cut or embedded.

    Use it as a context manager, inside of which the tasks that run in this process get it.
    """

    def __init__(self, name: str, previous: PreviousSnapshot | None, clock: Clock, progress: Progress) -> None:
        self._name = name
        self._clock = clock
        self._progress = progress
        self._loaded: Encoder | None = None
        # the code pins the packaged model: where the code is the same, so is the model
        known = previous is not None and previous.same_vectors and name == previous.manifest.model.name == DEFAULT_MODEL
        self._identity = previous.manifest.model if previous is not None and known else None

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of the model."""
        if self._identity is not None:
            take_back_encoder(self._identity)

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; the model is loaded only if that is not known."""
        if self._identity is None:
            self._progress("loading the model", 0, 0)
            self._loaded = load_encoder(self._name)
            self._identity = self._loaded.identity
            self._clock.lap("loading the model")
        lend_encoder(self._identity, self._load)
        return self._identity

    def _load(self) -> Encoder:
        if self._loaded is None:
            self._progress("loading the model", 0, 0)
            self._loaded = open_encoder(self.identity)
            self._clock.lap("loading the model")
        return self._loaded


class ChunkVectors:
    """Fills the arrays of a snapshot in the making.

    ``chunks`` are float32 (n_chunks, dim), ``sentences`` float16 (n_sentences, dim), ``keys`` uint8 (n_chunks,
    KEY_BYTES): hashes by which the next build finds what was embedded.
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
        self._rows: dict[int, list[int]] = {chunk: [] for chunk in heap.texts}
        for row, sentence in enumerate(heap.sentences):
            if sentence.chunk_id in self._rows:
                self._rows[sentence.chunk_id].append(row)

    def reuse(self) -> None:
        """Copy the vectors of the posts that are as they were."""
        if self._previous is None:
            return
        chunks, sentences, keys = self._previous.vectors()
        for new, old, count in self._heap.chunk_runs:
            self.chunks[new : new + count] = chunks[old : old + count]
            self.keys[new : new + count] = keys[old : old + count]
        for new, old, count in self._heap.row_runs:
            self.sentences[new : new + count] = sentences[old : old + count]

    def embed(self, model: ModelIdentity, executor: TaskExecutor, on_done: Callable[[int, int], None]) -> int:
        """Embed what is new, equal texts once; returns how many texts that were.

        ``on_done`` hears how many are done, and of how many.
        """
        jobs = self._jobs()
        for at in range(0, len(jobs), _EMBEDDED_TOGETHER):
            some = jobs[at : at + _EMBEDDED_TOGETHER]
            texts = [(self._heap.texts[job[0]], self._spans(job[0])) for job in some]
            made = embed_chunks(texts, model, executor, lambda done, at=at: on_done(at + done, len(jobs)))  # type: ignore[misc]
            for job, (vector, inside) in zip(some, made, strict=True):
                for chunk in job:
                    self.chunks[chunk] = vector
                    self.sentences[self._rows[chunk]] = inside
        return len(jobs)

    def _jobs(self) -> list[list[int]]:
        """The chunks to embed, those of one text together; chunks that were embedded before are filled in."""
        import numpy as np

        waiting: dict[bytes, list[int]] = {}
        for chunk, text in self._heap.texts.items():
            key = chunk_key(text, self._spans(chunk))
            self.keys[chunk] = np.frombuffer(key, np.uint8)
            if not self._take(chunk, key):
                waiting.setdefault(key, []).append(chunk)
        return list(waiting.values())

    def _take(self, chunk: int, key: bytes) -> bool:
        """Fill in a chunk that the previous snapshot has embedded, whichever post it was in."""
        known = self._previous.embedded(key) if self._previous else None
        if self._previous is None or known is None:
            return False
        chunks, sentences, _ = self._previous.vectors()
        self.chunks[chunk] = chunks[known[0]]
        self.sentences[self._rows[chunk]] = sentences[known[1] : known[1] + known[2]]
        return True

    def _spans(self, chunk: int) -> Sequence[Span]:
        """Where the sentences of a chunk are in the text that is embedded of it."""
        shift = len(self._heap.texts[chunk]) - self._heap.chunks[chunk].end
        sentences = [self._heap.sentences[row] for row in self._rows[chunk]]
        return [Span(sentence.start + shift, sentence.end + shift) for sentence in sentences]
