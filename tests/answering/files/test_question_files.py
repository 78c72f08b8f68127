"""Question files: one row out for every row in, and a bad row does not affect the others."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.answering.files import answer_files, question_rows
from rag.answering.files.answer_files import answer_from_dict, read_answers
from rag.answering.files.question_files import read_questions
from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS, check_question
from rag.errors import InputError, QuestionError
from rag.evaluation.gold import read_gold
from rag.records import Answer, Location, QuestionRow, Quote

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip() == text
)


def _write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _row(rows: list[QuestionRow | Answer], at: int) -> QuestionRow:
    row = rows[at]
    assert isinstance(row, QuestionRow), row
    return row


def _bad(rows: list[QuestionRow | Answer], at: int) -> Answer:
    row = rows[at]
    assert isinstance(row, Answer), row
    assert row.status == "error"
    assert row.reason
    return row


def test_text_has_a_question_a_line_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    """Ids are the numbers of the lines in the file."""
    rows = read_questions(_write(tmp_path, "q.txt", "Who pays?\r\n\r\n  Why?  \rWhen?\n"))
    assert rows == [QuestionRow("1", "Who pays?"), QuestionRow("3", "Why?"), QuestionRow("4", "When?")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["q.txt", "q.csv"])
def test_what_a_spreadsheet_or_editor_saves_is_read(tmp_path: Path, name: str, encoding: str) -> None:
    """The byte order marks and encodings of common programs are recognised."""
    text = "question\nWho’s at the café?\n"
    rows = read_questions(_write(tmp_path, name, text.encode(encoding)))
    assert _row(rows, -1).question == "Who’s at the café?"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_may_be_parted_by_comma_semicolon_or_tab(tmp_path: Path, delimiter: str) -> None:
    """Column names count in any order and case; other columns are passed through."""
    table = delimiter.join(["Notes", "QUESTION", "id"]) + "\n" + delimiter.join(["x", '"Who, or; what?"', "a7"]) + "\n"
    assert read_questions(_write(tmp_path, "q.csv", table)) == [
        QuestionRow("a7", "Who, or; what?", (), (("Notes", "x"),))
    ]


def test_in_a_table_of_one_column_a_comma_is_part_of_the_question(tmp_path: Path) -> None:
    """There is no delimiter."""
    rows = read_questions(_write(tmp_path, "q.csv", "question\nWho, when and why?\n"))
    assert rows == [QuestionRow("2", "Who, when and why?")]


def test_a_cell_may_hold_line_breaks_and_the_next_row_keeps_its_number(tmp_path: Path) -> None:
    """A quoted cell continues over several lines."""
    rows = read_questions(_write(tmp_path, "q.csv", 'id,question\nx,"Who\nis it?"\n,Why?\n'))
    assert rows == [QuestionRow("x", "Who\nis it?"), QuestionRow("4", "Why?")]


def test_an_unclosed_quotation_mark_costs_one_row_only(tmp_path: Path) -> None:
    """The rows after the broken one are read."""
    rows = read_questions(_write(tmp_path, "q.csv", 'id,question\n1,"Who is it\n2,Why?\n3,When?\n'))
    assert _bad(rows, 0).id == "2"
    assert [_row(rows, 1).question, _row(rows, 2).question] == ["Why?", "When?"]


def test_too_many_cells_are_an_error_of_that_row(tmp_path: Path) -> None:
    """A question with an unquoted comma is not cut silently."""
    rows = read_questions(_write(tmp_path, "q.csv", "id,question\n1,Who, or what?\n2,Why?\n"))
    assert "cells" in str(_bad(rows, 0).reason)
    assert _row(rows, 1) == QuestionRow("2", "Why?")


def test_a_table_without_questions_is_refused(tmp_path: Path) -> None:
    """The message shows the header that was found."""
    with pytest.raises(InputError, match=r"question.*id,text"):
        read_questions(_write(tmp_path, "q.csv", "id,text\n1,Who?\n"))


def test_history_is_read_from_tables_and_objects(tmp_path: Path) -> None:
    """A JSON list, or in a table one earlier question per line."""
    table = _write(tmp_path, "q.csv", 'question,history\nWhy?,"Who?\nWhen?"\nWhere?,"[""Who?""]"\nWho?,\n')
    assert [_row(read_questions(table), at).history for at in range(3)] == [("Who?", "When?"), ("Who?",), ()]
    objects = _write(tmp_path, "q.jsonl", '{"question": "Why?", "history": ["Who?", "When?"], "id": 7}\n')
    assert read_questions(objects) == [QuestionRow("7", "Why?", ("Who?", "When?"))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "Who?"', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["Who?"]', "not a JSON object"),
        ('{"id": "a"}', "not text"),
        ('{"question": 7}', "not text"),
        ('{"question": " "}', "empty"),
        ('{"question": "Who?", "id": [1]}', "id is neither"),
        ('{"question": "Who?", "id": true}', "id is neither"),
        ('{"question": "Who?", "history": "Why?"}', "not a list"),
        ('{"question": "Who?", "history": [""]}', "empty"),
        ('{"question": "Who?", "history": [7]}', "not text"),
        ('{"question": "half \\ud800"}', "half a character"),
        ('{"question": "' + "x" * (MAX_QUESTION_CHARACTERS + 1) + '"}', "too long"),
        (b'{"question": "caf\xe9"}', "not JSON in UTF-8"),
    ],
)
def test_a_bad_row_is_an_error_with_a_reason_and_the_others_are_read(
    tmp_path: Path, line: str | bytes, reason: str
) -> None:
    """Broken JSON, wrong types, empty and endless questions; what is reported can be written."""
    data = line if isinstance(line, bytes) else line.encode()
    rows = read_questions(
        _write(tmp_path, "q.jsonl", b'{"question": "First?"}\n' + data + b'\n\n{"question": "Last?"}')
    )
    assert len(rows) == 3
    assert reason in str(_bad(rows, 1).reason)
    assert "2" in str(_bad(rows, 1).reason)
    assert len(_bad(rows, 1).question) <= 200
    json.dumps(_bad(rows, 1).to_dict(), ensure_ascii=False).encode()
    assert (_row(rows, 0).id, _row(rows, 2).id) == ("1", "4")


def test_other_endings_and_missing_files_are_refused_with_what_is_expected(tmp_path: Path) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputError, match=r"\.txt or \.csv or \.tsv or \.jsonl.*\.docx"):
        read_questions(_write(tmp_path, "q.docx", "Who?"))
    with pytest.raises(InputError, match=r"no\.txt.*cannot be read"):
        read_questions(tmp_path / "no.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match=r"folder\.txt.*cannot be read"):
        read_questions(tmp_path / "folder.txt")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(QUESTION, min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_what_a_csv_writer_writes_is_read_back(tmp_path: Path, questions: list[str], delimiter: str) -> None:
    """Any question survives as a cell."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerows([["id", "question"], *([f"r{at}", question] for at, question in enumerate(questions))])
    rows = read_questions(_write(tmp_path, "q.csv", table.getvalue().encode("utf-8-sig")))
    assert rows == [QuestionRow(f"r{at}", question) for at, question in enumerate(questions)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40).filter(lambda line: not set(line) & set(b"\r\n"))))
