"""A dropped table of questions: any column can have them, and the other columns are kept."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from rag.records import QuestionRow
from ui.services.batch_questions import add_columns, read_question_table

if TYPE_CHECKING:
    from pathlib import Path


def _file(tmp_path: Path, text: str, name: str = "q.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_usual_column_is_taken_and_the_others_are_kept(tmp_path: Path) -> None:
    """Id and question are read as on the command line; other cells of a row are kept by the name of their column."""
    table = read_question_table(_file(tmp_path, "id,question,team\n7,Who shut it?,north\n8,When?,south\n"))
    assert table.rows == (
        QuestionRow("7", "Who shut it?", columns=(("team", "north"),)),
        QuestionRow("8", "When?", columns=(("team", "south"),)),
    )
    assert table.others == ({"team": "north"}, {"team": "south"})
    assert table.column == "question"


def test_another_column_can_be_chosen(tmp_path: Path) -> None:
    """Without a column of that name, nothing is asked until one is chosen; then ids are the rows' numbers."""
    path = _file(tmp_path, "Frage;Team\nWho shut it?;north\nWhen, and why?;south\n")
    assert read_question_table(path).rows == ()
    assert read_question_table(path).columns == ("Frage", "Team")
    table = read_question_table(path, "Frage")
    assert [(row.id, row.question) for row in table.rows] == [("1", "Who shut it?"), ("2", "When, and why?")]
    assert table.others == ({"Team": "north"}, {"Team": "south"})
    assert read_question_table(path, "no such column").rows == ()


@pytest.mark.parametrize("name", ["q.txt", "q.jsonl"])
def test_other_files_are_read_as_the_command_line_does(tmp_path: Path, name: str) -> None:
    """One question per line, or one object."""
    text = "Who?\n" if name == "q.txt" else '{"id": "1", "question": "Who?"}\n'
    assert read_question_table(_file(tmp_path, text, name)).rows == (QuestionRow("1", "Who?"),)


def test_the_other_cells_end_the_rows_of_the_answers(tmp_path: Path) -> None:
    """In order, with cells that a spreadsheet would read as formulas guarded; stopped runs have fewer rows."""
    path = _file(tmp_path, "id,question\n1,Who?\n", "answers.csv")
    add_columns(path, [{"team": "=1+1"}, {"team": "south"}])
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "question", "team"]
    assert len(rows) == 2
    assert not rows[1][2].startswith("=")
