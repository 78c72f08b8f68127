"""The files under some paths, and their names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

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
    found: list[tuple[Path, Path, str]] = []  # root, path, reason
    seen: set[Path] = set()
    for root in paths:
        inside = [os.path.realpath(place) for place in (str(root), *trusted)]
        entries = _walk(root, None if follow_links else inside) if root.is_dir() else [(root, "")]
        for path, reason in entries:
            real = path.resolve() if not reason else path
            if real not in seen:
                seen.add(real)
                found.append((root, path, reason))
    depth = 0
    while True:
        names = [_name(root, path, depth) for root, path, _ in found]
        if len(set(names)) == len(names) or depth > max(len(root.resolve().parts) for root in paths):
            break
        depth += 1
    rows = [(name, path, reason) for name, (_, path, reason) in zip(names, found, strict=True)]
    return sorted(rows, key=lambda row: row[0].split("/"))


def _name(root: Path, path: Path, depth: int) -> str:
    inside = path.relative_to(root).parts if path != root else (path.name,)
    outside = (root if path != root else root.parent).resolve().parts
    return "/".join(outside[len(outside) - depth :] + inside) if depth else "/".join(inside)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def linked_places(paths: Sequence[Path], files: Iterable[Path]) -> list[str]:
    """The places outside ``paths`` that links led to when the files were found."""
    inside = [os.path.realpath(path) for path in paths]
    found: dict[str, None] = {}
    for file in files:
        if not _is_below(os.path.realpath(file), inside):
            link = next((folder for folder in reversed((file, *file.parents)) if _leads_out(folder, inside)), file)
            found[os.path.realpath(link)] = None
    return list(found)


def _leads_out(path: Path, inside: Sequence[str]) -> bool:
    return path.is_symlink() and not _is_below(os.path.realpath(path), inside)


def _is_below(real: str, places: Iterable[str]) -> bool:
    return any(real == place or real.startswith(place.rstrip(os.sep) + os.sep) for place in places)


def _is_index(folder: Path) -> bool:
    """Whether a folder is marked as an index, or looks like one of an early version, which had no marker."""
    if (folder / INDEX_MARKER).is_file():
        return True
    return (folder / "current").is_file() and any(path.is_dir() for path in folder.glob("g-*"))


def _walk(root: Path, inside: Sequence[str] | None) -> Iterator[tuple[Path, str]]:
    """Every file below a folder that is not hidden, and the reason if it is to be left out; in no particular order.

    ``inside`` are the real paths that links may lead to; None if they may lead anywhere.
    """
    if _is_index(root):
        yield root, INDEX_REASON
        return
    waiting: list[tuple[Path, tuple[tuple[int, int], ...]]] = [(root, (_identity(root),))]
    while waiting:
        folder, above = waiting.pop()
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
        except OSError as error:
            yield folder, f"the folder cannot be opened ({error.strerror}); check its permissions"
            continue
        for name in names:
            path = folder / name
            try:
                is_folder, identity = path.is_dir(), _identity(path)
            except OSError as error:
                yield path, f"it cannot be opened ({error.strerror}); check the link and its permissions"
                continue
            if inside is not None and _leads_out(path, inside):
                yield path, _LINK_REASON
            elif not is_folder:
                yield path, README_REASON if is_readme(name) else ""
            elif identity in above:
                yield path, "this link leads back to a folder above it; nothing is lost"
            elif _is_index(path):
                yield path, INDEX_REASON
            else:
                waiting.append((path, (*above, identity)))


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
