"""Equal texts are embedded once."""

from __future__ import annotations

import numpy as np
import pytest

from rag.indexing.chunk_vectors import _first_of_each


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
