"""Exports unpacked into a folder: the files beside a page describe it, as they do inside an archive."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES
from rag.errors import PageError
from rag.loading.containers.companions import Export, is_table
from rag.loading.files.file_bytes import read_file
from rag.loading.parts import Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.loading.parts import Known

__all__ = ["metadata_beside"]

_KEPT_FOLDERS = 16  # exports that are known at a time: pages are read folder by folder


def metadata_beside(path: Path, name: str) -> tuple[Known | None, str | None]:
    """What an export around a page says about it, and why the page is left out.

    The reason is "" if the page is read, and None for a table of the export, which has been read already. ``name`` is
    the page's shown name; folders above the first one in it are ignored.
    """
    folders = [path.parent, path.parent.parent] if "/" in name else [path.parent]
    for folder in folders:
        try:
            export = _export_in(str(folder), folder.stat().st_mtime_ns)
        except OSError:
            continue
        if export is None:
            continue
        if folder == path.parent and is_table(path.name):
            return None, None
        known, reason = export.known_of(path.relative_to(folder).as_posix())
        if known is not None or reason:
            return known, reason
    return None, ""


@lru_cache(maxsize=_KEPT_FOLDERS)
def _export_in(folder: str, _: int) -> Export | None:
    """The export in a folder that was changed at a time, or None if there is none."""
    root = Path(folder)
    names = [entry.name for entry in os.scandir(root)]
    tables = list(_tables(root, sorted(filter(is_table, names))))
    if not tables and "profile" not in names:
        return None
    names += [f"{inner}/{name}" for inner in names for name in _names_in(root / inner)]
    export = Export.of(tables, names)
    return export if export.known or export.is_account else None


def _tables(root: Path, names: list[str]) -> Iterator[Member]:
    for name in names:
        path = root / name
        try:
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_PAGE_BYTES:
                yield Member(name, read_file(path))
        except (OSError, PageError):
            continue  # it is reported when it is read as a page


def _names_in(folder: Path) -> list[str]:
    try:
        return [] if folder.is_symlink() else [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []
