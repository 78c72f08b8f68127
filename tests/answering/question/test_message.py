"""What was typed around a question does not count: numbers, capitals, chat spelling, a pasted passage."""

from __future__ import annotations

import pytest

from rag.answering.question.message import is_all_capitals, is_pasted, read_message

PASSAGE = (
    "The ferry at Harrow Weir was rowed by Martha Oakes for thirty-one years. She charged a penny to cross the river, "
    "and she carried letters, sheep and once a piano. Nobody rowed it after her."
)


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("1. Who dug the pond?", "Who dug the pond?"),
        ("(2) Who dug the pond?", "Who dug the pond?"),
        ("Q3: Who dug the pond?", "Who dug the pond?"),
        ("- Who dug the pond?", "Who dug the pond?"),
        ("whats the pond 4 u", "what is the pond 4 you"),
        ("2012 was a wet year?", "2012 was a wet year?"),
        ("Who is Mr. R?", "Who is Mr. R?"),
    ],
)
def test_list_numbers_and_chat_spelling_are_read_as_meant(typed: str, question: str) -> None:
    """A number before the question is removed; a year or a name is kept."""
    assert read_message(typed).question == question


@pytest.mark.parametrize("message", [f"{PASSAGE}\n\nWho dug the pond?", f"Who dug the pond?\n\n{PASSAGE}"])
def test_a_pasted_passage_is_context_and_not_the_question(message: str) -> None:
    """Before or after the question."""
    read = read_message(message)
    assert (read.question, read.context) == ("Who dug the pond?", PASSAGE)


def test_a_long_question_and_several_questions_have_no_passage() -> None:
    """Only statements are a passage."""
    long = "Who " + "of the many people who came to the old mill by the river " * 4 + "dug it?"
    assert read_message(long).context == ""
    assert read_message("Who dug the pond? " * 12).context == ""


def test_a_quote_of_the_passage_is_known_again() -> None:
    """In any case and punctuation; other words are not changed."""
    assert is_pasted("she charged a penny to cross the river", PASSAGE)
    assert not is_pasted("She charged two pence", PASSAGE)
    assert not is_pasted("She charged a penny", "")


def test_capitals_throughout_are_distinguished_from_an_abbreviation() -> None:
    """One word in capitals is a name."""
    assert is_all_capitals("WHO DUG THE POND?")
    assert not is_all_capitals("NHS?")
    assert not is_all_capitals("Who dug the POND?")


@pytest.mark.parametrize(
    ("message", "bare"),
    [
        ("The ferry was rowed by Martha Oakes. Who dug the pond?", "Who dug the pond?"),
        ("They met Dr. Bell at the weir. Who dug the pond?", "Who dug the pond?"),
        ("I live beside the old pond. Who dug it?", ""),
        ("Be brief. Who dug the pond?", ""),
        ("Who was the digger of St. Anne's pond?", ""),
        ("List all the ponds of the weir. Who dug them?", ""),
    ],
)
def test_a_short_statement_stays_with_the_question_and_apart_from_it(message: str, bare: str) -> None:
    """It may be pasted, or say what is asked about."""
    read = read_message(message)
    assert (read.question, read.bare) == (message, bare)
    assert bool(read.context) == bool(bare)
