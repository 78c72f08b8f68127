"""The home of an index by its address, a folder or a name on a Milvus server, and copying between them."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import silent
from rag.errors import IndexDamaged, IndexMissing, InputError
from rag.store.address import Address, local_folder, read_address
from rag.store.confirmed import confirm, confirmed
from rag.store.folder import FolderHome
from rag.store.manifest import check_files, current_folder, read_manifest
from rag.store.settings import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.config import Progress
    from rag.store.protocols import Home, Snapshot

__all__ = ["bring", "check_index", "confirm_index", "copy_index", "current_name", "home_of", "open_snapshot", "send"]


def home_of(place: str | Path | Address) -> Home:
    """The home at an address, without opening or connecting to it.

    Raises:
        InputError: it is not an address.

    """
    address = read_address(place)
    if isinstance(address, Path):
        return FolderHome(address)
    from rag.store.milvus.backend import MilvusHome

    return MilvusHome(address)


def open_snapshot(place: str | Path | Address) -> Snapshot:
    """Open the snapshot in use at an address.

    Raises:
        IndexProblem: there is none, or it cannot be opened.

    """
    return home_of(place).open()


def current_name(place: str | Path | Address) -> str | None:
    """Name of the snapshot in use at an address; None if there is none."""
    return home_of(place).current()


def confirm_index(place: str | Path | Address) -> list[str]:
    """Trust the paths and models that the index in use names, from now on and for this user.

    Returns them, in words for a person.

    Raises:
        IndexProblem: there is none, or it cannot be opened.
        InputError: it cannot be recorded, because this user has no home folder or cannot write there.

    """
    address = read_address(place)
    with contextlib.closing(open_snapshot(address)) as snapshot:
        sources, models = snapshot.manifest.sources, [snapshot.manifest.model.name]
    folder = local_folder(address)
    folder.mkdir(parents=True, exist_ok=True)
    if not confirm(folder, sources, models):
        raise InputError(
            "this cannot be recorded: the index folder or this user's home folder is not writable", path=str(folder)
        )
    return [*(f"pages {source}" for source in sources), *(f"model {model}" for model in models)]


def check_index(place: str | Path | Address, progress: Progress = silent) -> None:
    """Read all of the index in use, even files checked before; one on a server is downloaded.

    Raises:
        IndexProblem: there is none, or part of it is not as written.

    """
    address = read_address(place)
    if isinstance(address, Path):
        folder = current_folder(address)
        while True:
            try:
                check_files(folder, read_manifest(folder), everything=True)
            except IndexDamaged:
                # a build that has just ended removes the older snapshot
                newer = current_folder(address)
                if newer == folder:
                    raise
                folder = newer
            else:
                return
    with tempfile.TemporaryDirectory(prefix="pullquote-") as aside:
        home_of(address).save(Path(aside) / "index", lambda done, total: progress("reading the index", done, total))


def copy_index(
    source: str | Path | Address,
    target: str | Path | Address,
    progress: Progress = silent,
    settings: Sequence[str] = NAMES,
) -> str:
    """Copy the index of one home to another and make it the one in use there; return the snapshot's name.

    The ``settings`` are copied too (the calibrated threshold and the decisions about duplicates), and so is what was
    confirmed on this machine. Copying what is already there does nothing.

    Raises:
        InputError: both are the same place.
        IndexProblem: there is nothing to copy, or one of the homes fails.

    """
    source, target = read_address(source), read_address(target)
    if source == target:
        raise InputError("both are the same place", got=str(source))
    old, new = home_of(source), home_of(target)
    name = old.current()
    if name is None:
        raise IndexMissing("there is no index to copy", path=str(source), remedy="Build one: pullquote index PAGES.")
    if new.current() != name:
        with tempfile.TemporaryDirectory(prefix="pullquote-") as aside:
            folder = source / name if isinstance(source, Path) else Path(aside) / name
            if not isinstance(source, Path):
                old.save(folder, lambda done, total: progress("reading the index", done, total))
            new.write(folder, lambda done, total: progress("writing the index", done, total))
        new.publish(name)
    known = confirmed(local_folder(source))
    if known.paths or known.models:
        confirm(local_folder(target), known.paths, known.models)
    ours, theirs = old.settings(), new.settings()
    for setting in settings:
        text = ours.read(setting)
        if text is not None and text != theirs.read(setting):
            theirs.keep(setting, text)
    return name


def bring(address: Address, progress: Progress = silent) -> Path:
    """Prepare the folder in which an index for a server is built, with what is in use there; returns it.

    So a build on any machine reuses whatever is unchanged. Decisions about duplicates in the folder are newer than
    those on the server.
    """
    from rag.dedup.overrides import DECISIONS_FILE

    folder = local_folder(address)
    if current_name(address) is not None:
        copy_index(address, folder, progress, () if (folder / DECISIONS_FILE).exists() else (DECISIONS_FILE,))
    return folder


def send(address: Address, progress: Progress = silent) -> None:
    """Send the index built in that folder to the server, with the decisions about duplicates."""
    from rag.dedup.overrides import DECISIONS_FILE  # a question needs none of it

    copy_index(local_folder(address), address, progress, (DECISIONS_FILE,))
