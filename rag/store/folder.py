"""A folder on this machine as a home of snapshots."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from rag.errors import IndexBusy, IndexMissing
from rag.store.manifest import check_files, current_folder, read_manifest
from rag.store.settings import FolderSettings
from rag.store.snapshot import FolderSnapshot
from rag.store.soundness import check_contents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.store.protocols import OnProgress

__all__ = ["FolderHome"]


class FolderHome:
    """A folder as ``rag.store.snapshot`` describes it."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def current(self) -> str | None:
        """Name of the snapshot in use; None if there is no index."""
        try:
            return current_folder(self._home).name
        except IndexMissing:
            return None

    def write(self, folder: Path, on_progress: OnProgress) -> str:
        """Store a complete snapshot without making it current; return its name.

        Raises:
            IndexProblem: the snapshot is damaged, or another process is building here.

        """
        from rag.store.ownership import aside_folder, building  # imported here, because asking does not need it
        from rag.store.writer import place

        manifest = read_manifest(folder)
        check_files(folder, manifest, everything=True)
        with building(self._home), aside_folder(self._home) as aside:
            _copy(folder, aside, ["manifest.json", *manifest.files], on_progress)
            return place(aside, self._home)

    def publish(self, name: str) -> None:
        """Make a written snapshot the one in use, atomically, and delete older ones.

        Raises:
            IndexBusy: a build has replaced it since it was written.

        """
        from rag.store.ownership import building
        from rag.store.writer import publish

        with building(self._home):
            if not (self._home / name).is_dir():
                raise IndexBusy(
                    "another process built an index here in the meantime", path=str(self._home), remedy="Try again."
                )
            publish(self._home, name)

    def open(self) -> FolderSnapshot:
        """Open the snapshot in use."""
        return FolderSnapshot(self._home)

    def save(self, into: Path, on_progress: OnProgress) -> None:
        """Write the snapshot in use into an empty or new folder.

        Raises:
            IndexProblem: there is none, or it is damaged.

        """
        folder = current_folder(self._home)
        manifest = read_manifest(folder)
        check_files(folder, manifest, everything=True)
        check_contents(folder, manifest)
        _copy(folder, into, ["manifest.json", *manifest.files], on_progress)

    def settings(self) -> FolderSettings:
        """The settings, which outlive the snapshots."""
        return FolderSettings(self._home)


def _copy(folder: Path, into: Path, names: Sequence[str], on_progress: OnProgress) -> None:
    for done, name in enumerate(names, 1):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, into / name)
        on_progress(done, len(names))
