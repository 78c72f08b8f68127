"""The words of the chunks in a BM25 index (bm25s): best chunks by shared rare words, and how rare each word is.

bm25s is imported here and nowhere else.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["LexicalIndex"]

# Robertson and Zaragoza 2009 give 1.2 to 2.0 and 0.75 as good for most collections; on 240 questions over blog posts,
# encyclopaedia paragraphs and the seed pages other values changed the share of right chunks in the first ten by < 0.01
_K1 = 1.2
_B = 0.75


class LexicalIndex:
    """BM25 scores of chunks for stemmed words; row number is chunk id."""

    def __init__(self, bm25: object) -> None:
        self._bm25 = bm25
        self._vocabulary: dict[str, int] = bm25.vocab_dict  # type: ignore[attr-defined]
        self._borders = bm25.scores["indptr"]  # type: ignore[attr-defined]
        self._chunks = int(bm25.scores["num_docs"])  # type: ignore[attr-defined]

    @classmethod
    def build(cls, stems: Sequence[Sequence[str]]) -> LexicalIndex:
        """Index of the stems of each chunk, in order."""
        import bm25s

        vocabulary = {stem: number for number, stem in enumerate(sorted({stem for row in stems for stem in row}))}
        # a word of its own, so that an empty heap can be indexed as well
        vocabulary.setdefault("", len(vocabulary))
        ids = [[vocabulary[stem] for stem in row] or [vocabulary[""]] for row in stems]
        bm25 = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        bm25.index((ids, vocabulary), show_progress=False)
        return cls(bm25)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open a saved index with its arrays memory-mapped.

        Raises:
            IndexDamaged: a file is missing or cannot be read.

        """
        import bm25s

        try:
            return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False))
        except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise IndexDamaged(
                "the word index cannot be read", path=str(folder), remedy="Build the index again: pullquote index."
            ) from error

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        self._bm25.save(folder, show_progress=False)  # type: ignore[attr-defined]

    def __len__(self) -> int:
        """Give the number of chunks."""
        return self._chunks

    def search(self, stems: Sequence[str], limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and BM25 scores above zero, best first, equal ones by chunk id.

        ``among`` restricts the search to these chunk ids.
        """
        import numpy as np

        known = sorted({self._vocabulary[stem] for stem in stems if stem in self._vocabulary})
        if not known:
            return []
        scores = self._bm25.get_scores_from_ids(known)  # type: ignore[attr-defined]
        ids = np.flatnonzero(scores > 0) if among is None else np.asarray(sorted(among), dtype=np.int64)
        if len(ids) > limit:
            ids = ids[np.argpartition(-scores[ids], limit - 1)[:limit]]
        found = [(int(i), float(scores[i])) for i in ids if scores[i] > 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def frequency(self, stem: str) -> int:
        """Give the number of chunks that hold the stem."""
        number = self._vocabulary.get(stem)
        return 0 if number is None else int(self._borders[number + 1] - self._borders[number])

    def rarity(self, stem: str) -> float:
        """Inverse document frequency of a stem: 0.0 or less in every chunk, just below 1.0 in none."""
        return math.log((self._chunks + 1) / (self.frequency(stem) + 1)) / math.log(self._chunks + 2)
