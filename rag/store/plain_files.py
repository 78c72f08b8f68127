"""Ensures that the files of an index are regular files: not pipes, which block, nor devices, nor links to elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from rag.config import INDEX_MARKER
from rag.errors import IndexDamaged, IndexProblem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_own_files", "regular_bytes", "unreadable"]

# What Pullquote writes beside the snapshots. Through a stranger's link, writing could overwrite any file of this user.
_WRITTEN = (
    INDEX_MARKER,
    ".building",
    ".confirmed.json",
    "threshold.json",
    ".threshold.json",
    "feedback.jsonl",
    "feedback-open.jsonl",
    "suggested-questions.json",
    "added",
    "conversations",
)
# written by the user, who may keep it elsewhere
_READ = ("duplicates.txt",)


def check_own_files(home: Path) -> None:
    """Check that what Pullquote reads and writes beside the snapshots of an index are regular files and folders.

    Raises:
        IndexProblem: one is a link, which leads to another file, or a pipe or device, which blocks.

    """
    paths = [home / name for name in _WRITTEN]
    for path in (*paths, *(home / name for name in _READ)):
        try:
            mode = (path.stat() if path.name in _READ else path.lstat()).st_mode
        except OSError:
            continue  # it does not exist, or it cannot be reached, which reading it will report
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise IndexProblem(
                "a link, pipe or device is in place of a file of the index, so the index was not used",
                path=str(path),
                remedy="Remove it; Pullquote never creates one.",
            )


def regular_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file of an index; raises OSError if it is not a regular file, or is too large to be one."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "it is larger than any file of an index")
    return data


def unreadable(path: Path, error: OSError) -> IndexProblem:
    """The error for a file that cannot be opened; too many open files and missing permission are not damage."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        remedy = "Close other files or programs, or allow more: ulimit -n 4096."
        return IndexProblem(
            "the index cannot be opened, because too many files are open", path=str(path), remedy=remedy
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return IndexProblem("this user may not read the index", path=str(path), remedy="Check its permissions.")
    if error.errno == errno.ENOMEM:
        remedy = "Free some memory, or allow more: ulimit -v."
        return IndexProblem("there is too little memory to open the index", path=str(path), remedy=remedy)
    return IndexDamaged(
        f"the file cannot be read ({error.strerror})",
        path=str(path),
        remedy="Build the index again: pullquote index PATH.",
    )
