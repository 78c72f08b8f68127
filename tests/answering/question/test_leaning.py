"""Which questions depend on the one before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.question.leaning import leans_back


@pytest.mark.parametrize(
    "question",
    [
        "Why?",
        "And in 2014?",
        "What about the pond?",
        "Tell me more",
        "Please tell me more about that",
        "What does she conclude?",
        "And what is his job?",
        "How much of the budget do they account for?",
        "What is such a coalition?",
        "Which of these was the largest so far?",
        "How long did the work there take?",
        "How much does the app cost?",
        "No, I meant the pond",
        "How long do agencies have to respond to it?",
        "How should federal web managers publish them?",
        "Which federal agencies currently use it?",
        "How often must the parish council report on it in June?",
    ],
)
def test_a_follow_up_leans_on_the_question_before(question: str) -> None:
    """It refers back, continues, or says hardly anything on its own."""
    assert leans_back(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the city of Rome?",
        "How many personal health budgets are planned?",
        "Is there a cap on care costs?",
        "How many trees are there in the park?",
        "Is it true that the pond was dug by hand?",
        "What is one of the reasons for reform?",
        "Why does no one mend the old fence?",
        "Which trees, such as oaks, grow beside the pond?",
        "Who was Thor's father in Orkney?",
        "What is hypothecation?",
        "What does FOIA stand for?",
        "Drupal",
        "When did Google say that it would move?",
        "What does an agency do with a paper form before it closes it?",
        "How do I open a long file to edit it?",
        "Who bought the old mill to restore it?",
    ],
)
def test_a_question_that_stands_alone_is_not_a_follow_up(question: str) -> None:
    """A new subject is not replaced because of a word that only seems to refer back."""
    assert not leans_back(question)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """Either way, without an error."""
    assert leans_back(text) in (True, False)
