"""The measure that a question asks for, and texts that give it or another one."""

from __future__ import annotations

import pytest

from rag.answering.question.measures import asked_measure, has_measure


@pytest.mark.parametrize(
    ("question", "measure"),
    [
        ("How old is the mill?", "age"),
        ("How tall are the towers?", "length"),
        ("How much does a sack weigh?", "weight"),
        ("How much did the wheel cost?", "money"),
        ("How much flour does the mill make?", None),
        ("How long ago was the mill built?", None),
    ],
)
def test_the_measure_is_read_from_the_question(question: str, measure: str | None) -> None:
    """Not from questions for other amounts."""
    assert asked_measure(question) == measure


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("The mill stayed above three degrees, for four pounds of fuel.", {"weight", "money"}),
        ("The traps caught 212 slugs.", set()),
        ("Ada is 81 and cooks.", {"age", "length", "weight", "money"}),
        ("It is older than the hall.", {"age"}),
        ("It was built in 1902.", {"age", "length", "weight", "money"}),
        ("It measures 2.4 by 1.8 metres.", {"age", "length", "weight", "money"}),
        ("A sack has forty kilos.", {"weight"}),
        ("Entry is free.", {"money"}),
        ("A night is 18,000 yen.", {"money"}),
        ("It takes 20 minutes.", set()),
    ],
)
def test_a_number_counts_with_a_unit_of_the_measure_or_none(text: str, measures: set[str]) -> None:
    """With a unit of another one it says nothing."""
    assert {one for one in ("age", "length", "weight", "money") if has_measure(text, one)} == measures  # type: ignore[arg-type]
