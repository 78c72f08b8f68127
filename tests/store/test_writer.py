"""A snapshot is put in place whole; a failure leaves nothing behind; other formats are reported in words."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rag import build_index, open_index
from rag.cli import main
from rag.errors import IndexBusy, IndexFormatError, PullquoteError
from rag.store.manifest import FORMAT, snapshot_name
from rag.store.origin import origin
from rag.store.ownership import building
from rag.store.writer import unwritten

WELL = (
    "The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n"
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "well.txt").write_text(WELL)
    return folder


# the contents of the folder of an index, up to the first hyphen of each name
BUILT = [".confirmed.json", ".pullquote", "current", "g"]


def _names(home: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in home.iterdir())


def _rewrite(home: Path, **fields: object) -> None:
    """Give the manifest other fields, and the snapshot the matching name."""
    old = home / (home / "current").read_text().strip()
    manifest = json.loads((old / "manifest.json").read_text())
    manifest = {name: value for name, value in {**manifest, **fields}.items() if value is not None}
    text = json.dumps(manifest)
    (old / "manifest.json").write_text(text)
    old.rename(home / snapshot_name(text))
    (home / "current").write_text(snapshot_name(text))


def test_a_failed_build_leaves_no_folder(tmp_path: Path) -> None:
    """Neither the index's folder nor those above it that were created for it; an existing folder is unchanged."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(PullquoteError):
        build_index([empty], into=tmp_path / "deep" / "down" / "index")
    assert not (tmp_path / "deep").exists()
    there = tmp_path / "there"
    there.mkdir()
    with pytest.raises(PullquoteError):
        build_index([empty], into=there)
    assert list(there.iterdir()) == []


def test_nothing_but_the_index_is_left_after_a_build(pages: Path, tmp_path: Path) -> None:
    """One snapshot and the pointer to it, after the first build and after the next."""
    for text in (WELL, WELL.replace("forty", "fifty")):
        (pages / "well.txt").write_text(text)
        build_index([pages], into=tmp_path / "index")
        assert _names(tmp_path / "index") == BUILT


def test_two_builds_at_once_are_one_too_many(tmp_path: Path) -> None:
    """The second is told who is building; when that build is done, it may."""
    home = tmp_path / "index"
    with building(home), pytest.raises(IndexBusy, match="another process") as problem, building(home):
        pytest.fail("both build")
    assert str(os.getpid()) in str(problem.value)
    with building(home):
        pass
    assert not home.exists()


def test_what_a_killed_build_left_is_cleared(pages: Path, tmp_path: Path) -> None:
    """Its half-made folder and its lock do not stop the next one."""
    home = tmp_path / "index"
    kill = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from rag.store.ownership import building\nfrom rag.store.writer import SnapshotWriter\n"
        "with building(Path(sys.argv[1])):\n    made = SnapshotWriter(Path(sys.argv[1]))\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", kill, str(home)], check=False).returncode < 0
    assert _names(home) == [".aside", ".building", ".pullquote"]
    build_index([pages], into=home)
    assert _names(home) == BUILT


def test_an_index_of_a_newer_format_says_so_and_is_not_built_over(
    pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asking, refreshing and building over it say that a newer version wrote it, and it stays."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    _rewrite(home, format=FORMAT + 1)
    with pytest.raises(IndexFormatError, match="newer version"):
        open_index(home)
    before = (home / "current").read_text()
    assert main(["index", "--index", str(home), "--quiet"]) == 2
    assert "newer version" in capsys.readouterr().err
    assert (home / "current").read_text() == before
    with pytest.raises(IndexFormatError, match="newer version"):
        build_index([pages], into=home)
    assert (home / "current").read_text() == before


def test_an_index_of_an_older_format_is_rebuilt_from_what_it_remembers(pages: Path, tmp_path: Path) -> None:
    """Asking says how; `pullquote index` alone does it: from its paths, or from where its pages were."""
    home = tmp_path / "index"
    for sources in ([str(pages)], None):  # the first format did not keep the paths
        build_index([pages], into=home)
        _rewrite(home, format=FORMAT - 1, sources=sources)
        with pytest.raises(IndexFormatError, match="older version"):
            open_index(home)
        assert origin(home).sources == (str(pages),)
        report = build_index(None, into=home)
        assert (report.outcome, report.sources) == ("built", (str(pages),))
        with open_index(home) as index:
            assert [page.file for page in index.pages()] == ["well.txt"]


def test_a_folder_that_is_gone_is_not_taken_for_an_empty_one(pages: Path, tmp_path: Path) -> None:
    """Its disk may not be connected today: nothing is removed from the index, and the folder is named."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    pages.rename(tmp_path / "elsewhere")
    with pytest.raises(PullquoteError, match="which no longer exists") as problem:
        build_index(None, into=home)
    assert str(pages) in str(problem.value)
    with open_index(home) as index:
        assert len(index.posts()) == 1


def test_a_file_that_was_named_and_is_gone_is_a_removed_page(pages: Path, tmp_path: Path) -> None:
    """One of two named files is left: the index has that one."""
    (pages / "copy.txt").write_text(WELL)
    build_index([pages / "well.txt", pages / "copy.txt"], into=tmp_path / "index")
    (pages / "copy.txt").unlink()
    report = build_index(None, into=tmp_path / "index")
    assert report.changes is not None
    assert report.changes.removed == ("copy.txt",)
    assert report.pages == 1


def test_a_damaged_index_is_rebuilt(pages: Path, tmp_path: Path) -> None:
    """Nothing is reused from files that have changed."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    name = (home / "current").read_text()
    vectors = home / name.strip() / "growth" / "keys.npy"
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"?")
    report = build_index([pages], into=home)
    assert (report.outcome, report.embedded) == ("built", report.chunks)
    assert (home / "current").read_text() == name
    with closing(sqlite3.connect(home / name.strip() / "posts.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM posts").fetchone() == (1,)


def test_added_paths_are_kept_beside_remembered_ones(
    pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--add` keeps what was there; a path alone replaces it."""
    home, more = tmp_path / "index", tmp_path / "more"
    more.mkdir()
    (more / "mill.txt").write_text(WELL.replace("well", "mill").replace("1911", "1711"))
    base = ["--index", str(home), "--quiet"]
    assert main(["index", str(pages), *base]) == 0
    assert main(["index", "--add", str(more), *base]) == 0
    with open_index(home) as index:
        assert {page.file for page in index.pages()} == {"well.txt", "mill.txt"}
    assert main(["index", str(more), *base]) == 0
    with open_index(home) as index:
        assert {page.file for page in index.pages()} == {"mill.txt"}
    assert main(["index", "--add", *base]) == 2
    assert "--add needs a path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some disk space"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EROFS, "permissions"),
        (errno.EISDIR, "in the way"),
    ],
)
def test_an_index_that_cannot_be_written_says_what_helps(number: int, remedy: str) -> None:
    """By the reason that the system gives; only a full disk is told to be one."""
    told = str(unwritten(Path("index"), OSError(number, os.strerror(number))))
    assert remedy in told
    assert os.strerror(number) in told
    assert ("disk space" in told) == (number == errno.ENOSPC)
