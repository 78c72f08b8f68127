"""Remembers large files that were checked; they are not read again until they are written to.

    <user cache>/pullquote/checked/<hash of a folder's path>.json
        the folder; for each file [device, inode, size, mtime, ctime, moment of the check, SHA-256], times in ns

Writing to a file, truncating it or replacing it changes its inode or its change time, which no program can set. To
catch a write in the same tick of the clock, a file is stamped only if it had been left alone for a while when its check
began; stamps from the future are ignored, because the clock was changed. Two things go unnoticed: a disk that loses
bits, and a program that has the file mapped for writing, wrote to it before the check and continues in the same memory
page. ``pullquote status --check`` reads every file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

from rag.config import user_folder

__all__ = ["LEFT_ALONE_NS", "Stamps", "clear_kept", "sha256_of", "stamp"]

# Smaller files are read each time, which takes 20 ms at most (1.7 GB/s); that is every file of a heap of 5,000 chunks.
_LARGE = 2**25
# FAT stores times in steps of two seconds, the coarsest of all
LEFT_ALONE_NS = 2_000_000_000


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Stamps:
    """The stamps of the large files of a folder: those of the last check, and those of this one."""

    def __init__(self, folder: Path) -> None:
        """Reads nothing until the first question about a large file."""
        self._folder = folder
        self._kept: dict[str, list[object]] | None = None
        self._seen: dict[str, list[object]] = {}
        self._wrong: set[str] = set()

    def is_right(self, name: str, digest: str, *, read: bool = False) -> bool:
        """Whether a file has this SHA-256; with ``read``, the file is read in any case.

        Raises OSError if it cannot be read.
        """
        path = self._folder / name
        now = _now()
        look = stamp(path.stat())
        # except on POSIX systems, the change time is the creation time
        if look[2] < _LARGE or os.name != "posix":
            return sha256_of(path) == digest
        if self._kept is None:
            self._kept = _read(self._folder)
        *kept, checked, found = self._kept.get(name) or (0, "")
        if not read and kept == look and found == digest and isinstance(checked, int) and checked <= now:
            return True
        with path.open("rb") as file:
            look = stamp(os.fstat(file.fileno()))
            right = hashlib.file_digest(file, "sha256").hexdigest() == digest
            written = stamp(os.fstat(file.fileno())) != look
        if not right:
            self._wrong.add(name)
        elif not written and max(look[3:]) < now - LEFT_ALONE_NS:
            self._seen[name] = [*look, now, digest]
        return right

    def keep(self) -> None:
        """Save the stamps; does nothing if there is no place for them."""
        before = self._kept or {}
        files = {name: seen for name, seen in {**before, **self._seen}.items() if name not in self._wrong}
        if files == before:
            return
        kept = {"folder": os.path.realpath(self._folder), "files": files}
        with contextlib.suppress(OSError):
            place = _place(self._folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            clear_kept(place.parent)
            aside = place.with_name(f".{place.name}-{os.getpid()}")
            aside.write_text(json.dumps(kept), encoding="utf-8")
            aside.replace(place)


def _now() -> int:
    return time.time_ns()


def stamp(status: os.stat_result) -> list[int]:
    """What shows that a file was written to: device, inode, size, mtime and ctime."""
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _place(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
    return user_folder("cache") / "checked" / f"{name}.json"


def _read(folder: Path) -> dict[str, list[object]]:
    try:
        kept = json.loads(_place(folder).read_text(encoding="utf-8"))
        files: dict[str, list[object]] = kept["files"] if kept["folder"] == os.path.realpath(folder) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    whole = isinstance(files, dict) and all(isinstance(seen, list) and len(seen) > 1 for seen in files.values())
    return files if whole else {}


def clear_kept(files: Path) -> None:
    """Remove what is kept about folders that are gone, such as older snapshots, and damaged files."""
    for kept in files.iterdir():
        try:
            folder = json.loads(kept.read_text(encoding="utf-8"))["folder"]
            gone = not Path(str(folder)).is_dir()
        except (OSError, ValueError, KeyError, TypeError):
            gone = True
        if gone:
            with contextlib.suppress(OSError):
                kept.unlink()
