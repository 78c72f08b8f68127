"""What an index of any format says about its sources."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexDamaged
from rag.store.database import open_read_only
from rag.store.manifest import FORMAT, current_folder, manifest_fields, read_manifest, sha256_of

__all__ = ["Origin", "origin"]

_REBUILD = "Build the index again: pullquote index PATH."


@dataclass(frozen=True, slots=True)
class Origin:
    """The paths from which an index was built, and the name of its model."""

    sources: tuple[str, ...]
    model: str


def origin(home: Path) -> Origin:
    """The sources of the index in a folder, even in an older format.

    Raises:
        IndexProblem: there is no index, or it does not name its sources.
        IndexFormatError: a newer version of Pullquote wrote it.

    """
    folder = current_folder(home)
    fields = manifest_fields(folder)
    form, model, sources = fields.get("format"), fields.get("model"), fields.get("sources")
    if isinstance(form, int) and form > FORMAT:
        read_manifest(folder)
    if isinstance(model, dict):
        if isinstance(sources, list) and sources:
            return Origin(tuple(map(str, sources)), str(model.get("name")))
        roots = _roots(folder / "posts.sqlite", fields.get("files"))
        if roots:
            return Origin(roots, str(model.get("name")))
    raise IndexDamaged(
        "the index does not say what it was built from",
        path=str(folder),
        remedy="Build the index again: pullquote index PATH.",
    )


def _roots(database: Path, files: object) -> tuple[str, ...]:
    """The parent folders of the pages of an index that did not remember its paths; empty if it is damaged."""
    roots: dict[str, None] = {}
    written = files.get(database.name) if isinstance(files, dict) else None
    # a database is opened only if its hash is right
    if not isinstance(written, list) or not database.is_file() or sha256_of(database) not in written:
        return ()
    with contextlib.suppress(sqlite3.Error), contextlib.closing(open_read_only(database)) as opened:
        for file, path in opened.execute("SELECT file, path FROM pages ORDER BY file"):
            whole = Path(str(path))
            depth = str(file).count("/")
            ends_alike = whole.as_posix().endswith(f"/{file}")
            roots.setdefault(str(whole.parents[depth] if ends_alike else whole), None)
    return tuple(roots)
