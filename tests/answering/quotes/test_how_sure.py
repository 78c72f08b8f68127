"""Each quote has a confidence, and a person reads it in words."""

from __future__ import annotations

import pytest

from rag.answering.quotes.how_sure import odds_words, with_confidence
from rag.records import Quote


def _quote(score: float) -> Quote:
    return Quote("words", "p" * 16, "Title", score, 0, 5, ())


def test_a_further_quote_is_less_sure_the_farther_it_is_from_the_first() -> None:
    """Two quotes rarely both answer, so even a near one has far less confidence."""
    first, near, far = with_confidence([_quote(9.0), _quote(8.5), _quote(4.0)], 0.8, [None] * 3, answered=True)
    assert first.confidence == 0.8 > 2 * near.confidence > 2 * far.confidence > 0.0
    assert [one.label for one in (first, near, far)] == ["answers", "also related", "also related"]


def test_what_the_reader_finds_to_answer_is_surer_whatever_its_score() -> None:
    """It is labelled as an answer if its confidence would be enough for a first quote."""
    first, far, near = with_confidence([_quote(9.0), _quote(4.0), _quote(8.9)], 0.9, [2.0, 3.0, -3.0], answered=True)
    assert [one.label for one in (first, far, near)] == ["answers", "answers", "also related"]
    assert first.confidence > far.confidence > near.confidence


def test_no_further_quote_is_surer_than_the_first() -> None:
    """However low its confidence is."""
    first, other = with_confidence([_quote(9.0), _quote(9.0)], 0.01, [1.0, 2.0], answered=True)
    assert other.confidence <= first.confidence


def test_quotes_of_a_refusal_are_never_said_to_answer() -> None:
    """Not even the closest."""
    assert with_confidence([_quote(9.0)], 0.1, [None], answered=False)[0].label == "also related"


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.68, "About 7 in 10"), (0.97, "More than 9 in 10"), (0.03, "Fewer than 1 in 10")]
)
def test_a_confidence_is_said_as_a_share(confidence: float, said: str) -> None:
    """As a share that a person can picture."""
    assert odds_words(confidence) == f"{said} answers like this are right."
