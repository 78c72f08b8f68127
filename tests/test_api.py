"""The names that a user imports: `ask` keeps the index open, notices a new one, and says what is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import rag
from rag import PullquoteError, ask, build_index, verify

if TYPE_CHECKING:
    from pathlib import Path

    from rag.answering.engine import Index

QUESTION = "Who opened the first park?"
PAGE = "Parks\n\nThe first park was opened by two neighbours with a borrowed spade.\n\nIt has 14 trees and a pond.\n"


def test_ask_uses_the_index_that_the_environment_names(
    seed_home: Path, seed_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer as from the opened index, which is opened once."""
    monkeypatch.setenv("PULLQUOTE_INDEX", str(seed_home))
    question = "What share of people in an organisation are change agents?"
    assert ask(question).to_dict() == seed_index.ask(question).to_dict()
    assert rag._open(None) is rag._open(seed_home)


def test_ask_sees_that_the_index_was_rebuilt(tmp_path: Path) -> None:
    """A long-running process does not go on answering from outdated pages."""
    page = tmp_path / "pages" / "parks.txt"
    page.parent.mkdir()
    page.write_text(PAGE)
    build_index([page.parent], into=tmp_path / "index")
    before = ask(QUESTION, index=tmp_path / "index", always_answer=True)
    assert "two neighbours" in before.quotes[0].text
    assert verify([before], index=tmp_path / "index").holds
    page.write_text(PAGE.replace("two neighbours", "three sisters"))
    build_index([page.parent], into=tmp_path / "index")
    assert "three sisters" in ask(QUESTION, index=tmp_path / "index", always_answer=True).quotes[0].text
    assert not verify([before], index=tmp_path / "index").holds


def test_a_question_can_be_put_to_one_post(seed_home: Path, seed_index: Index) -> None:
    """Every quote is of that post."""
    for post in seed_index.posts()[:3]:
        answer = ask("What is it about?", index=seed_home, post_id=post.post_id, always_answer=True)
        assert {quote.post_id for quote in answer.quotes} == {post.post_id}


def test_verify_takes_a_file_as_well(seed_home: Path, seeds: Path, tmp_path: Path) -> None:
    """With the pages of the index or of a folder."""
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(ask("Who pays for social care?", index=seed_home).to_dict()))
    assert verify(path, index=seed_home).holds
    assert verify(str(path), root=seeds).holds
    assert not verify(path, root=tmp_path).holds


def test_a_missing_index_says_how_to_build_one(tmp_path: Path) -> None:
    """Every error that is raised on purpose is a PullquoteError."""
    with pytest.raises(PullquoteError, match="pullquote index"):
        ask(QUESTION, index=tmp_path / "none")
