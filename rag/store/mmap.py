"""Memory-mapped arrays: disk space is allocated before writing, and pages that were read are released.

Writing to a mapped file on a full disk kills the process instead of raising an error.
"""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Number = TypeVar("Number", bound=np.generic)

__all__ = ["LARGE_BYTES", "mapped_array", "release", "release_arrays"]

# Reading from a mapped file maps 64 KB around the place, and over many questions these add up to the whole file. Larger
# files are released after each question; the system still caches what fits in memory.
LARGE_BYTES = 2**26


def release(files: Iterable[object]) -> None:
    """Release the pages of mapped files that were read; they are read again when needed."""
    for file in files:
        if isinstance(file, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            file.madvise(mmap.MADV_DONTNEED)


def release_arrays(*arrays: npt.NDArray[np.generic]) -> None:
    """Release the pages of mapped arrays that were read or written; what was written is kept."""
    for array in arrays:
        base: object = array
        while base is not None and not isinstance(base, mmap.mmap):
            base = getattr(base, "base", None)
        release([base])


def mapped_array(path: Path, kind: type[Number], shape: tuple[int, ...]) -> npt.NDArray[Number]:
    """A new ``.npy`` file of one type of numbers, mapped for writing and filled with zeros.

    Raises OSError if there is not enough space.
    """
    import numpy as np

    made: npt.NDArray[Number] = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
    return made
