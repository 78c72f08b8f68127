"""Returns freed memory to the system: glibc keeps it in a heap for each thread, and the page has many threads."""

from __future__ import annotations

import ctypes
import gc
import sys

__all__ = ["exclude_from_collection", "give_back", "keep_few_heaps"]

# glibc's number for the option "most heaps"; two are as many as the processors that answers use.
_M_ARENA_MAX = -8
MAX_HEAPS = 2


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:  # another libc, without these functions
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


def keep_few_heaps() -> bool:
    """Let threads share heaps; call it before starting threads. False if the system does not support it."""
    library = _glibc()
    return library is not None and library.mallopt(_M_ARENA_MAX, MAX_HEAPS) == 1


def give_back() -> bool:
    """Return free memory of the heaps to the system. False if there was none, or the system does not support it."""
    library = _glibc()
    return library is not None and library.malloc_trim(0) == 1


def exclude_from_collection() -> None:
    """Exclude all existing objects from garbage collection; call it after the start.

    These are 200,000 permanent objects of libraries and of the page; scanning them stops every answer for a tenth of a
    second.
    """
    gc.collect()
    gc.freeze()
