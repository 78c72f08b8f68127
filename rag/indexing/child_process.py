"""A child process of low priority, ended if it makes no progress."""

from __future__ import annotations

import contextlib
import mmap
import os
import subprocess
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from rag.watchdog import BOARD_BYTES, Board

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.watchdog import Memory

__all__ = ["PARENT_PATIENCE", "deprioritised", "end_child", "ended_if_stuck", "line_to", "shared_memory"]

# Seconds between checks for questions. An estimate: a first answer shares the processor at most this long.
_LOOK_SECONDS = 0.2
# Seconds to wait for a child to end before it is killed, which does no harm. An estimate: it ends at once unless a
# library holds the interpreter lock.
_END_SECONDS = 2.0
# The child first ends itself with a message; if it is stuck where no signal reaches it, it is killed from here.
PARENT_PATIENCE = 1.5
_LOOKS_AT_CHILD = 20


@contextlib.contextmanager
def shared_memory() -> Iterator[tuple[Memory, tuple[int, ...]]]:
    """Shared memory in which a child reports what it is doing, and its descriptors; none if it is not supported."""
    if not hasattr(os, "memfd_create"):
        yield bytearray(), ()
        return
    descriptor = os.memfd_create("pullquote-build")
    try:
        os.ftruncate(descriptor, BOARD_BYTES)
        yield mmap.mmap(descriptor, BOARD_BYTES), (descriptor,)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def ended_if_stuck(child: subprocess.Popen[str], board: Board, patience_seconds: float) -> Iterator[threading.Event]:
    """Kill a child that makes no progress and cannot end itself; the event says that this happened."""
    over, stuck = threading.Event(), threading.Event()

    def look() -> None:
        seen, quiet = board.moves(), 0
        while not over.wait(PARENT_PATIENCE * patience_seconds / _LOOKS_AT_CHILD):
            now = board.moves()
            seen, quiet = now, quiet + 1 if now == seen and any(now) else 0  # not before it has started
            if quiet == _LOOKS_AT_CHILD:
                stuck.set()
                child.kill()
                return

    if not patience_seconds or not board.moves():
        yield stuck
        return
    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield stuck
    finally:
        over.set()
        looking.join()


def line_to(child: subprocess.Popen[str]) -> IO[str]:
    """The pipe to a child's standard input."""
    return cast("IO[str]", child.stdin)


def end_child(child: subprocess.Popen[str]) -> None:
    """Close the child's input, the signal to end, and make sure that it ends."""
    with contextlib.suppress(BrokenPipeError):
        line_to(child).close()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


@contextlib.contextmanager
def deprioritised(pid: int, asked: Callable[[], bool]) -> Iterator[None]:
    """Control a child's priority: while somebody asks, it gets only idle processor time, and normal time afterwards.

    On Linux, only an administrator can raise a priority again; for others, the child stays low after the first
    question.
    """
    if not hasattr(os, "SCHED_IDLE"):
        yield
        return
    over = threading.Event()

    def look() -> None:
        moved = False
        while True:
            now = asked()
            moved = moved or now
            if moved:  # every time, since the child may have new threads
                _schedule(pid, os.SCHED_IDLE if now else os.SCHED_OTHER)
            if over.wait(_LOOK_SECONDS):
                return

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _schedule(pid: int, policy: int) -> None:
    """Set a scheduling policy for every thread of a process, if the system allows it."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))
