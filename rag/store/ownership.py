"""The ownership of an index folder, and the only code that deletes anything in it.

    .pullquote-index    marks the folder as an index; written when it is made
    .building           locked while somebody builds; names the process
    .aside-*/           what a build writes before putting it in place; also marked

Nothing is built in a folder with other contents. A snapshot is deleted file by file, following the list in its own
manifest; links are never followed, and files not on the list stay.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import INDEX_MARKER
from rag.errors import IndexBusy, IndexProblem, InputError
from rag.store.manifest import SNAPSHOT_FILES, current_folder, files_listed
from rag.store.plain_files import check_own_files
from rag.store.settings import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["aside_folder", "building", "clear_older", "is_index_folder", "remove_snapshot"]

_LOCK = ".building"
_ASIDE = ".aside-"
_MARKER_TEXT = "Pullquote keeps an index in this folder. The command 'pullquote index' replaces the snapshots in it.\n"
_SNAPSHOT_NAME = re.compile(r"g-[0-9a-f]{16}")
# Files allowed in a folder before the first build: this project's own, and those that a user writes.
_WELCOME = frozenset({"README.md", ".gitignore", ".gitkeep", ".DS_Store", "added", "feedback.jsonl"})
_WELCOME_SETTINGS = frozenset({*NAMES, *(f".{name}" for name in NAMES), "feedback-open.jsonl", _LOCK})


def is_index_folder(folder: Path) -> bool:
    """Whether a folder is an index: it is marked as one, or a snapshot in it is in use."""
    marker = folder / INDEX_MARKER
    if marker.is_file() and not marker.is_symlink():
        return True
    try:
        return bool(files_listed(current_folder(folder)))
    except IndexProblem:
        return False


def _claim(home: Path) -> bool:
    """Mark a folder as an index; return whether it was unmarked.

    Raises:
        InputError: it has other contents.

    """
    marked = (home / INDEX_MARKER).exists()
    if not is_index_folder(home):
        others = _others(home)
        if others:
            named = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")  # noqa: PLR2004
            raise InputError(
                "this folder is not an index and contains other files, so nothing was built in it",
                path=str(home),
                expected="an index, or an empty or new folder",
                got=named,
                remedy="Name another --index DIR.",
            )
    if not marked:
        (home / INDEX_MARKER).write_text(_MARKER_TEXT, encoding="ascii")
    return not marked


@contextlib.contextmanager
def building(home: Path) -> Iterator[None]:
    """Lock ``home`` for building, after creating and marking it; also deletes what a killed build left there.

    A failed build leaves nothing behind: a folder that did not exist before is gone afterwards.

    Raises:
        IndexBusy: another process is building there.
        IndexProblem: a link or pipe is where a file of the index is kept.
        InputError: the folder is not writable, or has other contents than an index.

    """
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    with contextlib.ExitStack() as stack:
        # folders are removed last, after the marker and the lock file
        stack.callback(_remove_empty, made)
        check_own_files(home)
        try:
            home.mkdir(parents=True, exist_ok=True)
            if _claim(home):
                stack.callback(_unmark, home)
            _lock(home, stack)
        except OSError as error:
            raise InputError(
                f"the index cannot be written there ({error.strerror})",
                path=str(home),
                remedy="Name another --index DIR.",
            ) from error
        _clear_asides(home)
        yield


def _lock(home: Path, stack: contextlib.ExitStack) -> None:
    """Lock a folder until the stack ends."""
    import fcntl

    while True:
        file = stack.enter_context((home / _LOCK).open("a+", encoding="ascii"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise IndexBusy(
                "another process is building this index",
                path=str(home),
                got=f"process {file.read().strip() or 'unknown'}",
                remedy="Wait until it is done, or name another --index DIR.",
            ) from error
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(file.fileno()).st_ino == (home / _LOCK).stat().st_ino:
                break
        # a build that has just ended removed the file before it was locked here
        home.mkdir(parents=True, exist_ok=True)
    stack.callback((home / _LOCK).unlink, missing_ok=True)
    with contextlib.suppress(OSError):  # a full disk; the name of the process is only for the message to another build
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()


def _unmark(home: Path) -> None:
    """Remove the mark again if no index was built."""
    with contextlib.suppress(OSError):
        if _others(home) == [INDEX_MARKER]:
            (home / INDEX_MARKER).unlink()


def _others(home: Path) -> list[str]:
    """The contents of a folder, apart from files allowed before the first build."""
    return sorted(path.name for path in home.iterdir() if path.name not in _WELCOME | _WELCOME_SETTINGS)


def _remove_empty(folders: Sequence[Path]) -> None:
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


# --- what is written before it is put in place ------------------------------------------------------------------------


@contextlib.contextmanager
def aside_folder(home: Path) -> Iterator[Path]:
    """A new folder in ``home`` for a snapshot being written; deleted afterwards, unless it was moved.

    Raises OSError if it cannot be created.
    """
    outer = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=home))
    try:
        (outer / INDEX_MARKER).write_text(_MARKER_TEXT, encoding="ascii")
        folder = outer / "snapshot"
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(outer, ignore_errors=True)


def _clear_asides(home: Path) -> None:
    """Remove what killed builds have left."""
    for left in home.iterdir():
        if not left.name.startswith(_ASIDE) or left.is_symlink() or not left.is_dir():
            continue
        if (left / INDEX_MARKER).is_file():
            shutil.rmtree(left, ignore_errors=True)
        else:  # killed before it was marked, so it is empty; or somebody else's
            _remove_empty([left])


# --- snapshots --------------------------------------------------------------------------------------------------------


def clear_older(home: Path) -> None:
    """Remove every snapshot except the one in use, if any, within ``building(home)``."""
    with contextlib.suppress(IndexProblem):
        name = current_folder(home).name
        for old in home.iterdir():
            if _SNAPSHOT_NAME.fullmatch(old.name) and old.name != name:
                remove_snapshot(old)


def remove_snapshot(folder: Path) -> None:
    """Remove the files of a snapshot, and the folders left empty; other contents stay.

    Its manifest lists its files; if the manifest is damaged, the files that every snapshot has are removed.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    try:
        names = files_listed(folder)
    except IndexProblem:
        names = SNAPSHOT_FILES
    # the manifest last, so that the next build continues an interrupted removal
    for name in (*names, "manifest.json"):
        path = folder / name
        if not any(parent.is_symlink() for parent in path.parents if parent.is_relative_to(folder)):
            with contextlib.suppress(OSError):
                path.unlink()
    inner = {parent for name in names for parent in (folder / name).parents if parent.is_relative_to(folder)}
    _remove_empty_each(sorted(inner | {folder}, key=lambda path: -len(path.parts)))


def _remove_empty_each(folders: Sequence[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()
