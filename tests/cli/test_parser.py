"""The command line: data on standard output, the rest on standard error, and a reliable exit status."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.cli import main
from rag.indexing import tasks

if TYPE_CHECKING:
    from rag.answering.engine import Index

QUESTION = "What share of people in an organisation are change agents?"
NONSENSE = "What is the boiling point of tungsten?"


@pytest.fixture(autouse=True)
def at_home(seed_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of the seed pages is the default one, and the output is as in a pipe."""
    monkeypatch.setenv("PULLQUOTE_INDEX", str(seed_home))
    monkeypatch.delenv("COLUMNS", raising=False)


def _told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    return capsys.readouterr().out


def test_ask_prints_the_exact_words_and_their_place(
    capsys: pytest.CaptureFixture[str], seed_index: Index, seeds: Path
) -> None:
    """The question is not repeated; what is printed is what the file contains."""
    shown = _told(capsys, "ask", QUESTION)
    quote = seed_index.ask(QUESTION).quotes[0]
    place = quote.locations[0]
    assert shown.startswith("[1] “")
    assert quote.text in shown
    assert f"{place.file} {place.start}–{place.end}" in shown
    text = (seeds / place.file).read_bytes().decode()
    assert text[place.start : place.end].split() == quote.text.split()
    assert QUESTION not in shown
    assert "\x1b" not in shown


