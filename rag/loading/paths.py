"""Which files there are under some paths, and what each is called."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["README_REASON", "is_readme", "named"]

README_REASON = "a README describes the folder and is not asked about; rename it to have it indexed"


def named(paths: Sequence[Path]) -> list[tuple[str, Path, str]]:
    """Shown name, path and, for what is left out, the reason; every file once, in the order of the names.

    Raises InputError when a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", path=str(path), remedy="Check the path")
    found: list[tuple[Path, Path, str]] = []  # root, path, reason
    seen: set[Path] = set()
    for root in paths:
        entries = _walk(root) if root.is_dir() else [(root, "")]
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


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder that is not hidden, with a reason where it is to be left out; in no order."""
    waiting: list[tuple[Path, tuple[tuple[int, int], ...]]] = [(root, (_identity(root),))]
    while waiting:
        folder, above = waiting.pop()
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
        except OSError as error:
            yield folder, f"the folder cannot be opened ({error.strerror}); check who may read it"
            continue
        for name in names:
            path = folder / name
            try:
                is_folder, identity = path.is_dir(), _identity(path)
            except OSError as error:
                yield path, f"it cannot be opened ({error.strerror}); check the link or who may read it"
                continue
            if not is_folder:
                yield path, README_REASON if is_readme(name) else ""
            elif identity in above:
                yield path, "this link leads back to a folder above it; nothing is lost"
            else:
                waiting.append((path, (*above, identity)))


def is_readme(name: str) -> bool:
    """Whether a file's name is that of a README."""
    return name.casefold().split(".")[0] == "readme"
