"""A few settings shared by several modules: default paths, and how work reports its progress."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import Literal, Protocol

__all__ = [
    "DEFAULT_INDEX",
    "DEFAULT_PAGES",
    "INDEX_MARKER",
    "INDEX_VARIABLE",
    "MAX_PAGE_BYTES",
    "MAX_PAGE_MB",
    "Clock",
    "Progress",
    "default_index",
    "silent",
    "user_folder",
    "working_memory_mb",
]

DEFAULT_INDEX = "embeddings"  # the home of built indexes in this repository
DEFAULT_PAGES = "seeds"  # the pages that come with this repository
INDEX_VARIABLE = "PULLQUOTE_INDEX"
INDEX_MARKER = ".pullquote-index"  # a file with this name marks a folder as an index

# Largest file that is read or uploaded: exports of 2,500 posts are 12 MB, pages saved with pictures up to 30 MB.
MAX_PAGE_MB = 64
MAX_PAGE_BYTES = MAX_PAGE_MB * 1024 * 1024


# The minimum and maximum of the memory for sorting and counting in a build (without the model, a page and its posts),
# in MB, and the divisor of this machine's memory. More memory saves passes over files: 64 MB sort 100,000 posts in one
# pass.
MIN_WORKING_MB, MAX_WORKING_MB, WORKING_SHARE = 64, 1024, 200


def working_memory_mb() -> int:
    """The default number of megabytes for sorting and counting in a build."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # the system does not say
        machine = 0
    return min(max(machine // 2**20 // WORKING_SHARE, MIN_WORKING_MB), MAX_WORKING_MB)


class Progress(Protocol):
    """Called by long-running work to report its progress; it may be called often and must return quickly."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` steps of ``stage`` are finished; ``total`` 0 means not yet known."""


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def default_index() -> str:
    """The default path of the index: the environment variable ``PULLQUOTE_INDEX``, or ``embeddings``.

    The environment is read at every call, never when this module is imported.
    """
    return os.environ.get(INDEX_VARIABLE) or DEFAULT_INDEX


class Clock:
    """Measures the stages of some work, in order, as (stage, wall seconds)."""

    def __init__(self) -> None:
        self.laps: list[tuple[str, float]] = []
        self._last = time.monotonic()

    def lap(self, stage: str) -> None:
        """Record that a stage has ended."""
        now = time.monotonic()
        self.laps.append((stage, now - self._last))
        self._last = now


def user_folder(kind: Literal["cache", "data"]) -> Path:
    """This user's folder for Pullquote's caches or data, which may not exist yet.

    Raises FileNotFoundError if the user has no home folder, as in a container with only a user number.
    """
    import platformdirs

    try:
        folder = Path(
            platformdirs.user_cache_dir("pullquote") if kind == "cache" else platformdirs.user_data_dir("pullquote")
        )
    except RuntimeError:  # newer versions of Python raise
        folder = Path("~")
    if not folder.is_absolute():  # older ones keep a "~" that cannot be expanded
        raise FileNotFoundError(errno.ENOENT, "this user has no home folder", "~")
    return folder
