"""Pages that changed or disappeared since they were indexed are marked beside the quote, and counted."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.files.page_states import BUILD_SECONDS, PageStates
from rag.cli import main
from rag.records import PageEntry

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The keeper\n\nThe lock keeper retired after thirty-one years of opening gates for boats on the canal.\n"
QUESTION = "How many years did the lock keeper open gates?"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two pages, and an index of them."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.txt").write_text("Bread\n\nThe loaf rises in seven hours on top of the boiler, wrapped in a towel.\n")
    build_index([folder], into=tmp_path / "index")
    return folder


def _states(tmp_path: Path) -> set[str | None]:
    with open_index(tmp_path / "index") as index:
        answer = index.ask(QUESTION, always_answer=True)
        assert "thirty-one" in answer.quotes[0].text
        return {place.page_state for place in answer.quotes[0].locations}


def test_a_quote_says_what_became_of_its_page(tmp_path: Path, pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing while it is the same, even if it was touched; otherwise that it changed or is gone."""
    assert _states(tmp_path) == {None}
    os.utime(pages / "a.txt")
    assert _states(tmp_path) == {None}
    (pages / "a.txt").write_text(TEXT + "More.\n")
    assert _states(tmp_path) == {"changed"}
    assert main(["ask", QUESTION, "--always-answer", "--index", str(tmp_path / "index")]) == 0
    assert "has changed since it was indexed" in " ".join(capsys.readouterr().out.split())
    (pages / "a.txt").unlink()
    assert _states(tmp_path) == {"gone"}
    assert main(["status", "--check", "--json", "--index", str(tmp_path / "index")]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["pages_changed"], status["pages_gone"]) == (0, 1)


def test_a_page_in_an_archive_is_looked_for_in_it(tmp_path: Path) -> None:
    """The time of the archive decides and, if that is newer, its content."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(TEXT)
    shutil.make_archive(str(tmp_path / "saved"), "zip", tmp_path / "pages")
    build_index([tmp_path / "saved.zip"], into=tmp_path / "index")
    assert _states(tmp_path) == {None}
    (tmp_path / "pages" / "a.txt").write_text(TEXT + "More.\n")
    shutil.make_archive(str(tmp_path / "saved"), "zip", tmp_path / "pages")
    assert _states(tmp_path) == {"changed"}


def test_an_old_file_is_not_read(tmp_path: Path) -> None:
    """Its time is enough."""
    (tmp_path / "a.txt").write_text("changed")
    entry = PageEntry("a.txt", "0" * 64, "utf-8", "text", str(tmp_path / "a.txt"))
    now = (tmp_path / "a.txt").stat().st_mtime
    assert PageStates(lambda: [entry], now + BUILD_SECONDS + 60).of(["a.txt"]) == {}
    assert PageStates(lambda: [entry], now).of(["a.txt", "none.txt"]) == {"a.txt": "changed"}
    assert PageStates(lambda: [entry], now, lambda _: False).of(["a.txt"]) == {}  # nobody named its place
