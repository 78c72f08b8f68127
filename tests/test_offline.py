"""Nothing leaves the machine: with sockets blocked, everything but the page works as usual."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pytest_socket import SocketBlockedError

from rag import build_index, open_index
from rag.answering.batch import run_batch
from rag.records import QuestionRow

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "Parks\n\nThe first park was opened by two neighbours with a borrowed spade.\n\nIt has 14 trees and a pond.\n"

# Everything in one new process, imports included; every event of Python's sockets is refused, whatever its source.
COLD = """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"a socket was asked for: {event} {arguments}")
sys.addaudithook(refuse)
import socket
try:
    socket.create_connection(("127.0.0.1", 9))
except RuntimeError:
    pass
else:
    sys.exit("sockets are not blocked")
from rag.cli import main
pages, home, questions, out = sys.argv[1:]
for command in (
    ["index", pages, "--index", home],
    ["status", "--index", home],
    ["posts", "--index", home],
    ["ask", "Who opened the first park?", "--index", home],
    ["batch", questions, "--out", out, "--index", home],
    ["verify", out, "--index", home],
):
    assert main(command) == 0, command
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "parks.txt").write_text(PAGE)
    return folder


@pytest.mark.usefixtures("socket_disabled")
def test_building_asking_and_batching_open_no_socket(pages: Path, tmp_path: Path) -> None:
    """In a process that has worked before."""
    import socket

    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
    build_index([pages], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert "two neighbours" in index.ask("Who opened the first park?", always_answer=True).quotes[0].text
        report = run_batch(index, [QuestionRow("1", "How many trees has it?")], tmp_path / "out.jsonl")
    assert report.rows == 1


def test_the_command_line_opens_no_socket(pages: Path, tmp_path: Path) -> None:
    """In a new process, from the first import to the last answer."""
    questions = tmp_path / "q.txt"
    questions.write_text("Who opened the first park?\nHow many trees has it?\n")
    done = subprocess.run(
        [sys.executable, "-c", COLD, str(pages), str(tmp_path / "index"), str(questions), str(tmp_path / "a.jsonl")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "two neighbours" in done.stdout
