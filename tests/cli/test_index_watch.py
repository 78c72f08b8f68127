"""`pullquote index --watch`: pages are indexed as they are saved, until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

import pytest

from rag.cli import main
from rag.cli.build_summary import skipped_lines
from rag.indexing.watching import REST_SECONDS
from rag.records import SkippedPage

if TYPE_CHECKING:
    from pathlib import Path


def _line_with(stream: IO[str], words: str) -> str:
    """The next line that contains some words."""
    for line in stream:
        if words in line:
            return line
    raise AssertionError(words)


def _save_until(page: Path, told: threading.Event) -> None:
    """Save a page, and again if nothing happened, because the system may not have been watching the first time."""
    while not told.is_set():
        page.write_text("Salt\n\nSalt goes in last, or the crust of the loaf turns grey and soft.\n")
        told.wait(REST_SECONDS + 3)


def test_pages_are_indexed_as_they_are_saved(tmp_path: Path) -> None:
    """Each update is printed, and Ctrl-C ends the command without failure."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text("Bread\n\nThe loaf rises in seven hours on top of the boiler, wrapped in a towel.\n")
    command = [sys.executable, "-m", "rag", "index", str(pages), "--index", str(tmp_path / "index"), "--watch", "-q"]
    told = threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        try:
            _line_with(child.stderr, f"watching {pages}")
            _line_with(child.stdout, "1 post on 1 page")
            worker = threading.Thread(target=_save_until, args=(pages / "b.txt", told))
            worker.start()
            _line_with(child.stdout, "2 posts on 2 pages")
        finally:
            told.set()
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)
    assert child.returncode == 0


def test_a_dry_run_is_not_watched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The two options cannot be used together."""
    (tmp_path / "a.txt").write_text("A page.")
    assert main(["index", str(tmp_path), "--index", str(tmp_path / "i"), "--watch", "--dry-run"]) == 2
    assert "--watch" in capsys.readouterr().err


@pytest.mark.parametrize(("count", "more"), [(1, ""), (5, ""), (83, " and 78 more")])
def test_files_left_out_for_one_reason_are_one_line(count: int, more: str) -> None:
    """The first ones by name, the others counted."""
    skipped = [SkippedPage(f"{number}.js", "files ending in .js are not read") for number in range(count)]
    shown = ", ".join(f"{number}.js" for number in range(min(count, 5)))
    other = SkippedPage("z.txt", "it is empty")
    assert list(skipped_lines([*skipped, other])) == [
        f"skipped {shown}{more}: files ending in .js are not read",
        "skipped z.txt: it is empty",
    ]
