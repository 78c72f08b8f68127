"""Child processes that end with their parent, however it ends: by a signal, in a crash or killed by the system.

A thread that watches the parent cannot run while a library holds the interpreter lock, so on Linux the kernel watches
too.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

__all__ = ["end_with_input", "end_with_parent"]

# The option of Linux's prctl that sets the signal for this process when the thread that started it ends.
_SET_PARENT_DEATH_SIGNAL = 1


def end_with_parent(*, even_if_stuck: bool) -> None:
    """End this process, started by ``multiprocessing``, when its parent ends.

    With ``even_if_stuck``, Linux ends it even while a library holds the interpreter lock; but then it ends with the
    thread that started it, which must live as long as the process is needed.
    """
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is None:
        return
    if even_if_stuck and sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent.pid:  # the parent ended before the kernel was asked
            os._exit(1)
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end with parent").start()


def end_with_input() -> None:
    """End this process when the other end of its standard input, a pipe, is closed.

    Everything else on standard input must have been read before. The process ends at once, without cleaning up.
    """
    if sys.platform == "linux":
        import fcntl

        # the kernel sends SIGIO when the other end closes, and by default that ends the process
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)

    def watch() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end with input").start()
