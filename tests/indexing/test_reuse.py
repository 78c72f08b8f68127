"""An updated index equals one built from nothing, and only what is new is processed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from heaps import Heap, Snapshot, heaps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import build_index, open_index
from rag.indexing.recipe import recipe
from rag.indexing.reuse import page_changes
from rag.records import PageEntry
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from pathlib import Path

MILL = (
    "The mill without a river\n\n"
    "When the river was moved, the mill stood dry, and the miller bought a steam engine from a bankrupt brewery.\n\n"
    "The engine ran for thirty years and burned the hedges of the whole valley.\n"
)
WELL = (
    "The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n"
)


def _files(home: Path) -> dict[str, bytes]:
    """Every byte of the snapshot in use."""
    folder = home / (home / "current").read_text().strip()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    folder = home / (home / "current").read_text().strip()
    with closing(sqlite3.connect(folder / "posts.sqlite")) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        select = "SELECT * FROM {} ORDER BY rowid"
        return {table: database.execute(select.format(table)).fetchall() for table in tables}


def _step(chance: random.Random, heap: Heap, pages: Path) -> None:
    """Add, change, remove or rename one page."""
    there = sorted(pages.iterdir())
    kind = chance.choice(["add", "change", "remove", "rename"] if len(there) > 1 else ["add", "change"])
    shown = tuple(chance.sample(range(len(heap.posts)), chance.randint(1, len(heap.posts))))
    text = heap.page(Snapshot(shown, "utf-8", chance.choice(["\n", "\r\n"]), chance.random() < 0.5))
    if chance.random() < 0.3:
        text = text.replace("because", "since", 1)
    page = chance.choice(there)
    if kind == "add":
        (pages / f"page-{chance.randrange(10**6)}.txt").write_bytes(text.encode())
    elif kind == "change":
        page.write_bytes(text.encode())
    elif kind == "remove":
        page.unlink()
    else:
        page.rename(pages / f"page-{chance.randrange(10**6)}.txt")


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(heap=heaps(), seed=st.integers(0, 2**32))
def test_an_index_that_grew_is_the_one_built_from_nothing(
    heap: Heap, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After every addition, change, removal and renaming: all rows, all vectors, every byte, and so the name."""
    chance = random.Random(seed)
    base = tmp_path_factory.mktemp("growth")
    pages, grown = base / "pages", base / "grown"
    heap.write(pages)
    build_index([pages], into=grown)
    for number in range(3):
        _step(chance, heap, pages)
        build_index([pages], into=grown)
        scratch = base / f"scratch-{number}"
        build_index([pages], into=scratch)
        assert _rows(grown) == _rows(scratch)
        assert _files(grown) == _files(scratch)
        assert (grown / "current").read_text() == (scratch / "current").read_text()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of two pages, with an index in the folder beside it."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL)
    (folder / "well.txt").write_text(WELL)
    build_index([folder], into=tmp_path / "index")
    return folder


def _forbid_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("load_encoder", "open_encoder"):
        monkeypatch.setattr(f"rag.indexing.chunk_vectors.{name}", lambda *_: pytest.fail("the model was loaded"))


