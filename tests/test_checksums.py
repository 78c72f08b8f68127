"""Large files are read once: later their stamps decide, and any change is found as if all were read."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from robustness.damage import KINDS, asked_apart, files_of, make_index, outcome

import rag.checksums
from rag.checksums import Stamps, sha256_of
from rag.cli import main
from rag.embedding.models import folder_of
from rag.embedding.onnx_export import write_encoder
from rag.embedding.prepared import find_prepared, prepared
from rag.errors import IndexProblem
from rag.store.backends import check_index
from rag.store.manifest import GROWTH, check_files, current_folder, read_manifest
from rag.store.soundness import note_sound

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.answering.engine import Index

FILE = "vectors.npy"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate cache, every file counted as large, and a clock by which all files have been left alone."""
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(rag.checksums, "_LARGE", 0)
    monkeypatch.setattr(rag.checksums, "_now", lambda: time.time_ns() + 3_000_000_000)
    return tmp_path / "cache" / "pullquote" / "checked"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file."""
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / FILE).write_bytes(bytes(5000))
    return tmp_path / "index"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read for their hash."""
    seen: list[str] = []
    digest = rag.checksums.hashlib.file_digest

    def noted(file: object, kind: str) -> object:
        seen.append(Path(str(getattr(file, "name", ""))).name)
        return digest(file, kind)  # type: ignore[arg-type]

    monkeypatch.setattr("hashlib.file_digest", noted)
    return seen


def _right(folder: Path, digest: str, *, read: bool = False) -> bool:
    stamps = Stamps(folder)
    right = stamps.is_right(FILE, digest, read=read)
    stamps.keep()
    return right


def _tick() -> None:
    time.sleep(0.02)  # two writes in the same tick of the clock are what `LEFT_ALONE_NS` is for


@pytest.mark.usefixtures("cache")
def test_a_file_that_was_found_right_is_not_read_again(folder: Path, reads: list[str]) -> None:
    """Nor under another name of its folder; only on request."""
    digest = sha256_of(folder / FILE)
    reads.clear()
    assert _right(folder, digest)
    assert _right(folder, digest)
    link = folder.with_name("link")
    link.symlink_to(folder)
    assert _right(link, digest)
    assert reads == [FILE]
    assert _right(folder, digest, read=True)
    assert reads == [FILE, FILE]


@pytest.mark.usefixtures("cache")
def test_a_file_that_is_wrong_is_never_stamped(folder: Path) -> None:
    """However often it is looked at; and a stamp for one hash is not one for another."""
    digest = sha256_of(folder / FILE)
    assert not _right(folder, "0" * 64)
    assert not _right(folder, "0" * 64)
    assert _right(folder, digest)
    assert not _right(folder, "0" * 64)


def _in_place(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2500)
        file.write(b"\1")


