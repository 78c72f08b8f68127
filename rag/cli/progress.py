"""Progress on standard error: a moving bar on a terminal, an occasional line in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["ProgressBars"]

# Seconds between two lines in a log, and between two updates of the bar on a terminal.
_SECONDS_BETWEEN_LOG_LINES = 10.0
_SECONDS_BETWEEN_FRAMES = 0.1


class ProgressBars:
    """Progress on standard error: a bar for each stage with rate and time left, or an occasional line in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar of this stage, or start it."""
        from tqdm import tqdm

        if self._bar is None or stage != self._stage:
            self.close()
            terminal = self._stream.isatty()
            self._stage = stage
            self._bar = tqdm(
                total=total or None,
                initial=done,
                desc=stage.capitalize(),
                file=self._stream,
                mininterval=_SECONDS_BETWEEN_FRAMES if terminal else _SECONDS_BETWEEN_LOG_LINES,
                dynamic_ncols=True,
                unit="",
                bar_format=None if total else "{desc} … {elapsed}",
            )
        if total and self._bar.total != total:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Finish the current bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
