"""Questions whether an amount will do, and sentences that give its limit."""

from __future__ import annotations

import pytest

from rag.answering.question.limits import asked_amount, gives_limit


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Is 4.9 m/s of wind enough?", "m/s"),
        ("Is $20 enough to join?", "$"),
        ("Are 12 days too long?", "day"),
        ("Is a 15 year old allowed to row?", "year"),
        ("Was 30% too little?", "%"),
        ("Is the wind enough?", None),
        ("How many days are allowed?", None),
        ("Is the mill 12 metres high?", None),
    ],
)
def test_an_amount_is_asked_about(question: str, unit: str | None) -> None:
    """Only if the question is whether it will do."""
    assert asked_amount(question) == unit


@pytest.mark.parametrize(
    ("text", "unit", "gives"),
    [
        ("It needs an average wind of at least 5 m/s.", "m/s", True),
        ("Members pay up to $25 a year.", "$", True),
        ("Rowers must be 16 years or older.", "year", True),
        ("It blew at 5 m/s.", "m/s", False),
        ("It needs at least 5 kWh.", "m/s", False),
    ],
)
def test_a_limit_is_an_amount_with_a_bound(text: str, unit: str, gives: bool) -> None:
    """In the unit that is asked about."""
    assert gives_limit(text, unit) is gives
