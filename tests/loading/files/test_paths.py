"""Which files are pages: links out of the folder and indexes are named, but not followed and not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.loading.files.paths import INDEX_REASON, linked_places, named
from rag.loading.pages import read_pages
from rag.records import SkippedPage

if TYPE_CHECKING:
    from pathlib import Path

WELL = "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with their goats.\n"
MILL = "The mill by the river\n\nThe mill by the river was burnt down in 1802 by a careless miller and his candle.\n"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with a page, and beside it a private one with another."""
    for folder, text in (("pages", WELL), ("private", MILL)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.txt").write_text(text)
    return tmp_path / "pages"


def _reasons(paths: list[Path], **options: object) -> dict[str, str]:
    return {name: reason for name, _, reason in named(paths, **options)}  # type: ignore[arg-type]


def test_links_that_lead_out_are_named_and_not_followed(pages: Path, tmp_path: Path) -> None:
    """Links to files and to folders alike; a link within the folder does not."""
    (pages / "folder").symlink_to(tmp_path / "private")
    (pages / "file.txt").symlink_to(tmp_path / "private" / "private.txt")
    (pages / "again.txt").symlink_to(pages / "pages.txt")
    reasons = _reasons([pages])
    assert "--follow-links" in reasons["folder"]
    assert "--follow-links" in reasons["file.txt"]
    assert sorted(name for name, reason in reasons.items() if not reason) == ["again.txt"]
    assert sorted(_reasons([pages], follow_links=True)) == ["again.txt", "file.txt"]
    assert sorted(_reasons([pages], trusted=[str(tmp_path / "private")])) == ["again.txt", "file.txt"]


def test_links_that_were_followed_once_are_followed_again(pages: Path, tmp_path: Path) -> None:
    """Because the user said so; pages behind them can be opened, and a later build keeps them."""
    (pages / "folder").symlink_to(tmp_path / "private")
    assert linked_places([pages], [pages / "folder" / "private.txt", pages / "pages.txt"]) == [
        str((tmp_path / "private").resolve())
    ]
    home = tmp_path / "index"
    assert build_index([pages], into=home).posts == 1
    assert build_index([pages], into=home, follow_links=True).posts == 2
    assert build_index(None, into=home).outcome == "unchanged"
    with open_index(home) as index:
        assert index.page_text("folder/private.txt") == MILL


def test_an_index_is_never_its_own_page(pages: Path, tmp_path: Path) -> None:
    """Built inside the folder of its pages, it settles at once; other indexes there are left out and reported too."""
    home = pages / "index"
    assert build_index([pages], into=home).pages == 1
    assert build_index([pages], into=home).outcome == "unchanged"
    build_index([pages], into=pages / "another")
    assert _reasons([pages]) == {"pages.txt": "", "index": INDEX_REASON, "another": INDEX_REASON}
    (home / ".pullquote-index").unlink()  # as an earlier version left it
    assert _reasons([pages])["index"] == INDEX_REASON
    assert build_index(None, into=home).outcome == "unchanged"
    assert not (tmp_path / "embeddings").exists()


def test_a_file_that_blocks_is_left_out(pages: Path) -> None:
    """What the system generates as it is read has no size: such a file is not opened."""
    import os

    os.mkfifo(pages / "pipe.txt")
    (pages / "empty.txt").touch()
    (pages / "messages.txt").symlink_to("/proc/kmsg")
    read = {page.file: page for page in read_pages([pages])}
    assert isinstance(read["pipe.txt"], SkippedPage)
    assert isinstance(read["empty.txt"], SkippedPage)
    assert isinstance(read["messages.txt"], SkippedPage)


@pytest.mark.skipif("not __import__('os').path.exists('/proc/kmsg')", reason="there is no /proc/kmsg here")
def test_a_regular_file_that_blocks_is_named_when_it_is_given_itself() -> None:
    """Reading it would wait for the next message of the kernel, for ever."""
    from pathlib import Path

    (found,) = read_pages([Path("/proc/kmsg")])
    assert isinstance(found, SkippedPage)


def test_a_folder_whose_files_may_not_be_looked_at_stops_nothing(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is an index cannot be told; the pages beside it are read."""
    (pages / "locked").mkdir()
    before, stat = _reasons([pages]), type(pages).stat

    def refused(path: Path, **options: bool) -> object:
        if path.parent.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(type(pages), "stat", refused)
    assert _reasons([pages]) == before
