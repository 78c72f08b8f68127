"""Texts to unit vectors: the packaged model or any other of sentence-transformers.

Questions and chunks are encoded by ONNX Runtime, which starts in a tenth of a second; torch takes eight. One pass over
a chunk also yields the vectors of its sentences: the mean of the token states inside each sentence ("late chunking",
Guenther et al. 2024, arXiv:2409.04701).

A vector depends only on its text, bit for bit. All texts of a batch have the same number of tokens, so none is padded;
each batch is computed by one thread, several batches in parallel.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

from rag.embedding.devices import card_for, on_card, open_session, processors
from rag.embedding.models import DEFAULT_MODEL, QUANTISED, ModelIdentity, drawn_as, folder_of, identify
from rag.embedding.prepared import GRAPH, INPUT, find_prepared, open_tokenizer, prepared
from rag.embedding.torch_models import Reranker, TorchEncoder, load_reranker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from tokenizers import Encoding

    from rag.records import Span

    Vectors = npt.NDArray[np.float32]

__all__ = [
    "DEFAULT_MODEL",
    "QUANTISED",
    "Encoder",
    "ModelIdentity",
    "Reranker",
    "load_encoder",
    "load_reranker",
    "open_encoder",
    "unit",
]

# tokens per batch: a question of 12 tokens takes 3.7 ms alone, 1.6 ms among 40, and the same among 80; a chunk of 170
# takes 23 ms alone or among three, and 24 ms among six (the states exceed the processor's cache)
_BATCH_TOKENS = 512
# 8-bit activations are scaled by the largest in the batch, so there each text is a batch of its own
_ALONE = 1
# texts tokenised together, among which texts of equal length are batched. 1,024 chunks take 60 MB.
_WINDOW = 1024
# tokens below which a second thread is not worth starting: 1,000 take 0.14 s
_ONE_THREAD_TOKENS = 1000


class Encoder(Protocol):
    """Turns texts into unit vectors of one model; a vector depends only on its text."""

    @property
    def identity(self) -> ModelIdentity:
        """The identity of the model."""

    def count_tokens(self, text: str) -> int:
        """Tokens the model would read for ``text``, special tokens included, without truncation."""

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of texts: float32 (n_texts, dim), unit rows; ``progress`` is called with the number of texts done."""

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts and, from the same pass, of the spans in each.

        Returns float32 (n_texts, dim) and for each text float32 (n_spans, dim); rows are unit vectors, or zero for a
        span without a token.
        """


def load_encoder(model: str | None = None) -> Encoder:
    """Encoder of the packaged model, or of any other sentence-transformers model by name or path.

    With ``QUANTISED`` after its name, it uses 8-bit weights: faster and slightly less exact. It runs on the chosen
    device (``devices.use_device``); 8-bit weights run on the processor.

    Raises:
        ModelError: the model is missing, or the packaged file is not the expected one.

    """
    name = model or DEFAULT_MODEL
    folder = folder_of(name)
    kind = drawn_as(folder) if folder.is_dir() else None
    if kind is not None:
        identity = identify(name, folder)

        def write(into: Path) -> None:
            if kind == "mpnet":
                from rag.embedding.mpnet_graph import write_mpnet

                write_mpnet(folder, into, eight_bit=identity.quantised, max_tokens=identity.max_tokens)
            else:
                from rag.embedding.onnx_export import write_encoder

                write_encoder(folder, into, eight_bit=identity.quantised)

        with prepared(identity, write) as ready:
            return _GraphEncoder(identity, ready, card=None if identity.quantised else card_for())
    plain = name.removesuffix(QUANTISED)
    exact = "" if plain == name else ", and not with 8-bit weights"
    print(  # noqa: T201
        f"{plain}: this model cannot be prepared, so sentence-transformers runs it (slower{exact})", file=sys.stderr
    )
    return TorchEncoder(plain)


def open_encoder(identity: ModelIdentity, *, threads: int | None = None, card: str | None = None) -> Encoder:
    """Encoder for questions to an index built with this model; a prepared model is only checked.

    Its identity differs if the model has changed since. ``threads`` is the maximum number of batches in parallel, by
    default one for each processor. ``card`` is the one to run on (``devices.card_for``): a processor is faster for a
    single question, a card for a heap.

    Raises:
        ModelError: the model is missing.

    """
    ready = find_prepared(identity)
    if ready is None:
        return load_encoder(identity.name)
    key = identity, ready, threads, None if identity.quantised else card
    with _opening:
        encoder = _opened.get(key)
        if encoder is None:
            encoder = _opened[key] = _GraphEncoder(identity, ready, threads=threads, card=key[-1])
    return encoder


# Encoders in use, shared by reopened indexes and by several at once. Each takes 30 MB, and 100 MB more after encoding
# forty questions at a time.
_opened: WeakValueDictionary[tuple[ModelIdentity, Path, int | None, str | None], _GraphEncoder] = WeakValueDictionary()
_opening = threading.Lock()


class _GraphEncoder:
    """A prepared graph in ONNX Runtime, with the model's own tokenizer."""

    def __init__(
        self, identity: ModelIdentity, folder: Path, *, card: str | None = None, threads: int | None = None
    ) -> None:
        self.identity = identity
        self._tokenizer = open_tokenizer(folder)
        self._session = open_session(folder / GRAPH, card)
        self._threads = 1 if on_card(self._session) else threads or processors()

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text))

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        return self.encode_spans(texts, [()] * len(texts), progress=progress)[0]

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        import numpy as np

        whole: Vectors = np.zeros((len(texts), self.identity.dim), dtype=np.float32)
        inside: list[Vectors] = [np.zeros((len(here), self.identity.dim), np.float32) for here in spans]
        counting = threading.Lock()
        done = 0

        def run(batch: Sequence[tuple[int, Encoding]]) -> None:
            nonlocal done
            states = self._states([encoding for _, encoding in batch])
            for tokens, (i, encoding) in zip(states, batch, strict=True):
                whole[i] = unit(tokens.mean(axis=0))
                if len(spans[i]):
                    inside[i][:] = _span_means(tokens, encoding.offsets[: len(tokens)], spans[i])
            with counting:
                done += len(batch)
                if progress is not None:
                    progress(done)

        for start in range(0, len(texts), _WINDOW):
            encodings = self._tokenizer.encode_batch(list(texts[start : start + _WINDOW]))
            batches = list(self._batches(encodings, start))
            tokens = sum(len(encoding) for encoding in encodings)
            if self._threads == 1 or len(batches) == 1 or tokens < _ONE_THREAD_TOKENS:
                for batch in batches:
                    run(batch)
            else:
                with ThreadPoolExecutor(self._threads) as pool:
                    list(pool.map(run, batches))
        return whole, inside

    def _batches(self, encodings: Sequence[Encoding], start: int) -> Iterator[list[tuple[int, Encoding]]]:
        """Numbered encodings of equal length in groups, longest first so that no long one is left for the end."""

        def length(numbered: tuple[int, Encoding]) -> int:
            return min(len(numbered[1]), self.identity.max_tokens)

        ordered = sorted(enumerate(encodings, start), key=length, reverse=True)
        for tokens, same in groupby(ordered, key=length):
            kept = list(same)
            step = _ALONE if self.identity.quantised else max(_BATCH_TOKENS // max(tokens, 1), 1)
            for at in range(0, len(kept), step):
                yield kept[at : at + step]

    def _states(self, encodings: Sequence[Encoding]) -> Vectors:
        """Token states of texts of one length: float32 (n_texts, tokens, dim)."""
        import numpy as np

        ids = np.array([encoding.ids[: self.identity.max_tokens] for encoding in encodings], dtype=np.int32)
        if len(encodings[0]) > ids.shape[1]:
            ids[:, -1] = [encoding.ids[-1] for encoding in encodings]  # the closing special token stays
        states: Vectors = self._session.run(None, {INPUT: ids})[0]
        return states


def _span_means(tokens: Vectors, offsets: Sequence[tuple[int, int]], spans: Sequence[Span]) -> Vectors:
    """Unit means of the token states inside each span; offsets are code points in the text."""
    import numpy as np

    starts, ends = np.array(offsets).T
    found = np.zeros((len(spans), tokens.shape[1]), dtype=np.float32)
    for row, span in enumerate(spans):
        inside = (ends > span.start) & (starts < span.end) & (ends > starts)
        if inside.any():
            found[row] = unit(tokens[inside].mean(axis=0))
    return found


def unit(vector: Vectors) -> Vectors:
    """The vector, float32 (dim,), scaled to unit length; zero stays zero."""
    import numpy as np

    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