def test_any_bytes_give_one_row_a_line(tmp_path: Path, lines: list[bytes]) -> None:
    """One row for each non-empty line, whatever it contains."""
    path = _write(tmp_path, "q.jsonl", b"x\n" + b"\n".join(lines))
    held = [line for line in lines if line.decode("utf-8", "replace").strip()]
    assert len(read_questions(path)) == len(held) + 1


def test_a_question_is_stripped_and_nothing_else() -> None:
    """White space inside is kept."""
    assert check_question("  Who  is\tit? ") == "Who  is\tit?"
    with pytest.raises(QuestionError, match="empty"):
        check_question(" \n")


def test_an_answer_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """`Answer.to_dict` and its reader are inverse to each other."""
    place = Location("a/b.jsonl", 3, 9, "0" * 64, "w\u00a0ords", "json-html", "line 2")
    quote = Quote("w ords", "p1", "A title", 1.5, 0, 6, (place, Location("c.txt", 0, 6, "1" * 64)))
    part = Answer("Who?", "answered", 0.75, "high", (quote,), id="7")
    answer = Answer("Who and why?", "partial", 0.5, "medium", (quote,), (quote,), "because", "7", parts=(part,))
    path = _write(tmp_path, "a.jsonl", json.dumps(answer.to_dict(), ensure_ascii=False) + "\n")
    assert list(read_answers(path)) == [(1, answer)]


