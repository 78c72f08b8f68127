"""Follow-ups that turn a question round or set something beside it."""

from __future__ import annotations

import pytest

from rag.answering.conversation.follow_ups import Understood, understand


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        ("Is the Harrow Weir free?", "Why not?", "Why is the Harrow Weir not free?"),
        ("Does the trust sell maps?", "Why not?", "Why does the trust not sell maps?"),
        ("Can anyone attend?", "And why not?", "Why can anyone not attend?"),
        ("Is the mill closed?", "Why not?", "Why is the mill not closed?"),
        ("Why is the mill not open?", "Why not?", "Why is the mill not open, and why not?"),
        ("Which mills are not open?", "Why not?", "Which mills are not open, and why not?"),
        ("What are the arguments for a levy?", "And against?", "What are the arguments against a levy?"),
        ("What are the benefits of a levy?", "And against?", "What are the arguments against a levy?"),
        ("What is the levy?", "And against?", "What are the arguments against levy?"),
        (
            "Why do people in big towns resist new roads?",
            "And against?",
            "Why do people in big towns resist new roads, and what are the arguments against that?",
        ),
        ("What is Federalist?", "vs Drupal?", "Compare Federalist with Drupal"),
        ("What is Federalist good for?", "compare with Drupal", "Compare Federalist with Drupal"),
        ("What does Federalist cost?", "compared to Drupal?", "What does Federalist cost, compared with Drupal?"),
    ],
)
def test_the_whole_question_is_good_english(before: str, question: str, understood: str) -> None:
    """Whatever the verb of the previous question is."""
    found = understand(question, [Understood(before)])
    assert found.text == understood
    assert found.changed


def test_a_comparison_that_stands_alone_is_not_changed() -> None:
    """With both of its sides in it."""
    question = "Compare Federalist with Drupal"
    assert understand(question, [Understood("What is FBOpen?")]) == Understood(question)
