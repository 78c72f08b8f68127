"""The folder for uploads and created files: private, swept, and gone at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ui.services.temp_files import MAX_STEM_CHARS, Scratch, bytes_in, clear_left, file_stem, new_file, sweep

if TYPE_CHECKING:
    import pytest


def test_a_title_becomes_the_name_of_a_file_on_any_system() -> None:
    """Letters of every script stay; what steers a path or a terminal goes; long titles end with a whole word."""
    assert file_stem("Who pays for social care?", "conversation") == "Who-pays-for-social-care"
    assert file_stem("../../etc/passwd\u202e: C:\\x", "conversation") == "etc-passwd-C-x"
    assert file_stem("क्या है Übergröße", "conversation") == "क्या-है-Übergröße"
    assert file_stem("?!", "conversation") == "conversation"
    long = file_stem("word " * 40, "conversation")
    assert (len(long) <= MAX_STEM_CHARS, long.endswith("-word")) == (True, True)
    assert len(file_stem("字" * 300, "conversation").encode()) < 240


def test_it_is_ours_alone_and_goes_with_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that nobody else can read, inside the named one, gone at the end with all its contents."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "named"))
    with Scratch() as scratch:
        assert scratch.folder.parent == tmp_path / "named"
        assert scratch.folder.stat().st_mode & 0o077 == 0
        assert os.environ["GRADIO_TEMP_DIR"] == str(scratch.folder)
        made = new_file("a.csv")
        made.write_text("x")
        assert scratch.folder in made.parents
        assert made.name == "a.csv"
        assert new_file("a.csv") != made
    assert list((tmp_path / "named").iterdir()) == []
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "named")


def test_without_a_named_folder_it_is_a_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable has its old value afterwards."""
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Scratch() as scratch:
        assert scratch.folder.parent == tmp_path
    assert "GRADIO_TEMP_DIR" not in os.environ


def test_what_is_old_is_swept_and_what_is_new_stays(tmp_path: Path) -> None:
    """Files by their age, then the folders that they leave empty."""
    for name, age in (("old/a.txt", 7_200), ("old/deep/b.txt", 7_200), ("new/c.txt", 60)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("12345")
        at = path.stat().st_mtime - age
        os.utime(path, (at, at))
    assert bytes_in(tmp_path) >= 15
    assert sweep(tmp_path, 3_600) == 2
    assert [path.name for path in tmp_path.rglob("*.txt")] == ["c.txt"]
    old = tmp_path / "old"
    at = old.stat().st_mtime - 7_200
    for folder in (old / "deep", old):
        os.utime(folder, (at, at))
    sweep(tmp_path, 3_600)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


_A_PAGE = """
import sys
from ui.services.temp_files import MAX_STEM_CHARS, Scratch, new_file
with Scratch() as scratch:
    new_file("answers.csv").write_text("x")
    print(scratch.folder, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_page_left_goes_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose process was killed is cleared; that of a running page, and any that is not ours, is not."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    pages = [
        subprocess.Popen([sys.executable, "-c", _A_PAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    killed, running = pages
    folders = []
    for page in pages:
        assert page.stdout is not None
        folders.append(page.stdout.readline().strip())
    (tmp_path / "pullquote-page-unmarked").mkdir()
    (tmp_path / "others").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".in-use").touch()
    (tmp_path / "pullquote-page-link").symlink_to(elsewhere)
    killed.kill()
    killed.wait()
    with Scratch() as scratch:
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {
            Path(folders[1]).name,
            scratch.folder.name,
            "pullquote-page-unmarked",
            "pullquote-page-link",
            "others",
            "elsewhere",
        }
        assert clear_left(tmp_path) == 0
        os.utime(scratch.folder / ".in-use", (0, 0))
        sweep(scratch.folder, 3_600)
        assert (scratch.folder / ".in-use").exists(), "the mark is not swept"
    running.communicate("")
    killed.communicate()
    assert not Path(folders[1]).exists()
