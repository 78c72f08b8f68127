"""Centres and ranges found block by block are those of faiss, bit for bit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import faiss
import numpy as np
import pytest
from mapped import mapped_bytes

import rag.store.centres
from rag.store.centres import blocks, find_centres, find_range
from rag.store.mmap import mapped_array

if TYPE_CHECKING:
    from pathlib import Path

_ROUNDS, _SEED = 5, 1


def _in_clusters(rows: int, dim: int = 32) -> np.ndarray:
    draws = np.random.default_rng(rows)
    found = draws.standard_normal((40, dim))[draws.integers(0, 40, rows)] + 0.3 * draws.standard_normal((rows, dim))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("rows", [3_000, 4_096 * 2, 4_096 * 2 + 5, 4_096 * 3 - 1])
def test_blocks_are_whole_and_none_is_small(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row once, and no remainder that faiss would multiply in another way."""
    monkeypatch.setattr(rag.store.centres, "_BLOCK", 4_096)
    found = list(blocks(rows))
    assert np.concatenate([np.arange(rows)[block] for block in found]).tolist() == list(range(rows))
    assert all(block.start % 4_096 == 0 for block in found)
    assert min(block.stop - block.start for block in found) >= min(rows, 4_096)


@pytest.mark.parametrize("rows", [3_000, 4_096 * 2 + 5, 4_096 * 3 - 1])
@pytest.mark.parametrize("kinds", [None, 30])
def test_centres_are_those_of_faiss(rows: int, kinds: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if many vectors are equal, so that lists are empty and others are split."""
    monkeypatch.setattr(rag.store.centres, "_BLOCK", 4_096)
    sample = _in_clusters(rows)[np.arange(rows) % (kinds or rows)]
    number = 50
    theirs, ours = (faiss.IndexFlatIP(sample.shape[1]) for _ in range(2))
    wanted = faiss.Clustering(sample.shape[1], number)
    wanted.niter, wanted.seed, wanted.spherical, wanted.max_points_per_centroid = _ROUNDS, _SEED, True, rows
    wanted.train(sample, theirs)
    find_centres(sample, number, ours, rounds=_ROUNDS, seed=_SEED)
    assert ours.reconstruct_n(0, number).tobytes() == theirs.reconstruct_n(0, number).tobytes()


@pytest.mark.parametrize("rows", [3_000, 4_096 * 2 + 5])
def test_the_range_is_that_of_faiss(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit for bit, from blocks."""
    monkeypatch.setattr(rag.store.centres, "_BLOCK", 4_096)
    vectors = _in_clusters(rows)
    dim = vectors.shape[1]
    near = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, 50, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    near.train(vectors)
    found = find_range((vectors[block] for block in blocks(rows)), near.quantizer)
    assert found.tobytes() == faiss.vector_to_array(near.sq.trained).tobytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much of a mapped file is in memory")
def test_only_a_block_of_the_sample_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the sample is."""
    monkeypatch.setattr(rag.store.centres, "_BLOCK", 4_096)
    rows, dim = 40_000, 64
    sample = mapped_array(tmp_path / "sample.npy", np.float32, (rows, dim))
    sample[:] = _in_clusters(rows, dim)
    quantizer, seen = faiss.IndexFlatIP(dim), []
    search = quantizer.search

    def watched(*asked: object) -> object:
        found = search(*asked)
        seen.append(mapped_bytes(tmp_path / "sample.npy"))
        return found

    monkeypatch.setattr(quantizer, "search", watched)
    find_centres(sample, 300, quantizer, rounds=2, seed=_SEED)
    # a block, the vectors added to it at the end, and what the system maps around them
    assert len(seen) > 10
    assert max(seen) < 3 * 4_096 * dim * 4 < rows * dim * 4 / 3
