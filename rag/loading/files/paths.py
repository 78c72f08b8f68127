"""The files under some paths, and their names."""

from __future__ import annotations

import os
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from rag.config import INDEX_MARKER
from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["INDEX_REASON", "README_REASON", "folder_reason", "is_readme", "linked_places", "named"]

README_REASON = "a README describes the folder and is not a post; rename it to index it"
INDEX_REASON = "it is a Pullquote index, not a folder of pages"
# folders in which blog software and notes programs keep what is not published, or thrown away
_UNPUBLISHED = {
    "_drafts": "it is in a folder of drafts; move it to the posts to index it",
    "trash": "it is in the trash; move it out of there to index it",
}
_LINK_REASON = "it is a link to a place outside the folder; to follow it, use index --follow-links"


def named(
    paths: Sequence[Path], *, follow_links: bool = False, trusted: Collection[str] = ()
) -> list[tuple[str, Path, str]]:
    """Shown name, path and, if the file is left out, the reason; every file once, in the order of the names.

    Links that lead out of the folder they are in are left out, except with ``follow_links`` or if they lead below one
    of the ``trusted`` paths. The folder of an index contains no pages.

    Raises InputError if a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", path=str(path), remedy="Check the path")
    found: list[tuple[Path, _Found]] = []  # root, file
    seen: set[str] = set()
    for root in paths:
        inside = [os.path.realpath(place) for place in (str(root), *trusted)]
        for file in _files_of(root, None if follow_links else inside):
            place = file.real if not file.reason else str(file.path)
            if place not in seen:
                seen.add(place)
                found.append((root, file))
    depth = 0
    while True:
        names = [_name(root, file, depth) for root, file in found]
        if len(set(names)) == len(names) or depth > max(len(root.resolve().parts) for root in paths):
            break
        depth += 1
    rows = [(name, file.path, file.reason) for name, (_, file) in zip(names, found, strict=True)]
    return sorted(rows, key=lambda row: row[0].split("/"))


class _Found(NamedTuple):
    """A file: its path, its name in the folder that was given, its path without links, and why it is left out."""

    path: Path
    name: str
    real: str
    reason: str


def _files_of(root: Path, inside: Sequence[str] | None) -> Iterable[_Found]:
    if root.is_dir():
        return _walk(root, inside)
    return [_Found(root, root.name, os.path.realpath(root), "")]


def _name(root: Path, file: _Found, depth: int) -> str:
    if not depth:
        return file.name
    outside = (root if file.path != root else root.parent).resolve().parts
    return "/".join([*outside[len(outside) - depth :], file.name])


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def linked_places(paths: Sequence[Path], files: Iterable[Path]) -> list[str]:
    """The places outside ``paths`` that links led to when the files were found."""
    inside = [os.path.realpath(path) for path in paths]
    folders: dict[str, str] = {}  # without links
    found: dict[str, None] = {}
    for file in files:
        folder, name = os.path.split(file)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.realpath(file) if os.path.islink(file) else os.path.join(folders[folder], name)  # noqa: PTH114, PTH118 - many files
        if not _is_below(real, inside):
            link = next((folder for folder in reversed((file, *file.parents)) if _leads_out(folder, inside)), file)
            found[os.path.realpath(link)] = None
    return list(found)


def _leads_out(path: Path, inside: Sequence[str]) -> bool:
    return path.is_symlink() and not _is_below(os.path.realpath(path), inside)


def _is_below(real: str, places: Iterable[str]) -> bool:
    return any(real == place or real.startswith(place.rstrip(os.sep) + os.sep) for place in places)


def _is_index(folder: Path) -> bool:
    """Whether a folder is marked as an index, or looks like one of an early version, which had no marker."""
    try:
        if (folder / INDEX_MARKER).is_file():
            return True
        return (folder / "current").is_file() and any(path.is_dir() for path in folder.glob("g-*"))
    except PermissionError:  # listing it will say so
        return False


def _walk(root: Path, inside: Sequence[str] | None) -> Iterator[_Found]:
    """Every file below a folder that is not hidden, in no particular order.

    ``inside`` are the real paths that links may lead to; None if they may lead anywhere.
    """
    top = _Found(root, "", os.path.realpath(root), "")
    if _is_index(root):
        yield top._replace(name=root.name, reason=INDEX_REASON)
        return
    waiting: list[tuple[_Found, tuple[tuple[int, int], ...]]] = [(top, (_identity(root.stat()),))]
    while waiting:
        folder, above = waiting.pop()
        try:
            with os.scandir(folder.path) as listed:
                entries = sorted((entry for entry in listed if not entry.name.startswith(".")), key=attrgetter("name"))
        except OSError as error:
            reason = f"the folder cannot be opened ({error.strerror}); check its permissions"
            yield folder._replace(name=folder.name or root.name, reason=reason)
            continue
        for entry in entries:
            path = folder.path / entry.name
            # the system is asked about links only; a path without them follows from the folder's
            real = os.path.realpath(path) if entry.is_symlink() else f"{folder.real.rstrip(os.sep)}{os.sep}{entry.name}"
            file = _Found(path, f"{folder.name}/{entry.name}" if folder.name else entry.name, real, "")
            try:
                is_folder, identity = entry.is_dir(), _identity(entry.stat())
            except OSError as error:
                reason = f"it cannot be opened ({error.strerror}); check the link and its permissions"
                yield file._replace(reason=reason)
                continue
            if inside is not None and entry.is_symlink() and not _is_below(real, inside):
                yield file._replace(reason=_LINK_REASON)
            elif not is_folder:
                yield file._replace(reason=README_REASON) if is_readme(entry.name) else file
            elif identity in above:
                yield file._replace(reason="this link leads back to a folder above it; nothing is lost")
            elif _is_index(path):
                yield file._replace(reason=INDEX_REASON)
            else:
                waiting.append((file, (*above, identity)))


def is_readme(name: str) -> bool:
    """Whether a file's name is that of a README."""
    return name.casefold().split(".")[0] == "readme"


def folder_reason(name: str) -> str:
    """Why a file is left out because of a folder it is in, or "".

    >>> folder_reason("blog/_drafts/kiln.md")
    'it is in a folder of drafts; move it to the posts to index it'
    """
    folders = name.casefold().split("/")[:-1]
    return next((reason for folder, reason in _UNPUBLISHED.items() if folder in folders), "")
