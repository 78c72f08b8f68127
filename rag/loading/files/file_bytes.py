"""Reads files with a time limit: a file on an absent disk, or one that the system generates, may block.

A thread reads the file; if no data arrives, the thread is abandoned and the program continues without the file.
"""

from __future__ import annotations

import io
import os
import stat
import threading
from typing import TYPE_CHECKING, TypeVar

from rag.errors import PageAway
from rag.loading.files.file_types import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["PatientFile", "file_head", "read_file"]

Found = TypeVar("Found")

# Seconds without any data. An estimate: a sleeping disk needs 10, and a share that is away never answers.
SILENT_SECONDS = 30.0
# Bytes read at a time, each with its own time limit.
_PIECE_BYTES = 4 * 1024 * 1024


def file_head(path: Path) -> tuple[os.stat_result, bytes]:
    """The status of a file and its first bytes; no bytes if it is empty or not a regular file.

    Raises OSError, or PageAway if no data arrives.
    """

    def head() -> tuple[os.stat_result, bytes]:
        status = path.stat()
        # a file of size 0 is not opened: the system may generate its content without end
        if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
            return status, b""
        with path.open("rb") as file:
            return status, file.read(HEAD_BYTES)

    return _in_time(head, path)


def read_file(path: Path) -> bytes:
    """All bytes of a file. Raises OSError, or PageAway if no data arrives."""

    def small() -> bytes | None:
        with path.open("rb", buffering=0) as file:
            return file.read() if os.fstat(file.fileno()).st_size <= _PIECE_BYTES else None

    if (data := _in_time(small, path)) is not None:
        return data
    with PatientFile(path) as file:
        pieces = []
        while piece := file.read(_PIECE_BYTES):
            pieces.append(piece)
    return b"".join(pieces)


class PatientFile(io.RawIOBase):
    """A file that can be read at any position; a read raises PageAway if no data arrives."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: BinaryIO = _in_time(lambda: path.open("rb", buffering=0), path)

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def seekable(self) -> bool:
        """Whether it can be read at any position."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes from the current position, or all of them."""
        if size < 0:
            return self.readall()
        return _in_time(lambda: self._file.read(size), self._path)

    def readinto(self, buffer: object) -> int:
        """Read into a buffer until it is full or the file ends."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        # not directly into the buffer: an abandoned read would write there after the buffer has another use
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file; if this blocks, it is left to its thread."""
        if not self.closed:
            self._file.close()
        super().close()


def _in_time(work: Callable[[], Found], path: Path) -> Found:
    """The result of some work on a file, done by a thread that is abandoned when the time is over."""
    found: list[Found] = []
    problems: list[OSError | ValueError | MemoryError] = []
    done, left = threading.Event(), threading.Event()

    def run() -> None:
        try:
            given = work()
            if left.is_set() and isinstance(given, io.IOBase):
                given.close()  # the caller has stopped waiting
            found.append(given)
        except (OSError, ValueError, MemoryError) as error:
            problems.append(error)
        finally:
            done.set()

    try:
        threading.Thread(target=run, daemon=True, name="read").start()
    except RuntimeError:  # the system allows this user no more threads
        run()
    if not done.wait(SILENT_SECONDS):
        left.set()
        remedy = "Move it out of the folder, or check the disk that it is on"
        raise PageAway(f"no data arrived from it for {SILENT_SECONDS:.0f} seconds", path=str(path), remedy=remedy)
    if problems:
        raise problems[0]
    return found[0]