def test_nothing_changed_writes_nothing_and_loads_no_model(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second build finds nothing to do: no file is touched, no model is loaded, not even posts are searched for."""
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*")}
    _forbid_the_model(monkeypatch)
    monkeypatch.setattr("rag.indexing.pipeline.divide_pages", lambda *_: pytest.fail("posts were looked for"))
    report = build_index(None, into=tmp_path / "index")
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "index").rglob("*")}
    assert report.outcome == "unchanged"
    assert (report.pages, report.posts, report.embedded) == (2, 2, 0)
    assert {path.name: time for path, time in before.items() if path.is_file()} == {
        path.name: time for path, time in after.items() if path.is_file()
    }
    assert pages.is_dir()


def test_what_a_build_left_that_was_killed_at_its_end_goes(pages: Path, tmp_path: Path) -> None:
    """An older snapshot beside the one in use, even if the next build finds nothing changed."""
    build_index([pages], into=tmp_path / "index")
    whole = sorted(path.name for path in (tmp_path / "index").iterdir())
    current = current_folder(tmp_path / "index")
    shutil.copytree(current, current.with_name("g-0123456789abcdef"))
    assert build_index([pages], into=tmp_path / "index").outcome == "unchanged"
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == whole


def test_a_text_that_moves_is_not_embedded_again(pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To another page, another name, or beside another post: the model reads nothing."""
    _forbid_the_model(monkeypatch)
    (pages / "mill.txt").rename(pages / "a-mill.txt")
    report = build_index(None, into=tmp_path / "index")
    assert report.changes is not None
    assert report.changes.renamed == (("mill.txt", "a-mill.txt"),)
    (pages / "a-mill.txt").write_text(MILL + "\n\n" + WELL)
    (pages / "well.txt").unlink()
    report = build_index(None, into=tmp_path / "index")
    assert (report.outcome, report.embedded) == ("grown", 0)
    assert report.changes is not None
    assert (report.changes.changed, report.changes.removed) == (("a-mill.txt",), ("well.txt",))
    with open_index(tmp_path / "index") as index:
        assert {copy.file for post in index.posts() for copy in post.copies} == {"a-mill.txt"}


def test_a_changed_paragraph_leaves_the_chunks_around_it(tmp_path: Path) -> None:
    """Of a long post with one new paragraph, only the chunks at that place are embedded."""
    chance = random.Random(5)
    words = ["harbour", "lantern", "kettle", "orchard", "saddle", "winter", "market", "valley", "miller", "painter"]
    paragraphs = [
        " ".join(
            f"The {chance.choice(words)} of {1500 + 7 * number + at} met a {chance.choice(words)}." for at in range(6)
        )
        for number in range(40)
    ]
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "long.txt").write_text("A long walk\n\n" + "\n\n".join(paragraphs))
    whole = build_index([pages], into=tmp_path / "index")
    paragraphs.insert(20, "Nobody had told the miller about the harbour, and so he went there on foot in the rain.")
    (pages / "long.txt").write_text("A long walk\n\n" + "\n\n".join(paragraphs))
    grown = build_index(None, into=tmp_path / "index")
    assert whole.embedded == whole.chunks > 10
    assert 0 < grown.embedded <= 4


def test_a_removed_page_takes_its_places_with_it(pages: Path, tmp_path: Path) -> None:
    """A post that was only there is gone; one that is elsewhere too has fewer places."""
    (pages / "both.txt").write_text(MILL)
    build_index(None, into=tmp_path / "index")
    (pages / "well.txt").unlink()
    (pages / "mill.txt").unlink()
    report = build_index(None, into=tmp_path / "index")
    assert [title for _, title in report.went] == ["The well at the crossroads"]
    with open_index(tmp_path / "index") as index:
        (post,) = index.posts()
        assert [copy.file for copy in post.copies] == ["both.txt"]


def test_a_dry_run_tells_and_changes_nothing(pages: Path, tmp_path: Path) -> None:
    """Added and removed posts are named; neither the index nor a folder for one is touched."""
    before = _files(tmp_path / "index")
    (pages / "new.txt").write_text(WELL.replace("crossroads", "station").replace("goats", "sheep"))
    (pages / "mill.txt").unlink()
    report = build_index(None, into=tmp_path / "index", dry_run=True)
    assert report.outcome == "planned"
    assert report.changes is not None
    assert (report.changes.added, report.changes.removed) == (("new.txt",), ("mill.txt",))
    assert [title for _, title in report.went] == ["The mill without a river"]
    assert [title for _, title in report.came] == ["The well at the station"]
    assert _files(tmp_path / "index") == before
    build_index([pages], into=tmp_path / "nowhere", dry_run=True)
    assert not (tmp_path / "nowhere").exists()


def test_what_another_code_made_is_not_carried_over(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other code may cut differently: the index is rebuilt, but texts that the model has read are not read again."""
    vectors, _, _ = recipe().partition("-")
    monkeypatch.setattr("rag.indexing.build.recipe", lambda: f"{vectors}-other")
    report = build_index(None, into=tmp_path / "index")
    assert (report.outcome, report.embedded) == ("grown", 0)
    monkeypatch.setattr("rag.indexing.build.recipe", lambda: "other-other")
    report = build_index(None, into=tmp_path / "index")
    assert report.embedded == report.chunks
    assert pages.is_dir()


def test_pages_are_distinguished_by_name_and_bytes() -> None:
    """Added, changed, removed, renamed and unchanged ones; two with the same bytes are two."""
    before = [PageEntry(name, digest, "utf-8", "text", "") for name, digest in zip("abcde", "11234", strict=True)]
    now = [PageEntry(name, digest, "utf-8", "text", "") for name, digest in zip("axydf", "11193", strict=True)]
    found = page_changes(before, now)
    assert found.unchanged == 1
    assert found.changed == ("d",)
    assert found.renamed == (("b", "x"),)
    assert found.added == ("y", "f")
    assert found.removed == ("c", "e")
