"""The chat page indexes pages that are saved while it runs."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from rag import build_index
from rag.indexing.watching import REST_SECONDS
from ui.services.index_holder import Shelf
from ui.services.page_calls import PageCalls
from ui.services.watching import watching_pages

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

KEEPER = "The keeper\n\nThe lock keeper retired after thirty-one years of opening gates for boats on the canal.\n"
LOAF = "Bread\n\nThe loaf rises in seven hours on top of the boiler, wrapped in a towel.\n"


def _files(shelf: Shelf) -> list[str]:
    with shelf.lend_holdings() as holdings:
        return holdings.files


def test_a_saved_page_is_asked_about_without_a_restart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the page says what was indexed; a folder without any page changes nothing."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text(KEEPER)
    build_index([pages], into=tmp_path / "index")
    shelf = Shelf(tmp_path / "index")
    try:
        with watching_pages(shelf):
            assert shelf.watching is not None
            assert shelf.watching.words() == "Watching pages: pages saved there are indexed automatically."
            end = time.monotonic() + 120
            while len(_files(shelf)) < 2 and time.monotonic() < end:
                (pages / "b.txt").write_text(LOAF)  # again: the first may have come before the system watches
                again = time.monotonic() + REST_SECONDS + 3
                while len(_files(shelf)) < 2 and time.monotonic() < again:
                    time.sleep(0.1)
            assert _files(shelf) == ["a.txt", "b.txt"]
            while not shelf.watching.last and time.monotonic() < end:
                time.sleep(0.1)
            assert json.loads(PageCalls(shelf)("now"))["watching"] == shelf.watching.words()
            assert re.search(r"Indexed at \d\d:\d\d: b\.txt\.$", shelf.watching.words())
    finally:
        shelf.close()
    told = capsys.readouterr().err
    assert str(pages) in told
    assert "Indexed: b.txt" in told
