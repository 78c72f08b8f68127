"""The folder on the disk for uploads until they are added, and for files until they are downloaded."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ui.services.memory import give_back

if TYPE_CHECKING:
    from collections.abc import Iterable

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["Scratch", "bytes_in", "clear_left", "discard", "file_stem", "new_file"]

# gradio reads this before each upload and each download.
_VARIABLE = "GRADIO_TEMP_DIR"

# Marks a folder made here. It is locked while its process lives, however that ends.
_NAME, _MARK = "pullquote-page-", ".in-use"

# A day, so that a page left open overnight can still download its files.
KEEP_SECONDS = 86_400.0

# Seconds between two sweeps, in which 32 readers free and fill some ten megabytes; a sweep takes 0.01 seconds.
SWEEP_SECONDS = 20.0


# Characters of a name made from a title. Four bytes each, with an ending, still fit the 255 of a file system.
MAX_STEM_CHARS = 60


@dataclass(slots=True)
class Scratch:
    """A folder for this process only, swept while the page runs and removed with it."""

    folder: Path = field(init=False)
    _end: threading.Event = field(default_factory=threading.Event)
    _sweeper: threading.Thread | None = None
    _before: str | None = None
    _mark: int | None = None

    def __enter__(self) -> Self:
        self._before = os.environ.get(_VARIABLE)
        if self._before:
            Path(self._before).mkdir(parents=True, exist_ok=True)
        clear_left(Path(self._before or tempfile.gettempdir()))
        self.folder = Path(tempfile.mkdtemp(prefix=_NAME, dir=self._before or None)).resolve()
        self._mark = _marked(self.folder)
        os.environ[_VARIABLE] = str(self.folder)
        self._sweeper = threading.Thread(target=self._work, daemon=True)
        self._sweeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._sweeper is not None:
            self._sweeper.join()
        if self._before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = self._before
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._mark is not None:
            os.close(self._mark)

    def _work(self) -> None:
        while not self._end.wait(SWEEP_SECONDS):
            sweep(self.folder, KEEP_SECONDS)
            give_back()


def _marked(folder: Path) -> int | None:
    """Put a locked mark into a folder, atomically; None if the system has no such locks."""
    if fcntl is None:
        return None
    aside = folder / f"{_MARK}-aside"
    mark = os.open(aside, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(mark, fcntl.LOCK_EX)
    aside.rename(folder / _MARK)
    return mark


def clear_left(home: Path) -> int:
    """Delete what killed pages left behind: this user's folders with an unlocked mark; returns how many."""
    if fcntl is None:
        return 0
    gone = 0
    for folder in home.glob(f"{_NAME}*"):
        with contextlib.suppress(OSError):  # it has no mark, belongs to another user, or is in use
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            mark = os.open(folder / _MARK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
            finally:
                os.close(mark)
    return gone


def sweep(folder: Path, keep_seconds: float) -> int:
    """Delete files unused for this long, and the folders left empty; returns the number of files."""
    gone = 0
    oldest = time.time() - keep_seconds
    aged: list[Path] = []
    for path in sorted(folder.rglob("*"), reverse=True):
        with contextlib.suppress(OSError):  # it may just be taken away
            if path.lstat().st_mtime < oldest and path != folder / _MARK:
                aged.append(path)
    for path in aged:
        with contextlib.suppress(OSError):  # it is already gone, or not empty
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
                gone += 1
    return gone


def bytes_in(folder: Path) -> int:
    """The number of bytes in a folder."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # it may just be taken away
            total += path.lstat().st_size
    return total


def discard(paths: Iterable[Path]) -> None:
    """Delete uploads that are now in the index, so that they no longer count towards the bound on the disk."""
    home = os.environ.get(_VARIABLE)
    for path in paths:
        with contextlib.suppress(OSError):  # another window dropped the same file, and it is already gone
            if home and Path(home).resolve() in path.resolve().parents:
                path.unlink()
                path.parent.rmdir()


def file_stem(title: str, otherwise: str) -> str:
    """A title as a file name on any system, without its ending; ``otherwise`` if it has neither letter nor digit.

    >>> file_stem("Who pays for social care?", "conversation")
    'Who-pays-for-social-care'
    """
    kept = (char if unicodedata.category(char)[0] in "LMN" or char == "_" else " " for char in title)
    words = "-".join("".join(kept).split())
    short = words[:MAX_STEM_CHARS]
    if len(words) > len(short) and words[len(short)] != "-":
        short = short.rpartition("-")[0] or short  # not in the middle of a word
    return short or otherwise


def new_file(name: str) -> Path:
    """The path for a file to download, in its own folder whose name cannot be guessed.

    It is in the folder from which the page serves files, so that no second copy is made.
    """
    home = os.environ.get(_VARIABLE)
    if home:
        Path(home).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="made-", dir=home or None)) / name
