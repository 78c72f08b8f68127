"""What outlives the generations of an index: small texts beside them, which go along when an index is copied."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Protocol

from rag.errors import IndexDamaged
from rag.manifest import sync

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAMES", "FolderSettings", "Settings", "calibrated", "keep_threshold"]

_THRESHOLD = "threshold.json"
# the calibrated threshold, the second model, decisions about duplicates
NAMES = (_THRESHOLD, "second-model.json", "duplicates.txt")


class Settings(Protocol):
    """The settings of one index."""

    @property
    def where(self) -> str:
        """Where they are kept, for a person."""

    def read(self, name: str) -> str | None:
        """The text of a setting; None where it was never kept."""

    def keep(self, name: str, text: str | None) -> None:
        """Keep a text under a name, or nothing."""


class FolderSettings:
    """Files in the folder of an index."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.where = str(home)

    def read(self, name: str) -> str | None:
        """The text of a setting; None where it was never kept."""
        path = self._home / name
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"a setting cannot be read ({error})", path=str(path)) from error

    def keep(self, name: str, text: str | None) -> None:
        """Keep a text under a name, or nothing; in one step."""
        if text is None:
            (self._home / name).unlink(missing_ok=True)
            return
        aside = self._home / f".{name}-{os.getpid()}"
        aside.write_text(text, encoding="utf-8")
        sync(aside)
        aside.replace(self._home / name)


def calibrated(settings: Settings) -> tuple[float, str] | None:
    """The confidence below which an index refuses, and what it was chosen on; None where it was not calibrated.

    Raises:
        IndexDamaged: what is kept is none.

    """
    text = settings.read(_THRESHOLD)
    if text is None:
        return None
    try:
        row = json.loads(text)
        return float(row["confidence"]), str(row["source"])
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            "the calibrated threshold cannot be read",
            path=f"{settings.where}/{_THRESHOLD}",
            remedy="Delete the file, or run pullquote calibrate.",
        ) from error


def keep_threshold(settings: Settings, confidence: float, source: str) -> None:
    """Keep a threshold of an index's own."""
    settings.keep(_THRESHOLD, json.dumps({"confidence": confidence, "source": source}) + "\n")
