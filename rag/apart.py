"""A build in a process of its own: it shares neither the lock of this interpreter nor memory with whoever answers here.

    python -m rag.apart      one line of JSON in, {"paths": [...], "into": "..."}; a line of JSON out for each step

The child works behind everybody else (nice). It ends with who started it, and killing it does no harm: a build is put
in place in one step or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from rag.address import Address, read_address
from rag.errors import PullquoteError
from rag.ingest import build_index

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

__all__ = ["build_apart"]

# The weakest there is, where the system has nothing weaker: a build takes what is left of the processors, all of it
# where nobody asks.
_NICENESS = 19
# Seconds between two lines about one stage; a build calls back for every page.
_TELL_SECONDS = 0.2
# Seconds that a child which was told to end is waited for before it is killed.
_PATIENCE_SECONDS = 2.0


def build_apart(paths: Sequence[Path], into: Path | Address) -> Generator[tuple[str, int, int]]:
    """Bring an index up to date as `build_index` does, step by step: (stage, done, of how many or 0).

    Ends when the index is in place. A caller that stops listening ends the build.

    Raises:
        PullquoteError: what `build_index` raises, in its words, or that its process was ended from outside.

    """
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.apart"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
        encoding="utf-8",
    ) as child:
        try:
            yield from _steps(child, json.dumps({"paths": [str(path) for path in paths], "into": str(into)}))
        finally:
            _end(child)


def _environment() -> Mapping[str, str]:
    """This one's, less what a library might tell its makers, and with this very package to be found."""
    ours = str(Path(__file__).resolve().parents[1])
    found = os.pathsep.join(filter(None, [ours, os.environ.get("PYTHONPATH", "")]))
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "ORT_DISABLE_TELEMETRY": "1"}
    return {**os.environ, **quiet, "PYTHONPATH": found}


def _steps(child: subprocess.Popen[str], asked: str) -> Generator[tuple[str, int, int]]:
    with contextlib.suppress(BrokenPipeError):  # it is gone already, which the end of its lines tells
        _line_to(child).write(asked + "\n")
        _line_to(child).flush()
    for line in cast("IO[str]", child.stdout):
        said = json.loads(line) if line.endswith("\n") else {}  # a line that is cut short is the last
        if "problem" in said:
            raise PullquoteError(said["problem"])
        if "ended" in said:
            return
        if "stage" in said:
            yield said["stage"], said["done"], said["total"]
    status = child.wait()
    raise PullquoteError(
        "the process that builds the index broke off: it was ended from outside, or there was no memory left for it",
        got=f"signal {-status}" if status < 0 else f"status {status}",
        remedy="Try again.",
    )


def _line_to(child: subprocess.Popen[str]) -> IO[str]:
    return cast("IO[str]", child.stdin)


def _end(child: subprocess.Popen[str]) -> None:
    """Close the child's line, on which it ends, and make sure that it does."""
    with contextlib.suppress(BrokenPipeError):
        _line_to(child).close()
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def _end_with_parent() -> None:
    """Wait until nobody holds the other end of the line, then end at once: a build can be killed at any moment."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _stand_back() -> None:
    """Let everybody else go first: on Linux a processor that does only this counts as idle for those who wake up."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class _Teller:
    """Writes steps as lines, not more often than somebody reads them."""

    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "w", encoding="utf-8")
        self._stage = ""
        self._told = 0.0

    def tell(self, **said: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody listens any more: this process is about to end
            self._out.write(json.dumps(said) + "\n")
            self._out.flush()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._told > _TELL_SECONDS:
            self._stage, self._told = stage, now
            self.tell(stage=stage, done=done, total=total)


def main() -> int:
    """Build what the line on standard input asks for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends who started this, and with it this
    _stand_back()
    teller = _Teller(os.dup(1))
    os.dup2(2, 1)  # whatever a library prints is no step
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        build_index([Path(path) for path in asked["paths"]], read_address(asked["into"]), progress=teller)
    except PullquoteError as error:
        teller.tell(problem=str(error))
        return 1
    teller.tell(ended=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
