"""The command line with an index on a server: built there, asked there, with the same answers as from the folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from milvus_servers import need

from rag.answering.engine import open_index
from rag.answering.files.question_files import read_questions
from rag.cli import main
from rag.records import QuestionRow
from rag.store.backends import copy_index

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from two_homes import differences

if TYPE_CHECKING:
    from rag.answering.engine import Index

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"


@pytest.fixture(autouse=True)
def aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What belongs to an index on a server is kept in a folder of the test."""
    need("pymilvus", "milvus_lite")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def _rows(path: Path) -> list[QuestionRow]:
    return [row for row in read_questions(path) if isinstance(row, QuestionRow)]


def test_answers_are_the_same_in_both_homes(seed_home: Path, seed_index: Index, tmp_path: Path) -> None:
    """Every fourth question about the seed pages, equal to the last byte: quotes, order, scores, confidence and reasons."""
    address = f"milvus://{tmp_path}/lite.db/posts"
    copy_index(seed_home, address)
    shared = SHARED / "gold" / "seed-questions.jsonl"
    rows = _rows(HERE / "eval" / "seed-questions.jsonl") + (_rows(shared) if shared.exists() else [])
    rows = rows[::4]  # each takes a second in each home
    rows += [QuestionRow("f1", "And who says so?", (rows[0].question,)), QuestionRow("p1", f"{rows[1].question} Why?")]
    rows.append(QuestionRow("s1", "what is hypothecaton?"))  # a server's words are read as those of a folder
    assert len(rows) > 20
    with open_index(address) as other:
        assert differences(seed_index, other, rows) == []
        assert other.ask("what is hypothecaton?", fast=True).read_as == (("hypothecaton", "hypothecation"),)
        post_id = seed_index.store.post_ids()[4]
        one, two = (index.ask(rows[0].question, post_id=post_id).to_dict() for index in (seed_index, other))
        assert one == two


def test_the_command_line_takes_a_server(
    seeds: Path, seed_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """index, status, ask, posts and copy; a rebuild reuses it, even on a machine that never built it."""
    address = f"milvus://{tmp_path}/lite.db/posts"
    page = min(seeds.glob("*.txt"))
    assert main(["index", "-q", str(page), "--index", address]) == 0
    assert "posts on 1 page" in capsys.readouterr().out
    assert main(["status", "--json", "--index", address]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["path"] == address
    assert status["health"].startswith("ok: milvus_lite")

    assert main(["copy", "-q", str(seed_home), address]) == 0
    # it was built with another user's key, so its pages have to be confirmed here
    assert main(["status", "--confirm", "--index", address]) == 0
    capsys.readouterr()
    assert main(["index", "-q", "--index", address]) == 0
    assert "chunks embedded" not in capsys.readouterr().out, "all of it is taken over"
    assert main(["ask", "--json", "When was the World Wide Web invented?", "--index", address]) == 0
    assert "1989" in capsys.readouterr().out
    assert main(["copy", "-q", address, str(tmp_path / "back")]) == 0
    for place in (address, str(tmp_path / "back"), str(seed_home)):
        assert main(["posts", "--json", "--index", place]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[: len(listed) // 3] * 3 == listed
    assert main(["copy", "-q", address, address]) == 2
    assert main(["copy", "-q", str(tmp_path / "none"), address]) == 2
    assert main(["ask", "x", "--index", f"milvus://{tmp_path}/lite.db/other"]) == 2
    assert "the server has no index with this name" in capsys.readouterr().err
