"""A stranger's index is checked before anything in it is used; one that was built here is not."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sealed_indexes import seal

from rag import build_index
from rag.errors import IndexDamaged
from rag.indexing.recipe import recipe
from rag.indexing.reuse import PreviousSnapshot
from rag.store import soundness, vectors
from rag.store.confirmed import FILE
from rag.store.folder import FolderHome
from rag.store.manifest import current_folder, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

# contents of a table that no build writes
TABLES = (
    (
        "DROP TABLE posts; CREATE VIEW posts AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
        "SELECT x AS post, x AS text, x AS chrome, x AS variants FROM c"
    ),
    "CREATE TABLE more (x)",
    "ALTER TABLE pages ADD COLUMN more TEXT",
    "DROP INDEX copies_post",
    "DELETE FROM posts",
    "DELETE FROM copies",
    "DELETE FROM chunks",
    "DELETE FROM sentences WHERE row = 1",
    "DELETE FROM pages",
    "UPDATE posts SET post_id = NULL",
    "UPDATE posts SET text = x'80ff'",
    "UPDATE posts SET text = ''",
    "UPDATE posts SET chrome = '[[0]]'",
    "UPDATE posts SET chrome = '[[0, 99999]]'",
    "UPDATE posts SET chrome = replace(hex(zeroblob(50000)), '0', '[')",
    "UPDATE posts SET variants = '[[1, 2, 3]]'",
    "UPDATE copies SET post = 7",
    "UPDATE copies SET pieces = '[]'",
    "UPDATE copies SET pieces = '[[0, 1, 0, 1]]'",
    "UPDATE copies SET pieces = '[[9, 1, 9, 1, null]]'",
    "UPDATE copies SET pieces = '{}'",
    "UPDATE chunks SET start = -1",
    'UPDATE chunks SET "end" = 9e18',
    "UPDATE chunks SET tokens = 'x'",
    "UPDATE sentences SET start = 99999",
    "UPDATE sentences SET chunk_id = 9",
    "UPDATE sentences SET kind = 'x'",
    "UPDATE sentences SET lead_in = 9",
    "UPDATE sentences SET number = 5",
    "UPDATE sentences SET marker_start = 99999",
    "UPDATE pages SET path = NULL",
    "UPDATE pages SET path = path || char(0) || 'x'",
    "UPDATE pages SET encoding = 'undefined'",
    "UPDATE pages SET encoding = 'punycode'",
    "UPDATE pages SET format = 'program'",
    "UPDATE pages SET sha256 = ''",
    "UPDATE copies SET format = 'program'",
    "UPDATE copies SET sha256 = sha256 || char(0)",
    "UPDATE copies SET date = '2014'",
    "UPDATE posts SET date = 'yesterday'",
    "UPDATE posts SET date = '2014-02-30'",
    "UPDATE posts SET date = '20140203'",
    "UPDATE posts SET post_id = char(27) || 'c'",
    """UPDATE posts SET variants = '[["0123456789abcdef", "x", "y"]]'""",
    "INSERT INTO merges VALUES ('0123456789abcdef', 'f', 'near', 9e999, '', '', 0, '', '[]')",
    "INSERT INTO merges VALUES ('0123456789abcdef', 'f', 'far', 0.9, '', '', 0, '', '[]')",
    "INSERT INTO merges VALUES ('0123456789abcdef', 'f', 'near', 0.9, '', '', 0, char(27) || 'c', '[]')",
    "INSERT INTO merges VALUES ('p', 'f', 'near', 0.9, '', '', 0, '', '[[1]]')",
    "INSERT INTO dropped VALUES ('text', 'x', 1, 1, 'f')",
)
ARRAYS = (
    ("chunks/vectors.npy", lambda array: array[:0]),
    ("chunks/vectors.npy", lambda array: array.astype("f8")),
    ("chunks/vectors.npy", lambda array: np.full_like(array, np.nan)),
    ("sentences.npy", lambda array: array.T),
    ("sentences.npy", lambda array: np.full_like(array, np.inf)),
    ("words/borders.npy", lambda array: array[::-1]),
    ("words/starts.npy", lambda array: array + 2**40),
    ("words/chunks.npy", lambda array: array + 1000),
    ("words/chunks.npy", lambda array: array - 1000),
    ("words/scores.npy", lambda array: array[:-1]),
    ("growth/keys.npy", lambda array: array[:, :8]),
    ("growth/stems.npy", lambda array: array + 1000),
    ("growth/borders.npy", lambda array: array[::-1]),
)
FILES = (
    ("sentence-posts.bin", b"\xff" * 8),
    ("sentence-rows.bin", b"\xff" * 64),
    ("sentence-words.bin", b""),
    ("sentence-ends.bin", b"\xff" * 16),
    ("sentence-notes.bin", b"\x00"),
    ("words/chunks.json", b'{"chunks": 100000000000000}'),
    ("words/chunks.json", b"[" * 100_000),
    ("words/words.txt", b"\n"),
    ("growth/stems.txt", b"\xff"),
    ("growth/texts.sqlite", b"SQLite format 3\x00"),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two posts."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "well.txt").write_text(
        "The well\n\nThe well was dug in 1911 by three brothers. It is forty metres deep.\n"
    )
    build_index([folder / "well.txt"], into=folder / "index")
    return folder / "index"


@pytest.fixture
def strange(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it from another machine: nothing is known about it here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(base, tmp_path / "index")
    (tmp_path / "index" / FILE).unlink()
    return tmp_path / "index"


def _refuses(home: Path, folder: Path) -> None:
    seal(home, folder)
    for _ in range(2):  # what was refused is not noted as sound
        with pytest.raises(IndexDamaged, match=r"contains what no build writes|manifest"):
            FolderHome(home).open()


@pytest.mark.parametrize("change", TABLES)
def test_tables_that_no_build_writes_are_refused(strange: Path, change: str) -> None:
    """Endless views, values of other types, spans outside their posts, missing rows."""
    folder = current_folder(strange)
    with contextlib.closing(sqlite3.connect(folder / "posts.sqlite")) as database:
        database.executescript(change)
    _refuses(strange, folder)


@pytest.mark.parametrize(("name", "change"), ARRAYS)
def test_arrays_that_lead_elsewhere_are_refused(strange: Path, name: str, change: object) -> None:
    """Of another shape or type, unordered, or with numbers beyond the end."""
    folder = current_folder(strange)
    array = np.load(folder / name)
    np.save(folder / name, np.ascontiguousarray(change(array)))  # type: ignore[operator]
    _refuses(strange, folder)


@pytest.mark.parametrize(("name", "data"), FILES)
def test_files_of_other_numbers_are_refused(strange: Path, name: str, data: bytes) -> None:
    """Those of sentences and words, and what the next build reads."""
    folder = current_folder(strange)
    (folder / name).write_bytes(data)
    _refuses(strange, folder)


@pytest.mark.parametrize(
    "fields", [{"dim": 10**9}, {"dim": "x"}, {"dim": 0}, {"max_tokens": None}, {"name": 5}, {"quantised": "no"}]
)
def test_a_model_that_cannot_be_is_refused(strange: Path, fields: dict[str, object]) -> None:
    """Its numbers and names are right, and its vectors have its length."""
    folder = current_folder(strange)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["model"].update(fields)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    _refuses(strange, folder)


@pytest.mark.parametrize("source", ["/pages\0", "/pages\ud800"])
def test_a_source_that_no_folder_can_have_is_refused(strange: Path, source: str) -> None:
    """The system would be asked for it."""
    folder = current_folder(strange)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sources"].append(source)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    _refuses(strange, folder)


def test_a_sound_index_is_gone_through_once(strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found sound is recorded, and so is what was built here, if there is a place for records."""
    looked: list[int] = []
    check = soundness._check_posts
    monkeypatch.setattr(soundness, "_check_posts", lambda *told: looked.append(1) or check(*told))
    for _ in range(2):
        FolderHome(strange).open().close()
    assert len(looked) == 1
    page = strange.parent / "page.txt"
    page.write_text("The mill\n\nThe mill burned down in 1820, and nobody built it again.\n")
    build_index([page], into=strange)
    FolderHome(strange).open().close()
    assert len(looked) == 1
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    for _ in range(2):
        FolderHome(strange).open().close()
    assert len(looked) == 3


