"""Readers' reports are stored as rows that the evaluation reads, and nothing else gets into that file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from makers import make_answer, make_copy, make_post, make_quote

from rag.evaluation.gold import read_gold
from ui.services import feedback
from ui.services.feedback import keep_report, read_verdict
from ui.views.answer import Turn
from ui.views.citations import ref_of

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "The gate was shut at noon. Nobody  had the key."
POSTS = [make_post(TEXT, make_copy(TEXT), title="The gate")]
QUOTE = make_quote(TEXT[:26], TEXT, title="The gate")
ANSWERED = Turn("When?", make_answer(QUOTE, question="When?"), "?q=When", history=("Who?",))
REFUSED = Turn("Why?", make_answer(question="Why?", confidence=0.1, closest=(QUOTE,), reason="Nothing near."), "?q=Why")


def test_a_right_answer_is_a_question_with_its_evidence(tmp_path: Path) -> None:
    """Question, earlier questions and the quoted words."""
    assert keep_report(tmp_path, ANSWERED, "right", "", POSTS) == "Saved. Thank you."
    (row,) = read_gold(tmp_path / "feedback.jsonl")
    assert (row.question, row.answerable, row.wanted.evidence, row.history) == ("When?", True, (QUOTE.text,), ("Who?",))


def test_one_of_several_quotes_can_be_right_or_wrong(tmp_path: Path) -> None:
    """The evidence is the quote that was meant; each verdict on each quote is kept once."""
    other = make_quote(TEXT[27:], TEXT, title="The gate")
    both = Turn("When?", make_answer(QUOTE, other, question="When?"), "?q=When")
    for _ in range(2):
        for quote in (other, QUOTE):
            assert keep_report(tmp_path, both, "right", "", POSTS, str(ref_of(quote))) == "Saved. Thank you."
    assert [row.wanted.evidence for row in read_gold(tmp_path / "feedback.jsonl")] == [(other.text,), (QUOTE.text,)]
    keep_report(tmp_path, both, "wrong_quote", "", POSTS, str(ref_of(other)))
    line = (tmp_path / "feedback-open.jsonl").read_text(encoding="utf-8")
    assert json.loads(line)["given"] == [other.text]
    assert keep_report(tmp_path, both, "right", "", POSTS, "p9:1-2").startswith("Not saved")


def test_a_right_refusal_and_a_wrong_answer_are_questions_without_one(tmp_path: Path) -> None:
    """Both say that the posts do not answer."""
    keep_report(tmp_path, REFUSED, "right", "", POSTS)
    keep_report(tmp_path, ANSWERED, "should_refuse", "", POSTS)
    assert [row.answerable for row in read_gold(tmp_path / "feedback.jsonl")] == [False, False]


def test_words_that_answer_become_the_evidence(tmp_path: Path) -> None:
    """They must be in a post, ignoring white space."""
    assert keep_report(tmp_path, ANSWERED, "wrong_quote", "Nobody had\nthe key.", POSTS) == "Saved. Thank you."
    assert keep_report(tmp_path, REFUSED, "should_answer", "made up", POSTS).startswith("Not saved")
    (row,) = read_gold(tmp_path / "feedback.jsonl")
    assert row.wanted.evidence == ("Nobody had the key.",)


def test_a_report_without_evidence_waits_in_its_own_file(tmp_path: Path) -> None:
    """The file that eval reads never gets a row that it would refuse."""
    assert "to measure answers" in keep_report(tmp_path, REFUSED, "should_answer", None, POSTS)
    assert not (tmp_path / "feedback.jsonl").exists()
    line = (tmp_path / "feedback-open.jsonl").read_text(encoding="utf-8")
    assert json.loads(line)["verdict"] == "should_answer"


def test_saying_it_twice_keeps_it_once(tmp_path: Path) -> None:
    """Eval refuses a file that has an id twice."""
    for _ in range(3):
        keep_report(tmp_path, ANSWERED, "right", "", POSTS)
    assert len(read_gold(tmp_path / "feedback.jsonl")) == 1


def test_a_full_file_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public page cannot fill the disk."""
    monkeypatch.setattr(feedback, "MAX_FILE_BYTES", 10)
    keep_report(tmp_path, ANSWERED, "right", "", POSTS)
    assert keep_report(tmp_path, REFUSED, "right", "", POSTS).startswith("Not saved")


@pytest.mark.parametrize("value", ["", None, 3, "right ", "delete", ["right"]])
def test_unknown_verdicts_are_none(value: object) -> None:
    """What a browser sends is one of four words or nothing."""
    assert read_verdict(value) is None
