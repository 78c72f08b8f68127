"""Whether the pages of an index were left alone since a build read them: decided by their stamps, without reading them.

    <user cache>/pullquote/looks/<hash of an index folder's path>.json
        the folder; the snapshot that was in use after the build; when the build looked, in ns; a hash of what it saw

What is seen of a page is what ``rag.checksums`` stamps of a file: device, inode, size, and the times of the last change
of its bytes (mtime) and of anything (ctime), which no program can set. The same two things go unnoticed, and on disks
that store no ctime, a page replaced by one of the same size and mtime. Every page is read again if anything is new
about a file or a folder, if a file was written to in the two seconds before the build looked, if the clock was set
back, if a page could not be read for a reason that may pass, and after ``pullquote status --check`` has found a changed
page.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.checksums import LEFT_ALONE_NS, clear_kept, stamp
from rag.config import user_folder
from rag.errors import IndexProblem
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Look", "forget_look", "is_as_seen", "keep_look", "look_at"]

_ENDINGS_OF_TABLES = (".csv", ".json")  # of files that describe others in an unpacked export
_FOLDERS_OF_ACCOUNTS = ("profile",)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of the files to index, as a hash, and when, in ns."""

    seen: str
    moment: int


def look_at(files: Sequence[tuple[str, Path, str]], roots: Iterable[str]) -> Look | None:
    """Look at files as listed by ``rag.loading.files.paths.named`` and at the folders they are in.

    None if they may have changed without showing it: some were written to just now, or the system has no times of
    change, or a folder outside the ``roots`` may contain tables that describe them.
    """
    moment = _now()
    if os.name != "posix":
        return None
    found = hashlib.sha256()
    try:
        for name, path, reason in files:
            seen = [] if reason else stamp(os.stat(path))  # noqa: PTH116 - three times as fast
            if seen and max(seen[3:]) >= moment - LEFT_ALONE_NS:
                return None
            found.update(repr((name, str(path), reason, seen)).encode("utf-8", "surrogatepass"))
        for folder in sorted(_folders(files)):
            if not _is_below(folder, roots) and _describes(folder):
                return None
            found.update(repr((folder, stamp(os.stat(folder)))).encode("utf-8", "surrogatepass"))  # noqa: PTH116
    except OSError:
        return None
    return Look(found.hexdigest(), moment)


def _folders(files: Iterable[tuple[str, Path, str]]) -> set[str]:
    """The folders whose tables may describe a file: its own, and that above (``containers.unpacked_exports``)."""
    own = {(os.path.dirname(path), "/" in name) for name, path, _ in files}  # noqa: PTH120 - many files
    return {folder for folder, _ in own} | {os.path.dirname(folder) for folder, inner in own if inner}  # noqa: PTH120


def _is_below(folder: str, roots: Iterable[str]) -> bool:
    return any(folder == root or folder.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _describes(folder: str) -> bool:
    """Whether a folder may contain tables or an account's pages that describe pages in it."""
    with os.scandir(folder) as entries:
        return any(entry.name.endswith(_ENDINGS_OF_TABLES) or entry.name in _FOLDERS_OF_ACCOUNTS for entry in entries)


def is_as_seen(home: Path, look: Look) -> bool:
    """Whether the build that made the snapshot in use has seen the same."""
    try:
        kept = json.loads(_place(home).read_text(encoding="utf-8"))
        known = kept["folder"], kept["snapshot"], kept["seen"]
        return known == (os.path.realpath(home), _snapshot(home), look.seen) and int(kept["moment"]) <= _now()
    except (OSError, ValueError, KeyError, TypeError, IndexProblem):
        return False


def keep_look(home: Path, look: Look) -> None:
    """Record what was seen before pages were read for the snapshot in use; does nothing if there is no place for it."""
    kept = {"folder": os.path.realpath(home), "snapshot": _snapshot(home), "moment": look.moment, "seen": look.seen}
    with contextlib.suppress(OSError):
        place = _place(home)
        place.parent.mkdir(parents=True, exist_ok=True)
        clear_kept(place.parent)
        aside = place.with_name(f".{place.name}-{os.getpid()}")
        aside.write_text(json.dumps(kept), encoding="utf-8")
        aside.replace(place)


def forget_look(home: Path) -> None:
    """Let the next build read every page."""
    with contextlib.suppress(OSError):
        _place(home).unlink(missing_ok=True)


def _snapshot(home: Path) -> str:
    return current_folder(home).name


def _place(home: Path) -> Path:
    name = hashlib.sha256(os.fsencode(os.path.realpath(home))).hexdigest()[:32]
    return user_folder("cache") / "looks" / f"{name}.json"


def _now() -> int:
    return time.time_ns()
