"""Whether the pages of an index are unchanged, by their time and, if that is newer, by their bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rag.errors import PageError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from rag.records import Location, PageEntry, Quote
    from rag.store.address import Address

__all__ = ["PageState", "PageStates", "written_at"]

PageState = Literal["changed", "gone"]

# A page may have been read this long before its index was finished: a build of a million chunks takes hours.
BUILD_SECONDS = 24 * 3600.0


class PageStates:
    """Finds out which pages have changed; safe to use from several threads.

    A file last modified long before the index was written is unchanged. Any other is read and hashed, once for each
    modification time and size.
    """

    def __init__(
        self,
        pages: Callable[[], Sequence[PageEntry]],
        written: float,
        may_open: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Take the pages of the index, the time it was written, and whether the file at a path may be opened."""
        self._pages = pages
        self._may_open = may_open
        self._allowed: dict[str, bool] = {}
        self._written = written
        self._entries: dict[str, PageEntry] | None = None
        self._known: dict[tuple[str, int, int], bool] = {}

    def of(self, files: Iterable[str]) -> dict[str, PageState]:
        """The pages that are no longer the same, by name: "changed", or "gone" if the file is missing."""
        if self._entries is None:
            self._entries = {entry.file: entry for entry in self._pages()}
        entries = self._entries
        states = {file: self._state(entries[file]) for file in dict.fromkeys(files) if file in entries}
        return {file: state for file, state in states.items() if state is not None}

    def marked(self, quotes: Sequence[Quote]) -> list[Quote]:
        """The quotes, with the state of the page in each location."""
        states = self.of(place.file for quote in quotes for place in quote.locations)
        return (
            [
                replace(quote, locations=tuple(_marked(place, states.get(place.file)) for place in quote.locations))
                for quote in quotes
            ]
            if states
            else list(quotes)
        )

    def _state(self, entry: PageEntry) -> PageState | None:
        if entry.path not in self._allowed:
            self._allowed[entry.path] = self._may_open(entry.path)
        if not self._allowed[entry.path]:
            return None
        try:
            status = _status(Path(entry.path))
        except (OSError, ValueError):
            return "gone"
        if max(status.st_mtime, status.st_ctime) < self._written - BUILD_SECONDS:
            return None
        seen = (entry.file, status.st_mtime_ns, status.st_size)
        if seen not in self._known:
            self._known[seen] = _is_same(entry)
        return None if self._known[seen] else "changed"


def written_at(path: Path | Address) -> float | None:
    """When the index in a folder was finished; None for one on a server, whose pages may be on another machine."""
    try:
        return (path / "current").stat().st_mtime if isinstance(path, Path) else None
    except OSError:
        return None


def _marked(place: Location, state: PageState | None) -> Location:
    return place if state is None else replace(place, page_state=state)


def _status(path: Path) -> os.stat_result:
    """The status of a page's file, or of the archive that it is in."""
    try:
        return path.stat()
    except NotADirectoryError:
        from rag.loading.containers.archives import on_disk

        return on_disk(path).stat()


def _is_same(entry: PageEntry) -> bool:
    path = Path(entry.path)
    try:
        return hashlib.sha256(path.read_bytes() if path.is_file() else _inside(path)).hexdigest() == entry.sha256
    except (OSError, PageError):  # it cannot be read, or its archive no longer contains it
        return False


def _inside(path: Path) -> bytes:
    from rag.loading.containers.archives import (
        page_bytes,
    )  # imported here, because it takes a tenth of the time of a first question

    return page_bytes(path)
