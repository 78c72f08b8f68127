"""Files of an index are regular files, and the reason why one cannot be opened is reported as it is."""

from __future__ import annotations

import errno
import os
import resource
from typing import TYPE_CHECKING

import pytest

from rag import build_index
from rag.cli import main
from rag.config import INDEX_MARKER
from rag.errors import IndexDamaged, IndexMissing, IndexProblem
from rag.store.folder import FolderHome
from rag.store.manifest import current_folder, manifest_of
from rag.store.plain_files import check_own_files, regular_bytes, unreadable

if TYPE_CHECKING:
    from pathlib import Path


def test_too_many_open_files_is_not_damage(tmp_path: Path) -> None:
    """Nor is a lack of memory or of permission: building again would not help."""
    for code, word in ((errno.EMFILE, "ulimit -n"), (errno.ENOMEM, "memory"), (errno.EACCES, "permissions")):
        problem = unreadable(tmp_path, OSError(code, os.strerror(code)))
        assert not isinstance(problem, IndexDamaged)
        assert word in str(problem)
    assert isinstance(unreadable(tmp_path, OSError(errno.EIO, "broken")), IndexDamaged)


def test_no_file_left_to_open_is_said_in_words(tmp_path: Path) -> None:
    """The index is there, and opening its pointer fails because there are too many open files."""
    (tmp_path / "current").write_text("g-0123456789abcdef")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = os.open(os.devnull, os.O_RDONLY)
    os.close(held)
    resource.setrlimit(resource.RLIMIT_NOFILE, (held, before[1]))
    try:
        with pytest.raises(IndexProblem) as found:
            current_folder(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not isinstance(found.value, IndexDamaged | IndexMissing)


def test_pipes_links_and_what_has_no_end_are_not_read(tmp_path: Path) -> None:
    """A pipe would block, a link could lead to any file, /dev/zero has no end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("words")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "zero").symlink_to("/dev/zero")
    assert regular_bytes(tmp_path / "file", 10) == b"words"
    for name, most in (("pipe", 10), ("link", 10), ("zero", 10), ("file", 4)):
        with pytest.raises(OSError):  # noqa: PT011 - whichever it is
            regular_bytes(tmp_path / name, most)


@pytest.mark.parametrize(
    "name",
    [
        *(".building", ".pullquote-index", ".confirmed.json", "threshold.json", ".threshold.json", "feedback.jsonl"),
        *("feedback-open.jsonl", "suggested-questions.json", "added", "conversations"),
    ],
)
def test_nothing_is_written_or_deleted_through_a_link(name: str, tmp_path: Path) -> None:
    """A stranger's index with a link in place of a file that Pullquote writes is neither opened nor built on."""
    (tmp_path / "page.txt").write_text("The well\n\nThe well was dug in 1911 by three brothers with their goats.\n")
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    home = tmp_path / "index"
    home.mkdir()
    (home / INDEX_MARKER).write_text("")
    (home / name).unlink(missing_ok=True)
    (home / name).symlink_to(mine)
    for use in (lambda: FolderHome(home).open(), lambda: build_index([tmp_path / "page.txt"], into=home)):
        with pytest.raises(IndexProblem, match="a link, pipe or device"):
            use()
    assert mine.read_text() == "mine"
    assert (home / name).is_symlink()


@pytest.mark.parametrize("name", ["threshold.json", "duplicates.txt", "feedback.jsonl"])
def test_no_pipe_beside_the_snapshots_blocks(name: str, tmp_path: Path) -> None:
    """It is refused before it is read."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(IndexProblem, match="a link, pipe or device"):
        FolderHome(tmp_path).open()


def test_decisions_may_be_kept_elsewhere(tmp_path: Path) -> None:
    """A person writes them, and may link to them."""
    (tmp_path / "decisions").write_text("")
    (tmp_path / "duplicates.txt").symlink_to(tmp_path / "decisions")
    check_own_files(tmp_path)


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "", ".", "a//b", "a\\b", "a\nb"])
def test_a_manifest_that_names_a_file_elsewhere_is_refused(name: str) -> None:
    """It would be read, copied or deleted there."""
    import json

    from rag.store.manifest import FORMAT

    model = {"name": "m", "sha256": "", "dim": 1, "max_tokens": 1}
    counts = dict.fromkeys(("pages", "posts", "chunks", "sentences"), 1)
    fields = {"format": FORMAT, "model": model, "recipe": "", "sources": [], "decisions": "", **counts}
    good = {**fields, "files": {"words/words.txt": [1, "a"]}}
    assert manifest_of(json.dumps(good), "there").files
    with pytest.raises(IndexDamaged):
        manifest_of(json.dumps({**fields, "files": {name: [1, "a"]}}), "there")


def test_too_little_memory_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the command; never a traceback."""

    def fail(*_: object) -> int:
        raise MemoryError

    monkeypatch.setattr("rag.cli.index_commands.open_chosen", fail)
    assert main(["posts"]) == 2
    assert "too little memory" in capsys.readouterr().err
