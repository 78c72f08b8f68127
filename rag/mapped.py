"""Arrays that are written into mapped files, with room on the disk made for them first.

A mapped file that is written to on a full disk does not fail with an error: the process dies.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Number = TypeVar("Number", bound=np.generic)

__all__ = ["mapped_array"]


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
