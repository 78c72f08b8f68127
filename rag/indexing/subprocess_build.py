"""A build in a separate process, which shares neither the interpreter lock nor memory with the one that answers.

    python -m rag.indexing.subprocess_build

reads one line of JSON, {"paths": [...], "into": "...", "patience_seconds": 7200, "board": [3]}, and writes a line of
JSON for each step. ``board`` is the descriptor of the memory in which the child reports what it is doing, if any.

The child has low priority (nice), and still lower while questions are being answered here. It ends with its parent,
even if a library holds its interpreter lock, and if it makes no progress for a long time. Killing it does no harm: a
build is put in place in one step or not at all.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from rag.errors import PullquoteError
from rag.indexing.child_process import (
    PARENT_PATIENCE,
    deprioritised,
    end_child,
    ended_if_stuck,
    line_to,
    shared_memory,
)
from rag.processes import end_with_input
from rag.store.address import Address, read_address
from rag.watchdog import BOARD_BYTES, PATIENCE_SECONDS, Board, report_to, stalled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from rag.config import Progress

__all__ = ["build_in_subprocess"]

# A tenth of what an ordinary program gets on the same processor (110 of 1,024 in Linux's table of weights); at the
# lowest priority, 19, it is an eightieth (15), and a build beside other programs makes hardly any progress.
_NICENESS = 10
# Seconds between two lines about one stage, although a build reports every page. An estimate: this looks smooth.
_REPORT_SECONDS = 0.2
# Seconds without progress: at low priority, a page takes longer than in a build that has the processor to itself.
LOW_PRIORITY_PATIENCE_SECONDS = 4 * PATIENCE_SECONDS


def build_in_subprocess(
    paths: Sequence[Path],
    into: Path | Address,
    asked: Callable[[], bool] = lambda: False,
    *,
    patience_seconds: float = LOW_PRIORITY_PATIENCE_SECONDS,
) -> Generator[tuple[str, int, int]]:
    """Update an index as `build_index` does, yielding its steps: (stage, done, total or 0).

    It ends when the index is in place. Closing the generator ends the build. While ``asked()`` is true, the build gets
    only idle processor time. Only one process can open a milvus-lite file, so for those the build runs in a thread of
    this process. A build without progress for ``patience_seconds`` is stopped; 0 waits for ever.

    Raises:
        PullquoteError: as `build_index` raises it, or the process was killed from outside.
        BuildStalled: there was no progress, and it was stopped from here.

    """
    if isinstance(into, Address) and into.is_file:
        yield from _build_here(paths, into)
        return
    with (
        shared_memory() as (memory, descriptors),
        subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.indexing.subprocess_build"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            encoding="utf-8",
            pass_fds=descriptors,
        ) as child,
    ):
        try:
            board = Board(memory)
            build = {"paths": [*map(str, paths)], "into": str(into), "patience_seconds": patience_seconds}
            build["board"] = descriptors
            with deprioritised(child.pid, asked), ended_if_stuck(child, board, patience_seconds) as stuck:
                whole = yield from _steps(child, json.dumps(build))
            if stuck.is_set():
                raise stalled(board.names(), PARENT_PATIENCE * patience_seconds)
            if not whole:
                raise _broken_off(child.wait())
        finally:
            end_child(child)


def _build_here(paths: Sequence[Path], into: Address) -> Generator[tuple[str, int, int]]:
    steps: queue.SimpleQueue[tuple[str, int, int] | PullquoteError | None] = queue.SimpleQueue()
    left = threading.Event()

    def tell(stage: str, done: int, total: int) -> None:
        if left.is_set():
            raise PullquoteError("broken off")
        steps.put((stage, done, total))

    def work() -> None:
        from rag.indexing.build import build_index

        try:
            build_index(paths, into, progress=_Throttled(tell))
        except PullquoteError as error:
            steps.put(error)
        finally:
            steps.put(None)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while (step := steps.get()) is not None:
            if isinstance(step, PullquoteError):
                raise step
            yield step
    finally:
        left.set()
        worker.join()


def _environment() -> Mapping[str, str]:
    """This process's environment, with reporting by libraries switched off and this package on the path."""
    ours = str(Path(__file__).resolve().parents[2])
    found = os.pathsep.join(filter(None, [ours, os.environ.get("PYTHONPATH", "")]))
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return {**os.environ, **quiet, "PYTHONPATH": found}


def _steps(child: subprocess.Popen[str], asked: str) -> Generator[tuple[str, int, int], None, bool]:
    """Pass on the child's reports; return whether it finished."""
    with contextlib.suppress(BrokenPipeError):  # it has already ended, as the end of its output shows
        line_to(child).write(asked + "\n")
        line_to(child).flush()
    for line in cast("IO[str]", child.stdout):
        said = json.loads(line) if line.endswith("\n") else {}  # an incomplete line is the last
        if "problem" in said:
            raise PullquoteError(said["problem"])
        if "ended" in said:
            return True
        if "stage" in said:
            yield said["stage"], said["done"], said["total"]
    return False


def _broken_off(status: int) -> PullquoteError:
    return PullquoteError(
        "the build process ended early: it was killed, or it ran out of memory",
        got=f"signal {-status}" if status < 0 else f"status {status}",
        remedy="Try again.",
    )


class _Throttled:
    """Passes on every new stage, and other steps no more often than a person can read."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell
        self._stage = ""
        self._told = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._told > _REPORT_SECONDS:
            self._stage, self._told = stage, now
            self._tell(stage, done, total)


class _Reporter:
    """Writes steps as lines."""

    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "w", encoding="utf-8")

    def tell(self, **said: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody is listening, and this process is about to end
            self._out.write(json.dumps(said) + "\n")
            self._out.flush()

    def step(self, stage: str, done: int, total: int) -> None:
        self.tell(stage=stage, done=done, total=total)


def main() -> int:
    """Run the build described by the line on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the parent, and this process with it
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):  # some systems refuse
            os.nice(_NICENESS)
    teller = _Reporter(os.dup(1))
    os.dup2(2, 1)  # the output of libraries is not a step
    asked = json.loads(sys.stdin.readline())
    end_with_input()
    for descriptor in asked["board"]:
        report_to(Board(mmap.mmap(descriptor, BOARD_BYTES)), 0)
    from rag.indexing.build import build_index

    try:
        build_index(
            [Path(path) for path in asked["paths"]],
            read_address(asked["into"]),
            progress=_Throttled(teller.step),
            patience_seconds=asked["patience_seconds"],
        )
    except PullquoteError as error:
        teller.tell(problem=str(error))
        return 1
    teller.tell(ended=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
