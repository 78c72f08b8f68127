"""The sources of an index: the given paths, or those that it remembers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import DEFAULT_PAGES
from rag.errors import IndexMissing, InputError
from rag.store.confirmed import check_sources
from rag.store.origin import origin

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["index_sources", "still_there"]


def index_sources(paths: Sequence[str | Path] | None, home: Path) -> list[str]:
    """The absolute paths to build from: the given ones, those that the index remembers, or the default pages.

    Raises:
        IndexProblem: there is an index, but it does not name its paths.
        IndexUnconfirmed: nobody on this machine has named the paths that it remembers.
        InputError: a folder that it remembers is missing.

    """
    if paths is not None:
        return list(dict.fromkeys(str(Path(path).absolute()) for path in paths))
    try:
        known = origin(home).sources
    except IndexMissing:
        return [str(Path(DEFAULT_PAGES).absolute())]
    check_sources(home, known)
    return still_there(known)


def still_there(sources: Sequence[str]) -> list[str]:
    """The paths from which an index was built, without single files removed since.

    Raises:
        InputError: a folder is missing, or nothing is left; it may be on a disk that is not connected.

    """
    gone = [source for source in sources if not Path(source).exists() and not _was_file(source)]
    left = [source for source in sources if Path(source).exists()]
    if gone or not left:
        raise InputError(
            "the index was built from this path, which no longer exists",
            path=(gone or list(sources))[0],
            remedy="Restore it, or name the pages that remain: pullquote index PATH.",
        )
    return left


def _was_file(source: str) -> bool:
    return bool(Path(source).suffix) and Path(source).parent.is_dir()
