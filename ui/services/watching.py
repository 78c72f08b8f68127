"""Indexes pages saved into the index's folders while the chat page runs, with lower priority than questions."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import PullquoteError
from rag.indexing.subprocess_build import build_in_subprocess
from rag.indexing.watching import changed_pages
from rag.text.plurals import amount
from ui.services.watch_state import WatchState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ui.services.index_holder import Shelf

__all__ = ["watching_pages"]

# Pages that are named when several were indexed together.
MAX_NAMED = 3


@contextlib.contextmanager
def watching_pages(shelf: Shelf) -> Iterator[None]:
    """Keep the index up to date with its folders while the block runs.

    Raises:
        InputError: a folder of the index is missing.

    """
    from rag.indexing.sources import index_sources

    sources = [Path(source) for source in index_sources(None, shelf.home)]
    # users of the page need not know the paths on this machine
    state = shelf.watching = WatchState(tuple(source.resolve().name for source in sources))
    stop = threading.Event()
    worker = threading.Thread(target=_watch, args=(shelf, sources, state, stop), name="watch")
    worker.start()
    _say(f"Watching {', '.join(map(str, sources))}: pages saved there are indexed.")
    try:
        yield
    finally:
        stop.set()
        worker.join()


def _watch(shelf: Shelf, sources: list[Path], state: WatchState, stop: threading.Event) -> None:
    for names in changed_pages(sources, [shelf.home], stop):
        files = amount(len(names), "file")
        try:
            with contextlib.closing(build_in_subprocess(sources, shelf.place, shelf.asked)) as steps:
                for stage, done, total in steps:
                    count = f", {done:,} of {total:,}" if total else ""
                    state.doing = f"Indexing {files} now: {stage}{count}."
                    if stop.is_set():
                        return
        except PullquoteError as error:
            state.last = f"At {time.strftime('%H:%M')} {files} could not be indexed. {error}"
            _say(f"The changed pages were not indexed. {error}")
        else:
            shown = _named(names)
            state.last = f"Indexed at {time.strftime('%H:%M')}: {shown}."
            _say(f"Indexed: {shown}.")
        finally:
            state.doing = ""


def _named(names: Collection[str]) -> str:
    shown = ", ".join(sorted(Path(name).name for name in names)[:MAX_NAMED])
    return shown + (f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else "")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
