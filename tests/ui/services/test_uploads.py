"""Adding pages keeps the old index until the new one is whole, keeps names, and can be undone."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest
from milvus_servers import need

from rag import build_index
from rag.errors import IndexAway, InputError, PullquoteError
from rag.indexing.subprocess_build import build_in_subprocess
from rag.store.address import read_address
from ui.services import uploads as additions
from ui.services.index_holder import Shelf
from ui.services.temp_files import bytes_in
from ui.services.upload_folders import last_addition, note_file
from ui.services.uploads import FileState, add_pages, undo_last

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WELL = (
    "The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n"
)
MILL = (
    "The mill without a river\n\n"
    "When the river was moved, the mill stood dry, and the miller bought a steam engine from a bankrupt brewery.\n\n"
    "The engine ran for thirty years and burned the hedges of the whole valley.\n"
)
# the year is another, all else is the same
WELL_1912 = WELL.replace("1911", "1912")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An index of one page in a folder."""
    pages = tmp_path / "pages"
    (pages / "old").mkdir(parents=True)
    (pages / "old" / "well.txt").write_text(WELL, encoding="utf-8")
    build_index([pages], into=tmp_path / "index")
    shelf = Shelf(tmp_path / "index")
    yield shelf
    shelf.close()


def _add(shelf: Shelf, folder: Path, **files: str | bytes) -> tuple[FileState, ...]:
    folder.mkdir(exist_ok=True)
    uploads = []
    for name, data in files.items():
        path = folder / f"{name}.txt"
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        uploads.append((path.name, path))
    last = list(add_pages(shelf, uploads))[-1]
    assert last.ended
    assert not last.problem
    return last.files


def _names(shelf: Shelf) -> list[str]:
    with shelf.lend() as index:
        return [page.file for page in index.pages()]


def test_new_known_changed_and_unreadable_files_are_distinguished(shelf: Shelf, tmp_path: Path) -> None:
    """Each file says what it contains; the existing page keeps its name; undo restores everything."""
    before = _names(shelf)
    noise = bytes(range(256)) * 9
    states = _add(shelf, tmp_path / "drop", mill=MILL, well=WELL, changed=WELL_1912, noise=noise, empty=" \n")
    kinds = {state.name: state.kind for state in states}
    assert kinds == {
        "mill.txt": "new",
        "well.txt": "duplicate",
        "changed.txt": "variant",
        "noise.txt": "skipped",
        "empty.txt": "skipped",
    }
    assert all(state.note for state in states)
    assert before[0] in _names(shelf)
    assert len(_names(shelf)) == 4
    last = last_addition(shelf)
    assert last is not None
    list(undo_last(shelf))
    assert _names(shelf) == before
    assert last_addition(shelf) is None
    assert not last[0].exists()


