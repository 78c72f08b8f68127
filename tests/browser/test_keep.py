"""Keep and share: copying with the citation, exports, a link that asks again, and readers' reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import expect

from rag.evaluation.gold import read_gold
from ui.services.temp_files import file_stem

if TYPE_CHECKING:
    from tests.browser.conftest import Desk

QUESTION = "What share of people in an organisation are change agents?"


def test_copying_a_quote_takes_its_citation_along(shared: Desk) -> None:
    """The clipboard has the exact words, then title, page and place."""
    shared.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = shared.ask(QUESTION)
    words = turn.locator("blockquote").first.text_content() or "?"
    turn.get_by_role("button", name="Copy this quote").first.click()
    expect(shared.page.locator("#pq-said")).to_have_text("Copied with its citation.")
    copied = shared.page.evaluate("navigator.clipboard.readText()")
    assert words in copied
    assert turn.locator(".origin cite").first.text_content() in copied
    assert "characters" in copied


def test_a_link_asks_the_question_again(shared: Desk) -> None:
    """A question with mark-up and underscores comes back from its link letter by letter, citations with it."""
    shared.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    question = "What share of <b>people</b> are change_agents & who *else*?"
    turn = shared.ask(question)
    expected = turn.locator(".words").all_text_contents()
    turn.get_by_role("button", name="Copy link", exact=True).click()
    expect(shared.page.locator("#pq-said")).to_have_text("Link copied.")
    link = shared.page.evaluate("navigator.clipboard.readText()")
    assert dict(parse_qsl(urlsplit(link).query)) == {"q": question}
    shared.page.goto(link)
    again = shared.page.locator(".turn")
    expect(again.locator("h2")).to_have_text(question)
    assert again.locator(".words").all_text_contents() == expected


def test_the_conversation_is_saved_with_references(shared: Desk, tmp_path: Path, not_there: str) -> None:
    """Both files have every question and quote, and each number leads to a reference."""
    turn = shared.ask(QUESTION)
    shared.ask(not_there)
    words = turn.locator("blockquote").first.text_content() or "?"
    with shared.page.expect_download() as download:
        shared.page.get_by_role("button", name="Save HTML").click()
    assert download.value.suggested_filename == f"{file_stem(QUESTION, '?')}.html"
    saved = tmp_path / "conversation.html"
    saved.write_bytes(Path(download.value.path()).read_bytes())
    other = shared.page.context.new_page()
    other.goto(saved.as_uri())
    expect(other.locator("h2").first).to_have_text(QUESTION)
    assert other.locator("blockquote .words").first.text_content() == words
    for cite in other.locator("blockquote a").all():
        assert other.locator(cite.get_attribute("href") or "?").count() == 1
    other.locator("blockquote a").first.click()
    expect(other.locator("aside mark").first).to_be_in_viewport()
    assert other.locator("aside mark").first.text_content() == words
    expect(other.get_by_text("Not in these posts")).to_be_visible()
    other.close()
    with shared.page.expect_download() as download:
        shared.page.get_by_role("button", name="Save JSONL").click()
    rows = [json.loads(line) for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]
    assert [row["question"] for row in rows] == [QUESTION, not_there]
    assert rows[0]["quotes"][0]["text"] == words
    with shared.page.expect_download() as download:
        shared.page.get_by_role("button", name="Save Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "## References" in text
    assert "Not in these posts" in text


def test_what_readers_say_becomes_rows_that_eval_reads(shared: Desk, not_there: str) -> None:
    """Reports of right, wrong and wrongly given answers are gold questions; one without evidence waits elsewhere."""
    kept = shared.site.home / "feedback.jsonl"
    said = shared.page.locator("#pq-said")
    turn = shared.ask(QUESTION)
    words = turn.locator("blockquote").first.text_content() or "?"
    turn.get_by_role("button", name="This is right").click()
    expect(said).to_have_text("Saved. Thank you.")
    turn.get_by_text("Something is wrong").click()
    turn.get_by_label("The words that do answer it").fill("words that stand in no post at all")
    turn.get_by_role("button", name="Wrong passage").click()
    expect(said).to_contain_text("Not saved")
    turn.get_by_text("Something is wrong").click()
    turn.get_by_label("The words that do answer it").fill("About 50% of people are late adopters or laggards.")
    turn.get_by_role("button", name="Wrong passage").click()
    expect(said).to_have_text("Saved. Thank you.")
    turn.get_by_text("Something is wrong").click()
    turn.get_by_role("button", name="Should have refused").click()
    expect(said).to_have_text("Saved. Thank you.")
    refused = shared.ask(not_there)
    refused.get_by_text("Something is wrong").click()
    refused.get_by_role("button", name="Should have answered").click()
    expect(said).to_contain_text("Saved. If you add the words")
    second = shared.ask("What are the reasons why political reform happens?").locator(".quote").nth(1)
    second.get_by_role("button", name="This quote is right").click()
    expect(said).to_have_text("Saved. Thank you.")
    assert read_gold(kept)[-1].wanted.evidence == (second.locator("> blockquote").text_content(),)
    rows = {row.question + str(row.answerable): row for row in read_gold(kept)}
    assert len(read_gold(kept)) == 4
    assert {row.wanted.evidence for row in rows.values()} >= {
        ("About 50% of people are late adopters or laggards.",),
        (),
    }
    assert any(words in row.wanted.evidence for row in read_gold(kept))
    waiting = (shared.site.home / "feedback-open.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["verdict"] for line in waiting] == ["should_answer"]
