"""Waits, with watchfiles, for pages to be added, changed or removed in the folders of an index."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["changed_pages"]

# A file written to less than this long ago may be incomplete: browsers save a page of some megabytes without pausing
# for a second, and a page saver has already put the pictures into it.
REST_SECONDS = 2.0
# how often a file that is being written is checked, and how soon the end is noticed
_LOOK_MILLISECONDS = 500
# names that browsers and other programs give to files while writing them
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".swp", "~")


def changed_pages(
    paths: Sequence[str | Path], apart_from: Collection[Path] = (), stop: threading.Event | None = None
) -> Iterator[frozenset[str]]:
    """The files under the paths that were added, changed or removed, each time all of them are completely written.

    Hidden files and files under the folders ``apart_from`` are ignored. Ends when ``stop`` is set.
    """
    from watchfiles import watch

    sources = [Path(path).resolve() for path in paths]
    left_out = [path.resolve() for path in apart_from]
    roots = {source if source.is_dir() else source.parent for source in sources}
    waiting: set[Path] = set()
    # a single file is watched through its folder, because saving it may replace it with a new one
    for found in watch(
        *roots, watch_filter=None, rust_timeout=_LOOK_MILLISECONDS, yield_on_timeout=True, stop_event=stop
    ):
        waiting |= {path for _, name in found if _counts(path := Path(name), sources, left_out)}
        if waiting and all(map(_rests, waiting)):
            yield frozenset(map(str, waiting))
            waiting = set()


def _counts(path: Path, sources: Sequence[Path], left_out: Sequence[Path]) -> bool:
    source = next((source for source in sources if path == source or source in path.parents), None)
    if source is None or any(folder == path or folder in path.parents for folder in left_out):
        return False
    inside = path.relative_to(source).parts
    return (
        not path.name.endswith(_UNFINISHED) and not any(part.startswith(".") for part in inside) and not path.is_dir()
    )


def _rests(path: Path) -> bool:
    """Whether a file has not been written to for a while, or is gone."""
    try:
        status = path.stat()
    except OSError:
        return True
    age = time.time() - max(status.st_mtime, status.st_ctime)
    return not 0 <= age < REST_SECONDS