def test_the_readme_shows_an_answer_as_it_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples, one of them up to its cut, are what the command prints now on a wide terminal."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("$ pullquote ask ")[2].partition("```")[0]
    examples = [example.partition("\n") for example in block.split("$ pullquote ask ")]
    assert examples
    monkeypatch.setenv("COLUMNS", "120")
    for question, _, shown in examples:
        told = _told(capsys, "ask", question.strip('"')).splitlines()
        lines = shown.rstrip().splitlines()
        if lines[-1] == "…":
            assert told[: len(lines) - 1] == lines[:-1]
        else:
            assert told == lines


def test_ask_takes_a_question_without_quotation_marks(capsys: pytest.CaptureFixture[str]) -> None:
    """Separate words from the shell are joined."""
    assert _told(capsys, "ask", *QUESTION.split()) == _told(capsys, "ask", QUESTION)


def test_ask_json_is_the_object_that_programs_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Fields as the design names them, one object on one line."""
    shown = _told(capsys, "ask", QUESTION, "--json")
    assert shown.count("\n") == 1
    answer = json.loads(shown)
    assert list(answer)[:8] == ["id", "question", "status", "confidence", "band", "reason", "quotes", "closest"]
    assert (answer["question"], answer["status"], answer["reason"]) == (QUESTION, "answered", None)
    quote = answer["quotes"][0]
    assert list(quote) == ["text", "post_id", "post_title", "score", "confidence", "label", "start", "end", "locations"]
    assert {"file", "start", "end", "sha256"} <= quote["locations"][0].keys()


def test_a_refusal_is_an_answer_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0, a reason in words, the closest quotes marked as no answer; --always-answer gives one."""
    shown = _told(capsys, "ask", NONSENSE)
    assert "[1]" not in shown
    assert "Closest, but not an answer:" in shown
    assert "[1]" in _told(capsys, "ask", NONSENSE, "--always-answer")


def test_explain_shows_how_it_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """The query, what counted for each quote and what became of the other chunks."""
    shown = _told(capsys, "ask", QUESTION, "--explain")
    assert shown.startswith(_told(capsys, "ask", QUESTION))
    assert "searched for:" in shown
    assert "came 2nd" in shown


@pytest.mark.parametrize("question", ["", "   ", "x" * 10_001])
def test_what_is_not_a_question_is_bad_usage(capsys: pytest.CaptureFixture[str], question: str) -> None:
    """One line on standard error, and exit status 2."""
    assert main(["ask", question]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("pullquote: the question is")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", [["ask", "Who?"], ["posts"], ["status"], ["chat", "--no-browser"]])
def test_a_missing_index_names_the_command_that_builds_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    """One line that says what to do."""
    assert main([*command, "--index", str(tmp_path / "none")]) == 2
    captured = capsys.readouterr()
    assert "pullquote index" in captured.err
    assert captured.err.count("\n") == 1


def test_posts_are_objects_with_their_places(capsys: pytest.CaptureFixture[str], seeds: Path) -> None:
    """One per line, with the fields of the design; every location is inside its file."""
    posts = [json.loads(line) for line in _told(capsys, "posts", "--json").splitlines()]
    assert len(posts) > 10
    for post in posts:
        assert list(post) == ["post_id", "title", "author", "date", "source", "text", "locations", "variants"]
        for place in post["locations"]:
            text = (seeds / place["file"]).read_bytes().decode()
            assert 0 <= place["start"] < place["end"] <= len(text)


def test_posts_are_listed_for_a_person_too(capsys: pytest.CaptureFixture[str], seed_index: Index) -> None:
    """One line per post; --duplicates accounts for every merged copy."""
    listed = _told(capsys, "posts").splitlines()
    assert len([line for line in listed if not line.startswith(" ")]) == len(seed_index.posts())
    account = _told(capsys, "posts", "--duplicates")
    assert len(re.findall(r"^ {10}\S.* at [\d,]+: (?:exact|near)", account, re.MULTILINE)) == len(seed_index.merges())
    assert "never-merge" in account
    objects = [json.loads(line) for line in _told(capsys, "posts", "--duplicates", "--json").splitlines()]
    folded = [row for row in objects if row["kind"] in {"exact", "near", "decided"}]
    assert len(folded) == len(seed_index.merges())
    assert {row["kind"] for row in objects} > {"exact", "near"}


def test_batch_then_verify_proves_every_quote(capsys: pytest.CaptureFixture[str], seeds: Path, tmp_path: Path) -> None:
    """From the index's own pages and from a folder; a single changed character ends it with status 1."""
    questions, out = tmp_path / "q.txt", tmp_path / "a.jsonl"
    questions.write_text(f"{QUESTION}\n{NONSENSE}\n")
    assert _told(capsys, "batch", str(questions), "--out", str(out), "--quiet") == ""
    assert "every quote is exact" in _told(capsys, "verify", str(out))
    assert "every quote is exact" in _told(capsys, "verify", str(out), "--root", str(seeds))
    row = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    text = row["quotes"][0]["text"]
    row["quotes"][0]["text"] = text.replace("16%", "17%")
    assert row["quotes"][0]["text"] != text
    out.write_text(json.dumps(row))
    shown = _told(capsys, "verify", str(out), status=1)
    assert "line 1, answer 1, quote 1" in shown
    assert "17%" in shown
    assert "16%" in shown


def test_a_table_of_answers_is_checked_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Cells are guarded against spreadsheets, and `verify` reads the quotes behind the guards; a changed one fails."""
    page = tmp_path / "pages" / "=sum.txt"
    page.parent.mkdir()
    page.write_text(
        "=SUM of the harvest\n\n-40 degrees were measured at the mill in the winter of 1911, said the miller.\n\n"
        "The harvest of that year filled eleven barns and was sold to the brewery in spring.\n",
        encoding="utf-8",
    )
    home, questions, out = tmp_path / "index", tmp_path / "q.txt", tmp_path / "a.csv"
    questions.write_text("=1+1 How many degrees were measured at the mill?\nWhere was the harvest sold?\n")
    _told(capsys, "index", str(page.parent), "--index", str(home), "--quiet")
    _told(capsys, "batch", str(questions), "--out", str(out), "--index", str(home), "--always-answer", "--quiet")
    text = out.read_bytes().decode()
    assert "'-40 degrees" in text
    assert "'=1+1 How" in text
    assert "'=sum.txt:" in text
    for where in (["--index", str(home)], ["--root", str(page.parent)]):
        assert "every quote is exact" in _told(capsys, "verify", str(out), *where)
    out.write_bytes(text.replace("'-40 degrees", "'-41 degrees").encode())
    assert "quote 1" in _told(capsys, "verify", str(out), "--index", str(home), status=1)
    assert "quote 1" in _told(capsys, "verify", str(out), "--root", str(page.parent), status=1)


def test_batch_shows_progress_and_counts_on_standard_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Standard output has only data."""
    questions, out = tmp_path / "q.txt", tmp_path / "a.csv"
    questions.write_text(f"{QUESTION}\n{NONSENSE}\n")
    assert main(["batch", str(questions), "--out", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "2/2" in captured.err
    assert "2 rows: 1 answered, 0 partly, 1 without an answer, 0 with an error" in captured.err


def test_an_unknown_ending_is_said_before_the_questions_are_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nobody should wait for a run that cannot be written."""
    assert main(["batch", str(tmp_path / "none.txt"), "--out", str(tmp_path / "a.docx")]) == 2
    assert ".jsonl or .csv or .md" in capsys.readouterr().err


def test_index_builds_and_names_what_it_skipped(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A short summary on standard output; a file that cannot be read is named with the reason."""
    (tmp_path / "pages").mkdir()
    page = "Parks\n\nThe first park was opened by two neighbours with a borrowed spade.\n\n" * 3
    (tmp_path / "pages" / "parks.txt").write_text(page)
    (tmp_path / "pages" / "noise.txt").write_bytes(bytes(range(256)) * 4)
    home = tmp_path / "home"
    assert main(["index", str(tmp_path / "pages"), "--index", str(home)]) == 0
    captured = capsys.readouterr()
    assert "1 page" in captured.out
    assert "noise.txt" in captured.err
    assert "borrowed spade" in _told(capsys, "ask", "Who opened the first park?", "--index", str(home))
    assert main(["index", str(tmp_path / "none"), "--index", str(home)]) == 2


def test_status_says_what_the_index_is_made_of(capsys: pytest.CaptureFixture[str], seed_index: Index) -> None:
    """For a person and as an object."""
    assert json.loads(_told(capsys, "status", "--json")) == json.loads(json.dumps(seed_index.status()))
    assert str(seed_index.status()["posts"]) in _told(capsys, "status")


def test_eval_prints_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As text, as an object and as a page."""
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"id": "a", "question": QUESTION, "answerable": True, "evidence": ["Around 16% of people"]},
        {"id": "b", "question": NONSENSE, "answerable": False, "evidence": []},
    ]
    gold.write_text("\n".join(map(json.dumps, rows)))
    html = tmp_path / "report.html"
    assert "hit@1" in _told(capsys, "eval", str(gold), "--html", str(html))
    assert "<html" in html.read_text(encoding="utf-8")
    figures = json.loads(_told(capsys, "eval", str(gold), "--json", "--quiet"))["figures"]
    assert (figures["questions"], figures["hit@1"], figures["verbatim"]) == (2, 1.0, 1.0)


def test_bad_usage_ends_with_two() -> None:
    """What argparse refuses, and no command at all."""
    for arguments in ([], ["ask"], ["batch", "q.txt"], ["nothing"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["index", "--\x1b[2J\x9b1m\nforged"],
        ["posts", "--index", "none/\x1b[2J\x9b1m\nforged"],
        ["index", "none/\x1b[2J\x9b1m\nforged"],
    ],
)
def test_a_name_in_an_error_does_not_steer_the_terminal(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A file name that contains escape codes or line ends is shown, in wrong usage and in wrong input."""
    with contextlib.suppress(SystemExit):
        assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "\u241b[2J" in said
    assert "\u240aforged" in said
    assert not set(said) & set("\x1b\x9b")


def test_a_closed_pipe_is_not_an_error() -> None:
    """`pullquote posts | head` prints no error."""
    posts = subprocess.Popen(
        [sys.executable, "-m", "rag", "posts", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert posts.stdout is not None
    assert posts.stderr is not None
    with posts:
        posts.stdout.readline()
        posts.stdout.close()
        assert posts.stderr.read() == ""
    assert posts.returncode == 128 + 13


@pytest.mark.parametrize(
    ("arguments", "status"), [(["posts", "--json"], 0), (["ask", QUESTION, "--json"], 0), (["verify", "ANSWERS"], 1)]
)
def test_a_process_that_ends_at_once_has_told_everything(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], status: int
) -> None:
    """What it prints is what `main` prints, and so is its exit status."""
    answer = json.loads(_told(capsys, "ask", QUESTION, "--json"))
    answer["quotes"][0]["text"] = "What nobody has written."
    (tmp_path / "answers.jsonl").write_text(json.dumps(answer) + "\n")
    arguments = [str(tmp_path / "answers.jsonl") if word == "ANSWERS" else word for word in arguments]
    ended = subprocess.run([sys.executable, "-m", "rag", *arguments], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (status, "")
    assert ended.stdout == _told(capsys, *arguments, status=status)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_output_that_does_not_fit_on_the_disk_is_reported_in_a_line() -> None:
    """Neither silently lost nor a traceback."""
    for arguments in (["posts", "--json"], ["status"]):
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "rag", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1
        assert "space" in ended.stderr


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-"])
def test_closed_streams_do_not_change_the_exit_status(closed: str) -> None:
    """A refusal is an answer, even if nobody reads it."""
    command = f"{sys.executable} -m rag ask --json '{NONSENSE}' {closed}"
    out = None if closed.startswith(">") else subprocess.DEVNULL
    ended = subprocess.run(["/bin/sh", "-c", command], check=False, stdout=out, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 0


def test_a_page_that_stops_a_build_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence with the page and what to do, exit status 2, and no index."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "well.txt").write_text("The well\n\nThe well was dug in 1911 by three brothers.\n")
    monkeypatch.setattr(tasks, "read_named", lambda *_: threading.Event().wait())
    command = ["index", str(tmp_path / "pages"), "--index", str(tmp_path / "index"), "--patience", "2"]
    assert main(command) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(r"pullquote: well\.txt: there was no progress for . seconds.*--patience SECONDS\.", said)
    assert not (tmp_path / "index" / "current").exists()
