"""Finds the lines that most posts of a site have, for a heap of any size: it stores numbers in a file, not text."""

from __future__ import annotations

import hashlib
import os
from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from rag.spools import Spools

__all__ = ["SiteLines", "line_code", "with_several"]

# A line belongs to the site if this many of its posts, and this share of them, have it; three posts may begin or end
# alike by chance, or because the same thing happened.
MIN_SITE_POSTS = 4
MIN_SITE_SHARE = 0.5

# Bytes per line while counting. There are at most this many parts, because each part reads the whole file; in a larger
# heap, the parts are larger instead.
_LINE_BYTES, _MOST_PARTS = 100, 64
_ROW = np.dtype([("line", "<u8"), ("title", "<u8"), ("site", "<u4")])


def line_code(site: str, line: str) -> int:
    """A number for a line of a site: 8 bytes of a hash of both."""
    line_of_site = f"{site}\0{line}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(line_of_site, digest_size=8).digest(), "little")


class SiteLines:
    """Counts the lines of the posts of sites; copies of one post, which have one title, count as one."""

    def __init__(self, spools: Spools) -> None:
        self._file = spools.file()
        self._together = spools.room_for(_LINE_BYTES)
        self._rows = 0
        self._sites: dict[str, int] = {}
        self._posts = array("Q")  # a code for each post's title, and
        self._homes = array("Q")  # the number of its site

    def add(self, site: str, title: str, lines: Iterable[str]) -> None:
        """Add a post: its site, its title or a substitute, and its lines, all folded to their letters."""
        number = self._sites.setdefault(site, len(self._sites))
        code = line_code(site, title)
        self._posts.append(code)
        self._homes.append(number)
        codes = np.fromiter((line_code(site, line) for line in lines if line), np.uint64)
        rows = np.empty(len(codes), _ROW)
        rows["line"], rows["title"], rows["site"] = codes, code, number
        self._file.write(rows.tobytes())
        self._rows += len(rows)

    def common(self) -> set[int]:
        """The codes of the lines that most posts of their site have."""
        self._file.flush()
        different = _different(np.asarray(self._homes, np.uint64), np.asarray(self._posts, np.uint64))[0]
        least = np.maximum(MIN_SITE_POSTS, MIN_SITE_SHARE * np.bincount(different.astype(np.int64)))
        found: set[int] = set()
        parts = min(-(-self._rows // self._together), _MOST_PARTS)
        for part in range(parts):
            rows = np.concatenate([self._part(at, part, parts) for at in range(0, self._rows, self._together)])
            lines, _, sites = _different(rows["line"], rows["title"], rows["site"].astype(np.uint64))
            first = np.flatnonzero(np.diff(lines, prepend=lines[:1] + np.uint64(1)))
            counts = np.diff(np.append(first, len(lines)))
            held = counts >= least[sites[first].astype(np.int64)]
            found.update(lines[first][held].tolist())
        return found

    def _part(self, at: int, part: int, parts: int) -> npt.NDArray[np.void]:
        size = _ROW.itemsize
        read = np.frombuffer(os.pread(self._file.fileno(), self._together * size, at * size), _ROW)
        rows: npt.NDArray[np.void] = read[read["line"] % np.uint64(parts) == part]
        return rows


def _different(*columns: npt.NDArray[np.uint64]) -> list[npt.NDArray[np.uint64]]:
    """The different rows of some columns, sorted by the first column, then the second."""
    order = np.lexsort(columns[::-1])
    rows = [column[order] for column in columns]
    new = np.zeros(len(order), np.bool_)
    new[:1] = True
    for row in rows:
        new[1:] |= row[1:] != row[:-1]
    return [row[new] for row in rows]


def with_several(codes: Sequence[int], others: Sequence[int], least: int) -> set[int]:
    """The codes with at least this many different neighbours."""
    found, _ = _different(np.asarray(codes, np.uint64), np.asarray(others, np.uint64))
    different, counts = np.unique(found, return_counts=True)
    return set(different[counts >= least].tolist())
