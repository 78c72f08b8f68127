"""Files that block are abandoned and named; all others are read unchanged."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from rag.errors import PageError
from rag.loading.containers.archives import page_bytes
from rag.loading.files import file_bytes
from rag.loading.files.file_bytes import PatientFile, file_head, read_file
from rag.loading.pages import read_named
from rag.records import SkippedPage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A regular file that cannot be opened for now: another process holds a lease on it."""
    if sys.platform != "linux":
        pytest.skip("leases are Linux'")
    path = tmp_path / "stalled.txt"
    path.write_text("The well\n\nThe well was dug in 1911 by three brothers.\n")
    monkeypatch.setattr(file_bytes, "SILENT_SECONDS", 0.3)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # the system asks for the lease by it
    with path.open("rb+") as held:
        try:
            fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            signal.signal(signal.SIGIO, before)
            pytest.skip("this file system has no leases")
        yield path
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    signal.signal(signal.SIGIO, before)


def test_a_regular_file_that_blocks_is_named(stalled: Path) -> None:
    """It is left out with what to do, and `verify` says the same."""
    (found,) = read_named(stalled, "stalled.txt", "")
    assert found == SkippedPage(
        "stalled.txt",
        "no data arrived from it for 0 seconds. Move it out of the folder, or check the disk that it is on",
    )
    with pytest.raises(PageError, match=r"stalled\.txt.*no data arrived"):
        page_bytes(stalled)


def test_a_pipe_in_the_place_of_a_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it replaced a file after that was looked at."""
    monkeypatch.setattr(file_bytes, "SILENT_SECONDS", 0.3)
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(PageError, match="no data arrived"):
        PatientFile(tmp_path / "pipe.txt")
    os.close(os.open(tmp_path / "pipe.txt", os.O_RDWR))  # whoever waits there goes on


def test_what_can_be_read_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one piece or in many, from the beginning or from anywhere."""
    path, data = tmp_path / "bytes", bytes(range(256)) * 40
    path.write_bytes(data)
    assert read_file(path) == data
    monkeypatch.setattr(file_bytes, "_PIECE_BYTES", 999)
    assert read_file(path) == data
    status, head = file_head(path)
    assert (status.st_size, head) == (len(data), data[: len(head)])
    with io.BufferedReader(PatientFile(path)) as file:
        file.seek(-10, io.SEEK_END)
        assert file.read() == data[-10:]
        file.seek(5)
        assert file.read(7) == data[5:12]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """The system's reason is passed on from the thread that reads."""
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nowhere")
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path)


def test_without_threads_files_are_read_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who may not start more threads can still build."""
    (tmp_path / "a.txt").write_bytes(b"words")

    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(file_bytes.threading.Thread, "start", refuse)
    assert read_file(tmp_path / "a.txt") == b"words"
