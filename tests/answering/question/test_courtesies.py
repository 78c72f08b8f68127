"""Greetings, thanks and polite wrappings around a question."""

from __future__ import annotations

import pytest

from rag.answering.question.courtesies import asking_turns, is_courtesy, without_courtesies
from rag.answering.question.message import read_message


@pytest.mark.parametrize(
    "message", ["hi", "Hello there!", "thanks!", "Thank you, that helps", "OK, thanks a lot.", "Good morning", "bye"]
)
def test_a_message_may_ask_nothing(message: str) -> None:
    """Then no post is searched for the words of a greeting."""
    assert is_courtesy(message)
    assert without_courtesies(message) == message
    assert asking_turns(["What is a weir?", message]) == ["What is a weir?"]


@pytest.mark.parametrize(
    "question",
    ["Cool roofs", "Great Lakes", "thank you letters", "Good Morning America", "Nice, France", "OK?", "Hi-Vis jackets"],
)
def test_names_that_begin_like_a_greeting_are_kept(question: str) -> None:
    """They are what is asked about."""
    assert not is_courtesy(question)
    assert read_message(question).question == question


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Thanks! Who built it?", "Who built it?"),
        ("ok and what about Drupal", "and what about Drupal"),
        ("Hello, can you tell me what FBOpen is?", "What is FBOpen?"),
        ("Do you know who runs the weir?", "who runs the weir?"),
        ("I'd like to know when the weir opened", "when the weir opened"),
        ("tell me about the weir", "tell me about the weir"),
        ("Who runs the weir? Thanks!", "Who runs the weir?"),
        ("Sorry, I meant RID", "I meant RID"),
        ("Two questions: who runs the weir?", "who runs the weir?"),
        ("I have a quick question, who runs the weir?", "who runs the weir?"),
        ("hi! another question - who runs it?", "who runs it?"),
        ("Can you make me a list of all the weirs?", "List the weirs?"),
        ("Give me a list price", "Give me a list price"),
        ("Please answer only with yes or no: is the weir open?", "is the weir open?"),
        ("In one sentence, what is a weir?", "what is a weir?"),
        ("In one village, what is a weir?", "In one village, what is a weir?"),
        ("Questions of law", "Questions of law"),
        ("questions, answers and the weir", "questions, answers and the weir"),
    ],
)
def test_the_question_is_found_in_its_wrapping(message: str, question: str) -> None:
    """So that its answer is that of the question alone."""
    assert read_message(message).question == question
