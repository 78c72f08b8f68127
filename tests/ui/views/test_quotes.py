"""Quotes as the page shows them: what became of their pages is said beside them."""

from __future__ import annotations

from typing import Literal

import pytest

from rag.records import Location, Quote
from ui.views.quotes import _places

State = Literal["changed", "gone"] | None


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((None, None), "Where: 2 saved pages<"),
        (("changed",), "Where: 1 saved page, changed since it was indexed"),
        (("gone", "gone"), "gone since it was indexed"),
        ((None, "gone"), "1 changed since indexed"),
    ],
)
def test_a_quote_says_what_became_of_its_pages(states: tuple[State, ...], words: str) -> None:
    """All of them, some of them, or nothing."""
    places = tuple(Location(f"{n}.txt", 0, 5, "0" * 64, page_state=state) for n, state in enumerate(states))
    assert words in str(_places(Quote("Words", "p", "Title", 1.0, 0, 5, places)))
