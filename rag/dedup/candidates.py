"""Finds texts that may be copies of one another by sorting what their sketches share, in files instead of memory.

Each band of the sketches is a column of a file; one column is sorted at a time. The hashes of long lines are in another
file, which is sorted in parts.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from rag.dedup.heap_texts import equal_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt

    from rag.spools import Spools

    Ints = npt.NDArray[np.int64]

__all__ = ["Sharing", "SketchFiles"]

# sketches that are turned into columns together: 2 MB
_BLOCK = 4096
# Bytes per line while sorting. There are at most this many parts, because each part reads the whole file; in a larger
# heap, the parts are larger instead.
_LINE_BYTES, _MOST_PARTS = 64, 64
_LINE = np.dtype([("hash", "<u8"), ("number", "<u4")])


class SketchFiles:
    """The bands and lines of sketches, in two files; ``width`` is the number of uint32 in a band."""

    def __init__(self, spools: Spools, bands: int, width: int) -> None:
        self._bands, self._width = bands, width
        self._columns, self._lines = spools.file(), spools.file()
        self._together = spools.room_for(_LINE_BYTES)
        self._block: list[bytes] = []
        self._numbers: list[int] = []  # of the texts of the block
        self._active: list[Ints] = []  # numbers of the texts that have bands, block by block
        self._line_count = 0
        self.texts = 0

    def add(self, minima: bytes, lines: bytes) -> None:
        """Add the sketch of one more text; a text too short to be compared has no ``minima``."""
        if minima:
            self._block.append(minima)
            self._numbers.append(self.texts)
            found = np.empty(len(lines) // 8, _LINE)
            found["hash"] = np.frombuffer(lines, "<u8")
            found["number"] = self.texts
            self._lines.write(found.tobytes())
            self._line_count += len(found)
        self.texts += 1
        if len(self._block) == _BLOCK:
            self._turn()

    def _turn(self) -> None:
        """Write a block of sketches band by band."""
        block = np.frombuffer(b"".join(self._block), "<u4").reshape(len(self._block), self._bands, self._width)
        self._columns.write(block.transpose(1, 0, 2).tobytes())
        self._active.append(np.asarray(self._numbers, np.int64))
        self._block, self._numbers = [], []

    def alike(self) -> Iterator[tuple[Ints, Ints]]:
        """For each band, the texts that agree in it with another: (numbers, group by group; sizes of the groups)."""
        if self._block:
            self._turn()
        self._columns.flush()
        for band in range(self._bands if self._active else 0):
            column, at = [], 0
            for numbers in self._active:
                size = len(numbers) * self._width * 4
                column.append(os.pread(self._columns.fileno(), size, at + band * size))
                at += size * self._bands
            keys = np.frombuffer(b"".join(column), "<u4").reshape(-1, self._width)
            yield _groups(keys, np.concatenate(self._active))

    def sharers(self, most: int) -> Iterator[tuple[Ints, Ints]]:
        """The texts that share a line, like `alike`; for each line, only the first ``most``."""
        self._lines.flush()
        parts = min(-(-self._line_count // self._together), _MOST_PARTS)
        for part in range(parts):
            found = np.concatenate(list(self._part(part, parts)))
            members, sizes = _groups(found["hash"].reshape(-1, 1), found["number"].astype(np.int64))
            within = np.arange(len(members)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
            yield members[within < most], np.minimum(sizes, most)

    def _part(self, part: int, parts: int) -> Iterator[npt.NDArray[np.void]]:
        size = self._together * _LINE.itemsize
        for at in range(0, self._line_count * _LINE.itemsize, size):
            read = np.frombuffer(os.pread(self._lines.fileno(), size, at), _LINE)
            yield read[read["hash"] % np.uint64(parts) == part]


def _groups(keys: npt.NDArray[np.generic], numbers: Ints) -> tuple[Ints, Ints]:
    """The numbers that share a key with another, in order within each group; and the sizes of the groups."""
    order, begins = equal_runs(keys)
    first = np.flatnonzero(begins)
    sizes = np.diff(np.append(first, len(order)))
    shared = np.repeat(sizes > 1, sizes)
    return numbers[order[shared]], sizes[sizes > 1]


class Sharing:
    """Groups of texts that share something, to look up which earlier texts share a group with a text."""

    def __init__(self, groups: Iterable[tuple[Ints, Ints]]) -> None:
        parts = [(members.astype(np.int32), sizes) for members, sizes in groups]
        empty: npt.NDArray[np.int32] = np.zeros(0, np.int32)
        self._members = np.concatenate([empty, *(members for members, _ in parts)])
        sizes = np.concatenate([empty, *(sizes for _, sizes in parts)]).astype(np.int64)
        self._ends: Ints = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        group = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        order = np.argsort(self._members, kind="stable")
        self._texts, self._groups = self._members[order], group[order]

    def before(self, number: int) -> set[int]:
        """The earlier texts that share something with this one."""
        # of the arrays' own type, because otherwise the whole arrays would be converted
        place = np.int32(number)
        first = int(np.searchsorted(self._texts, place))
        end = int(np.searchsorted(self._texts, place, side="right"))
        found: set[int] = set()
        for group in self._groups[first:end].tolist():
            members = self._members[self._ends[group] : self._ends[group + 1]]
            found.update(members[: np.searchsorted(members, place)].tolist())
        return found