def test_what_was_added_no_longer_counts_against_the_disk(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload is deleted once its page is in the index; one that was not added stays, and so does any other file."""
    scratch, own = tmp_path / "uploads", tmp_path / "own.txt"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(scratch))
    dropped = scratch / "hash" / "mill.txt"
    dropped.parent.mkdir(parents=True)
    dropped.write_text(MILL, encoding="utf-8")
    own.write_text(WELL_1912, encoding="utf-8")
    before = bytes_in(scratch)
    assert list(add_pages(shelf, [("gone.txt", scratch / "empty.txt")]))[-1].problem
    assert bytes_in(scratch) == before
    assert not list(add_pages(shelf, [("mill.txt", dropped), ("own.txt", own)]))[-1].problem
    assert (bytes_in(scratch), own.exists()) == (0, True)


def test_two_additions_are_undone_one_after_the_other(shelf: Shelf, tmp_path: Path) -> None:
    """The newest is undone first, and the rest answers."""
    _add(shelf, tmp_path / "one", mill=MILL)
    _add(shelf, tmp_path / "two", changed=WELL_1912)
    list(undo_last(shelf))
    names = _names(shelf)
    assert "mill.txt" in names
    assert "changed.txt" not in names
    with shelf.lend() as index:
        assert "steam engine" in index.ask("What did the miller buy?", always_answer=True).quotes[0].text


def test_a_borrowed_index_outlives_the_swap(shelf: Shelf, tmp_path: Path) -> None:
    """Whoever asks while pages are added gets the whole answer from the old index."""
    with shelf.lend() as old:
        _add(shelf, tmp_path / "one", mill=MILL)
        assert len(old.pages()) == 1
        assert old.ask("When was the well dug?", always_answer=True).quotes
    assert len(_names(shelf)) == 2


def test_a_failed_build_changes_nothing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is shown, the files are gone again, and the old index stays in use."""
    before = _names(shelf)

    def fail(*given: object) -> Iterator[tuple[str, int, int]]:
        assert given[1:] == (shelf.place, shelf.asked), "it is told where to build and when to stand back"
        yield "reading pages", 1, 0
        raise InputError("no room left", path="index")

    monkeypatch.setattr(additions, "build_in_subprocess", fail)
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    last = list(add_pages(shelf, [("mill.txt", path)]))[-1]
    assert "no room left" in last.problem
    assert _names(shelf) == before
    assert not list((shelf.home / "added").glob("*"))


def test_a_build_that_is_killed_changes_nothing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says so, keeps no file and continues to answer; the same addition works afterwards."""
    started: list[subprocess.Popen[str]] = []

    class Kept(subprocess.Popen[str]):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr("rag.indexing.subprocess_build.subprocess.Popen", Kept)
    before = _names(shelf)
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    steps = add_pages(shelf, [("mill.txt", path)])
    while not started:
        next(steps)
    started[0].kill()
    last = list(steps)[-1]
    assert last.problem.startswith("Nothing was changed. ")
    assert "signal 9" in last.problem
    assert _names(shelf) == before
    assert not list((shelf.home / "added").glob("*"))
    _add(shelf, tmp_path / "again", mill=MILL)
    assert "mill.txt" in _names(shelf)


@pytest.mark.parametrize("stage", ["Reading files", "Reading pages", "Finding posts", "Cutting chunks"])
def test_who_leaves_in_the_middle_adds_nothing(shelf: Shelf, tmp_path: Path, stage: str) -> None:
    """A closed window ends the build and leaves no file behind."""
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    steps = add_pages(shelf, [("mill.txt", path)])
    for step in steps:
        if step.stage == stage:
            break
    else:
        pytest.fail(f"no step was called {stage}")
    assert isinstance(steps, Generator)
    steps.close()
    assert len(_names(shelf)) == 1
    assert not list((shelf.home / "added").glob("*"))


def test_what_a_killed_page_left_goes_at_the_next_addition(shelf: Shelf, tmp_path: Path) -> None:
    """Numbered folders of which the index has nothing are deleted; those it has stay, and so does everything else."""
    _add(shelf, tmp_path / "one", mill=MILL)
    added = shelf.home / "added"
    for folder in (added / "7", added / "mine", shelf.home / "8"):
        folder.mkdir()
        (folder / "a0.txt").write_text(WELL_1912, encoding="utf-8")
    note_file(added / "7", "a0.txt")  # as an addition does, which was killed
    _add(shelf, tmp_path / "two", changed=WELL_1912)
    assert sorted(folder.name for folder in added.iterdir()) == ["1", "2", "mine"]
    assert (shelf.home / "8" / "a0.txt").exists()
    assert {"mill.txt", "changed.txt"} < set(_names(shelf))


def test_what_somebody_indexed_by_hand_is_not_taken_for_left(shelf: Shelf, tmp_path: Path) -> None:
    """A folder in `added` stays if the index was built from a folder in it, or from one above it."""
    added = shelf.home / "added"
    for folder, page in ((added / "3" / "in", MILL), (added / "4", WELL_1912)):
        folder.mkdir(parents=True)
        (folder / "page.txt").write_text(page, encoding="utf-8")
        note_file(folder, "page.txt")
    (added / "5").mkdir()
    (added / "5" / "page.txt").write_text(WELL_1912, encoding="utf-8")
    build_index([tmp_path / "pages", added / "3" / "in"], into=shelf.home)
    _add(shelf, tmp_path / "one", well=WELL)
    assert (added / "3" / "in" / "page.txt").exists()
    assert not (added / "4" / "page.txt").exists()
    assert (added / "5" / "page.txt").exists(), "it has no list of added files: it is none of ours"
    (added / "9").mkdir()
    build_index([tmp_path / "pages", added], into=shelf.home)
    _add(shelf, tmp_path / "two", mill=MILL)
    assert (added / "9").exists()


def test_what_another_page_is_adding_is_not_taken_for_left(shelf: Shelf, tmp_path: Path) -> None:
    """Two pages over one index add at the same time without losing a file."""
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    slow = add_pages(shelf, [("mill.txt", path)])
    next(slow)
    _add(shelf, tmp_path / "two", changed=WELL_1912)
    assert (shelf.home / "added" / "1" / "mill.txt").exists()
    last = list(slow)[-1]
    assert not last.problem
    assert "mill.txt" in _names(shelf)


def test_an_index_in_place_keeps_its_files_even_if_it_cannot_be_opened(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files named by the index in place are kept if opening it fails, and if it cannot be seen at all."""
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")

    def away(_: object) -> None:
        raise IndexAway("the server does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(Shelf, "reopen", away)
        last = list(add_pages(shelf, [("mill.txt", path)]))[-1]
    assert last.problem.startswith("It is done, but the new index cannot be opened yet.")
    assert (shelf.home / "added" / "1" / "mill.txt").exists()
    assert "mill.txt" in _names(shelf)

    def fail(*_: object) -> Iterator[tuple[str, int, int]]:
        yield "reading pages", 1, 0
        raise IndexAway("the server does not answer")

    monkeypatch.setattr(additions, "build_in_subprocess", fail)
    monkeypatch.setattr("ui.services.upload_folders.open_snapshot", away)
    last = list(add_pages(shelf, [("mill.txt", path)]))[-1]
    assert last.problem.startswith("It is not clear whether anything changed.")
    assert list((shelf.home / "added" / "2").iterdir())
    last = list(undo_last(shelf))[-1]
    assert last.problem.startswith("It is not clear whether anything changed.")
    assert (shelf.home / "added" / "1" / "mill.txt").exists()


def test_pages_are_added_to_a_file_of_milvus_lite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has its only file open and can still add, leave in the middle, and undo."""
    need("pymilvus", "milvus_lite")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("ui.services.index_holder.LOOK_SECONDS", 0.0)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "well.txt").write_text(WELL, encoding="utf-8")
    place = read_address(f"milvus://{tmp_path}/lite.db/posts")
    build_index([tmp_path / "pages"], into=place)
    shelf = Shelf(place)
    path = tmp_path / "mill.txt"
    path.write_text(MILL, encoding="utf-8")
    steps = add_pages(shelf, [("mill.txt", path)])
    assert isinstance(steps, Generator)
    while next(steps).stage == "Reading files":
        pass
    steps.close()
    assert not list((shelf.home / "added").glob("*"))
    assert len(_names(shelf)) == 1
    states = _add(shelf, tmp_path / "drop", mill=MILL)
    assert [state.kind for state in states] == ["new"]
    assert "mill.txt" in _names(shelf)
    assert not list(undo_last(shelf))[-1].problem
    assert len(_names(shelf)) == 1
    shelf.close()


def test_a_build_that_dies_after_its_end_has_added(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of the index in place are kept, whatever the process that put it there said last; also for an undo."""

    def die(*given: object) -> Iterator[tuple[str, int, int]]:
        yield from build_in_subprocess(*given)  # type: ignore[arg-type]
        raise PullquoteError("gone")

    monkeypatch.setattr(additions, "build_in_subprocess", die)
    states = _add(shelf, tmp_path / "one", mill=MILL)
    assert [state.kind for state in states] == ["new"]
    assert "mill.txt" in _names(shelf)
    last = list(undo_last(shelf))[-1]
    assert not last.problem
    assert len(_names(shelf)) == 1
    assert not list((shelf.home / "added").glob("*"))


@pytest.mark.parametrize(
    "name",
    [
        "../../escape.txt", "..", ".hidden", "a/b\\c<>.txt", "\u202ename.txt", "", "x" * 400, "\u4e2d" * 400,
        "a" + "." * 119 + ".txt",
    ],
)  # fmt: skip
def test_names_from_outside_stay_inside_the_folder(tmp_path: Path, name: str) -> None:
    """A name with folders, dots or nothing usable becomes a plain visible file, and a second one gets another name."""
    given, folder = tmp_path / "given", tmp_path / "folder"
    given.write_text(MILL, encoding="utf-8")
    folder.mkdir()
    kept: dict[str, str] = {}
    for _ in range(2):
        assert additions._take(name, given, folder, kept, set()).kind == "reading"
    assert sorted(one.name for one in folder.iterdir()) == sorted([*kept, ".pullquote-added"])
    assert len(kept) == 2
    assert not any(one.startswith(".") for one in kept)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "given"]


def test_a_pdf_file_is_read_by_the_build_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its library is written in C, and a crash would end the page for everyone."""

    def crash(_: bytes) -> str:
        pytest.fail("read in the process of the page")

    monkeypatch.setattr("rag.loading.documents.pdf.pdf_text", crash)
    (tmp_path / "given.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "folder").mkdir()
    taken = additions._take("given.pdf", tmp_path / "given.pdf", tmp_path / "folder", {}, set())
    assert taken.kind == "reading"


def test_too_much_at_once_is_refused(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on the number of files and on their bytes, reported in words."""
    path = tmp_path / "x"
    path.write_text(MILL, encoding="utf-8")
    monkeypatch.setattr(additions, "MAX_FILES", 2)
    assert "too many files" in list(add_pages(shelf, [("a", path)] * 3))[-1].problem
    monkeypatch.setattr(additions, "MAX_TOTAL_BYTES", 10)
    assert "too large" in list(add_pages(shelf, [("a", path)]))[-1].problem
    assert "No files" in list(add_pages(shelf, []))[-1].problem


def test_an_index_built_by_somebody_else_is_taken_up(shelf: Shelf, tmp_path: Path) -> None:
    """After `pullquote index` in another window, the page answers from the new pages without a restart."""
    (tmp_path / "pages" / "mill.txt").write_text(MILL, encoding="utf-8")
    build_index([tmp_path / "pages"], into=shelf.home)
    assert len(_names(shelf)) == 2
    with shelf.lend_holdings() as holdings:
        assert len(holdings.lines) == 2


def test_an_index_that_cannot_be_opened_is_not_taken_up(shelf: Shelf) -> None:
    """The old index continues to answer."""
    (shelf.home / "current").write_text("g-nothing", encoding="utf-8")
    assert len(_names(shelf)) == 1


def test_an_archive_and_a_feed_can_be_added_and_undone(shelf: Shelf, tmp_path: Path) -> None:
    """Files of every kind are accepted; the pages of an archive count as its own; a second addition keeps them all."""
    feed = f"<rss><channel><item><title>The mill</title><description>{MILL}</description></item></channel></rss>"
    (tmp_path / "feed.xml").write_text(feed, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "saved.zip", "w") as archive:
        archive.writestr("blog/well.txt", WELL)
        archive.writestr("blog/1912.txt", WELL_1912)
        archive.writestr("blog/photo.jpg", bytes(range(256)) * 9)
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    uploads = [(name, tmp_path / name) for name in ("feed.xml", "saved.zip", "sheet.xlsx")]
    last = list(add_pages(shelf, uploads))[-1]
    kinds = {state.name: (state.kind, len(state.posts)) for state in last.files}
    assert kinds == {"feed.xml": ("new", 1), "saved.zip": ("variant", 2), "sheet.xlsx": ("skipped", 0)}
    inside = ["saved.zip/blog/1912.txt", "saved.zip/blog/well.txt"]
    told = {one.name: (one.kind, one.note) for one in last.files[1].inside}
    assert told["blog/1912.txt"] == ("variant", "1 differing version")
    assert told["blog/well.txt"] == ("duplicate", "1 post already here")
    assert told["blog/photo.jpg"][0] == "skipped"
    assert told["blog/photo.jpg"][1]
    assert [name for name in _names(shelf) if name.startswith("saved.zip")] == inside
    _add(
        shelf,
        tmp_path / "more",
        oven="The oven\n\nThe oven of the village was built of river stones in 1860 by a widow.\n",
    )
    assert [name for name in _names(shelf) if name.startswith("saved.zip")] == inside
    list(undo_last(shelf))
    list(undo_last(shelf))
    assert len(_names(shelf)) == 1
