"""The two searches of a snapshot on a Milvus server, with the same results as in a folder.

The server finds the nearest chunks and returns their vectors and weights, which are summed here as in a folder, so that
scores are equal to the last bit and ties are broken the same way.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from rag.store.bm25 import rarity
from rag.store.milvus.client import MOST_HITS, Server
from rag.store.milvus.received import checking, hits, vectors, weights
from rag.store.milvus.schema import Collections, Keys, bucket_of, read_records
from rag.store.sound_rows import require, rows_of
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.store.manifest import Manifest

    Pairs = list[tuple[int, float]]

__all__ = ["MilvusDense", "MilvusWords", "rows_by_key"]

# extra hits requested, so that none is lost to the server's rounding
_SPARE = 16
# scores closer than this may be swapped by rounding: float32 sums of some hundred terms differ by a tenth of this
_ROUNDING = 1e-5
# rows fetched by key in one call; 512 vectors are under 1 MB
_ROWS = 512
_STEMS_KEPT = 20_000  # looked-up stems that are cached, 2 MB


class MilvusDense:
    """Nearest chunks by cosine."""

    def __init__(self, server: Server, collection: str, layout: dict[str, object], manifest: Manifest) -> None:
        self._server = server
        self._collection = collection
        self._layout = layout
        self._manifest = manifest

    def search(self, vector: npt.NDArray[np.float32], limit: int, among: Sequence[int] | None = None) -> Pairs:
        """Chunk ids and cosines, nearest first, equal ones by chunk id; ``vector`` float32 (dim,), a unit vector.

        ``among`` restricts the search to these chunk ids.
        """

        def scored(rows: Sequence[dict[str, object]], name: str) -> Pairs:
            if not rows:
                return []
            ids = sorted((int(str(row[name])), place) for place, row in enumerate(rows))
            hits(self._manifest, [one for one, _ in ids])
            near = vectors(self._manifest, [rows[place]["vector"] for _, place in ids])
            found = DenseIndex.build(near).search(vector, len(ids))
            return [(ids[place][0], score) for place, score in found]

        if among is not None:
            with checking(self._server.address):
                rows = list(rows_by_key(self._server, self._collection, among, ["chunk", "vector"]))
                return scored(rows, "chunk")[:limit]

        def ask(wanted: int) -> Sequence[dict[str, object]]:
            exact = self._layout["dense"] == "FLAT"
            settings = {} if exact else {"ef": max(2 * wanted, 200)}
            return self._server.search(self._collection, "vector", vector, wanted, settings)

        with checking(self._server.address):
            return _best(ask, lambda rows: scored(rows, "id"), limit)

    def fetch(self, into: npt.NDArray[np.float32]) -> None:
        """Read the vectors of all chunks: float32 (n_chunks, dim)."""
        import numpy as np

        for row in rows_by_key(self._server, self._collection, range(len(into)), ["chunk", "vector"]):
            into[int(str(row["chunk"]))] = np.asarray(row["vector"], np.float32)


class MilvusWords:
    """Finds the best chunks by shared rare words, and how rare each word is."""

    def __init__(self, server: Server, collections: Collections, layout: dict[str, object], manifest: Manifest) -> None:
        self._server = server
        self._collections = collections
        self._buckets = int(str(layout["buckets"]))
        self._manifest = manifest
        self._known: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def search(self, stems: Sequence[str], limit: int, among: Sequence[int] | None = None) -> Pairs:
        """Chunk ids and BM25 scores above zero, best first, equal ones by chunk id.

        ``among`` restricts the search to these chunk ids.
        """
        numbers = sorted({number for number, _ in self._looked_up(stems).values() if number >= 0})
        if not numbers:
            return []

        def scored(rows: Sequence[dict[str, object]], name: str) -> Pairs:
            found = [(int(str(row[name])), _sum(weights(row["weights"]), numbers)) for row in rows]
            hits(self._manifest, [one for one, _ in found])
            return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))

        with checking(self._server.address):
            if among is not None:
                rows = list(rows_by_key(self._server, self._collections.words, among, ["chunk", "weights"]))
                return scored(rows, "chunk")[:limit]
            query = dict.fromkeys(numbers, 1.0)
            return _best(
                lambda wanted: self._server.search(self._collections.words, "weights", query, wanted, {}),
                lambda rows: scored(rows, "id"),
                limit,
            )

    def frequency(self, stem: str) -> int:
        """The number of chunks with the stem."""
        return self._looked_up([stem])[stem][1]

    def rarity(self, stem: str) -> float:
        """Inverse document frequency of a stem: 0.0 or less if in every chunk, just below 1.0 if in none."""
        return rarity(self.frequency(stem), self._manifest.chunks)

    def stems(self) -> Iterator[tuple[str, int]]:
        """Every stem in order, with the number of chunks that have it; reads the whole table of words."""
        keys = [Keys.words(place) for place in range(self._buckets)]
        read = read_records(self._server, self._collections.records, keys)
        return iter(sorted((stem, times) for text in read.values() for stem, _, times in self._words(text)))

    def _words(self, text: str) -> list[tuple[str, int, int]]:
        """The stems of a bucket, each with its number and the number of chunks that have it."""
        with checking(self._server.address):
            rows = [(stem, number, times) for stem, number, times in rows_of(text, (str, int, int))]
            require(
                all(number >= 0 <= times <= self._manifest.chunks for _, number, times in rows), "a word in no chunk"
            )
        return rows

    def _looked_up(self, stems: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Number, or -1, and number of chunks of each stem."""
        with self._lock:
            found = {stem: self._known[stem] for stem in stems if stem in self._known}
        unknown = {stem for stem in stems if stem not in found}
        if unknown:
            buckets = {Keys.words(bucket_of(stem, self._buckets)) for stem in unknown}
            read = read_records(self._server, self._collections.records, sorted(buckets))
            held = {stem: (number, times) for text in read.values() for stem, number, times in self._words(text)}
            fresh = {stem: held.get(stem, (-1, 0)) for stem in unknown}
            with self._lock:
                self._known.update(fresh)
                while len(self._known) > _STEMS_KEPT:
                    self._known.popitem(last=False)
            found |= fresh
        return found


def _sum(held: Mapping[int, float], numbers: Sequence[int]) -> float:
    """The sum of the contributions of these stems, added one after another in float32, as in a folder."""
    import numpy as np

    score = np.float32(0)
    for number in numbers:
        if number in held:
            score += np.float32(held[number])
    return float(score)


def _best(
    ask: Callable[[int], Sequence[dict[str, object]]],
    scored: Callable[[Sequence[dict[str, object]]], Pairs],
    limit: int,
) -> Pairs:
    """The best of a search, which is repeated with a larger limit if the cut-off separates chunks with equal scores."""
    wanted = min(limit + _SPARE, MOST_HITS)
    while True:
        rows = ask(wanted)
        pairs = scored(rows)
        if len(rows) < wanted or wanted == MOST_HITS:
            return pairs[:limit]
        if pairs[limit - 1][1] - pairs[-1][1] > _ROUNDING * max(1.0, abs(pairs[0][1])):
            return pairs[:limit]
        wanted = min(wanted * 4, MOST_HITS)


def rows_by_key(
    server: Server, collection: str, keys: Sequence[int], fields: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Rows of a collection by their keys, in no particular order."""
    for at in range(0, len(keys), _ROWS):
        yield from server.fetch(collection, keys[at : at + _ROWS], fields)
