"""The Batch tab: a file in, rows as they are answered, files out, and nothing lost by stopping."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rag import verify

if TYPE_CHECKING:
    from tests.browser.conftest import Desk

QUESTIONS = [
    ("a", "When was the World Wide Web invented?"),
    ("b", "What share of people in an organisation are change agents?"),
    ("c", ""),
]
IDS = ["a", "b", "c", "d"]


def _give(desk: Desk, name: str, data: str) -> None:
    desk.show_tab("Batch")
    clear = desk.page.locator("#pq-questions").get_by_label("Clear")
    if clear.count():
        clear.click()
        expect(clear).to_have_count(0)
    payload = {"name": name, "mimeType": "text/plain", "buffer": data.encode("utf-8")}
    desk.page.locator("#pq-questions input[type=file]").set_input_files(payload)
    expect(desk.page.locator("#pq-questions")).to_contain_text(name.rpartition(".")[0])
    expect(desk.page.get_by_role("button", name="Ask all")).to_be_enabled()


def _run(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Ask all").click()
    expect(desk.page.locator("#pq-batch-state")).to_contain_text("questions asked", timeout=60_000)


def _saved(desk: Desk, ending: str) -> Path:
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name=f"Save {ending}", exact=True).click()
    return Path(download.value.path())


@pytest.fixture
def table(not_there: str) -> str:
    """The rows of a questions file: two that are answered, an empty one, and one that is refused."""
    out = io.StringIO()
    csv.writer(out).writerows([("id", "question"), *QUESTIONS, ("d", not_there)])
    return out.getvalue()


def test_every_row_of_the_file_becomes_a_row_of_answer(shared: Desk, table: str) -> None:
    """Rows in order, a bad row with its reason, a refusal as a refusal, citations that open."""
    _give(shared, "questions.csv", table)
    _run(shared)
    rows = shared.page.locator("#pq-batch-rows .batch-row")
    expect(rows).to_have_count(len(IDS))
    assert rows.locator("td:first-child").all_inner_texts() == IDS
    expect(rows.nth(2)).to_contain_text("Not asked")
    expect(rows.nth(3)).to_contain_text("Not in these posts")
    hit = shared.press(rows.nth(0).locator("a.cite").first)
    assert hit.text_content() == rows.nth(0).locator("blockquote").text_content()


def test_the_saved_files_hold_all_rows(shared: Desk, table: str, tmp_path: Path) -> None:
    """Four files: the lines can be verified, the table has a line per row, and the report cites itself."""
    _give(shared, "questions.csv", table)
    _run(shared)
    lines = tmp_path / "answers.jsonl"
    lines.write_bytes(_saved(shared, ".jsonl").read_bytes())
    answers = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == IDS
    assert verify(lines, root=shared.site.pages).holds
    table = list(csv.DictReader(io.StringIO(_saved(shared, ".csv").read_text(encoding="utf-8"))))
    assert [row["id"] for row in table] == IDS
    assert answers[0]["quotes"][0]["post_title"].split()[0] in _saved(shared, ".md").read_text(encoding="utf-8")
    assert "<script" not in _saved(shared, ".html").read_text(encoding="utf-8")


def test_the_report_stands_alone_and_its_citations_lead_to_marked_words(
    shared: Desk, table: str, tmp_path: Path
) -> None:
    """Opened from disk, a click on [1] leads to the post with exactly the quoted words marked."""
    _give(shared, "questions.csv", table)
    _run(shared)
    report = tmp_path / "report.html"
    report.write_bytes(_saved(shared, ".html").read_bytes())
    other = shared.page.context.new_page()
    other.on("request", shared.watch.request)
    other.goto(report.as_uri())
    first = other.locator("blockquote .words").first
    other.get_by_role("link", name="Source 1").first.click()
    expect(other.locator("#q1")).to_be_in_viewport()
    marked = other.evaluate(
        """() => { let text = ""; for (let n = document.querySelector("#q1").nextSibling; n; n = n.nextSibling) {
          if (n.nodeName === "MARK") text += n.textContent; else if (n.nodeName === "#text") break; } return text; }"""
    )
    assert marked.startswith(first.text_content() or "?")
    other.close()


def test_stopping_keeps_what_is_done(shared: Desk) -> None:
    """After Stop the rows that were answered can be saved, and no more."""
    _give(shared, "many.txt", "".join(f"What is said about social care in case {n}?\n" for n in range(400)))
    shared.page.get_by_role("button", name="Ask all").click()
    expect(shared.page.locator("#pq-batch-state")).to_contain_text("left", timeout=60_000)
    expect(shared.page.locator(".batch-row").first).to_be_visible()
    shared.page.get_by_role("button", name="Stop").click()
    state = shared.page.locator("#pq-batch-state [role=status]")
    expect(state).to_contain_text("Stopped after", timeout=60_000)
    done = int(state.inner_text().split("after ")[1].split(" ")[0])
    assert 0 < done < 400
    assert len(_saved(shared, ".jsonl").read_text(encoding="utf-8").splitlines()) == done


def test_a_file_that_is_not_a_table_of_questions_says_what_is_missing(shared: Desk) -> None:
    """The reason in words and the file's own name, not a path of the server."""
    _give(shared, "wrong.csv", "colour,size\nred,3\n")
    shared.page.get_by_role("button", name="Ask all").click()
    problem = shared.page.locator("#pq-preview .problem")
    expect(problem).to_contain_text("question")
    assert "/" not in problem.inner_text().replace("and/or", "")


def test_without_a_file_it_says_what_to_do(desk: Desk) -> None:
    """The button is never disabled; pressed too early, it asks for the file, until one is chosen."""
    desk.show_tab("Batch")
    desk.page.get_by_role("button", name="Ask all").click()
    expect(desk.page.locator("#pq-preview .problem")).to_have_text("Choose a file of questions first.")
    _give(desk, "one.txt", "What is a wicked issue?\n")
    expect(desk.page.locator("#pq-preview")).to_contain_text("1 question")
    expect(desk.page.locator(".problem")).to_have_count(0)


def test_a_column_is_chosen_with_a_preview_and_the_others_are_kept(shared: Desk) -> None:
    """A table without the usual column shows its questions once a column is chosen, and answers them all."""
    rows = "Frage,Team\nWhen was the World Wide Web invented?,north\nWhat is a wicked issue?,south\n"
    _give(shared, "fragen.csv", rows)
    expect(shared.page.locator("#pq-preview")).to_contain_text("Choose the column with the questions: Frage, Team")
    shared.page.get_by_label("Column with the questions").click()
    shared.page.get_by_role("option", name="Frage").click()
    expect(shared.page.locator("#pq-preview")).to_contain_text("2 questions")
    expect(shared.page.locator("#pq-preview li").first).to_have_text("When was the World Wide Web invented?")
    expect(shared.page.locator("#pq-preview")).to_contain_text("Kept in the .csv file: Team")
    shared.page.get_by_role("button", name="Ask all").click()
    expect(shared.page.locator("#pq-batch-state")).to_contain_text("All 2 questions asked")
    with shared.page.expect_download() as download:
        shared.page.get_by_role("button", name="Save .csv", exact=True).click()
    table = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8").splitlines()))
    assert [row[-1] for row in table] == ["Team", "north", "south"]
