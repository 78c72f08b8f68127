"""The folders of added pages beside an index: one for each addition, found again, and cleared where nobody has it."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import InputError, PullquoteError
from rag.loading.archives import on_disk
from rag.store.backends import open_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.services.index_holder import Shelf

__all__ = ["last_addition", "new_folder", "stands"]


def _home(shelf: Shelf) -> Path:
    return shelf.home.resolve() / "added"


def last_addition(shelf: Shelf) -> tuple[Path, list[str]] | None:
    """Folder of the newest addition that the index in use has, and the names of its pages; None where there is none."""
    home = _home(shelf)
    with shelf.lend() as index:
        entries = index.pages()
    by_folder: dict[Path, list[str]] = {}
    for entry in entries:
        folder = on_disk(Path(entry.path)).parent
        if folder.parent == home and folder.name.isdecimal():
            by_folder.setdefault(folder, []).append(entry.file)
    if not by_folder:
        return None
    newest = max(by_folder, key=lambda folder: int(folder.name))
    return newest, by_folder[newest]


@contextlib.contextmanager
def new_folder(shelf: Shelf) -> Iterator[Path]:
    """A folder for an addition, which no other page takes for a left one meanwhile; left ones are cleared first.

    Raises:
        InputError: it cannot be made.

    """
    import fcntl

    home = _home(shelf)
    with contextlib.ExitStack() as stack:
        try:
            home.mkdir(parents=True, exist_ok=True)
            held = os.open(home, os.O_RDONLY)
            stack.callback(os.close, held)
            # refused: another page adds here, or the file system knows no locks; then what is left stays
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _clear_left(shelf, home)
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_SH)
            folder = home / str(max((int(one.name) for one in _numbered(home)), default=0) + 1)
            folder.mkdir()
        except OSError as error:
            raise InputError(f"The files cannot be kept: {error.strerror}.") from error
        yield folder


def _numbered(home: Path) -> list[Path]:
    return [folder for folder in home.iterdir() if folder.name.isdecimal()]


def _clear_left(shelf: Shelf, home: Path) -> None:
    """Throw away the files of additions that were killed: numbered folders that neither index has anything of."""
    try:
        with contextlib.closing(open_snapshot(shelf.place)) as store:
            sources, entries = store.manifest.sources, store.pages()
    except PullquoteError:
        return
    left = [folder for folder in _numbered(home) if str(folder) not in sources]
    if not left:
        return
    with shelf.lend() as index:
        entries = [*entries, *index.pages()]
    used = [path.resolve() for path in (*map(Path, sources), *(on_disk(Path(entry.path)) for entry in entries))]
    for folder in left:
        # a source may also be a folder above, whose files are all in use
        if not any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in used):
            shutil.rmtree(folder, ignore_errors=True)


def stands(shelf: Shelf, folder: Path) -> bool | None:
    """Whether the index that stands at the place by now was built from a folder; None where that cannot be seen.

    A build may be broken off just after it was put in place, and a server be away then.
    """
    try:
        with contextlib.closing(open_snapshot(shelf.place)) as store:
            return str(folder) in store.manifest.sources
    except PullquoteError:
        return None