def test_an_index_of_before_sites_were_kept_is_sound(strange: Path) -> None:
    """It is of the same format."""
    folder = current_folder(strange)
    with contextlib.closing(sqlite3.connect(folder / "posts.sqlite")) as database:
        database.executescript("ALTER TABLE copies DROP COLUMN site")
    seal(strange, folder)
    FolderHome(strange).open().close()


def test_nothing_is_taken_over_from_a_stranger(base: Path, strange: Path) -> None:
    """Its vectors and verdicts may belong to other texts, so a build here starts from nothing."""
    assert PreviousSnapshot.open(strange, recipe()) is None
    shutil.copy(base / FILE, strange / FILE)
    with PreviousSnapshot.open(strange, recipe()) as previous:  # type: ignore[union-attr]  # there is one
        assert previous.same_recipe


def test_lists_of_a_stranger_are_not_read(base: Path, strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that trusts its files reads them, so every vector is compared instead."""
    folder = current_folder(strange)
    (folder / "chunks" / "near.faiss").write_bytes(b"IwSq" + b"\xff" * 3000)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["chunks/near.faiss"] = [0, ""]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    seal(strange, folder)
    read: list[Path] = []
    monkeypatch.setattr(vectors, "_read", lambda path, _: read.append(path))
    FolderHome(strange).open().close()
    assert read == []
    shutil.copy(base / FILE, strange / FILE)
    FolderHome(strange).open().close()
    assert len(read) == 1
    assert read_manifest(current_folder(strange)).files
