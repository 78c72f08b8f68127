"""Many questions in one run: one row out for each row in, in order, and nothing lost if a run is stopped."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from rag.answering.batch import answer_rows, check_out, partial_path, run_batch
from rag.answering.files.answer_files import read_answers
from rag.answering.files.question_files import read_questions
from rag.errors import InputError
from rag.records import Answer, QuestionRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.config import Progress

QUESTIONS = [
    "What share of people in an organisation are change agents?",
    "When was Google incorporated?",
    "What is the boiling point of tungsten?",
    "Who wins under the Conservatives' social care proposals?",
    "What motivates policy makers and practitioners?",
]


def _rows() -> list[QuestionRow | Answer]:
    rows: list[QuestionRow | Answer] = [QuestionRow(f"q{at}", question) for at, question in enumerate(QUESTIONS)]
    rows.insert(2, Answer("", "error", 0.0, "low", reason="line 3: the question is empty", id="3"))
    return rows


def _answers(path: Path) -> list[Answer]:
    answers = [answer for _, answer in read_answers(path)]
    assert all(isinstance(answer, Answer) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Answer)]


def test_every_row_has_its_row_in_the_same_order(seed_index: Index, tmp_path: Path) -> None:
    """Bad rows keep their places, and the JSON equals that of single questions."""
    out = tmp_path / "answers.jsonl"
    report = run_batch(seed_index, _rows(), out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [row.id for row in _rows()]
    assert rows[2]["status"] == "error"
    assert rows[2]["reason"] == "line 3: the question is empty"
    assert rows[0] == seed_index.ask(QUESTIONS[0], id="q0").to_dict()
    assert report.rows == report.answered + report.partial + report.no_answer + report.error == 6
    assert report.error == 1
    assert list(tmp_path.iterdir()) == [out]


def test_two_runs_do_not_write_the_same_answers(seed_index: Index, tmp_path: Path) -> None:
    """The second run says so and changes nothing; the first ends with every row once, and leaves no lock behind."""
    out = tmp_path / "answers.jsonl"
    refused = []

    def meanwhile(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            with pytest.raises(InputError, match="another batch is writing these answers"):
                run_batch(seed_index, _rows(), out, resume=True)
            refused.append(done)

    run_batch(seed_index, _rows(), out, progress=meanwhile)
    assert refused == [2]
    assert [answer.id for answer in _answers(out)] == [row.id for row in _rows()]
    assert list(tmp_path.iterdir()) == [out]


def test_always_answer_leaves_no_refusal(seed_index: Index) -> None:
    """So that ranking can be judged separately from refusing."""
    given = answer_rows(seed_index, _rows(), always_answer=True)
    assert {answer.status for answer in given} == {"answered", "error"}


def test_a_table_has_the_quotes_with_their_places(seed_index: Index, seeds: Path, tmp_path: Path) -> None:
    """Each place of the table leads to the words in the file."""
    out = tmp_path / "answers.csv"
    run_batch(seed_index, _rows(), out)
    with out.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["id"] for row in table] == [row.id for row in _rows()]
    assert {"question", "status", "confidence", "band", "reason", "quote_1", "title_1", "places_3"} <= table[0].keys()
    answer = seed_index.ask(QUESTIONS[0])
    assert table[0]["quote_1"] == answer.quotes[0].text
    file_name, _, span = table[0]["places_1"].split("; ")[0].rpartition(":")
    start, end = map(int, span.split("-"))
    text = (seeds / file_name).read_bytes().decode()
    assert text[start:end].split() == answer.quotes[0].text.split()


def test_markdown_shows_the_words_and_not_their_mark_up(seed_index: Index, tmp_path: Path) -> None:
    """A section for each row; what a renderer would take for mark-up is escaped."""
    out = tmp_path / "answers.md"
    rows = [*_rows(), Answer("*<b>?", "error", 0.0, "low", reason="# no", id="9")]
    run_batch(seed_index, rows, out)
    text = out.read_text(encoding="utf-8")
    assert text.count("\n## ") == len(rows)
    assert "\\*\\<b>?" in text
    assert "Not asked. # no" in text
    assert "**We can’t all be change agents**" in text


def test_a_table_runs_nothing_and_is_read_back(seed_index: Index, tmp_path: Path) -> None:
    """Cells that a spreadsheet would read as formulas are shown as text, and are the same questions if asked again."""
    questions = ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "'=x", "plain", "'tis", "\uff1d1"]
    columns = (("=2+2", "=3+3"),)  # those of a question file, with the name that it gives them
    rows = [Answer(question, "error", 0.0, "low", reason="=no", id=question, columns=columns) for question in questions]
    out = tmp_path / "answers.csv"
    run_batch(seed_index, rows, out)
    with out.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r\uff1d")]
    read = read_questions(out)
    assert [row.id.strip() for row in read] == [question.strip() for question in questions]
    assert [row.question.strip() for row in read] == [question.strip() for question in questions]


@pytest.mark.parametrize("name", ["answers.docx", "answers", "none/answers.csv", "folder.csv"])
def test_what_cannot_be_written_is_said_before_any_work(tmp_path: Path, name: str) -> None:
    """Unknown endings, missing folders, and folders in place of the file."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError):
        check_out(tmp_path / name)


