"""Requests that no quotation fulfils are told apart from questions."""

from __future__ import annotations

import pytest

from rag.answering.question.commissions import not_quotable
from rag.answering.quotes.reasons import unasked_reason


@pytest.mark.parametrize(
    ("message", "about"),
    [
        ("Write me a poem about the mill", "the mill"),
        ("could you please draft an email to Ada about the weir?", "the weir"),
        ("tell me a joke", ""),
        ("make a quiz on boats!", "boats"),
        ("write a recipe for bread", ""),
        ("Translate the rules of the weir into French", "the rules of the weir"),
        ("can you help me?", ""),
        ("are you ChatGPT?", ""),
        ("what can you do", ""),
    ],
)
def test_a_text_to_be_written_is_no_question(message: str, about: str) -> None:
    """The reason says what to ask instead."""
    why = unasked_reason(message)
    assert why is not None
    assert "quotations" in why
    assert f"say about {about}." in why if about else "say of a thing" in why


@pytest.mark.parametrize(
    "message",
    [
        "Who wrote a poem about the mill?",
        "How do I write an email to the chair?",
        "Write a summary of the flood",
        "Make a list of the boats",
        "Give me an article about mills",
        "Tell me the joke about the mill",
        "Give me a recipe for bread",
        "Can you help me find the weir?",
        "What are you paid for a night?",
    ],
)
def test_what_posts_may_have_is_looked_for(message: str) -> None:
    """A list, an article, a recipe, a poem that someone wrote."""
    assert not_quotable(message) is None
