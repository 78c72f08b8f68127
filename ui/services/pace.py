"""Estimates how much longer work will take from how long it has taken so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace"]

# Seconds of a stage before its end is estimated. An estimate: a shorter stage needs none.
TELL_AFTER_SECONDS = 3.0


@dataclass(slots=True)
class Pace:
    """Watches the stages of some work; each has its own speed."""

    clock: Callable[[], float] = time.monotonic
    _stage: str = field(default="", init=False)
    _began: float = field(default=0.0, init=False)
    _first: int = field(default=0, init=False)

    def seconds_left(self, stage: str, done: int, total: int) -> float | None:
        """Seconds until the stage ends; None if unknown (so far)."""
        now = self.clock()
        if stage != self._stage:
            self._stage, self._began, self._first = stage, now, done
        passed = now - self._began
        steps = done - self._first
        if passed < TELL_AFTER_SECONDS or steps <= 0 or done >= total:
            return None
        return passed / steps * (total - done)