@pytest.mark.parametrize("name", ["answers.csv", "answers.md"])
def test_answers_for_people_are_not_taken_for_a_proof(tmp_path: Path, name: str) -> None:
    """The message says which formats work, and how to make one."""
    with pytest.raises(InputError, match=r"\.jsonl.*pullquote batch"):
        list(read_answers(_write(tmp_path, name, "id,question\n")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "maybe"}, "status"),
        ({"band": None}, "band"),
        ({"confidence": "0.5"}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"quotes": {}}, "quotes"),
        ({"quotes": [7]}, "a quote"),
        ({"quotes": [{"text": 7}]}, "text"),
        ({"parts": ["x"]}, "the answer"),
        ({"question": None}, "question"),
    ],
)
def test_an_answer_of_another_shape_is_named(change: dict[str, object], message: str) -> None:
    """The message names the field that is wrong."""
    shape = Answer("Who?", "no_answer", 0.1, "low", reason="nothing").to_dict() | change
    with pytest.raises(QuestionError, match=message):
        answer_from_dict(shape)


def test_a_table_may_name_its_separator_and_its_column(tmp_path: Path) -> None:
    """“sep=;” above the header, tabs in a .tsv file, another column of questions, and the others passed through."""
    path = tmp_path / "q.csv"
    path.write_text("sep=;\nid;Frage;Team\na;Who, or what?;north\n", encoding="utf-8")
    assert read_questions(path, "frage") == [QuestionRow("a", "Who, or what?", (), (("Team", "north"),))]
    path = tmp_path / "q.tsv"
    path.write_text("Question\tID\nWho, or what?\tb\n", encoding="utf-8")
    assert read_questions(path) == [QuestionRow("b", "Who, or what?")]


def test_names_in_json_lines_count_whatever_their_case(tmp_path: Path) -> None:
    """And the other fields of a row are passed through, as text."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"ID": "a", "Question": "Who?", "Team": "north", "Rank": 2}\n', encoding="utf-8")
    assert read_questions(path) == [QuestionRow("a", "Who?", (), (("Team", "north"), ("Rank", "2")))]


@pytest.mark.parametrize(("header", "row"), [("id,question", "q7,Who, or what?"), ("question,id", "Who, or what?,q7")])
def test_a_stray_comma_never_moves_an_id(tmp_path: Path, header: str, row: str) -> None:
    """The row is bad, and keeps its own id."""
    path = tmp_path / "q.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    (bad,) = read_questions(path)
    assert (bad.id, getattr(bad, "status", "")) == ("q7", "error")


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device, or a file that takes no room on the disk, filled the memory."""
    monkeypatch.setattr(question_rows, "MAX_FILE_BYTES", 1_000_000)
    monkeypatch.setattr(answer_files, "MAX_LINE_BYTES", 1_000_000)
    questions, answers = tmp_path / "questions.txt", tmp_path / "answers.jsonl"
    for path in (questions, answers):
        with path.open("wb") as file:
            file.truncate(2**40)
    with pytest.raises(InputError, match="too large"):
        read_questions(questions)
    with pytest.raises(InputError, match="too large"):
        read_gold(answers)
    (row,) = [found for _, found in read_answers(answers)]
    assert isinstance(row, QuestionError)
