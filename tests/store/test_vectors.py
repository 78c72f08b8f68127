"""Nearest chunks: exact, in a fixed order, from vectors stored unchanged."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import faiss
import numpy as np
import pytest
from mapped import mapped_bytes

import rag.store.centres
import rag.store.vectors
from rag.errors import IndexDamaged
from rag.store.mmap import mapped_array, release_arrays
from rag.store.vectors import DenseIndex

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


def test_equal_ones_are_in_the_order_of_chunk_ids() -> None:
    """Chunks with one vector are found in one order."""
    vectors = np.repeat(_unit(3), 4, axis=0)
    found = DenseIndex.build(vectors).search(vectors[0], 12)
    assert [chunk for chunk, _ in found[:4]] == [0, 1, 2, 3]


def test_a_search_among_some_finds_only_these_with_the_same_cosines() -> None:
    """Restricted to one post, its chunks keep their numbers."""
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
    assert isinstance(loaded.vectors.base, np.memmap)
    assert loaded.search(vectors[5], 3) == DenseIndex.build(vectors).search(vectors[5], 3)


@pytest.mark.parametrize("content", [b"", b"no array", None])
def test_vectors_that_cannot_be_read_are_a_damaged_index(tmp_path: Path, content: bytes | None) -> None:
    """Never a traceback."""
    if content is not None:
        (tmp_path / "vectors.npy").write_bytes(content)
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Vectors in clusters, like those of texts, and so many that they are put into lists."""
    monkeypatch.setattr(rag.store.vectors, "_EXACT_UP_TO", 1000)
    heaps = np.repeat(_unit(100, dim=64), 40, axis=0)
    found = heaps + 0.15 * np.random.default_rng(2).standard_normal(heaps.shape).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_of_many_the_nearest_are_found_with_their_exact_cosines(tmp_path: Path, many: np.ndarray) -> None:
    """Nearly all that comparing everything finds, and the exact cosines."""
    DenseIndex.build(many).save(tmp_path)
    index, exact = DenseIndex.load(tmp_path), DenseIndex(many)
    assert (tmp_path / "near.faiss").exists()
    assert index.vectors.tobytes() == many.tobytes()
    shared = 0
    for row in range(0, len(many), 80):
        question = many[row] + 0.1 * many[row - 41]
        question /= np.linalg.norm(question)
        expected = dict(exact.search(question, 50))
        found = index.search(question, 10)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        shared += len(set(found) & set(list(expected.items())[:10]))
        assert all(expected.get(chunk, cosine) == cosine for chunk, cosine in found)
    assert shared >= 0.98 * 500
    assert index.search(many[0], 2, among=[7, 9]) == exact.search(many[0], 2, among=[7, 9])


def test_the_same_vectors_make_the_same_lists(tmp_path: Path, many: np.ndarray) -> None:
    """Byte for byte, with one thread or two."""
    for threads in (1, 2):
        faiss.omp_set_num_threads(threads)
        DenseIndex.build(many).save(tmp_path / str(threads))
    assert (tmp_path / "1/near.faiss").read_bytes() == (tmp_path / "2/near.faiss").read_bytes()


@pytest.mark.parametrize("damage", ["cut", "of others"])
def test_lists_that_cannot_be_used_are_a_damaged_index(tmp_path: Path, many: np.ndarray, damage: str) -> None:
    """Never a traceback, and never another heap's chunks."""
    DenseIndex.build(many).save(tmp_path)
    if damage == "cut":
        (tmp_path / "near.faiss").write_bytes((tmp_path / "near.faiss").read_bytes()[:2000])
    else:
        np.save(tmp_path / "vectors.npy", many[:50])
    with pytest.raises(IndexDamaged):
        DenseIndex.load(tmp_path)


@pytest.mark.parametrize("centre", [64, 4])
def test_lists_written_in_blocks_are_those_of_faiss(
    tmp_path: Path, many: np.ndarray, centre: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte what faiss makes in memory and writes itself, even with a sample that it would draw from."""
    monkeypatch.setattr(rag.store.vectors, "_CHUNKS_A_CENTRE", centre)
    near = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(64), 64, 252, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    near.cp.niter, near.cp.seed, near.cp.max_points_per_centroid = 10, 1, centre
    near.train(many[:: max(len(many) // (252 * centre), 1)])
    near.add(many)
    near.nprobe = 42
    faiss.write_index(near, str(tmp_path / "by-faiss"))
    mapped = mapped_array(tmp_path / "mapped.npy", np.float32, many.shape)
    mapped[:] = many
    DenseIndex.write(mapped, tmp_path / "mapped.npy", tmp_path / "chunks")
    DenseIndex.build(many).save(tmp_path / "built")
    for name in ("near.faiss", "vectors.npy"):
        assert (tmp_path / "chunks" / name).read_bytes() == (tmp_path / "built" / name).read_bytes()
    assert (tmp_path / "chunks/near.faiss").read_bytes() == (tmp_path / "by-faiss").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built", "by-faiss", "chunks"]
    assert sorted(path.name for path in (tmp_path / "chunks").iterdir()) == ["near.faiss", "vectors.npy"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much of a mapped file is in memory")
def test_lists_are_written_with_a_block_of_vectors_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are; the bytes are those of all at once."""
    rows, dim, block = 40_000, 64, 4_096
    monkeypatch.setattr(rag.store.vectors, "_EXACT_UP_TO", rows // 2)
    monkeypatch.setattr(rag.store.vectors, "_CHUNKS_A_CENTRE", 4)
    monkeypatch.setattr(rag.store.centres, "_BLOCK", block)
    seen = []

    def release(*arrays: np.ndarray) -> None:
        seen.append(mapped_bytes(tmp_path / "mapped.npy"))
        release_arrays(*arrays)

    mapped = mapped_array(tmp_path / "mapped.npy", np.float32, (rows, dim))
    mapped[:] = _unit(rows, dim)
    DenseIndex.build(mapped).save(tmp_path / "built")
    release_arrays(mapped)
    monkeypatch.setattr(rag.store.vectors, "release_arrays", release)
    DenseIndex.write(mapped, tmp_path / "mapped.npy", tmp_path / "chunks")
    assert (tmp_path / "chunks/near.faiss").read_bytes() == (tmp_path / "built/near.faiss").read_bytes()
    assert len(seen) > 2 * rows // 2 // block
    assert max(seen) < 3 * block * dim * 4 < rows * dim * 4 / 3


def test_lists_of_equal_vectors_are_those_of_faiss(tmp_path: Path, many: np.ndarray) -> None:
    """Most lists are empty then, and faiss writes them differently."""
    same = np.repeat(many[:3], 500, axis=0)
    mapped = mapped_array(tmp_path / "mapped.npy", np.float32, same.shape)
    mapped[:] = same
    DenseIndex.write(mapped, tmp_path / "mapped.npy", tmp_path / "chunks")
    DenseIndex.build(same).save(tmp_path / "built")
    assert (tmp_path / "chunks/near.faiss").read_bytes() == (tmp_path / "built/near.faiss").read_bytes()
