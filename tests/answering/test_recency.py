"""Words that ask for the newest state."""

from __future__ import annotations

import pytest

from rag.answering.recency import without_now


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("When does the library open now?", "When does the library open?"),
        ("What is the latest version of the app?", "What is version of the app?"),
        ("Who is currently the keeper?", "Who is the keeper?"),
        ("Who kept the lighthouse?", None),
        ("What is known of Nowak?", None),
    ],
)
def test_the_words_are_taken_out(question: str, bare: str | None) -> None:
    """Whole words only."""
    assert without_now(question) == bare
