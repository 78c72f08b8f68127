"""Nearest chunks: exact, in a settled order, from vectors that are kept as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from rag.dense import DenseIndex
from rag.errors import IndexDamaged

if TYPE_CHECKING:
    from pathlib import Path


def _unit(rows: int, dim: int = 16, seed: int = 1) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_nearest_come_first_with_their_cosines() -> None:
    """What the index finds is what multiplying everything finds."""
    vectors = _unit(200)
    question = _unit(1, seed=2)[0]
    found = DenseIndex.build(vectors).search(question, 10)
    cosines = vectors @ question
    assert [chunk for chunk, _ in found] == np.argsort(-cosines)[:10].tolist()
    assert np.allclose([cosine for _, cosine in found], np.sort(cosines)[::-1][:10], atol=1e-6)


def test_equal_ones_stand_by_chunk_id() -> None:
    """Chunks with one vector are found in one order."""
    vectors = np.repeat(_unit(3), 4, axis=0)
    found = DenseIndex.build(vectors).search(vectors[0], 12)
    assert [chunk for chunk, _ in found[:4]] == [0, 1, 2, 3]


def test_a_search_among_some_finds_only_these_with_the_same_cosines() -> None:
    """Narrowed to one post, the numbers of its chunks stay."""
    index = DenseIndex.build(_unit(50))
    question = _unit(1, seed=3)[0]
    every = dict(index.search(question, 50))
    found = index.search(question, 10, among=[7, 3, 40])
    assert {chunk: every[chunk] for chunk in (3, 7, 40)} == dict(found)
    assert index.search(question, 10, among=[]) == []


def test_vectors_come_back_bit_by_bit(tmp_path: Path) -> None:
    """A build may reuse what an earlier one computed."""
    vectors = _unit(20)
    DenseIndex.build(vectors).save(tmp_path / "chunks")
    loaded = DenseIndex.load(tmp_path / "chunks")
    assert loaded.vectors.tobytes() == vectors.tobytes()
    assert isinstance(loaded.vectors, np.memmap)
    assert loaded.search(vectors[5], 3) == DenseIndex.build(vectors).search(vectors[5], 3)


@pytest.mark.parametrize("content", [b"", b"no array", None])
def test_vectors_that_cannot_be_read_are_a_damaged_index(tmp_path: Path, content: bytes | None) -> None:
    """Never a traceback."""
    if content is not None:
        (tmp_path / "vectors.npy").write_bytes(content)
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path)
