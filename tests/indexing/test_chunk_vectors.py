"""Equal texts are embedded once, and the model is freed when all are."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag import build_index
from rag.embedding.encoder import load_encoder
from rag.indexing.chunk_vectors import _first_of_each

if TYPE_CHECKING:
    from pathlib import Path

    from rag.embedding.encoder import Encoder


@pytest.mark.parametrize("together", [1, 2, 7, 1000])
@pytest.mark.parametrize("kinds", [1, 5, 40, 10_000])
def test_the_first_wanted_chunk_of_each_text_is_found(
    kinds: int, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many keys are compared together."""
    chance = np.random.default_rng(kinds)
    pool = chance.integers(0, 256, (kinds, 16), dtype=np.uint8)
    keys = pool[chance.integers(0, kinds, 200)]
    wanted = np.where(chance.random(200) < 0.8, np.arange(200), -1)
    firsts: dict[bytes, int] = {}
    expected = [firsts.setdefault(keys[at].tobytes(), at) if wanted[at] >= 0 else -1 for at in range(200)]
    monkeypatch.setattr("rag.indexing.chunk_vectors._COMPARED_TOGETHER", together)
    assert _first_of_each(keys, wanted).tolist() == expected


def test_the_model_is_freed_before_the_index_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what writing needs takes its place."""
    made: list[weakref.ref[Encoder]] = []

    def loaded(name: str) -> Encoder:
        encoder = load_encoder(name)
        made.append(weakref.ref(encoder))
        return encoder

    def see(stage: str, _done: int, _total: int) -> None:
        if stage in ("embedding chunks", "writing the index"):
            there.setdefault(stage, made[0]() is not None)

    there: dict[str, bool] = {}
    monkeypatch.setattr("rag.indexing.chunk_vectors.load_encoder", loaded)
    (tmp_path / "mill.txt").write_text("The mill\n\nThe mill was built in 1794 by Josiah Crane.\n", encoding="utf-8")
    build_index([tmp_path / "mill.txt"], into=tmp_path / "index", progress=see)
    assert there == {"embedding chunks": True, "writing the index": False}