def _in_place_hidden(path: Path) -> None:
    before = path.stat()
    _in_place(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _another_in_its_place(path: Path) -> None:
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(bytes(4999) + b"\1")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def _mapped(path: Path) -> None:
    import numpy as np

    mapped = np.memmap(path, np.uint8, "r+")
    mapped[7] = 1
    mapped.flush()


@pytest.mark.parametrize("change", [_in_place, _in_place_hidden, _another_in_its_place, _mapped])
@pytest.mark.usefixtures("cache")
def test_a_byte_that_is_another_is_found(folder: Path, change: Callable[[Path], None]) -> None:
    """Even if the size is the same and the time of writing was set back."""
    digest = sha256_of(folder / FILE)
    assert _right(folder, digest)
    _tick()
    change(folder / FILE)
    assert not _right(folder, digest)


def test_what_was_written_just_now_is_not_stamped(
    cache: Path, folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write in the same tick of the clock would not show."""
    monkeypatch.setattr(rag.checksums, "_now", time.time_ns)
    digest = sha256_of(folder / FILE)
    reads.clear()
    assert _right(folder, digest)
    assert _right(folder, digest)
    assert reads == [FILE, FILE]
    assert not list(cache.glob("*"))


def test_what_is_written_to_while_it_is_read_is_not_stamped(
    cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash may be that of the previous content."""
    wanted, digest = sha256_of(folder / FILE), rag.checksums.hashlib.file_digest

    def slow(file: object, kind: str) -> object:
        found = digest(file, kind)  # type: ignore[arg-type]
        _tick()
        _in_place(folder / FILE)
        return found

    with monkeypatch.context() as patched:
        patched.setattr("hashlib.file_digest", slow)
        assert _right(folder, wanted)
    assert not list(cache.glob("*"))
    assert not _right(folder, wanted)


@pytest.mark.usefixtures("cache")
def test_a_clock_that_jumped_is_not_believed(folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stamp from tomorrow, or a file from tomorrow, the file is read."""
    digest, hour = sha256_of(folder / FILE), 3_600_000_000_000
    monkeypatch.setattr(rag.checksums, "_now", lambda: time.time_ns() + hour)
    assert _right(folder, digest)
    reads.clear()
    monkeypatch.setattr(rag.checksums, "_now", lambda: time.time_ns() + hour // 2)
    assert _right(folder, digest)
    assert _right(folder, digest)
    assert reads == [FILE]
    os.utime(folder / FILE, ns=(0, time.time_ns() + hour))
    assert _right(folder, digest)
    assert _right(folder, digest)
    assert reads == [FILE] * 3


@pytest.mark.parametrize(
    "harm",
    [
        b"",
        b"{",
        b"[]",
        b'{"folder": 1}',
        b"\xff\xfe",
        b'{"folder": "%s", "files": []}',
        b'{"folder": "%s", "files": {"vectors.npy": []}}',
    ],
)
def test_damaged_stamps_are_none(cache: Path, folder: Path, reads: list[str], harm: bytes) -> None:
    """The files are read and stamped again."""
    digest = sha256_of(folder / FILE)
    assert _right(folder, digest)
    (kept,) = cache.glob("*")
    before = json.loads(kept.read_text())["files"][FILE]
    kept.write_bytes(harm.replace(b"%s", os.fsencode(folder)))
    reads.clear()
    assert _right(folder, digest)
    assert _right(folder, digest)
    assert reads == [FILE]
    assert json.loads(kept.read_text())["files"][FILE][:5] == before[:5]


def test_a_cache_that_cannot_be_written_is_not_an_error(cache: Path, folder: Path, reads: list[str]) -> None:
    """The files are read each time."""
    digest = sha256_of(folder / FILE)
    cache.parent.write_text("a file where the cache should be")
    reads.clear()
    assert _right(folder, digest)
    assert _right(folder, digest)
    assert reads == [FILE, FILE]


def test_stamps_of_folders_that_are_gone_are_cleared(cache: Path, folder: Path) -> None:
    """Like those of older snapshots, and those left by a killed process; others stay."""
    digest = sha256_of(folder / FILE)
    for name in ("gone", "kept"):
        shutil.copytree(folder, folder.with_name(name))
        assert _right(folder.with_name(name), digest)
    shutil.rmtree(folder.with_name("gone"))
    (cache / ".left-1").write_text('{"fold')
    assert _right(folder, digest)
    folders = {json.loads(kept.read_text())["folder"] for kept in cache.iterdir()}
    assert folders == {str(folder), str(folder.with_name("kept"))}


def test_small_files_are_read_each_time(cache: Path, seed_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary heap is checked completely whenever it is opened."""
    monkeypatch.setattr(rag.checksums, "_LARGE", 2**25)
    check_files(seed_index.store.folder, seed_index.store.manifest)
    assert not cache.exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small index; only to be copied."""
    return make_index(tmp_path_factory.mktemp("sound"))


def _check(home: Path) -> None:
    """Check the files of an index, as if its contents had been checked before."""
    folder = current_folder(home)
    check_files(folder, read_manifest(folder))
    note_sound(folder)


def _is_damaged(home: Path) -> bool:
    """Whether asking would notice it by reading everything."""
    try:
        folder = current_folder(home)
        files = read_manifest(folder).files
    except IndexProblem:
        return True
    asked = {folder / name: digest for name, (_, digest) in files.items() if not name.startswith(GROWTH)}
    return any(
        not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest for path, digest in asked.items()
    )


@pytest.mark.usefixtures("cache")
def test_damage_is_found_by_stamps_as_by_hashes(sound: Path, tmp_path: Path, reads: list[str]) -> None:
    """Every file of an index in every way, once it is stamped; files for the next build are left to that."""
    chance, found = random.Random(5), 0
    for name in files_of(sound):
        for kind in KINDS:
            copy = tmp_path / "copy"
            shutil.copytree(sound, copy)
            _check(copy)
            reads.clear()
            _check(copy)
            assert not reads
            _tick()
            done = kind(chance, copy, name)
            if _is_damaged(copy):
                with pytest.raises(IndexProblem):
                    _check(copy)
                found += 1
            elif done:
                _check(copy)
            shutil.rmtree(copy)
    assert found > 40


@pytest.mark.usefixtures("cache")
def test_a_stamped_index_that_is_damaged_gives_no_other_answer(sound: Path, tmp_path: Path) -> None:
    """The robustness harness over stamped copies: an error with its file and command, or the same answers."""
    chance, before = random.Random(7), asked_apart(sound).answers
    assert before
    for name in files_of(sound):
        copy = tmp_path / "copy"
        shutil.copytree(sound, copy)
        _check(copy)
        _tick()
        done = chance.choice(KINDS)(chance, copy, name)
        hit = [name, *([done.split(" and ")[1].removesuffix(" swapped")] if " and " in done else [])]
        assert not outcome(asked_apart(copy), before, copy, hit).startswith("!"), done
        shutil.rmtree(copy)


@pytest.mark.usefixtures("cache")
def test_a_stamped_model_that_is_damaged_is_made_again(seed_index: Index, reads: list[str]) -> None:
    """The prepared model is read once, and again after a change."""
    identity = seed_index.store.manifest.model
    with prepared(identity, lambda into: write_encoder(folder_of(identity.name), into, eight_bit=False)) as place:
        assert find_prepared(identity) == place
        reads.clear()
        assert find_prepared(identity) == place
        assert not reads
        _tick()
        data = place / "encoder.data"
        before = data.stat()
        _in_place(data)
        os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert find_prepared(identity) is None


def test_a_check_reads_every_file_whatever_the_stamps_say(
    cache: Path, sound: Path, reads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`pullquote status --check` is for disks that lose bits without a write."""
    _check(sound)
    assert list(cache.glob("*"))
    reads.clear()
    assert main(["status", "--index", str(sound)]) == 0
    names = set(read_manifest(current_folder(sound)).files)
    assert not set(reads) & {Path(name).name for name in names}
    assert "was read" not in capsys.readouterr().out
    assert main(["status", "--check", "-q", "--index", str(sound)]) == 0
    assert {Path(name).name for name in names} <= set(reads)
    assert "every file was read" in capsys.readouterr().out


def test_a_check_goes_on_with_the_index_that_a_build_has_put_in_place(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does not take a snapshot that the build removed for a damaged one."""
    folder = current_folder(sound)
    named = iter([folder.with_name("g-taken-away"), folder])
    monkeypatch.setattr("rag.store.backends.current_folder", lambda _home: next(named))
    monkeypatch.setattr("rag.store.backends.read_manifest", lambda _folder: read_manifest(folder))
    check_index(sound)
    assert next(named, None) is None


def test_a_check_finds_what_no_stamp_sees(
    cache: Path, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A byte changes while the file looks untouched, simulated here by rewriting the stamps."""
    home = tmp_path / "copy"
    shutil.copytree(sound, home)
    _check(home)
    folder = current_folder(home)
    vectors = folder / "sentences.npy"
    _tick()
    _in_place(vectors)
    (kept,) = (one for one in cache.glob("*") if json.loads(one.read_text())["folder"] == str(folder))
    told = json.loads(kept.read_text())
    status = vectors.stat()
    told["files"]["sentences.npy"][3:5] = [status.st_mtime_ns, status.st_ctime_ns]
    kept.write_text(json.dumps(told))
    assert main(["status", "--index", str(home)]) == 0
    assert main(["status", "--check", "-q", "--index", str(home)]) == 2
    said = capsys.readouterr().err
    assert str(vectors) in said
    assert "pullquote index" in said
    assert main(["status", "--index", str(home)]) == 2  # its stamp is gone
