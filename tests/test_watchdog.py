"""The watchdog: stuck work ends with an error in words, other work continues, and other alarms are left alone."""

from __future__ import annotations

import os
import re
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from rag.cli import main
from rag.errors import BuildStalled
from rag.indexing import tasks
from rag.indexing.executor import SerialExecutor
from rag.records import PostCopy
from rag.spools import Spools
from rag.watchdog import BOARD_BYTES, Board, watched, working_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")


def test_an_expression_without_end_is_ended_with_the_page_s_name() -> None:
    """Inside the pattern matcher, which is not Python code; the sentence says what to do."""
    with pytest.raises(BuildStalled) as told, watched(0.2):  # noqa: PT012 - the block is what is ended
        working_on("notes/well.txt")
        re.fullmatch(r"(a+)+", "a" * 64 + "b")
    assert str(told.value) == (
        "notes/well.txt: there was no progress for 0 seconds on this, so the build was stopped. "
        "Move it out of the folder, or wait longer: pullquote index --patience SECONDS."
    )


def test_a_read_that_blocks_is_ended() -> None:
    """In a system call."""
    reading, writing = os.pipe()
    try:
        with pytest.raises(BuildStalled, match="a stalled disk"), watched(0.2):  # noqa: PT012 - the block is what is ended
            working_on("a stalled disk")
            os.read(reading, 1)
    finally:
        os.close(reading)
        os.close(writing)


def test_what_moves_goes_on() -> None:
    """Three checks without progress are accepted, and any progress starts the count again; the fourth ends the work."""
    with pytest.raises(BuildStalled), watched(100_000):  # noqa: PT012 - the block is what is ended
        for page in ("one", "two"):
            working_on(page)
            for _ in range(4):  # the first of them sees the move
                signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)
        pytest.fail("it goes on")


def test_each_post_of_a_file_with_many_is_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of a whole blog is one file, and takes as long as its posts."""

    def many(*_: object) -> Iterator[PostCopy]:
        for _number in range(12):
            yield PostCopy("blog.jsonl", "0" * 64, "words", ())
            signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(tasks, "divided", many)
    with watched(100_000), Spools() as spools:
        assert len(tasks.divide_pages([], (), SerialExecutor(), spools)) == 12


def test_helpers_count_once_they_have_begun() -> None:
    """The progress of others counts for this process too, and they get longer, so that they can report themselves."""
    from rag.watchdog import watching_also

    board = Board(bytearray(2 * BOARD_BYTES))
    with watching_also(board), pytest.raises(BuildStalled, match=r"page ä\.txt, page b\.txt"), watched(100_000):  # noqa: PT012 - the block is what is ended
        for _ in range(50):
            signal.raise_signal(signal.SIGALRM)
        board.write(0, 1, "page ä.txt")
        board.write(1, 7, "page b.txt")
        for _ in range(6):
            signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGALRM)
        pytest.fail("it goes on")


def test_a_board_contains_names_of_any_length() -> None:
    """A long one is cut, and does not run into its neighbour."""
    board = Board(bytearray(2 * BOARD_BYTES))
    board.write(1, 3, "b")
    board.write(0, 5, "ä" * 1000)
    assert board.moves() == [5, 3]
    assert board.names() == "ä" * ((BOARD_BYTES - 8) // 2) + ", b"


def test_an_alarm_of_somebody_else_is_left_alone() -> None:
    """A program that uses alarms itself keeps its own; so does a thread, which cannot have one."""
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1000)
        with watched(100_000):
            assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        signal.setitimer(signal.ITIMER_REAL, 0)
        with watched(100_000):
            assert signal.getsignal(signal.SIGALRM) is not signal.SIG_IGN
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e300"])
def test_patience_is_a_number_of_seconds(seconds: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No clock can be set for another."""
    assert main(["index", str(tmp_path), "--index", str(tmp_path / "index"), f"--patience={seconds}"]) == 2
    assert "patience is a number of seconds" in capsys.readouterr().err


def test_another_thread_is_not_watched() -> None:
    """A build in a thread works."""
    done = []

    def work() -> None:
        with watched(0.1):
            done.append(signal.getitimer(signal.ITIMER_REAL))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [(0.0, 0.0)]
