"""Giving freed memory back: glibc keeps what threads freed, each thread in a heap of its own, and a page has many."""

from __future__ import annotations

import ctypes
import gc
import sys

__all__ = ["give_back", "keep_few_heaps", "leave_out_of_collections"]

# glibc's number for the option "most heaps"; two are as many as the processors that answers are spread over.
_M_ARENA_MAX = -8
MAX_HEAPS = 2


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:  # another libc, which has none of this
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None


def keep_few_heaps() -> bool:
    """Let threads share heaps; for before the threads. False where the system has no such thing."""
    library = _glibc()
    return library is not None and library.mallopt(_M_ARENA_MAX, MAX_HEAPS) == 1


def give_back() -> bool:
    """Return to the system what lies free in the heaps. False where there was nothing, or no such thing."""
    library = _glibc()
    return library is not None and library.malloc_trim(0) == 1


def leave_out_of_collections() -> None:
    """Spare what is there by now from being looked through for garbage; for after the start.

    It is 200,000 objects of libraries and of the page, which stay; a look at all of them stops every answer for a tenth
    of a second.
    """
    gc.collect()
    gc.freeze()
