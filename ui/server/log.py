"""How much may be written to the log, whoever writes it: the server, gradio, or a library that reads requests."""

from __future__ import annotations

import logging
import sys
import time
from traceback import format_exception
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FewLines", "LoggedTracebacks", "bound_log"]

# Lines per minute, after which only the rest of a message is written. An estimate: enough to see what is wrong, too few
# to fill a disk.
MAX_LINES = 30
LINES_SECONDS = 60.0

# uvicorn gives these handlers of their own whenever a server starts; all others come to those of the root.
_SERVER = ("uvicorn.error", "uvicorn.access")


class FewLines(logging.Filter):
    """Lets messages through until they have this many lines in a minute, counting those of their tracebacks.

    The first message of the next minute says how many lines were left out. ``now`` returns seconds of a monotonic
    clock.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.now = now
        self._since = now()
        self._written = self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this message is written."""
        at = self.now()
        if at - self._since >= LINES_SECONDS:
            if self._left_out:
                record.msg = f"{self._left_out:,} lines were left out. {record.getMessage()}"
                record.args = ()
            self._since, self._written, self._left_out = at, 0, 0
        if self._written < MAX_LINES:
            self._written += _lines_of(record)
            return True
        self._left_out += _lines_of(record)
        return False


def _lines_of(record: logging.LogRecord) -> int:
    lines = record.getMessage().count("\n") + 1
    error = record.exc_info[1] if record.exc_info else None
    return lines + ("".join(format_exception(error)).count("\n") if error is not None else 0)


class LoggedTracebacks:
    """In place of the module `traceback` where an error that a caller can cause would be printed past the log."""

    def print_exc(self) -> None:
        """Log the error that is being handled."""
        logging.getLogger(__name__).error("A call of the page failed.", exc_info=sys.exc_info())


def bound_log() -> None:
    """Bound what this process logs, together, however often it is called and whatever logs before or after it."""
    root = logging.getLogger()
    if not root.handlers:
        logging.basicConfig()  # as the first library to log would, and then nothing would bound it
    places = [*root.handlers, *(logging.getLogger(name) for name in _SERVER)]
    known = [one for place in places for one in place.filters if isinstance(one, FewLines)]
    few = known[0] if known else FewLines()
    for place in places:
        if not any(isinstance(one, FewLines) for one in place.filters):
            place.addFilter(few)
