"""The files of an index are plain files: not pipes, which block, nor devices without end, nor links to elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from rag.errors import IndexDamaged, IndexProblem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["regular_bytes", "unreadable"]

_REBUILD = "Build the index again: pullquote index PATH."


def regular_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file of an index; raises OSError where it is no plain file, or larger than any that is written."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a plain file")
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "it is larger than any that is written")
    return data


def unreadable(path: Path, error: OSError) -> IndexProblem:
    """What to say of a file that cannot be opened: too many open files and no permission are no damage."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        remedy = "Close other files or programs, or allow more: ulimit -n 4096."
        return IndexProblem("too many files are open to open the index", path=str(path), remedy=remedy)
    if error.errno in (errno.EACCES, errno.EPERM):
        return IndexProblem("the index may not be read by this user", path=str(path), remedy="Check who may read it.")
    if error.errno == errno.ENOMEM:
        remedy = "Free some memory, or allow more: ulimit -v."
        return IndexProblem("there is too little memory to open the index", path=str(path), remedy=remedy)
    return IndexDamaged(
        f"the file cannot be read ({error.strerror})",
        path=str(path),
        remedy="Build the index again: pullquote index PATH.",
    )