@pytest.mark.parametrize("name", ["answers.jsonl", "answers.csv", "answers.md"])
@pytest.mark.parametrize("cut", [0, 7])
def test_a_stopped_run_goes_on_where_it_ended(seed_index: Index, tmp_path: Path, name: str, cut: int) -> None:
    """The output equals that of a run that was never stopped, whether or not a line was cut short."""
    whole = tmp_path / f"whole-{name}"
    run_batch(seed_index, _rows(), whole)
    stopped = tmp_path / name

    with pytest.raises(KeyboardInterrupt):
        run_batch(seed_index, _rows(), stopped, progress=_stop_after(4))
    assert not stopped.exists()
    partial = partial_path(stopped)
    data = partial.read_bytes()
    partial.write_bytes(data[: len(data) - cut])
    report = run_batch(seed_index, _rows(), stopped, resume=True)
    assert report.resumed == (3 if cut else 4)
    assert report.rows == report.answered + report.partial + report.no_answer + report.error
    assert stopped.read_bytes() == whole.read_bytes()
    assert not partial.exists()


def _stop_after(rows: int) -> Progress:
    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done == rows:
            raise KeyboardInterrupt

    return progress


def test_resuming_a_shorter_output_keeps_its_rows(seed_index: Index, tmp_path: Path) -> None:
    """A JSON Lines output can be continued as it is."""
    out = tmp_path / "answers.jsonl"
    run_batch(seed_index, _rows(), out)
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:2]))
    assert run_batch(seed_index, _rows(), out, resume=True).resumed == 2
    assert out.read_bytes() == b"".join(lines)


def test_a_run_of_other_questions_is_not_resumed(seed_index: Index, tmp_path: Path) -> None:
    """Answers of another file are never mixed in, and are kept."""
    out = tmp_path / "answers.jsonl"
    run_batch(seed_index, _rows(), out)
    before = out.read_bytes()
    others: list[QuestionRow | Answer] = [QuestionRow("q0", "Who?")]
    with pytest.raises(InputError, match="a different question"):
        run_batch(seed_index, others, out, resume=True)
    assert out.read_bytes() == before
    assert not partial_path(out).exists()


def test_ctrl_c_is_quiet_and_loses_nothing(seed_home: Path, seed_index: Index, tmp_path: Path) -> None:
    """The command ends with status 130 and says how to continue; continuing produces every row."""
    questions = tmp_path / "q.txt"
    questions.write_text("\n".join(QUESTIONS * 400))
    out = tmp_path / "answers.jsonl"
    command = [sys.executable, "-m", "rag", "batch", str(questions), "--out", str(out), "--index", str(seed_home)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            for _ in _waiting():
                if partial_path(out).exists() and partial_path(out).stat().st_size > 0:
                    break
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            said = process.stderr.read()
        finally:
            process.kill()
    assert process.returncode == 130, said
    assert "--resume" in said
    assert "Traceback" not in said
    done = len(_answers(partial_path(out)))
    rows = read_questions(questions)[: done + 2]
    assert run_batch(seed_index, rows, out, resume=True).resumed == done
    assert [answer.id for answer in _answers(out)] == [row.id for row in rows]


def _waiting() -> Iterator[None]:
    for _ in range(1200):
        yield
        time.sleep(0.1)
    pytest.fail("nothing was written in two minutes")
