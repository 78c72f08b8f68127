"""Which words are English."""

from __future__ import annotations

import pytest

from rag.answering.question.english_words import is_english_word


@pytest.mark.parametrize("word", ["router", "Routers", "tungsten", "invented", "PETROL", "colourless", "modernising"])
def test_a_right_word_is_known_in_any_case(word: str) -> None:
    """Inflected and British forms too."""
    assert is_english_word(word)


@pytest.mark.parametrize("word", ["inveted", "goverment", "quernstnes", "recieve"])
def test_a_slip_is_not(word: str) -> None:
    """Not even common misspellings."""
    assert not is_english_word(word)
