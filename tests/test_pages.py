"""Pages: told by their content, every character kept, everything that is left out named with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import InputError, PageError
from rag.pages import read_pages, reread
from rag.records import Page, SkippedPage

# what a text file may hold: no surrogates, no control characters but line ends and tabs
PLAIN = st.text(st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\r\n\t")), min_size=1)


def _names(found: list[Page | SkippedPage]) -> list[str]:
    return [one.file for one in found]


def _reasons(folder: Path) -> dict[str, str]:
    return {one.file: one.reason for one in read_pages([folder]) if isinstance(one, SkippedPage)}


def test_a_folder_is_read_to_the_bottom_in_the_order_of_names(tmp_path: Path) -> None:
    """Names are relative to the folder, with a slash between folders; hidden files are passed over."""
    for name in ("b.txt", "a/z.md", "a/y.txt", ".hidden.txt", ".git/x.txt", "c.TXT", "plain"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Some text.")
    assert _names(list(read_pages([tmp_path]))) == ["a/y.txt", "a/z.md", "b.txt", "c.TXT", "plain"]


def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path) -> None:
    """A broken file never stops the others and is never silent."""
    (tmp_path / "good.txt").write_text("A page.")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_text(" \n\xa0\n")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\x00\x00\x00")
    (tmp_path / "sheet.xlsx").write_bytes(b"x")
    (tmp_path / "README.md").write_text("About these pages.")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.txt")
    reasons = _reasons(tmp_path)
    assert set(reasons) == {
        "README.md",
        "blank.txt",
        "empty.txt",
        "gone.txt",
        "loop",
        "picture.txt",
        "pipe.txt",
        "self.txt",
        "sheet.xlsx",
    }
    assert "README" in reasons["README.md"]
    assert "empty" in reasons["blank.txt"]
    assert "empty" in reasons["empty.txt"]
    assert "not a text" in reasons["picture.txt"]
    assert ".xlsx" in reasons["sheet.xlsx"]
    assert "leads back" in reasons["loop"]
    assert "pipe" in reasons["pipe.txt"]
    assert [one.file for one in read_pages([tmp_path]) if isinstance(one, Page)] == ["good.txt"]


def test_a_readme_that_is_asked_for_by_name_is_read(tmp_path: Path) -> None:
    """Only in a folder is a README taken for its description."""
    (tmp_path / "README.md").write_text("# Notes\n\nText.")
    assert [type(one) for one in read_pages([tmp_path / "README.md"])] == [Page]


def test_a_name_that_is_no_unicode_is_reported_and_does_not_break_the_report(tmp_path: Path) -> None:
    """The reason can be printed, whatever the file is called."""
    (tmp_path / "ok.txt").write_text("A page.")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")).write_text("Another.")
    found = list(read_pages([tmp_path]))
    assert [type(one) for one in found] == [SkippedPage, Page]
    found[0].file.encode("utf-8")


def test_names_that_collide_get_the_folder_in_front(tmp_path: Path) -> None:
    """Two folders with a page of the same name give two names; a single folder keeps the short one."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text("Text in " + folder)
    both = list(read_pages([tmp_path / "one", tmp_path / "two"]))
    assert _names(both) == ["one/page.txt", "two/page.txt"]
    assert _names(list(read_pages([tmp_path / "two"]))) == ["page.txt"]


def test_a_file_given_twice_is_one_page(tmp_path: Path) -> None:
    """By its own name, through its folder, or through a link."""
    page = tmp_path / "page.txt"
    page.write_text("Text.")
    (tmp_path / "again.txt").symlink_to(page)
    assert len(list(read_pages([tmp_path, page]))) == 1


def test_a_path_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    """A typing mistake in the command is told before any work is done."""
    with pytest.raises(InputError):
        read_pages([tmp_path / "nowhere"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=PLAIN.filter(lambda text: bool(text.strip()) and not text.startswith("\ufeff")))
def test_reading_again_gives_the_same_text(tmp_path: Path, text: str) -> None:
    """The stored encoding is enough to get the page's text back."""
    path = tmp_path / "page.txt"
    path.write_bytes(text.encode())
    (page,) = read_pages([path])
    assert isinstance(page, Page)
    assert reread(path, page.encoding) == page.text == text


def test_reading_again_names_a_page_that_has_changed(tmp_path: Path) -> None:
    """Bytes that no longer fit the encoding are an error that says so."""
    path = tmp_path / "page.txt"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(PageError, match="changed"):
        reread(path, "utf-8")
    with pytest.raises(PageError, match="cannot be read"):
        reread(tmp_path / "gone.txt", "utf-8")
