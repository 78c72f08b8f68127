"""Takes up pages while the chat page runs: what is saved into the index's folders is indexed behind whoever asks."""

from __future__ import annotations

import contextlib
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import PullquoteError
from rag.indexing.subprocess_build import build_in_subprocess
from rag.indexing.watching import changed_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.services.index_holder import Shelf

__all__ = ["watched"]


@contextlib.contextmanager
def watched(shelf: Shelf) -> Iterator[None]:
    """Keep the index up to date with its folders for as long as the block runs.

    Raises:
        InputError: a folder that the index was built from is not there.

    """
    from rag.indexing.build import index_sources

    sources = [Path(source) for source in index_sources(None, shelf.home)]
    stop = threading.Event()
    worker = threading.Thread(target=_watch, args=(shelf, sources, stop), name="watch")
    worker.start()
    _say(f"Watching {', '.join(map(str, sources))}: pages that are saved there are taken up.")
    try:
        yield
    finally:
        stop.set()
        worker.join()


def _watch(shelf: Shelf, sources: list[Path], stop: threading.Event) -> None:
    for names in changed_pages(sources, [shelf.home], stop):
        try:
            with contextlib.closing(build_in_subprocess(sources, shelf.place, shelf.asked)) as steps:
                for _ in steps:
                    if stop.is_set():
                        return
        except PullquoteError as error:
            _say(f"The pages that changed were not taken up. {error}")
        else:
            shown = ", ".join(sorted(Path(name).name for name in names)[:3])
            _say(f"Taken up: {shown}" + (f" and {len(names) - 3:,} more" if len(names) > 3 else ""))  # noqa: PLR2004


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
