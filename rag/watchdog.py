"""A watchdog: ends work that makes no progress for a long time, and names what was being worked on.

The work says what it is doing (`working_on`). A timer (SIGALRM) interrupts it now and then, even in a regular
expression or a blocking read, and ends it if it has not moved on. Other processes write what they are doing to a shared
`Board`, which also shows a process that is stuck where no signal reaches it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

from rag.errors import BuildStalled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ctypes import Array, c_ubyte
    from mmap import mmap
    from typing import TypeAlias

    Memory: TypeAlias = bytearray | mmap | Array[c_ubyte]

__all__ = ["BOARD_BYTES", "PATIENCE_SECONDS", "Board", "report_to", "stalled", "watched", "watching_also", "working_on"]

# Seconds without progress. The largest page takes some minutes when it has a processor to itself.
PATIENCE_SECONDS = 1800.0
# Checks in that time; this many in a row without progress end the work.
_LOOKS = 4
# The same when other processes do the work: each also watches itself, and its own report is more precise.
_LOOKS_AT_OTHERS = 6

_COUNT_BYTES = 8
BOARD_BYTES = 256  # for each process: how often it moved on, and what it is doing


class Board:
    """What several processes are doing, in shared memory with a slot for each."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memoryview(memory).cast("B")

    def write(self, place: int, moves: int, what: str) -> None:
        """Set what a process is doing, and how often it has moved on."""
        name = what.encode("utf-8", "replace")[: BOARD_BYTES - _COUNT_BYTES]
        slot = moves.to_bytes(_COUNT_BYTES, "little") + name.ljust(BOARD_BYTES - _COUNT_BYTES, b"\0")
        self._memory[place * BOARD_BYTES : (place + 1) * BOARD_BYTES] = slot

    def moves(self) -> list[int]:
        """How often each process has moved on."""
        starts = range(0, len(self._memory), BOARD_BYTES)
        return [int.from_bytes(self._memory[at : at + _COUNT_BYTES], "little") for at in starts]

    def names(self) -> str:
        """What they are doing, separated by commas."""
        starts = range(_COUNT_BYTES, len(self._memory), BOARD_BYTES)
        raw = (bytes(self._memory[at : at + BOARD_BYTES - _COUNT_BYTES]) for at in starts)
        return ", ".join(filter(None, (one.rstrip(b"\0").decode("utf-8", "ignore") for one in raw)))


class _Work:
    """What this process is doing."""

    def __init__(self) -> None:
        self.what = ""
        self.moves = 0
        self.board: Board | None = None  # where this process reports
        self.place = 0
        self.others: Board | None = None  # what its child processes report

    def seen(self) -> tuple[int, list[int]]:
        return self.moves, self.others.moves() if self.others is not None else []


_work = _Work()


def working_on(what: str) -> None:
    """Set what is being worked on, in words for a person, such as the name of a page. This counts as progress."""
    _work.what = what
    _work.moves += 1
    if _work.board is not None:
        _work.board.write(_work.place, _work.moves, what)


def report_to(board: Board, place: int) -> None:
    """Report what this process is doing on a board."""
    _work.board, _work.place = board, place


@contextlib.contextmanager
def watching_also(board: Board) -> Iterator[None]:
    """Count the progress that others report on a board as progress of this process, while the block runs."""
    before, _work.others = _work.others, board
    try:
        yield
    finally:
        _work.others = before


def stalled(what: str, seconds: float) -> BuildStalled:
    """The error that says what made no progress, and for how long."""
    waited = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"  # noqa: PLR2004 - two minutes
    return BuildStalled(
        f"there was no progress for {waited} on this, so the build was stopped",
        path=what or None,
        remedy="Move it out of the folder, or wait longer: pullquote index --patience SECONDS.",
    )


@contextlib.contextmanager
def watched(seconds: float) -> Iterator[None]:
    """End the block with BuildStalled after this many seconds, or slightly more, without progress; 0 waits for ever.

    Only the main thread of a process is watched, on systems with alarms, and if no other alarm is set.
    """
    here = threading.current_thread() is threading.main_thread()
    if seconds <= 0 or not here or not hasattr(signal, "setitimer") or any(signal.getitimer(signal.ITIMER_REAL)):
        yield
        return
    seen, quiet = _work.seen(), 0

    def look(*_: object) -> None:
        nonlocal seen, quiet
        now = _work.seen()
        beginning = now[1] and not any(now[1])  # child processes that have not begun
        quiet = quiet + 1 if now == seen and not beginning else 0
        seen = now
        if quiet >= (_LOOKS if _work.others is None else _LOOKS_AT_OTHERS):
            quiet = 0  # if this does not end the work, it gets as long again
            names = _work.others.names() if _work.others is not None else ""
            raise stalled(names or _work.what, seconds)

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, seconds / _LOOKS, seconds / _LOOKS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
