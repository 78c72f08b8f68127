"""However much is logged, and by whom, the log grows slowly."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from ui.server.log import LINES_SECONDS, MAX_LINES, FewLines


def _record(number: int, message: str = "line %d") -> logging.LogRecord:
    return logging.LogRecord("x", logging.WARNING, "", 0, message, (number,), None)


def test_a_flood_does_not_fill_the_log() -> None:
    """This many lines a minute; the number of lines left out comes with the next."""
    at = [0.0]
    lines = FewLines(lambda: at[0])
    records = [_record(number) for number in range(1_000)]
    assert sum(lines.filter(record) for record in records[:900]) == MAX_LINES
    at[0] = LINES_SECONDS
    assert lines.filter(records[900])
    assert records[900].getMessage() == "870 lines were left out. line 900"
    assert lines.filter(records[901])
    assert records[901].getMessage() == "line 901"


def test_the_lines_of_a_message_and_of_its_traceback_count() -> None:
    """A long message is written whole, and is the last of its minute."""
    lines = FewLines(lambda: 0.0)
    assert lines.filter(_record(1, "%d" + "\n" * MAX_LINES))
    assert not lines.filter(_record(2))
    lines = FewLines(lambda: 0.0)
    try:
        _deep(MAX_LINES)
    except ZeroDivisionError:
        broken = logging.LogRecord("x", logging.ERROR, "", 0, "broken", (), sys.exc_info())
    assert lines.filter(broken)
    assert not lines.filter(_record(2))


def _deep(calls: int) -> float:
    """Fail below two functions that call each other, of which no line is left out of a traceback."""
    return 1 / 0 if calls == 0 else _deeper(calls - 1)


def _deeper(calls: int) -> float:
    return 1 / 0 if calls == 0 else _deep(calls - 1)


# Logs as often as a flood of requests, in a program that has set up nothing; a server starts in between.
_FLOOD = """
import logging, sys
import uvicorn
from ui.server.log import LoggedTracebacks, bound_log
bound_log()
bound_log()
uvicorn.Config(lambda: None, log_level="warning")
name = sys.argv[1]
for number in range(500):
    if name == "traceback":
        try:
            1 / 0
        except ZeroDivisionError:
            LoggedTracebacks().print_exc()
    else:
        (logging.getLogger(name) if name else logging).warning("Found invalid character %d in header", number)
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *((name, "invalid character 0") for name in ("uvicorn.error", "asyncio", "python_multipart.multipart", "")),
        ("traceback", "ZeroDivisionError: division by zero"),
    ],
)
def test_whoever_logs_is_bounded(name: str, told: str) -> None:
    """The server, libraries that say what is wrong with each request, the module's functions, gradio's tracebacks."""
    done = subprocess.run([sys.executable, "-c", _FLOOD, name], capture_output=True, text=True, check=True)
    assert told in done.stderr
    assert done.stderr.count("\n") < 2 * MAX_LINES
