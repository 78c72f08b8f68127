"""Settings that outlive the snapshots of an index: small texts beside them, copied with the index."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
from typing import TYPE_CHECKING, Protocol

from rag.errors import IndexDamaged, InputError
from rag.store.manifest import sync

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAMES", "FolderSettings", "Settings", "calibrated", "keep_threshold"]

_THRESHOLD = "threshold.json"
# the calibrated threshold, decisions about duplicates
NAMES = (_THRESHOLD, "duplicates.txt")
# those written by the user
_BY_HAND = frozenset({"duplicates.txt"})
# chosen: decisions about a hundred thousand texts; in an index from elsewhere a file can be of any size
_MOST_BYTES = 10 * 2**20


class Settings(Protocol):
    """The settings of one index."""

    @property
    def where(self) -> str:
        """Where they are kept, in words for a person."""

    def read(self, name: str) -> str | None:
        """The text of a setting; None if it was never set."""

    def keep(self, name: str, text: str | None) -> None:
        """Set or remove a setting."""


class FolderSettings:
    """Files in the folder of an index.

    A lost or altered setting would silently change answers. So settings not written by the user are stored twice: in
    the file with its name, and in a hidden file sealed with a hash, which counts while it is intact.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self.where = str(home)

    def read(self, name: str) -> str | None:
        """The text of a setting; None if it was never set.

        Raises:
            IndexDamaged: it cannot be read.

        """
        shown = self._bytes(name)
        if name not in _BY_HAND:
            hidden = self._bytes(f".{name}")
            found = next((text for data in (hidden, shown) if (text := _unsealed(name, data)) is not None), None)
            if found is not None:
                return found
        try:
            return None if shown is None else shown.decode()
        except UnicodeDecodeError as error:
            raise self._damaged(name, "it is not UTF-8 text") from error

    def keep(self, name: str, text: str | None) -> None:
        """Set or remove a setting; in one step."""
        if text is None:
            (self._home / f".{name}").unlink(missing_ok=True)
            (self._home / name).unlink(missing_ok=True)
            return
        self._write(name, text)
        if name not in _BY_HAND:
            self._write(f".{name}", _sealed(name, text))

    def _bytes(self, name: str) -> bytes | None:
        try:
            with (self._home / name).open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
            if len(data) > _MOST_BYTES:
                raise OSError(errno.EFBIG, "it is larger than any settings file")  # noqa: TRY301 - as one that cannot be read
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._damaged(name, error.strerror or str(error)) from error
        return data

    def _damaged(self, name: str, problem: str) -> IndexDamaged:
        remedy = "Delete the file, and set it again: pullquote calibrate."
        return IndexDamaged(f"a setting cannot be read ({problem})", path=str(self._home / name), remedy=remedy)

    def _write(self, name: str, text: str) -> None:
        aside = self._home / f".aside-{name}-{os.getpid()}"
        try:
            aside.unlink(missing_ok=True)  # never write through a link
            aside.write_text(text, encoding="utf-8", newline="")
            sync(aside)
            aside.replace(self._home / name)
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink()
            problem = f"the setting cannot be written ({error.strerror})"
            raise InputError(problem, path=str(self._home / name), remedy="Nothing was changed.") from error


def _sealed(name: str, text: str) -> str:
    digest = hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()
    return f"{digest}\n{text}"


def _unsealed(name: str, data: bytes | None) -> str | None:
    """The text of a sealed file; None if it is damaged, or belongs to another setting."""
    try:
        text = (data or b"").decode().partition("\n")[2]
    except UnicodeDecodeError:
        return None
    return text if data == _sealed(name, text).encode() else None


def calibrated(settings: Settings) -> tuple[float, str] | None:
    """The confidence below which an index refuses, and what it was chosen on; None if it was not calibrated.

    Raises:
        IndexDamaged: the stored value is not a confidence.

    """
    text = settings.read(_THRESHOLD)
    if text is None:
        return None
    try:
        row = json.loads(text)
        confidence, source = float(row["confidence"]), str(row["source"])
        if not math.isfinite(confidence):
            raise ValueError(confidence)  # noqa: TRY301 - like other invalid values
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise IndexDamaged(
            "the calibrated threshold cannot be read",
            path=f"{settings.where}/{_THRESHOLD}",
            remedy="Delete the file, or run pullquote calibrate.",
        ) from error
    return confidence, source


def keep_threshold(settings: Settings, confidence: float, source: str) -> None:
    """Set the threshold of an index."""
    settings.keep(_THRESHOLD, json.dumps({"confidence": confidence, "source": source}) + "\n")
