"""A snapshot on a Milvus server, opened for asking: the answers are those of the same snapshot in a folder.

The server finds the nearest chunks; their vectors and weights come along and are summed up here as they are in a
folder, so that scores are equal to the last bit and ties fall the same way.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from rag.errors import IndexAway, IndexDamaged, IndexMissing
from rag.records import Chunk
from rag.store.bm25 import rarity
from rag.store.manifest import manifest_of, snapshot_name
from rag.store.milvus.client import MOST_HITS, Server
from rag.store.milvus.schema import Collections, Keys, bucket_of, read_records
from rag.store.milvus.settings import MilvusSettings
from rag.store.rows import Row, body_of, copy_of, dropped_of, merge_of, page_of, post_of, sentence_of, skipped_of
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.records import Copy, Dropped, Merge, PageEntry, Post, Sentence, SkippedPage
    from rag.store.address import Address
    from rag.store.rows import PostText

    Pairs = list[tuple[int, float]]

__all__ = ["MilvusSnapshot"]

# hits asked for beyond those wanted, so that what the server rounds otherwise cannot cut one off
_SPARE = 16
# scores nearer than this may change places by rounding: float32 sums of some hundred terms differ by a tenth of it
_ROUNDING = 1e-5
# rows fetched by key in one call: 512 vectors are under 1 MB
_ROWS = 512
_POSTS = 200  # posts fetched together when all are listed
_STEMS_KEPT = 20_000  # looked-up stems that are remembered: 2 MB


class MilvusSnapshot:
    """An opened snapshot on a server. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        """Open the snapshot in use.

        Raises:
            IndexMissing: the server has no index of this name.
            IndexAway: the server does not answer.
            IndexFormatError: the index was written by another version of the format.
            IndexDamaged: a part of it is missing.
            ExtraMissing: what is needed to speak to the server is not installed.

        """
        self.address = address
        self._server = Server(address)
        if not self._server.has(address.name):
            raise IndexMissing(
                "the server has no index with this name",
                path=str(address),
                remedy="Write one: pullquote index PAGES --index ADDRESS, or pullquote copy FROM ADDRESS.",
            )
        self._server.load(address.name)
        read = read_records(self._server, address.name, [Keys.manifest, Keys.layout], fresh=True)
        if len(read) < 2:  # noqa: PLR2004 - the two that were asked for
            raise IndexDamaged("the index has no manifest", path=str(address), remedy="Write it again.")
        self.name = snapshot_name(read[Keys.manifest])
        self.manifest = manifest_of(read[Keys.manifest], str(address))
        self._collections = Collections(address.name, self.name)
        self._layout: dict[str, object] = json.loads(read[Keys.layout])
        self._server.load(self._collections.chunks)
        self.dense = MilvusDense(self._server, self._collections.chunks, self._layout)
        self.lexical = MilvusWords(self._server, self._collections, self._layout, self.manifest.chunks)
        if self._layout["words"]:
            self._server.load(self._collections.words)
        self.settings = MilvusSettings(self._server, address.name)

    def close(self) -> None:
        """Let go of the connection."""
        self._server.close()

    def health(self) -> str:
        """Whether every row of the snapshot is there."""
        try:
            chunks = self._server.count(self._collections.chunks)
            words = self._server.count(self._collections.words) if self._layout["words"] else chunks
            records = self._server.count(self._collections.records)
            version = self._server.version()
        except IndexAway as error:
            return str(error)
        if chunks != self.manifest.chunks or words != chunks or records != self._layout["records"]:
            return "rows are missing on the server; write the index again"
        return f"ok: {version} has all {chunks + words + records} rows"

    def _read(self, keys: Sequence[str]) -> dict[str, list[list[object]]]:
        return {key: json.loads(text) for key, text in self.texts(keys).items()}

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """Records as they were written; unknown keys are left out."""
        return read_records(self._server, self._collections.records, keys)

    def table(self, name: str) -> list[Row]:
        """Rows of a table that is kept whole, in the order in which they were written."""
        key = Keys.table(name)
        return [tuple(row) for row in self._read([key])[key]]

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name."""
        return sorted((page_of(row) for row in self.table("pages")), key=lambda page: page.file.encode())

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return [skipped_of(row) for row in self.table("skipped")]

    def merges(self) -> list[Merge]:
        """The account of every folded copy."""
        return [merge_of(row) for row in self.table("merges")]

    def dropped(self) -> list[Dropped]:
        """The account of every line of the pages that is in no post or is never quoted."""
        return [dropped_of(row) for row in self.table("dropped")]

    def post_ids(self) -> list[str]:
        """Ids of all posts, in order."""
        return [str(post_id) for post_id in json.loads(self.texts([Keys.post_ids])[Keys.post_ids])]

    def posts(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Fetch posts by id; unknown ids are left out."""
        read = self._read([key for post_id in post_ids for key in (Keys.post(post_id), Keys.copies(post_id))])
        found = {}
        for post_id in post_ids:
            if Keys.post(post_id) in read:
                copies: list[Copy] = [copy_of(tuple(row)) for row in read[Keys.copies(post_id)]]
                found[post_id] = post_of(tuple(read[Keys.post(post_id)]), copies)
        return found

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order, some hundred fetched at a time."""
        ids = self.post_ids()
        for at in range(0, len(ids), _POSTS):
            some = ids[at : at + _POSTS]
            found = self.posts(some)
            yield from (found[post_id] for post_id in some)

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Fetch title, date and text of posts by id, without their locations."""
        read = self._read([Keys.post(post_id) for post_id in post_ids])
        return {key.partition("/")[2]: body_of(tuple(row)) for key, row in read.items()}

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        """Fetch chunks by id."""
        fields = ["chunk", "post", "start", "stop", "tokens"]
        found = {}
        for row in _by_key(self._server, self._collections.chunks, chunk_ids, fields):
            start, stop, tokens = (int(str(row[name])) for name in ("start", "stop", "tokens"))
            chunk = int(str(row["chunk"]))
            found[chunk] = Chunk(chunk, str(row["post"]), start, stop, tokens)
        return found

    def chunks_of(self, post_id: str) -> list[int]:
        """Chunk ids of one post, in order."""
        read = self._read([Keys.chunks(post_id)])
        return [int(str(row[0])) for row in read.get(Keys.chunks(post_id), [])]

    def sentences(self, post_ids: Sequence[str]) -> dict[str, list[tuple[int, Sentence]]]:
        """Fetch all sentences of posts: (row of the sentence vectors, sentence), in order."""
        read = self._read([Keys.sentences(post_id) for post_id in post_ids])
        return {
            post_id: [sentence_of(post_id, tuple(row)) for row in read.get(Keys.sentences(post_id), [])]
            for post_id in post_ids
        }

    def sentence_vectors_of(self, post_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Fetch the vectors of all sentences of posts: float16 (n_sentences, dim) each, in the order of `sentences`."""
        import numpy as np

        read = self.texts([Keys.vectors(post_id) for post_id in post_ids])
        return {
            post_id: np.frombuffer(base64.b64decode(read.get(Keys.vectors(post_id), "")), "<f2").reshape(
                -1, self.manifest.model.dim
            )
            for post_id in post_ids
        }

    def noted(self, post_id: str, first: int, end: int) -> None:
        """It is not kept: to fetch it would take longer than to find it out."""


class MilvusDense:
    """Nearest chunks by cosine."""

    def __init__(self, server: Server, collection: str, layout: dict[str, object]) -> None:
        self._server = server
        self._collection = collection
        self._layout = layout

    def search(self, vector: npt.NDArray[np.float32], limit: int, among: Sequence[int] | None = None) -> Pairs:
        """Chunk ids and cosines, nearest first, equal ones by chunk id; ``vector`` float32 (dim,), a unit vector.

        ``among`` restricts the search to these chunk ids.
        """

        def scored(rows: Sequence[dict[str, object]], name: str) -> Pairs:
            import numpy as np

            if not rows:
                return []
            ids = sorted((int(str(row[name])), place) for place, row in enumerate(rows))
            vectors = np.array([rows[place]["vector"] for _, place in ids], np.float32)
            found = DenseIndex.build(vectors).search(vector, len(ids))
            return [(ids[place][0], score) for place, score in found]

        if among is not None:
            rows = list(_by_key(self._server, self._collection, among, ["chunk", "vector"]))
            return scored(rows, "chunk")[:limit]

        def ask(wanted: int) -> Sequence[dict[str, object]]:
            exact = self._layout["dense"] == "FLAT"
            settings = {} if exact else {"ef": max(2 * wanted, 200)}
            return self._server.search(self._collection, "vector", vector, wanted, settings)

        return _best(ask, lambda rows: scored(rows, "id"), limit)

    def fetch(self, into: npt.NDArray[np.float32]) -> None:
        """Read the vectors of all chunks: float32 (n_chunks, dim)."""
        import numpy as np

        for row in _by_key(self._server, self._collection, range(len(into)), ["chunk", "vector"]):
            into[int(str(row["chunk"]))] = np.asarray(row["vector"], np.float32)


class MilvusWords:
    """Best chunks by shared rare words, and how rare each word is."""

    def __init__(self, server: Server, collections: Collections, layout: dict[str, object], chunks: int) -> None:
        self._server = server
        self._collections = collections
        self._buckets = int(str(layout["buckets"]))
        self._chunks = chunks
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
            found = [(int(str(row[name])), _sum(row["weights"], numbers)) for row in rows]
            return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))

        if among is not None:
            rows = list(_by_key(self._server, self._collections.words, among, ["chunk", "weights"]))
            return scored(rows, "chunk")[:limit]
        query = dict.fromkeys(numbers, 1.0)
        return _best(
            lambda wanted: self._server.search(self._collections.words, "weights", query, wanted, {}),
            lambda rows: scored(rows, "id"),
            limit,
        )

    def frequency(self, stem: str) -> int:
        """Give the number of chunks that hold the stem."""
        return self._looked_up([stem])[stem][1]

    def rarity(self, stem: str) -> float:
        """Inverse document frequency of a stem: 0.0 or less in every chunk, just below 1.0 in none."""
        return rarity(self.frequency(stem), self._chunks)

    def _looked_up(self, stems: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Number, or -1, and number of chunks of each stem."""
        with self._lock:
            found = {stem: self._known[stem] for stem in stems if stem in self._known}
        unknown = {stem for stem in stems if stem not in found}
        if unknown:
            buckets = {Keys.words(bucket_of(stem, self._buckets)) for stem in unknown}
            read = read_records(self._server, self._collections.records, sorted(buckets))
            held = {row[0]: (row[1], row[2]) for text in read.values() for row in json.loads(text)}
            fresh = {stem: held.get(stem, (-1, 0)) for stem in unknown}
            with self._lock:
                self._known.update(fresh)
                while len(self._known) > _STEMS_KEPT:
                    self._known.popitem(last=False)
            found |= fresh
        return found


def _sum(weights: object, numbers: Sequence[int]) -> float:
    """What these stems add up to, one after another in float32, as in a folder."""
    import numpy as np

    held = weights if isinstance(weights, dict) else {}
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
    """The best of a search, asked again for more where chunks of one score are cut apart by the number asked for."""
    wanted = min(limit + _SPARE, MOST_HITS)
    while True:
        rows = ask(wanted)
        pairs = scored(rows)
        if len(rows) < wanted or wanted == MOST_HITS:
            return pairs[:limit]
        if pairs[limit - 1][1] - pairs[-1][1] > _ROUNDING * max(1.0, abs(pairs[0][1])):
            return pairs[:limit]
        wanted = min(wanted * 4, MOST_HITS)


def _by_key(server: Server, collection: str, keys: Sequence[int], fields: Sequence[str]) -> Iterator[dict[str, object]]:
    for at in range(0, len(keys), _ROWS):
        yield from server.fetch(collection, keys[at : at + _ROWS], fields)
