"""The difference of two indexes: posts added, removed, changed and moved, and answers that changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rag import build_index
from rag.cli import main

if TYPE_CHECKING:
    from pathlib import Path

WELL = (
    "# The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n"
)
MILL = (
    "# The mill without a river\n\n"
    "When the river was moved, the mill stood dry, and the miller bought a steam engine from a bankrupt brewery.\n\n"
    "The engine ran for thirty years and burned the hedges of the whole valley.\n"
)
ROAD = (
    "# Bicycles first\n\n"
    "The council voted to give two more streets to bicycles, and the shops on both of them have their doubts.\n"
)


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    """Two indexes: a post edited, one moved, one gone, one new."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, text in (("well.txt", WELL), ("mill.txt", MILL)):
        (pages / name).write_text(text)
    build_index([pages], into=tmp_path / "old")
    (pages / "well.txt").write_text(WELL.replace("1911", "1913"))
    (pages / "mill.txt").rename(pages / "moved.txt")
    (pages / "road.txt").write_text(ROAD)
    build_index([pages], into=tmp_path / "new")
    return tmp_path / "old", tmp_path / "new"


def _told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["diff", *map(str, arguments), "--quiet"]) == 0
    return capsys.readouterr().out


def test_what_came_went_changed_and_moved(homes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Each post once, the edited one with its words; the other way round, removed posts are added ones."""
    rows = [json.loads(line) for line in _told(capsys, *homes, "--json").splitlines()]
    told = {row["change"]: row for row in rows}
    assert sorted(row["change"] for row in rows) == ["came", "changed", "moved"]
    assert told["came"]["title"] == "Bicycles first"
    (change,) = told["changed"]["changes"]
    assert (change["removed"], change["added"]) == ("1911", "1913")
    assert (told["moved"]["old_files"], told["moved"]["files"]) == (["mill.txt"], ["moved.txt"])
    back = [json.loads(line) for line in _told(capsys, *reversed(homes), "--json").splitlines()]
    assert sorted(row["change"] for row in back) == ["changed", "moved", "went"]
    text = _told(capsys, *homes)
    assert "1 post with the same words; 1 came, 1 changed, 1 moved" in text
    assert "[-1911-] {+1913+}" in text


def test_which_answers_changed(homes: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A question whose words changed is shown with both answers; one that is answered as before is not."""
    questions = tmp_path / "questions.txt"
    questions.write_text("When was the well dug?\nWhat did the miller buy?\n")
    rows = [json.loads(line) for line in _told(capsys, *homes, "--questions", questions, "--json").splitlines()]
    answers = [row for row in rows if row["change"] == "answer"]
    assert [row["question"] for row in answers] == ["When was the well dug?"]
    assert "1911" in answers[0]["old"]["quotes"][0]["text"]
    assert "1913" in answers[0]["new"]["quotes"][0]["text"]
    text = _told(capsys, *homes, "--questions", questions)
    assert "2 questions asked of both: 1 answer changed" in text


def test_an_index_beside_itself_differs_in_nothing(
    homes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the line with the counts."""
    assert _told(capsys, homes[0], homes[0]) == "2 posts with the same words; no post was added, removed or changed\n"
    assert _told(capsys, homes[0], homes[0], "--json") == ""
