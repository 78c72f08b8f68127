"""The different texts of a heap, on disk: which copies have which, and in which order they are folded."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, overload

import numpy as np

from rag.dedup.similarity import KEY_BYTES, Text
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from rag.records import PostCopy

    Ints = npt.NDArray[np.int64]

__all__ = ["HeapTexts", "equal_runs", "place_of"]

# Texts whose words are cached while they are compared, because those of a family are needed again and again. The words
# of a blog post take 40 kB.
_KEPT = 128


class HeapTexts(Sequence[Text]):
    """The different texts of copies, ignoring white space, in the order of their first copies.

    A text is read from its copies each time it is needed. For each text, ``ids`` are the first 8 bytes of its SHA-256;
    ``ranks`` and ``starts`` are its first place: the rank of the file's name among all, and the offset in it.
    """

    def __init__(self, copies: Sequence[PostCopy]) -> None:
        self._copies = copies
        count = len(copies)
        digests = np.empty((count, 2), np.uint64)
        starts = np.empty(count, np.int64)
        for number, copy in enumerate(copies):
            digest = hashlib.sha256(fold_white(copy.text).encode("utf-8")).digest()[:KEY_BYTES]
            digests[number] = np.frombuffer(digest, ">u8")
            starts[number] = copy.pieces[0].file_start
        ranks = self._copy_ranks = _file_ranks(copies)
        self._held: Ints = np.bincount(ranks)  # number of copies in each file
        # equal ones side by side, those of the first copy first
        order, begins = equal_runs(digests)
        groups = np.argsort(order[begins], kind="stable")
        lengths = np.diff(np.append(np.flatnonzero(begins), count))[groups]
        firsts = np.flatnonzero(begins)[groups]
        self._ends = array("q", np.cumsum(np.concatenate([[0], lengths])).astype(np.int64).tobytes())
        within = np.arange(count) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self._members: Ints = order[np.repeat(firsts, lengths) + within] if count else order
        self.ids: npt.NDArray[np.uint64] = digests[order[firsts], 0] if count else digests[:, 0]
        self.ranks, self.starts = self._first_places(ranks, starts, np.repeat(np.arange(len(lengths)), lengths))
        self._read = lru_cache(maxsize=_KEPT)(self._make)

    def _first_places(self, ranks: Ints, starts: Ints, groups: Ints) -> tuple[Ints, Ints]:
        """For each text, the rank of the file and the offset of its first copy."""
        ranks, starts = ranks[self._members], starts[self._members]
        order = np.lexsort((starts, ranks, groups))
        first = order[np.flatnonzero(np.diff(groups[order], prepend=-1))]
        return ranks[first], starts[first]

    def __len__(self) -> int:
        """The number of different texts."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Text: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Text]: ...
    def __getitem__(self, place: int | slice) -> Text | Sequence[Text]:
        """Read one text, or several."""
        if isinstance(place, slice):
            return [self._make(number) for number in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._read(place)

    def _make(self, number: int) -> Text:
        return Text(tuple(sorted((self._copies[copy] for copy in self.copies_of(number)), key=place_of)))

    def copies_of(self, number: int) -> list[int]:
        """The numbers of the copies that have a text."""
        found: list[int] = self._members[self._ends[number] : self._ends[number + 1]].tolist()
        return found

    def ranks_of(self, number: int) -> Iterator[tuple[str, int]]:
        """The names and ranks of the files that have a text."""
        return ((self._copies[copy].file, int(self._copy_ranks[copy])) for copy in self.copies_of(number))

    def alone(self, numbers: Iterable[int]) -> set[str]:
        """The files that contain nothing but one copy of one of these texts."""
        return {name for number in numbers for name, rank in self.ranks_of(number) if self._held[rank] == 1}

    def text_id(self, number: int) -> str:
        """The id of a text: that of a post with this text alone."""
        return f"{int(self.ids[number]):016x}"

    def in_order(self, words: Sequence[int]) -> list[int]:
        """The numbers of the texts, the most complete first, then by place; ``words`` are their numbers of words."""
        counts = -np.asarray(words, np.int64)
        order = np.lexsort((self.starts, self.ranks, counts))
        keys = np.stack([counts, self.ranks, self.starts], axis=1)[order]
        alike = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1)) if len(order) else order
        found: list[int] = order.tolist()
        for run in np.split(alike, np.flatnonzero(np.diff(alike) > 1) + 1) if len(alike) else ():
            first, end = int(run[0]), int(run[-1]) + 2  # several at one place of a table
            found[first:end] = sorted(found[first:end], key=lambda number: place_of(self[number].first))
        return found


def place_of(copy: PostCopy) -> tuple[list[str], int, str, str]:
    """The sort key of copies: file, offset, and their words for two at the same place."""
    return copy.file.split("/"), copy.pieces[0].file_start, copy.text, copy.title or ""


def equal_runs(keys: npt.NDArray[np.generic]) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The order of rows, by number, that puts equal keys side by side; and where each run of equal keys begins."""
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return order, begins


def _file_ranks(copies: Sequence[PostCopy]) -> Ints:
    """For each copy, the rank of its file's name among all, folder by folder."""
    ranks: Ints = np.empty(len(copies), np.int64)
    last: list[str] = []
    rank = -1
    for number, copy in enumerate(copies):
        name = copy.file.split("/")
        if name != last:
            if name < last:
                return _ranks_of_unsorted(copies)
            last, rank = name, rank + 1
        ranks[number] = rank
    return ranks


def _ranks_of_unsorted(copies: Sequence[PostCopy]) -> Ints:
    names = sorted({copy.file for copy in copies}, key=lambda name: name.split("/"))
    known = {name: rank for rank, name in enumerate(names)}
    return np.fromiter((known[copy.file] for copy in copies), np.int64, len(copies))
