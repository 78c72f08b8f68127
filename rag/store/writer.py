"""Writes a snapshot in a separate folder, and puts it in place in one step.

A kill at any moment leaves the old snapshot or the new one in use. Vectors are written to mapped files as they arrive,
so memory does not grow with them. The same contents give the same bytes, and so the same name.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from typing import TYPE_CHECKING, Self

from rag.errors import IndexProblem, InputError
from rag.spools import Spools
from rag.store.bm25 import PAIR_BYTES, LexicalIndex
from rag.store.database import SnapshotContents, write_database
from rag.store.manifest import (
    FORMAT,
    Manifest,
    check_files,
    manifest_text,
    read_manifest,
    sha256_of,
    snapshot_name,
    sync,
)
from rag.store.mmap import mapped_array
from rag.store.ownership import aside_folder, clear_older, remove_snapshot
from rag.store.sentence_table import SentenceTable
from rag.store.soundness import note_sound
from rag.store.vectors import DenseIndex

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

__all__ = ["SnapshotContents", "SnapshotWriter", "place", "publish", "unwritten"]

# what to do when an index cannot be written, by the number of the error
_MAKE_SPACE = "Free some disk space"
_REMEDIES = {
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "Close other programs, allow more open files (ulimit -n 4096)"),
    errno.EFBIG: "Allow larger files (ulimit -f unlimited)",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Check the permissions of the folder"),
    **dict.fromkeys((errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY), "Move away what is in the way there"),
}

_VECTORS = ".vectors.npy"


class SnapshotWriter:
    """A snapshot being written; use it within ``building(home)``, as a context manager that cleans up after failures.

    If the disk is full or fails, leaving the block raises InputError, and the old index is untouched.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._aside = aside_folder(home)
        try:
            self.folder = self._aside.__enter__()
        except OSError as error:
            raise unwritten(home, error) from error

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Delete what was not put in place."""
        self._aside.__exit__(None, None, None)
        if isinstance(error, OSError | sqlite3.Error):
            raise unwritten(self.home, error) from error

    def vectors(self, chunks: int, sentences: int, dim: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float16]]:
        """Mapped files for float32 (chunks, dim) and float16 (sentences, dim), filled with zeros."""
        import numpy as np

        return (
            mapped_array(self.folder / _VECTORS, np.float32, (chunks, dim)),
            mapped_array(self.folder / "sentences.npy", np.float16, (sentences, dim)),
        )

    def put_in_place(
        self, contents: SnapshotContents, chunk_vectors: npt.NDArray[np.float32], spools: Spools | None = None
    ) -> str:
        """Write the rest, make this the current snapshot and remove the older ones; return its name.

        ``spools`` limits how much is sorted at a time.
        """
        write_database(self.folder / "posts.sqlite", contents)
        with contextlib.closing(sqlite3.connect(self.folder / "posts.sqlite")) as database:
            SentenceTable.write(database, self.folder)
        DenseIndex.write(chunk_vectors, self.folder / _VECTORS, self.folder / "chunks")
        pairs = (spools or Spools()).room_for(PAIR_BYTES)
        LexicalIndex.write(contents.stems, self.folder / "words", pairs)
        (self.folder / "manifest.json").write_text(manifest_text(self._manifest(contents)), encoding="utf-8")
        note_sound(self.folder)
        name = place(self.folder, self.home)
        publish(self.home, name)
        return name

    def _manifest(self, contents: SnapshotContents) -> Manifest:
        files = {
            path.relative_to(self.folder).as_posix(): (path.stat().st_size, sha256_of(path))
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }
        return Manifest(
            FORMAT,
            contents.model,
            contents.recipe,
            tuple(contents.sources),
            contents.decisions,
            len(contents.pages),
            len(contents.posts),
            len(contents.chunks),
            len(contents.sentences),
            files,
        )


def place(folder: Path, home: Path) -> str:
    """Move a finished snapshot to a home, not yet visible; return its name.

    Raises:
        InputError: something else is in its place.

    """
    name = snapshot_name((folder / "manifest.json").read_text(encoding="utf-8"))
    for path in (*folder.rglob("*"), folder):
        sync(path)
    there = home / name
    if there.exists() or there.is_symlink():
        if not there.is_symlink() and _is_whole(there):
            return name  # the same bytes are already there
        remove_snapshot(there)
        if there.exists() or there.is_symlink():
            raise InputError(
                "another file or folder has the name of the index",
                path=str(there),
                remedy="Move it away, and try again.",
            )
    folder.rename(there)
    return name


def publish(home: Path, name: str) -> None:
    """Make a snapshot the one in use and remove the older ones."""
    pointer = home / ".current-aside"
    pointer.unlink(missing_ok=True)  # left by a killed build; or a link, through which nothing is written
    pointer.write_text(name + "\n", encoding="ascii")
    sync(pointer)
    pointer.replace(home / "current")
    sync(home)
    clear_older(home)


def _is_whole(folder: Path) -> bool:
    try:
        check_files(folder, read_manifest(folder), everything=True)
    except IndexProblem:
        return False
    return True


def unwritten(home: Path, error: OSError | sqlite3.Error) -> InputError:
    """The error of a build that cannot write: no space on the disk, no permission, a limit, or something in the way."""
    what, remedy = str(error), _MAKE_SPACE
    if isinstance(error, OSError):
        what, remedy = error.strerror or what, _REMEDIES.get(error.errno or 0, remedy)
    return InputError(
        f"the index cannot be written there ({what})",
        path=str(home),
        remedy=f"{remedy}, or name another --index DIR; the index that was there is unchanged.",
    )
