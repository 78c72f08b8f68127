"""Arrays in mapped files: written with room on the disk made for them first, read without holding what was read.

A mapped file that is written to on a full disk does not fail with an error: the process dies.
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

__all__ = ["LARGE_BYTES", "let_go", "let_go_of", "mapped_array"]

# A touch of a mapped file maps 64 KB around it, and question by question those add up to the whole file. Of one larger
# than this they are let go after each question; the system keeps what it has memory for.
LARGE_BYTES = 2**26


def let_go(files: Iterable[object]) -> None:
    """Let a process no longer hold what it has read of mapped files; it is read again when it is touched again."""
    for file in files:
        if isinstance(file, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            file.madvise(mmap.MADV_DONTNEED)


def let_go_of(*arrays: npt.NDArray[np.generic]) -> None:
    """Let a process no longer hold what it has read or written of mapped arrays; what was written stays written."""
    for array in arrays:
        base: object = array
        while base is not None and not isinstance(base, mmap.mmap):
            base = getattr(base, "base", None)
        let_go([base])


def mapped_array(path: Path, kind: type[Number], shape: tuple[int, ...]) -> npt.NDArray[Number]:
    """A new ``.npy`` file of numbers of a kind, mapped for writing; zero until it is written.

    Raises OSError where there is no room for it.
    """
    import numpy as np

    made: npt.NDArray[Number] = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
    return made
