"""Pages that nobody touched are not read again; whatever may have touched one, all are read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from made_pdf import pdf_of

import rag.indexing.untouched
from rag import build_index
from rag.cli import main
from rag.indexing.untouched import look_at
from rag.loading.files.paths import named
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from pathlib import Path

    from rag.records import BuildReport

WELL = "The well\n\nThe well at the crossroads was dug in 1911 by three brothers who had lost their goats.\n"
LATER = "rag.indexing.untouched._now = lambda: time.time_ns() + 3_000_000_000"


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock by which all files have been left alone."""
    monkeypatch.setattr(rag.indexing.untouched, "_now", lambda: time.time_ns() + 3_000_000_000)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of two pages, with an index in the folder beside it."""
    folder = tmp_path / "pages"
    (folder / "inner").mkdir(parents=True)
    (folder / "well.txt").write_text(WELL)
    (folder / "inner" / "mill.txt").write_text(WELL.replace("well", "mill"))
    build_index([folder], into=tmp_path / "index")
    return folder


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were read."""
    seen: list[str] = []
    read = rag.indexing.tasks.read_named

    def noted(path: Path, name: str, reason: str) -> object:
        seen.append(name)
        return read(path, name, reason)

    monkeypatch.setattr("rag.indexing.tasks.read_named", noted)
    return seen


def _build(pages: Path) -> BuildReport:
    return build_index([pages], into=pages.parent / "index")


def test_pages_that_nobody_touched_are_not_read(pages: Path, reads: list[str]) -> None:
    """The report is that of a build that has read them."""
    report = _build(pages)
    assert reads == []
    (pages / "well.txt").touch()
    other = _build(pages)
    assert len(reads) == 2
    assert report.outcome == other.outcome == "unchanged"
    assert (report.pages, report.posts, report.chunks) == (other.pages, other.posts, other.chunks)
    assert (report.skipped, report.changes, report.copies_folded) == (other.skipped, other.changes, other.copies_folded)
    reads.clear()
    _build(pages)
    assert reads == []


@pytest.mark.parametrize("how", ["in place", "replaced"])
def test_other_bytes_of_the_same_size_and_time_are_read(pages: Path, how: str) -> None:
    """A program can set the time of change of the bytes, but not that of anything."""
    path = pages / "well.txt"
    before = path.stat()
    other = path if how == "in place" else pages / ".aside"
    other.write_text(WELL.replace("1911", "1912"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert _build(pages).outcome == "grown"


def test_a_page_more_or_less_is_noticed(pages: Path) -> None:
    """In any folder, under any name."""
    (pages / "inner" / "mill.txt").rename(pages / "inner" / "mills.txt")
    changes = _build(pages).changes
    assert changes is not None
    assert changes.renamed == (("inner/mill.txt", "inner/mills.txt"),)
    (pages / "inner" / "mills.txt").unlink()
    assert _build(pages).outcome == "grown"


def test_other_options_are_noticed(pages: Path, reads: list[str]) -> None:
    """Decisions about duplicates, and paths."""
    (pages.parent / "index" / "duplicates.txt").write_text('keep "The well"\n')
    _build(pages)
    assert len(reads) == 2
    report = build_index([pages / "inner"], into=pages.parent / "index")
    assert report.posts == 1


def test_a_damaged_index_is_built_again(pages: Path) -> None:
    """Even if only the next build reads the file, and no page was touched."""
    path = current_folder(pages.parent / "index") / "growth" / "stems.txt"
    path.write_bytes(path.read_bytes()[::-1])
    assert _build(pages).outcome == "built"


def test_a_page_that_could_not_be_read_is_tried_again(
    pages: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the reason may pass although nobody touches the page."""
    (pages / "mill.pdf").write_bytes(pdf_of(["The mill", "The mill stood dry for thirty years, and then it burned."]))
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "pypdfium2", None)
        assert "mill.pdf" in [page.file for page in _build(pages).skipped]
        reads.clear()
        assert _build(pages).outcome == "unchanged"
        assert len(reads) == 3
    assert "mill.pdf" not in [page.file for page in _build(pages).skipped]


def test_a_check_that_finds_a_changed_page_lets_the_next_build_read(
    pages: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the disk stored no time of change."""
    states = "rag.answering.posts.catalogue.Catalogue.page_states"
    assert main(["status", "--check", "--index", str(pages.parent / "index")]) == 0
    _build(pages)
    assert reads == []
    monkeypatch.setattr(states, lambda *_: {"well.txt": "changed"})
    assert main(["status", "--check", "--index", str(pages.parent / "index")]) == 0
    _build(pages)
    assert len(reads) == 2


def test_nothing_is_concluded_from_files_written_just_now(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They could be written to again within the same tick of the clock."""
    files = named([pages])
    assert look_at(files, [str(pages)]) is not None
    monkeypatch.setattr(rag.indexing.untouched, "_now", time.time_ns)
    (pages / "well.txt").touch()
    assert look_at(files, [str(pages)]) is None


def test_nothing_is_concluded_when_the_clock_was_set_back(
    pages: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a later change could then be one that was seen before."""
    (pages / "well.txt").touch()
    with monkeypatch.context() as ahead:
        ahead.setattr(rag.indexing.untouched, "_now", lambda: time.time_ns() + 3600 * 10**9)
        _build(pages)
        _build(pages)
        assert len(reads) == 2
    _build(pages)
    assert len(reads) == 4


def test_nothing_is_concluded_beside_tables_that_may_describe_a_page(pages: Path) -> None:
    """They are not among the files to index, so their changes would not be seen."""
    page = pages / "well.txt"
    assert look_at(named([page]), [str(page)]) is not None
    (pages / "posts.csv").write_text("title\n")
    assert look_at(named([page]), [str(page)]) is None
    assert look_at(named([pages]), [str(pages)]) is not None


def test_a_build_that_finds_nothing_new_imports_no_large_library(pages: Path) -> None:
    """Neither numpy nor the code that reads pages, which take most of a second."""
    code = (
        "import sys, time, rag.indexing.untouched\n"
        f"{LATER}\n"
        "from rag import build_index\n"
        f"print(build_index([{str(pages)!r}], into={str(pages.parent / 'index')!r}).outcome)\n"
        "print([name for name in ('numpy', 'onnxruntime', 'rag.loading.pages', 'rag.dedup.merging') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split("\n")[:2] == ["unchanged", "[]"]
