"""The folders of added pages beside an index: one for each addition, deleted when no index uses it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import InputError, PullquoteError
from rag.loading.containers.archives import on_disk
from rag.store.backends import open_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.services.index_holder import Shelf

__all__ = ["last_addition", "new_folder", "note_file", "remove_folder", "stands"]

# in each folder: the names of the added files; hidden, so that it is not indexed
_LIST = ".pullquote-added"


def _home(shelf: Shelf) -> Path:
    return shelf.home.resolve() / "added"


def last_addition(shelf: Shelf) -> tuple[Path, list[str]] | None:
    """The folder of the newest addition in the index in use, and the names of its pages; None if there is none."""
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
    """A folder for an addition, locked against other pages; abandoned ones are deleted first.

    Raises:
        InputError: it cannot be created.

    """
    import fcntl

    home = _home(shelf)
    with contextlib.ExitStack() as stack:
        try:
            if home.is_symlink():
                raise InputError("The files cannot be saved: the folder of added pages is a link.", path=str(home))
            home.mkdir(parents=True, exist_ok=True)
            held = os.open(home, os.O_RDONLY)
            stack.callback(os.close, held)
            # another page is adding here, or the file system has no locks; abandoned folders then stay
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _clear_left(shelf, home)
            with contextlib.suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_SH)
            folder = home / str(max((int(one.name) for one in _numbered(home)), default=0) + 1)
            folder.mkdir()
            (folder / _LIST).touch()
        except OSError as error:
            raise InputError(f"The files cannot be saved: {error.strerror}.") from error
        yield folder


def _numbered(home: Path) -> list[Path]:
    return [folder for folder in home.iterdir() if folder.name.isdecimal()]


def note_file(folder: Path, name: str) -> None:
    """Record that a file with this name belongs in the folder of an addition."""
    with (folder / _LIST).open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")


def remove_folder(folder: Path) -> None:
    """Remove the files of an addition, by the list of their names, and the folder if nothing else is in it.

    A folder without such a list was not made here, and links are not followed.
    """
    if folder.is_symlink() or folder.parent.is_symlink() or (folder / _LIST).is_symlink():
        return
    with contextlib.suppress(OSError):
        for name in (folder / _LIST).read_text(encoding="utf-8").splitlines():
            if Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
        (folder / _LIST).unlink()
        folder.rmdir()


def _clear_left(shelf: Shelf, home: Path) -> None:
    """Delete the files of killed additions: numbered folders that neither index uses."""
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
        # a source may also be a parent folder, whose files are all in use
        if not any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in used):
            remove_folder(folder)


def stands(shelf: Shelf, folder: Path) -> bool | None:
    """Whether the index now in place was built from a folder; None if that is unknown.

    A build may be interrupted just after the index was put in place, while the server is away.
    """
    try:
        with contextlib.closing(open_snapshot(shelf.place)) as store:
            return str(folder) in store.manifest.sources
    except PullquoteError:
        return None
