"""A snapshot on a Milvus server, opened for asking; its answers are those of the same snapshot in a folder.

The server finds the nearest chunks and returns their vectors and weights, which are summed here as in a folder, so that
scores are equal to the last bit and ties are broken the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import IndexAway, IndexDamaged, IndexMissing
from rag.records import Chunk, PostEntry
from rag.store.manifest import manifest_of, snapshot_name
from rag.store.milvus.client import Server
from rag.store.milvus.received import Received, checking
from rag.store.milvus.schema import Collections, Keys, read_records
from rag.store.milvus.search import MilvusDense, MilvusWords, rows_by_key
from rag.store.milvus.settings import MilvusSettings
from rag.store.rows import (
    Row,
    copy_of,
    dropped_of,
    entry_of,
    merge_of,
    page_of,
    post_of,
    post_text_of,
    sentence_of,
    skipped_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.records import Dropped, Merge, PageEntry, Post, Sentence, SkippedPage
    from rag.store.address import Address
    from rag.store.rows import PostText

    Pairs = list[tuple[int, float]]

__all__ = ["MilvusSnapshot"]

_POSTS = 200  # posts fetched together when all are listed


class MilvusSnapshot:
    """An open snapshot on a server. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        """Open the snapshot in use.

        Raises:
            IndexMissing: the server has no index of this name.
            IndexAway: the server does not answer.
            IndexFormatError: the index was written by another version of the format.
            IndexDamaged: a part of it is missing.
            ExtraMissing: the client of the server is not installed.

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
            raise IndexDamaged(
                "the index has no manifest",
                path=str(address),
                remedy="Write it again: pullquote index or pullquote copy.",
            )
        self.name = snapshot_name(read[Keys.manifest])
        self.manifest = manifest_of(read[Keys.manifest], str(address))
        self._collections = Collections(address.name, self.name)
        self._received = Received(address, self.manifest)
        with checking(address):
            self._layout = self._received.layout(read[Keys.layout])
        self._server.load(self._collections.chunks)
        self.dense = MilvusDense(self._server, self._collections.chunks, self._layout, self.manifest)
        self.lexical = MilvusWords(self._server, self._collections, self._layout, self.manifest)
        if self._layout["words"]:
            self._server.load(self._collections.words)
        self.settings = MilvusSettings(self._server, address.name)

    def close(self) -> None:
        """Close the connection."""
        self._server.close()

    def health(self) -> str:
        """Whether the server has every row of the snapshot."""
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

    def texts(self, keys: Sequence[str]) -> dict[str, str]:
        """Records as written; unknown keys are left out."""
        return read_records(self._server, self._collections.records, keys)

    def table(self, name: str) -> list[Row]:
        """The rows of a table that is stored whole, in the order of writing."""
        key = Keys.table(name)
        with checking(self.address):
            return self._received.rows(name, self.texts([key])[key])

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, by name."""
        return sorted((page_of(row) for row in self.table("pages")), key=lambda page: page.file.encode())

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return [skipped_of(row) for row in self.table("skipped")]

    def merges(self) -> list[Merge]:
        """Every merged copy, with the reason."""
        return [merge_of(row) for row in self.table("merges")]

    def dropped(self) -> list[Dropped]:
        """Every line of the pages that is in no post or is never quoted, with the reason."""
        return [dropped_of(row) for row in self.table("dropped")]

    def post_ids(self) -> list[str]:
        """Ids of all posts, in order."""
        with checking(self.address):
            return self._received.post_ids(self.texts([Keys.post_ids])[Keys.post_ids])

    def entries(self) -> list[PostEntry]:
        """Every post, in order, without its text."""
        read = self.texts([Keys.entries]).get(Keys.entries)
        if read is None:  # written before there was such a record
            return [PostEntry.of(post) for post in self.posts_in_order()]
        with checking(self.address):
            return [entry_of(row) for row in self._received.entries(read)]

    def posts(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Fetch posts by id; unknown ids are left out."""
        read = self.texts([key for post_id in post_ids for key in (Keys.post(post_id), Keys.copies(post_id))])
        found = {}
        with checking(self.address):
            for post_id in post_ids:
                if Keys.post(post_id) in read:
                    row = self._received.post(post_id, read[Keys.post(post_id)])
                    copies = [copy_of(copy) for copy in self._received.copies(row, read[Keys.copies(post_id)])]
                    found[post_id] = post_of(row, copies)
        return found

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order, some hundred fetched at a time."""
        ids = self.post_ids()
        for at in range(0, len(ids), _POSTS):
            some = ids[at : at + _POSTS]
            found = self.posts(some)
            with checking(self.address):
                posts = [found[post_id] for post_id in some]
            yield from posts

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Fetch title, date and text of posts by id, without their locations."""
        read = self.texts([Keys.post(post_id) for post_id in post_ids])
        with checking(self.address):
            found = {
                post_id: post_text_of(self._received.post(post_id, read[Keys.post(post_id)]))
                for post_id in post_ids
                if Keys.post(post_id) in read
            }
            self._received.must_have(post_ids, found)
        return found

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, Chunk]:
        """Fetch chunks by id."""
        fields = ["chunk", "post", "start", "stop", "tokens"]
        found = {}
        with checking(self.address):
            for row in rows_by_key(self._server, self._collections.chunks, chunk_ids, fields):
                chunk, start, stop, tokens = (int(str(row[name])) for name in ("chunk", "start", "stop", "tokens"))
                self._received.chunk(chunk, str(row["post"]), start, stop, tokens)
                found[chunk] = Chunk(chunk, str(row["post"]), start, stop, tokens)
            self._received.must_have_chunks(chunk_ids, found)
        return found

    def chunks_of(self, post_id: str) -> list[int]:
        """Chunk ids of one post, in order."""
        read = self.texts([Keys.chunks(post_id)])
        with checking(self.address):
            return self._received.chunk_ids(read.get(Keys.chunks(post_id), "[]"))

    def sentences(self, post_ids: Sequence[str]) -> dict[str, list[tuple[int, Sentence]]]:
        """Fetch all sentences of posts: (row of the sentence vectors, sentence), in order."""
        read = self.texts([Keys.sentences(post_id) for post_id in post_ids])
        with checking(self.address):
            found = {
                post_id: self._received.sentences(post_id, read[Keys.sentences(post_id)])
                for post_id in post_ids
                if Keys.sentences(post_id) in read
            }
            self._received.must_have(post_ids, found)
        return {post_id: [sentence_of(post_id, row) for row in found.get(post_id, ())] for post_id in post_ids}

    def sentence_vectors_of(self, post_ids: Sequence[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Fetch the vectors of all sentences of posts: float16 (n_sentences, dim) each, in the order of `sentences`."""
        read = self.texts([Keys.vectors(post_id) for post_id in post_ids])
        with checking(self.address):
            return {
                post_id: self._received.vectors(post_id, read.get(Keys.vectors(post_id), "")) for post_id in post_ids
            }

    def noted(self, post_id: str, first: int, end: int) -> None:
        """None: notes are not stored, because fetching them would take longer than computing them."""
