"""Follow-ups in other words than most people use."""

from __future__ import annotations

import pytest

from rag.answering.conversation.follow_ups import Understood, of_topic, understand


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        ("Is the mill closed?", "How come?", "Why is the mill closed?"),
        ("When was the mill built?", "what for", "Why was the mill built?"),
        ("When was the mill built?", "Who by?", "By whom was the mill built?"),
        ("What is FBOpen?", "any numbers?", "What numbers are given for FBOpen?"),
        ("What is FBOpen?", "Are there any dates?", "What dates are given for FBOpen?"),
        ("What is FBOpen?", "since when", "Since when does FBOpen exist?"),
        ("What is FBOpen?", "in short?", "Summarize FBOpen"),
        ("What is FBOpen?", "not that one, RID", "What is RID?"),
        ("What is FBOpen?", "Wrong, I asked about RID", "What is RID?"),
        ("What are the benefits of a levy?", "disadvantages?", "What are the disadvantages of a levy?"),
        ("Where does FBOpen run?", "How much did that save?", "How much did FBOpen save?"),
    ],
)
def test_a_follow_up_is_read_whatever_its_words(before: str, question: str, understood: str) -> None:
    """With what it leaves out."""
    assert understand(question, [Understood(before)]).text == understood


@pytest.mark.parametrize("question", ["Which numbers are given for RID?", "What is RID for?", "Who by RID was paid?"])
def test_a_whole_question_keeps_its_words(question: str) -> None:
    """Because it says what it is about."""
    assert understand(question, [Understood("What is FBOpen?")]) == Understood(question)


def test_a_bare_noun_may_be_of_the_topic_before() -> None:
    """Or a keyword of its own, which is asked first."""
    before = [Understood("What is FBOpen?")]
    assert understand("price?", before) == Understood("price?")
    found = of_topic("price?", before)
    assert found is not None
    assert found.text == "Price (FBOpen)?"
    assert of_topic("RID", before) is None
