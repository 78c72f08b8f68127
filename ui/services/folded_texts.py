"""The texts of posts prepared for searching, in an unnamed temporary file instead of in memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FoldedTexts", "folded"]


class FoldedTexts:
    """Texts of posts, with their titles and the like, in order; takes 16 bytes of memory for each. Thread-safe."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody needs the texts any more
        weakref.finalize(self, file.close)
        self._ends = array("q", [0])
        for pair in texts:
            for one in pair:
                self._ends.append(self._ends[-1] + file.write(folded(one)))
        file.flush()
        self._handle = file.fileno()

    def __len__(self) -> int:
        """The number of posts."""
        return len(self._ends) // 2

    def __getitem__(self, number: int) -> tuple[bytes, bytes]:
        """Read the searchable fields of a post, and its text."""
        start, middle, end = self._ends[2 * number : 2 * number + 3]
        both = os.pread(self._handle, end - start, start)
        return both[: middle - start], both[middle - start :]

    def beginning(self, number: int, size: int) -> bytes:
        """Read the first bytes of the text of a post, at most ``size``."""
        start, end = self._ends[2 * number + 1 : 2 * number + 3]
        return os.pread(self._handle, min(end - start, size), start)


def folded(text: str) -> bytes:
    """A text prepared for searching: without letter case, as UTF-8."""
    return text.casefold().encode("utf-8", "surrogatepass")
