"""Centres of vectors and the range of what is left of them: what faiss finds, bit for bit, a block at a time.

faiss goes through its whole sample many times, and all of it is in memory then: 400 MB for a million chunks. Here the
sample is in a file, and only one block of it is in memory.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rag.store.mmap import release_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator

    import faiss
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Counts = npt.NDArray[np.float32]
    Rows = npt.NDArray[np.int64]

__all__ = ["blocks", "drawn", "find_centres", "find_range", "taken"]

# Vectors compared with the centres at once: 25 MB with their 384 numbers and the products. It is a multiple of 4,096,
# because faiss multiplies so many at a time, and a vector's last digits depend on how many are multiplied with it.
_BLOCK = 8192
_TOGETHER = 4096
# Scattered vectors read at once: reading one from a mapped file may map 2 MB around it.
_SCATTERED = 16
# vectors less their centres at once: 1.5 MB
_SUBTRACTED = 1024
# The seed with which faiss splits a large list for an empty one, and by how much it moves the two centres apart.
_SPLIT_SEED, _APART = 1234, 1 / 1024
# Tries to draw a list to split, for each list there is; after these faiss takes the largest.
_TRIES = 10


def blocks(number: int) -> Iterator[slice]:
    """Slices of this many vectors, so that faiss calculates for each vector what it does for all at once."""
    starts = list(range(0, number, _BLOCK))
    if len(starts) > 1 and number - starts[-1] < _TOGETHER:
        starts.pop()  # a few vectors alone are multiplied in another way
    yield from (slice(start, end) for start, end in pairwise([*starts, number]))


def drawn(rows: Rows, most: int, seed: int) -> Rows:
    """The rows that faiss draws with a seed, if there are more than ``most``."""
    import faiss
    import numpy as np

    if len(rows) <= most:
        return rows
    order = np.empty(len(rows), np.int32)
    faiss.rand_perm(faiss.swig_ptr(order), len(rows), seed)  # type: ignore[attr-defined]  # faiss's types lack it
    return rows[order[:most]]


def taken(vectors: Vectors, rows: Rows) -> Vectors:
    """A copy of some rows of vectors, which may be mapped from a file."""
    import numpy as np

    found: Vectors = np.empty((len(rows), vectors.shape[1]), np.float32)
    for at in range(0, len(rows), _SCATTERED):
        found[at : at + _SCATTERED] = vectors[rows[at : at + _SCATTERED]]
        release_arrays(vectors)
    return found


def find_centres(sample: Vectors, number: int, quantizer: faiss.Index, *, rounds: int, seed: int) -> None:
    """Fill an empty quantizer with the centres that faiss's spherical k-means finds, ``number`` of them.

    ``sample`` is float32 (n, dim), unit rows, more than there are centres; it may be mapped from a file.
    """
    import numpy as np

    _fill(quantizer, taken(sample, drawn(np.arange(len(sample)), number, seed + 1)))
    before = None
    for _ in range(rounds):
        centres, counts, nearness = _moved(sample, number, quantizer)
        _split(centres, counts, len(sample))
        _fill(quantizer, centres)
        if nearness == before:
            break
        before = nearness


def _fill(quantizer: faiss.Index, centres: Vectors) -> None:
    import faiss

    faiss.normalize_L2(centres)
    quantizer.reset()
    quantizer.add(centres)


def _moved(sample: Vectors, number: int, quantizer: faiss.Index) -> tuple[Vectors, Counts, np.float32]:
    """The mean of the vectors nearest to each centre, how many they are, and the sum of all their cosines.

    They are added one after another, because any other order would change the last digits.
    """
    import numpy as np

    means: Vectors = np.zeros((number, sample.shape[1]), np.float32)
    counts, nearness = np.zeros(number, np.float32), np.zeros(1, np.float32)
    for block in blocks(len(sample)):
        cosines, homes = quantizer.search(sample[block], 1)
        np.add.at(means, homes[:, 0], sample[block])
        np.add.at(counts, homes[:, 0], np.float32(1))
        nearness = np.cumsum(np.append(nearness, cosines), dtype=np.float32)[-1:]
        release_arrays(sample)
    held = counts > 0
    means[held] *= (np.float32(1) / counts[held])[:, None]
    return means, counts, nearness[0]


def _split(centres: Vectors, counts: Counts, vectors: int) -> None:
    """Give each empty list half of another one, drawn by the number of its vectors."""
    import faiss
    import numpy as np

    number, dim = centres.shape
    rest = float(np.float32(vectors - number))
    draws = faiss.RandomGenerator(_SPLIT_SEED)  # type: ignore[attr-defined]  # faiss's types lack it
    apart = np.float32(1) + np.where(np.arange(dim) % 2, -_APART, _APART).astype(np.float32)
    for empty in np.flatnonzero(counts == 0).tolist():
        chances = ((counts.astype(np.float64) - 1) / rest).astype(np.float32).tolist()
        tries = (place % number for place in range(_TRIES * number))
        full = next((place for place in tries if draws.rand_float() < chances[place]), int(counts.argmax()))
        centres[empty] = centres[full] * apart
        centres[full] *= np.float32(2) - apart
        counts[empty] = counts[full] / np.float32(2)
        counts[full] -= counts[empty]


def find_range(some: Iterator[Vectors], quantizer: faiss.Index) -> Vectors:
    """The smallest number in each column of vectors less their centres, and the width of its range.

    ``some`` are blocks of vectors, float32 (n, dim), cut like ``blocks``; returns float32 (2 dim,).
    """
    import numpy as np

    dim = quantizer.d
    centres = quantizer.reconstruct_n(0, quantizer.ntotal)
    low, high = np.full(dim, np.inf, np.float32), np.full(dim, -np.inf, np.float32)
    for vectors in some:
        homes = quantizer.search(vectors, 1)[1][:, 0]
        for at in range(0, len(vectors), _SUBTRACTED):
            left = vectors[at : at + _SUBTRACTED] - centres[homes[at : at + _SUBTRACTED]]
            low, high = np.minimum(low, left.min(axis=0)), np.maximum(high, left.max(axis=0))
    return np.concatenate([low, high - low])
