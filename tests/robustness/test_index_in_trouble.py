"""Samples of kill.py, damage.py, trouble.py and twice.py: an index is whole, says what is wrong, or is absent."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from robustness.damage import KINDS, QUESTIONS, files_of, flip, make_index
from robustness.kill import Heaps, answers_of, kill_batch, kill_growth
from robustness.trouble import can_mount, index_command, mounted, over_full_disk, remounted_read_only
from robustness.twice import told, ways

from rag import build_index, open_index
from rag.errors import IndexBusy, IndexDamaged, IndexFormatError, IndexMissing, InputError
from rag.store.manifest import FORMAT, current_folder, snapshot_name
from rag.store.ownership import building
from rag.store.snapshot import FolderSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

needs_root = pytest.mark.skipif(not can_mount(), reason="a small file system can be mounted by root only")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small index beside its pages; only to be copied."""
    return make_index(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def home(sound: Path, tmp_path: Path) -> Path:
    """A copy of it that may be damaged."""
    shutil.copytree(sound, tmp_path / "index")
    return tmp_path / "index"


def _answers(home: Path) -> str:
    with open_index(home) as index:
        return json.dumps([index.ask(question).to_dict() for question in QUESTIONS])


def _renamed(home: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change the manifest to what a version with a different format would have written."""
    folder = current_folder(home)
    fields = json.loads((folder / "manifest.json").read_text())
    change(fields)
    text = json.dumps(fields)
    (folder / "manifest.json").write_text(text)
    folder.rename(home / snapshot_name(text))
    (home / "current").write_text(snapshot_name(text))


def test_damage_of_any_file_is_named_or_changes_nothing(sound: Path, tmp_path: Path) -> None:
    """Every file of the index, each damaged in a random way."""
    before, chance = _answers(sound), random.Random(3)
    for name in files_of(sound):
        copy = tmp_path / "copy"
        shutil.copytree(sound, copy)
        done = chance.choice(KINDS)(chance, copy, name)
        try:
            told_now = _answers(copy)
        except (IndexDamaged, IndexMissing) as error:
            said = str(error)
            told_now = before if "pullquote " in said and str(copy) in said else said
        assert told_now == before, done
        shutil.rmtree(copy)


def test_nothing_is_parsed_before_its_hash_is_known(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile file of an index reaches no parser: neither SQLite's nor numpy's nor memory mapping."""
    names = {path.name for path in current_folder(home).rglob("*") if path.is_file()} - {"manifest.json"}
    for name in sorted(names):
        copy = home.with_name(f"copy-{name}")
        shutil.copytree(home, copy)
        assert flip(random.Random(1), copy, next(one for one in files_of(copy) if one.endswith(f"/{name}")))
        with monkeypatch.context() as patched:
            for parser in ("numpy.load", "sqlite3.connect", "mmap.mmap"):
                patched.setattr(parser, lambda *_, **__: pytest.fail("a damaged file was parsed"))
            if "growth" in str(next(copy.glob(f"g-*/**/{name}"))):
                continue
            with pytest.raises(IndexDamaged, match=name):
                FolderSnapshot(copy)


def test_a_damaged_growth_file_is_not_built_upon(home: Path) -> None:
    """Asking does not need it; the next build recreates everything, to the same bytes."""
    before, name = _answers(home), current_folder(home).name
    assert flip(random.Random(1), home, f"{name}/growth/keys.npy")
    assert _answers(home) == before
    with open_index(home) as index:
        pages = Path(index.pages()[0].path).parent
    report = build_index([pages], into=home)
    assert report.outcome == "built"
    assert current_folder(home).name == name
    assert _answers(home) == before


def test_an_index_of_a_newer_format_says_so_and_is_not_built_over(home: Path, tmp_path: Path) -> None:
    """Neither by asking nor by a build, with the pages named or not."""
    _renamed(home, lambda fields: fields.update(format=FORMAT + 1))
    before = files_of(home)
    with pytest.raises(IndexFormatError, match="newer version"):
        open_index(home)
    (tmp_path / "page.txt").write_text(
        "A page\n\nThe page was written by a baker, and nobody has read it since then.\n"
    )
    for paths in (None, [tmp_path / "page.txt"]):
        with pytest.raises(IndexFormatError, match="newer version"):
            build_index(paths, into=home)
    assert files_of(home) == before


def test_an_index_of_an_older_format_is_built_again_from_what_it_remembers(home: Path) -> None:
    """Asking names the command, and the command needs no path."""
    before = _answers(home)
    _renamed(home, lambda fields: fields.update(format=FORMAT - 1))
    with pytest.raises(IndexFormatError, match="pullquote index"):
        open_index(home)
    build_index(None, into=home)
    assert _answers(home) == before


def test_the_database_of_an_older_index_is_not_opened_when_it_is_damaged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not remember its paths asks for its pages, but not if it was changed."""
    name = f"{current_folder(home).name}/posts.sqlite"
    assert flip(random.Random(1), home, name)
    _renamed(home, lambda fields: fields.update(format=1, sources=[]))
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: pytest.fail("a damaged database was opened"))
    with pytest.raises(IndexDamaged, match="pullquote index PATH"):
        build_index(None, into=home)


def test_a_reader_that_opens_while_a_build_ends_gets_the_new_index(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The older snapshot is removed between looking and opening: the newer one is opened."""
    from rag.store import snapshot as store

    folder, looked = current_folder(home), store.current_folder
    gone = home / "g-0000000000000000"

    def late(place: Path) -> Path:
        monkeypatch.setattr(store, "current_folder", looked)
        assert place == home
        return gone

    monkeypatch.setattr(store, "current_folder", late)
    with open_index(home) as index:
        assert index.store.name == folder.name


def test_a_second_build_is_told_who_holds_the_index(home: Path, tmp_path: Path) -> None:
    """It waits for nobody and harms nothing; asking continues."""
    before = _answers(home)
    (tmp_path / "page.txt").write_text(
        "A page\n\nThe page was written by a baker, and nobody has read it since then.\n"
    )
    with building(home):
        with pytest.raises(IndexBusy, match=str(os.getpid())):
            build_index([tmp_path / "page.txt"], into=home)
        assert _answers(home) == before
    build_index([tmp_path / "page.txt"], into=home)


def test_a_page_that_changes_while_it_is_read_is_one_of_its_states(tmp_path: Path) -> None:
    """Its hash is that of the indexed text, so no place leads to different words."""
    page, states = tmp_path / "pages" / "page.txt", []
    page.parent.mkdir()
    for word in ("winter", "summer"):
        lines = "".join(f"In the {word} of {1500 + at} the miller met the baker at the well.\n\n" for at in range(40))
        states.append(f"The miller in {word}\n\n{lines}")
    page.write_text(states[0])
    stop = threading.Event()

    def write() -> None:
        at = 0
        while not stop.is_set():
            at += 1
            page.with_name("aside").write_text(states[at % 2])
            page.with_name("aside").replace(page)
            page.write_text(states[at % 2])  # and by writing over it

    writer = threading.Thread(target=write)
    writer.start()
    try:
        from rag.answering.quotes.locations import locate
        from rag.dedup.merging import merge
        from rag.extraction.posts import divide
        from rag.loading.pages import read_pages
        from rag.records import Page

        for _ in range(50):
            pages = {one.file: one for one in read_pages([page.parent]) if isinstance(one, Page)}
            posts, _ = merge(divide(list(pages.values())))
            for post in posts:
                for place in locate(post, 0, min(len(post.text), 40)):
                    text = pages[place.file].text
                    assert text[place.start : place.end] == (place.text or post.text[: place.end - place.start])
    finally:
        stop.set()
        writer.join()


def test_a_clock_that_jumps_changes_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back and forth by years, in files and in the process: the same index, the same answers."""
    name, before = current_folder(home).name, _answers(home)
    with open_index(home) as index:
        pages = Path(index.pages()[0].path).parent
    jumps = iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: 4e9 * (next(jumps) % 2))
    monkeypatch.setattr(time, "monotonic", lambda: 1e6 - 1e3 * (next(jumps) % 7))
    for at, path in enumerate(pages.iterdir()):
        os.utime(path, (at * 10**9, at * 10**9))
    assert build_index([pages], into=home).outcome == "unchanged"
    build_index([pages], into=tmp_path / "other")
    assert current_folder(tmp_path / "other").name == name
    assert _answers(home) == before


def test_a_prepared_model_is_made_again_where_it_is_damaged(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is parsed; what a killed process left is cleared, what another is working on is not."""
    before = _answers(sound)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert _answers(sound) == before
    (folder,) = (tmp_path / "pullquote" / "encoders").iterdir()
    with subprocess.Popen(["true"]) as process:
        pass
    left, busy = folder.with_name(f".aside-{process.pid}-x"), folder.with_name(f".aside-{os.getpid()}-x")
    for there in (left, busy):
        there.mkdir()
    assert flip(random.Random(1), folder, "encoder.onnx")
    assert _answers(sound) == before
    assert sorted(folder.parent.iterdir()) == [busy, folder]


@needs_root
@pytest.mark.parametrize("share", [0.0, 0.25, 0.8])
def test_a_full_disk_leaves_the_index_that_was_there(tmp_path: Path, share: float) -> None:
    """Room for part of the new index: a plain error, never a native crash, and nothing is left behind."""
    assert over_full_disk(tmp_path, share) == ""


@needs_root
def test_a_read_only_disk_is_asked_and_not_built_on(sound: Path, tmp_path: Path) -> None:
    """Not even root can write there: asking works, building and calibrating say what is wrong."""
    before = _answers(sound)
    with mounted(tmp_path, 4000):
        shutil.copytree(sound, tmp_path / "index")
        remounted_read_only(tmp_path)
        assert _answers(tmp_path / "index") == before
        with open_index(tmp_path / "index") as index, pytest.raises(InputError, match="cannot be written"):
            index.set_threshold(0.5, "x")
        done = index_command(sound.parent / "pages", tmp_path / "new")
        assert done.returncode == 2
        assert "cannot be written there" in done.stderr
        assert "Traceback" not in done.stderr


def test_builds_killed_at_random_moments(tmp_path: Path) -> None:
    """A few of the kills of kill.py, while others open the index."""
    heaps = Heaps(tmp_path, posts=6)
    found = kill_growth(heaps, 3, random.Random(2))
    assert found.problems == []
    assert found.outcomes["opened meanwhile"] > 0
    assert answers_of(tmp_path / "grown") in heaps.answers


def test_batches_killed_at_random_moments(tmp_path: Path) -> None:
    """A few of the kills of kill.py; every row is there once."""
    found = kill_batch(Heaps(tmp_path, posts=6), 2, random.Random(2), rows=24)
    assert found.problems == []
    assert found.outcomes["ended with every row once"] > 0


def test_the_same_answer_twice(sound: Path, tmp_path: Path) -> None:
    """One processor or all, a jumping clock, files in another order, updated or fresh: one index, the same bytes."""
    names = ways(sound.parent / "pages", tmp_path)
    assert len({names["all processors"], names["one processor"], names["a clock that jumps"]}) == 1
    assert names["written in another order"] == names["grown page by page"]
    first = told(tmp_path / "all", QUESTIONS)
    for folder, processors, together in (("one", 1, False), ("named", 0, False), ("grown", 1, True)):
        assert told(tmp_path / folder, QUESTIONS, processors=processors, together=together) == first
