"""The vectors of the chunks on disk and nearest chunks by cosine. faiss is imported here and nowhere else.

vectors.npy     float32 (n_chunks, dim), unit rows, as the encoder gave them; mapped, never read whole
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

__all__ = ["DenseIndex"]

_VECTORS = "vectors.npy"


class DenseIndex:
    """Exact inner-product search over unit vectors; row number is chunk id.

    ``vectors`` are float32 (n_chunks, dim), memory-mapped where the index was loaded.
    """

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors

    @classmethod
    def build(cls, vectors: Vectors) -> DenseIndex:
        """Index of vectors: float32 (n_chunks, dim), unit rows; they may be mapped from a file."""
        return cls(vectors)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Open a saved index; the caller has checked the files' hashes before.

        Raises:
            IndexDamaged: the vectors cannot be read.

        """
        import numpy as np

        path = folder / _VECTORS
        try:
            vectors = np.load(path, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged(
                "the vectors cannot be read", path=str(path), remedy="Build the index again: pullquote index."
            ) from error
        if vectors.ndim != 2 or vectors.dtype != np.float32:  # noqa: PLR2004 - rows and columns
            raise IndexDamaged(
                "the vectors have another shape",
                path=str(path),
                expected="float32 (n_chunks, dim)",
                got=f"{vectors.dtype} {vectors.shape}",
                remedy="Build the index again: pullquote index.",
            )
        return cls(vectors)

    def save(self, folder: Path) -> None:
        """Write the index into a folder, which is made."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _VECTORS, self.vectors)

    def __len__(self) -> int:
        """Give the number of chunks."""
        return len(self.vectors)

    def search(self, vector: Vectors, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and cosines, nearest first, equal ones by chunk id.

        ``vector`` is float32 (dim,), a unit vector; ``among`` restricts the search to these chunk ids.
        """
        import faiss
        import numpy as np

        ids = None if among is None else np.asarray(among, dtype=np.int64)
        vectors = self.vectors if ids is None else self.vectors[ids]
        limit = min(limit, len(vectors))
        if limit <= 0:
            return []
        scores, rows = faiss.knn(vector.reshape(1, -1), vectors, limit, metric=faiss.METRIC_INNER_PRODUCT)
        found = rows[0] if ids is None else ids[rows[0]]
        pairs = [(int(i), float(s)) for i, s in zip(found, scores[0], strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
