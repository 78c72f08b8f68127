"""The vectors of the chunks on disk, and the nearest chunks by cosine. Only this room imports faiss.

    vectors.npy     float32 (n_chunks, dim), unit rows, as returned by the encoder; mapped, never read whole
    near.faiss      for many chunks: the vectors in 8 bits, in lists around centres, mapped

In a small index, all chunks are compared. In a large one, those in the lists nearest to the question are compared, and
the best of them once more by their exact vectors.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import weakref
from typing import TYPE_CHECKING, Any

from rag.errors import IndexDamaged
from rag.store.centres import blocks, drawn, find_centres, find_range, taken
from rag.store.mmap import mapped_array, release_arrays
from rag.store.plain_files import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import faiss
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

__all__ = ["DenseIndex"]

_VECTORS, _NEAR, _SAMPLE = "vectors.npy", "near.faiss", "sample.npy"
# the first bytes of the lists in a faiss file, and the seed of the sample from which faiss finds the range of numbers
_LISTS_MARK, _FAISS_SEED = b"ilar", 1234
# Comparing all takes 0.2 ms for 10,000 chunks, 1.9 for 50,000, 8.1 for 200,000 and 46 for 1,000,000 on one core; the
# lists take 2.1 and 7.5 for the last two (tests/benchmarks/bench.py). Up to this number all are compared, which is
# exact.
_EXACT_UP_TO = 50_000
# Number of lists: this times the square root of the number of chunks (faiss advises 4 to 16), and the share of them
# that is searched. Recall@10 on vectors of 20,000 sentences of blog posts, and slightly moved copies, is 0.97 with up
# to 128 of 894 or 1,264 lists, and 0.99 with a seventh or more.
_LISTS = 4
_LOOKED_AT = 1 / 6
# how many times the requested number is compared again
_COMPARED_AGAIN = 4
# chunks from which each centre is found; with 256, faiss's default, recall is the same and building takes 4 times as
# long
_CHUNKS_A_CENTRE, _ROUNDS, _SEED = 64, 10, 1
_REBUILD = "Build the index again: pullquote index."


class DenseIndex:
    """Inner-product search over unit vectors; row number is chunk id.

    ``vectors`` are float32 (n_chunks, dim), memory-mapped if the index was loaded.
    """

    def __init__(self, vectors: Vectors, near: faiss.Index | None = None) -> None:
        self.vectors = vectors
        self._near = near
        self._file = -1
        self._offset = 0

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """An index of vectors: float32 (n_chunks, dim), unit rows; they may be mapped from a file."""
        return cls(vectors, _lists(vectors) if len(vectors) > _EXACT_UP_TO else None)

    @classmethod
    def load(cls, folder: Path, *, lists: bool = True) -> DenseIndex:
        """Open a saved index; the caller has already checked the files' hashes.

        Without ``lists`` every vector is compared, because the library reads the file of lists without checking it.

        Raises:
            IndexDamaged: the vectors cannot be read.

        """
        import numpy as np

        path = folder / _VECTORS
        try:
            vectors = np.load(path, mmap_mode="r")
        except OSError as error:
            raise unreadable(path, error) from error
        except (ValueError, EOFError) as error:
            raise IndexDamaged("the vectors cannot be read", path=str(path), remedy=_REBUILD) from error
        if vectors.ndim != 2 or vectors.dtype != np.float32:  # noqa: PLR2004 - rows and columns
            raise IndexDamaged(
                "the vectors have another shape",
                path=str(path),
                expected="float32 (n_chunks, dim)",
                got=f"{vectors.dtype} {vectors.shape}",
                remedy=_REBUILD,
            )
        # a plain view: numpy's memmap class runs Python code at every access
        plain: Vectors = np.asarray(vectors)
        near = folder / _NEAR
        if not lists or not near.exists():
            return cls(plain)
        index = cls(plain, _read(near, plain))
        # single rows are read, because reading from a mapped file maps 64 KB, and these add up to the whole file
        index._file = os.open(path, os.O_RDONLY)
        index._offset = path.stat().st_size - plain.nbytes
        weakref.finalize(index, os.close, index._file)
        return index

    @classmethod
    def write(cls, vectors: Vectors, mapped: Path, folder: Path) -> None:
        """Write the index of vectors that are mapped in a file into a new folder, to which the file is moved.

        The files are those of ``build(vectors).save(folder)``, byte for byte, but little is in memory at a time.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if len(vectors) > _EXACT_UP_TO:
            _write_lists(vectors, folder)
        mapped.rename(folder / _VECTORS)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _VECTORS, self.vectors)
        if self._near is not None:
            import faiss

            faiss.write_index(self._near, str(folder / _NEAR))

    def __len__(self) -> int:
        """The number of chunks."""
        return len(self.vectors)

    def search(self, vector: Vectors, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and cosines, nearest first, equal ones by chunk id.

        ``vector`` is float32 (dim,), a unit vector; ``among`` restricts the search to these chunk ids.
        """
        import faiss
        import numpy as np

        # one thread: two save nothing if others need the second core, and one adds in a fixed order
        faiss.omp_set_num_threads(1)
        query = vector.reshape(1, -1)
        ids = None if among is None else np.asarray(among, dtype=np.int64)
        if ids is None and self._near is not None and limit > 0:
            close = self._near.search(query, limit * _COMPARED_AGAIN)[1][0]
            ids = np.sort(close[close >= 0])
        vectors = self.vectors if ids is None else self._rows(ids)
        limit = min(limit, len(vectors))
        if limit <= 0:
            return []
        scores, rows = faiss.knn(query, vectors, limit, metric=faiss.METRIC_INNER_PRODUCT)
        found = rows[0] if ids is None else ids[rows[0]]
        pairs = [(int(i), float(s)) for i, s in zip(found, scores[0], strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _rows(self, ids: npt.NDArray[np.int64]) -> Vectors:
        import numpy as np

        if self._file < 0:
            return self.vectors[ids]
        size = self.vectors.shape[1] * self.vectors.itemsize
        read = b"".join(os.pread(self._file, size, self._offset + row * size) for row in ids.tolist())
        return np.frombuffer(read, np.float32).reshape(len(ids), self.vectors.shape[1])


def _lists(vectors: Vectors) -> faiss.Index:
    """8-bit vectors in lists around centres; the same vectors give the same bytes."""
    near: faiss.Index = _trained(vectors, None)
    for start in range(0, len(vectors), _EXACT_UP_TO):
        near.add(vectors[start : start + _EXACT_UP_TO])
    return near


def _trained(vectors: Vectors, folder: Path | None) -> Any:  # noqa: ANN401 - faiss's types do not cover lists
    """Empty lists around centres; sampled vectors are mapped in ``folder``, if one is given.

    What faiss would draw from the sample, for the centres and for the range of the numbers, is drawn here with faiss's
    own generator.
    """
    import faiss
    import numpy as np

    number = int(_LISTS * math.sqrt(len(vectors)))
    dim = vectors.shape[1]
    near: Any = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, number, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    # spread over all vectors, because those of one page are side by side
    rows = np.arange(0, len(vectors), max(len(vectors) // (number * _CHUNKS_A_CENTRE), 1))
    with _sample(vectors, drawn(rows, number * _CHUNKS_A_CENTRE, _SEED), folder) as sample:
        find_centres(sample, number, near.quantizer, rounds=_ROUNDS, seed=_SEED)
    ranged = find_range(_blocks(vectors, drawn(rows, near.train_encoder_num_vectors(), _FAISS_SEED)), near.quantizer)
    faiss.copy_array_to_vector(ranged, near.sq.trained)
    near.is_trained = True
    near.nprobe = max(int(number * _LOOKED_AT), 1)
    return near


@contextlib.contextmanager
def _sample(vectors: Vectors, rows: npt.NDArray[np.int64], folder: Path | None) -> Iterator[Vectors]:
    """Some of the vectors, contiguous: in memory, or mapped in a temporary file in the folder."""
    import numpy as np

    found: Vectors = (
        np.empty((len(rows), vectors.shape[1]), np.float32)
        if folder is None
        else mapped_array(folder / _SAMPLE, np.float32, (len(rows), vectors.shape[1]))
    )
    start = 0
    for block in _blocks(vectors, rows):
        found[start : start + len(block)] = block
        start += len(block)
        release_arrays(found)
    yield np.asarray(found)
    release_arrays(found)
    if folder is not None:
        (folder / _SAMPLE).unlink()


def _blocks(vectors: Vectors, rows: npt.NDArray[np.int64]) -> Iterator[Vectors]:
    """Some of the vectors, a block at a time."""
    return (taken(vectors, rows[block]) for block in blocks(len(rows)))


def _write_lists(vectors: Vectors, folder: Path) -> None:
    """Write the file of `_lists` with little in memory: as faiss does, list by list, but from blocks in files."""
    import faiss
    import numpy as np

    near = _trained(vectors, folder)
    size = int(near.code_size)
    with tempfile.TemporaryFile(dir=folder) as codes, tempfile.TemporaryFile(dir=folder) as ids:
        counts = []  # how many of each block's vectors are in each list
        for start in range(0, len(vectors), _EXACT_UP_TO):
            block = vectors[start : start + _EXACT_UP_TO]
            for some in blocks(len(block)):
                near.reset()
                near.add_with_ids(block[some], np.arange(start + some.start, start + some.stop, dtype=np.int64))
                release_arrays(vectors)
                held = near.invlists
                counts.append(np.array([held.list_size(number) for number in range(near.nlist)], np.uint16))
                for number in np.flatnonzero(counts[-1]).tolist():
                    count = int(counts[-1][number])
                    codes.write(faiss.rev_swig_ptr(held.get_codes(number), count * size).tobytes())
                    ids.write(faiss.rev_swig_ptr(held.get_ids(number), count).tobytes())
        near.reset()
        sizes = np.stack(counts)
        in_lists = sizes.sum(axis=0, dtype=np.int64)
        if np.count_nonzero(in_lists) * 2 <= near.nlist:  # faiss writes these differently: many equal vectors
            faiss.write_index(_lists(vectors), str(folder / _NEAR))
            return
        near.ntotal = len(vectors)
        head = faiss.serialize_index(near).tobytes()
        with (folder / _NEAR).open("wb") as file:
            file.write(head[: head.rindex(_LISTS_MARK)] + _LISTS_MARK)
            for part in (np.array([near.nlist, size]), b"full", np.array([near.nlist]), in_lists):
                file.write(part if isinstance(part, bytes) else part.astype("<u8").tobytes())
            codes.flush()
            ids.flush()
            held_by_blocks = sizes.sum(axis=1, dtype=np.int64)
            at = np.cumsum(held_by_blocks) - held_by_blocks  # where the next list of each block begins in the files
            for here in sizes.T:
                for source, width in ((codes, size), (ids, 8)):
                    for count, place in zip(here.tolist(), at.tolist(), strict=True):
                        file.write(os.pread(source.fileno(), count * width, place * width))
                at += here


def _read(path: Path, vectors: Vectors) -> faiss.Index:
    import faiss

    try:
        near = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise IndexDamaged("faiss cannot read the lists", path=str(path), remedy=_REBUILD) from error
    if near.ntotal != len(vectors) or near.d != vectors.shape[1]:
        raise IndexDamaged(
            "the lists do not belong to the vectors",
            path=str(path),
            expected=f"{len(vectors)} of {vectors.shape[1]} numbers",
            got=f"{near.ntotal} of {near.d}",
            remedy=_REBUILD,
        )
    return near
