"""Only our own files are deleted: nothing in other folders, nothing behind a link, nothing off the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.errors import InputError
from rag.store.manifest import SNAPSHOT_FILES, current_folder, files_listed
from rag.store.ownership import INDEX_MARKER, building, clear_older, is_index_folder, remove_snapshot

if TYPE_CHECKING:
    from pathlib import Path

WELL = "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with {} goats.\n"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "well.txt").write_text(WELL.format("three"))
    return folder


def _tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_built_into_a_folder_that_contains_other_things(pages: Path, tmp_path: Path) -> None:
    """Whatever their names are: they stay unchanged, and the folder is not taken for an index."""
    home = tmp_path / "mine"
    for name in ("g-force/notes.txt", ".aside-letters/draft.txt", "photos/list.txt"):
        (home / name).parent.mkdir(parents=True)
        (home / name).write_text("mine")
    before = _tree(home)
    with pytest.raises(InputError, match="contains other files") as problem:
        build_index([pages], into=home)
    assert "photos" in str(problem.value)
    assert _tree(home) == before
    assert not is_index_folder(home)


def test_a_new_folder_is_marked_and_one_with_only_a_readme_is_taken(pages: Path, tmp_path: Path) -> None:
    """As in the project's own folder; files that a person writes for an index may be there before it."""
    home = tmp_path / "embeddings"
    home.mkdir()
    (home / "README.md").write_text("Built indexes live here.")
    (home / "duplicates.txt").write_text("# nothing yet\n")
    build_index([pages], into=home)
    assert (home / INDEX_MARKER).is_file()
    assert (home / "README.md").read_text() == "Built indexes live here."


def test_an_index_without_a_mark_is_known_by_its_snapshot(pages: Path, tmp_path: Path) -> None:
    """Like one of an earlier version: it is built on, and marked."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    (home / INDEX_MARKER).unlink()
    build_index([pages], into=home)
    assert (home / INDEX_MARKER).is_file()


def test_a_build_leaves_what_is_not_its_own(pages: Path, tmp_path: Path) -> None:
    """Folders that only look like snapshots, links with such names, and files added to an older snapshot."""
    home, away = tmp_path / "index", tmp_path / "away"
    build_index([pages], into=home)
    for folder in (away, home / "g-0123456789abcdef", home / ".aside-mine"):
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
    (home / "g-fedcba9876543210").symlink_to(away)
    (home / ".aside-link").symlink_to(away)
    older = current_folder(home)
    (older / "words" / "mine.txt").write_text("mine")
    (older / "growth" / "stems.txt").unlink()
    (older / "growth" / "stems.txt").symlink_to(away / "mine.txt")
    (pages / "well.txt").write_text(WELL.format("nine"))
    build_index([pages], into=home)
    assert current_folder(home) != older
    for kept in (away, home / "g-0123456789abcdef", home / ".aside-mine", older / "words"):
        assert _tree(kept) == {"mine.txt": "mine"}
    with open_index(home) as index:
        assert "nine goats" in index.posts()[0].text


def test_a_snapshot_goes_by_the_list_in_its_manifest(pages: Path, tmp_path: Path) -> None:
    """And by the names of all snapshots if its manifest is damaged; nothing of it is left then."""
    for damage in (False, True):
        home = tmp_path / f"index-{damage}"
        build_index([pages], into=home)
        folder = current_folder(home)
        assert set(files_listed(folder)) <= set(SNAPSHOT_FILES)
        if damage:
            (folder / "manifest.json").write_text("{")
        remove_snapshot(folder)
        assert not folder.exists()


def test_a_linked_folder_inside_a_snapshot_is_not_emptied(pages: Path, tmp_path: Path) -> None:
    """The files behind it have the names of ours, and stay."""
    home, away = tmp_path / "index", tmp_path / "away"
    build_index([pages], into=home)
    folder = current_folder(home)
    (folder / "words").rename(away)
    (folder / "words").symlink_to(away)
    before = sorted(path.name for path in away.iterdir())
    remove_snapshot(folder)
    assert sorted(path.name for path in away.iterdir()) == before


def test_no_older_snapshot_goes_while_none_is_in_use(pages: Path, tmp_path: Path) -> None:
    """The snapshot in use is unknown then."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    folder = current_folder(home)
    (home / "current").unlink()
    with building(home):
        clear_older(home)
    assert folder.is_dir()
