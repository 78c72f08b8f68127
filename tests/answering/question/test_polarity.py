"""Questions with a negation, and sentences that deny something."""

from __future__ import annotations

import pytest

from rag.answering.question.polarity import denied, says_no, wants_no


@pytest.mark.parametrize(
    "question",
    [
        "Who does not pay?",
        "Which boats never sank?",
        "What can't visitors bring?",
        "In which town is parking not free?",
        "List those that are not paid",
    ],
)
def test_a_question_for_what_is_not_so_is_reported(question: str) -> None:
    """By not, never and n't."""
    assert wants_no(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who pays?",
        "Isn't it free?",
        "Does it not open on Sundays?",
        "Why not pay?",
        "Why can't I see who came?",
        "Who helps those who do not pay?",
        "Who opens a no-cost account?",
        "What does the never type mean?",
        "Who works without a contract?",
    ],
)
def test_other_questions_are_not(question: str) -> None:
    """A yes-or-no question accepts either; "why not" denies nothing."""
    assert not wants_no(question)


def test_what_a_sentence_denies_is_shortly_after_the_not() -> None:
    """A "not only" denies nothing."""
    assert denied("We do not pay guests.", {"pay"})
    assert denied("We do not pay guests.", {"guest"})
    assert not denied("We do not pay guests.", {"guest"}, reach=1)
    assert not denied("We pay guests, but the ferry was not on time.", {"pay"})
    assert not says_no("It is not only cheap.")
