"""Questions for the most or the fewest, and sentences that compare numbers."""

from __future__ import annotations

import pytest

from rag.answering.question.extremes import asks_extreme, compares_numbers


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Which region has the fewest mills?", True),
        ("In what year was the largest number of boats built?", True),
        ("who reads the most?", True),
        ("Which mills have at least two stones?", False),
        ("What do most of the millers say?", False),
        ("What is the most important?", False),
        ("Who posted the most recent post?", False),
        ("Where do most mills stand?", False),
        ("What is the second-largest mill?", False),
        ("What is the second largest mill?", False),
        ("Has it the most stones?", False),
    ],
)
def test_a_question_for_an_extreme(question: str, asks: bool) -> None:
    """One of several is asked for, by the amount that it has."""
    assert asks_extreme(question) is asks


@pytest.mark.parametrize(
    ("text", "compares"),
    [
        ("Half of the boats were blue, while 20% were green.", True),
        ("It ground 40 sacks a day, compared with 90 before the flood.", True),
        ("Nearly two thirds of the young, followed by 59.7% of the old.", True),
        ("The blue boats were fast, while the green ones were dry.", False),
        ("It ground 40 sacks. It was rebuilt against the flood of 1790.", False),
        ("While prices fell, only 2 of 9 mills in the north turn, versus 40 of 90 in the south.", True),
        ("The mill was built in 1790, while the barn dates from 1812.", False),
        ("While 40 boats lay there, the mill stood still.", False),
    ],
)
def test_numbers_of_several_things(text: str, compares: bool) -> None:
    """On both sides of the word that sets one against the other, in one sentence."""
    assert compares_numbers(text) is compares
