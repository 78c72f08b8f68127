"""Questions that wait for one encoder share a run, even if they are for two indexes."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import numpy as np

from rag.answering.engine import open_index
from rag.embedding.batching import batcher_for

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt


class Encoder:
    """Counts what it is asked to encode."""

    identity = None

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.read.extend(texts)
        return np.ones((len(texts), 3), dtype=np.float32)


def test_what_one_index_has_read_the_next_need_not() -> None:
    """One queue and one set of vectors for each encoder; both go with the last index."""
    encoder, other = Encoder(), Encoder()
    first, second = batcher_for(encoder), batcher_for(encoder)  # type: ignore[arg-type]
    first.vectors(["a", "b"])
    second.vectors(["b", "c"])
    assert encoder.read == ["a", "b", "c"]
    assert batcher_for(other) is not first  # type: ignore[arg-type]
    del first, second
    gc.collect()
    batcher_for(encoder).vectors(["a"])  # type: ignore[arg-type]
    assert encoder.read == ["a", "b", "c", "a"]


def test_an_index_that_is_reopened_brings_no_second_model(seed_home: Path) -> None:
    """Two indexes of one model that are open at once share encoder and vectors."""
    with open_index(seed_home) as one, open_index(seed_home) as two:
        assert one._encoder is two._encoder
        assert one._waiting is two._waiting


def test_more_texts_than_are_kept_are_read_at_once() -> None:
    """Even though some of them are known, and would have to make room for the others."""
    encoder = Encoder()
    waiting = batcher_for(encoder)  # type: ignore[arg-type]
    waiting.vectors([str(number) for number in range(2000)])
    found = waiting.vectors([str(number) for number in range(5000)])
    assert len(found) == 5000
    assert len(encoder.read) == 7000
