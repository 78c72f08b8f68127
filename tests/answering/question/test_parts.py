"""The words for a confidence, next to which its odds are printed."""

from __future__ import annotations

import pytest

from rag.answering.question.parts import BAND_WORDS, band_of


@pytest.mark.parametrize("hundredths", range(0, 101, 5))
def test_words_promise_no_more_than_the_odds_beside_them(hundredths: int) -> None:
    """No answer that is right less than half the time is "probably" or "likely" right."""
    words = BAND_WORDS[band_of(hundredths / 100)]
    assert hundredths >= 50 or not {"probably", "likely"} & set(words.split())
