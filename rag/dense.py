"""The vectors of the chunks in a FAISS index: nearest chunks by cosine. faiss is imported here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import faiss
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

__all__ = ["DenseIndex"]


class DenseIndex:
    """Exact inner-product search over unit vectors; row number is chunk id."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """Index of vectors: float32 (n_chunks, dim), unit rows."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Open a saved index; the caller has checked the file's hash before.

        Raises:
            IndexDamaged: faiss cannot read the file.

        """
        import faiss

        try:
            return cls(faiss.read_index(str(path)))
        except RuntimeError as error:
            raise IndexDamaged(
                "faiss cannot read the vectors", path=str(path), remedy="Build the index again: pullquote index."
            ) from error

    def save(self, path: Path) -> None:
        """Write the index to a file."""
        import faiss

        faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        """Give the number of chunks."""
        return int(self._index.ntotal)

    def search(self, vector: Vectors, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and cosines, nearest first, equal ones by chunk id.

        ``vector`` is float32 (dim,), a unit vector; ``among`` restricts the search to these chunk ids.
        """
        import faiss
        import numpy as np

        limit = min(limit, len(self) if among is None else len(among))
        if limit <= 0:
            return []
        parameters = None
        if among is not None:
            chosen = faiss.IDSelectorBatch(np.asarray(among, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=chosen)  # type: ignore[call-arg]
        scores, ids = self._index.search(vector.reshape(1, -1), limit, params=parameters)
        found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))
