"""Records kept in a file instead of in memory between two steps of a build.

The file never has a name, so nothing is left behind, however the process ends. Records are stored as pure data
(`rag.packing`): reading them runs no code.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import IO, TYPE_CHECKING, Generic, Self, TypeVar, overload

from rag.packing import Packing

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Chosen", "Spool", "Spools", "Streamed", "beside"]

T = TypeVar("T")
Left = TypeVar("Left")
_BUFFER_BYTES = 2**16
_MEMORY = 2**27


class Spool(Sequence[T], Generic[T]):
    """A sequence of records in an unnamed file; it takes 8 bytes of memory per record.

    Each read returns a new record, equal to the one that was written; all records are of one ``kind``.
    """

    def __init__(self, kind: type[T], folder: Path | None = None) -> None:
        self._packing = Packing(kind)
        self._file = tempfile.TemporaryFile(dir=folder, buffering=_BUFFER_BYTES)  # noqa: SIM115 - closed with the spool
        self.close = weakref.finalize(self, _close_quietly, self._file)  # frees the space on the disk
        self._ends = array("q", [0])
        self._flushed = True

    def append(self, record: T) -> None:
        """Append a record."""
        self._ends.append(self._ends[-1] + self._file.write(self._packing.pack(record)))
        self._flushed = False

    def __len__(self) -> int:
        """The number of records."""
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        """Read one record, or a list of records."""
        if isinstance(place, slice):
            return [self._read(at) for at in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if not 0 <= at < len(self):
            raise IndexError(place)
        return self._read(at)

    def _read(self, at: int) -> T:
        if not self._flushed:
            self._file.flush()
            self._flushed = True
        start = self._ends[at]
        return self._packing.unpack(os.pread(self._file.fileno(), self._ends[at + 1] - start, start))


def _close_quietly(file: IO[bytes]) -> None:
    """Close a file that is no longer needed, even if the disk is too full for its last writes."""
    with contextlib.suppress(OSError):
        file.close()


class Spools:
    """Makes spools in one folder, and closes all of them at the end of a build; a context manager.

    ``memory`` is the number of bytes for sorting and counting in one step; it does not change the result.
    """

    def __init__(self, folder: Path | None = None, memory: int = _MEMORY) -> None:
        self._folder = folder
        self._memory = memory
        self._made: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Free the space on the disk."""
        for close in self._made:
            close()

    def spool(self, kind: type[T]) -> Spool[T]:
        """A new spool for records of a kind."""
        made = Spool(kind, self._folder)
        self._made.append(made.close)
        return made

    def file(self) -> IO[bytes]:
        """A new unnamed file for bytes."""
        made = tempfile.TemporaryFile(dir=self._folder, buffering=_BUFFER_BYTES)  # noqa: SIM115 - closed at the end
        self._made.append(lambda: _close_quietly(made))
        return made

    def room_for(self, size: int) -> int:
        """How many items of this many bytes can be in memory at once; at least one."""
        return max(self._memory // size, 1)

    def call_at_end(self, close: Callable[[], object]) -> None:
        """Also call this when the build ends."""
        self._made.append(close)


class Chosen(Sequence[T], Generic[T]):
    """Some records of a sequence, chosen by number."""

    def __init__(self, records: Sequence[T], numbers: Sequence[int]) -> None:
        self._records = records
        self._numbers = numbers

    def __len__(self) -> int:
        """The number of records."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        """Read one of them, or some as a list."""
        if isinstance(place, slice):
            return [self._records[number] for number in self._numbers[place]]
        return self._records[self._numbers[place]]


class Streamed(Collection[T], Generic[T]):
    """A known number of records that are computed again for each iteration."""

    def __init__(self, length: int, each: Callable[[], Iterator[T]]) -> None:
        self._length = length
        self._each = each

    def __len__(self) -> int:
        """The number of records."""
        return self._length

    def __iter__(self) -> Iterator[T]:
        """Iterate over the records."""
        return self._each()

    def __contains__(self, record: object) -> bool:
        """Whether a record is among them."""
        return any(record == one for one in self)


def beside(
    left: Iterable[Left], right: Iterable[T], left_key: Callable[[Left], object], right_key: Callable[[T], object]
) -> Iterator[tuple[Left, list[T]]]:
    """Each record of one sequence with the records of another that have its key; both are sorted by key."""
    groups = groupby(right, right_key)
    key, rows = next(groups, (None, iter(())))
    for one in left:
        here: list[T] = []
        if left_key(one) == key:
            here = list(rows)
            key, rows = next(groups, (None, iter(())))
        yield one, here
