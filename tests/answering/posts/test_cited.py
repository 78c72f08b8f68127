"""Questions about the previous answer are answered from the post that it quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.posts.cited import asked_of_citation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

MILL = """---
title: The mill reopens
author: Ada Moss
date: 2014-05-03
---

The mill at Tarn Bridge reopened after the flood with a new wheel of larch. The wheel has twelve blades.
"""
FERRY = """---
title: A ferry for the lake
---

The ferry crosses the lake every hour in summer. Its engine is electric.
"""
WHEEL = "What is the new wheel of the mill made of?"
ENGINE = "How often does the ferry cross the lake?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Two posts, only one of which has an author and a date."""
    folder = tmp_path_factory.mktemp("cited")
    (folder / "pages").mkdir()
    for name, text in (("mill.md", MILL), ("ferry.md", FERRY)):
        (folder / "pages" / name).write_text(text, encoding="utf-8")
    build_index([folder / "pages"], into=folder / "index")
    with open_index(folder / "index", fast=True) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("which post is that from", "post"),
        ("And in which article does she say that?", "post"),
        ("where does it say that", "post"),
        ("What's your source?", "post"),
        ("sources?", "post"),
        ("when was that written", "date"),
        ("When was the post published?", "date"),
        ("is that still true", "date"),
        ("So is it still the case?", "date"),
        ("How old is this information?", "date"),
        ("who wrote that?", "author"),
        ("Who is the author?", "author"),
    ],
)
def test_what_is_asked_about_an_answer_is_known_in_any_words(question: str, asked: str) -> None:
    """The post, its date or its author."""
    assert asked_of_citation(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "When was that?",
        "When was it written?",
        "What does the post say?",
        "What is the post about?",
        "Which posts mention tea?",
        "Is that true?",
        "Is it still open?",
        "Where is that?",
        "Who said that?",
        "When was that mill built?",
        "Who wrote the letter?",
        "",
    ],
)
def test_other_questions_are_not_about_the_answer(question: str) -> None:
    """They name something else, or ask about what the answer tells."""
    assert asked_of_citation(question) is None


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which post is that from?", "This is from “The mill reopens”."),
        ("When was that written?", "“The mill reopens” is dated 2014-05-03."),
        ("Who wrote that?", "“The mill reopens” is by Ada Moss."),
    ],
)
def test_the_post_of_the_answer_tells(index: Index, question: str, said: str) -> None:
    """And its quote is shown again."""
    answer = index.ask(question, history=[WHEEL], always_answer=True)
    assert (answer.question, answer.summary) == (question, said)
    assert answer.quotes[0].text == index.ask(WHEEL, always_answer=True).quotes[0].text
    assert [post.title for post in answer.posts] == ["The mill reopens"]


@pytest.mark.parametrize(
    ("question", "said"), [("Is that still true?", "has no date"), ("Who wrote that?", "does not say who wrote it")]
)
def test_what_the_post_does_not_tell_is_said(index: Index, question: str, said: str) -> None:
    """Nothing is guessed."""
    assert index.ask(question, history=[ENGINE]).summary == f"“A ferry for the lake” {said}."


def test_such_questions_follow_each_other_and_change_nothing_for_those_behind_them(index: Index) -> None:
    """After one of them "it" is the answer, too, and a follow-up is about what was asked before both."""
    asked = [WHEEL, "Which post is that from?", "And when was it written?"]
    assert index.ask(asked[2], history=asked[:2]).summary == "“The mill reopens” is dated 2014-05-03."
    blades = "How many blades has it?"
    assert index.ask(blades, history=asked, explain=False) == index.ask(blades, history=[WHEEL], explain=False)


def test_after_an_answer_about_posts_they_are_meant(index: Index) -> None:
    """One of them by "it", several by "they"."""
    several, one = ["Which posts mention the summer or the wheel?", "Which posts mention larch?"], "Who wrote it?"
    assert index.ask(one, history=[several[1]]).summary == "“The mill reopens” is by Ada Moss."
    said = index.ask("When were they written?", history=["Which posts are there?"]).summary or ""
    assert "“The mill reopens” is dated 2014-05-03" in said
    assert "“A ferry for the lake” has no date" in said
    assert index.ask("When was it built?", history=[several[1]]).summary is None


def test_the_author_of_a_book_that_was_asked_about_is_not_that_of_the_post(index: Index) -> None:
    """Unless the post is named."""
    book = "What does the book about the wheel of the mill say?"
    assert index.ask("Who wrote that?", history=[book], always_answer=True).summary is None
    assert index.ask("Who wrote the post?", history=[book], always_answer=True).summary is not None


def test_without_an_answer_nothing_is_told_of_it(index: Index) -> None:
    """The question is searched for like any other."""
    assert index.ask("When was that written?", history=["Who sold quinces to Denmark?"]).summary is None
