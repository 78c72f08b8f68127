"""Lines broken to fit a width are joined; lists, tables, verse and one-line paragraphs stay as they are."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.views.soft_breaks import flowed, soft_breaks

WRAPPED = (
    "API stands for “application program interface”, and it’s essentially a\n"
    "way for one computer program to make its data and functionality\n"
    "available for other programs to use."
)


def _read(text: str) -> str:
    return "".join(" " if at in soft_breaks(text) else sign for at, sign in enumerate(text))


def test_a_paragraph_of_full_lines_is_one_line() -> None:
    """Even if a line happens to begin with a capital letter, or to end with its sentence."""
    assert "\n" not in _read(WRAPPED)
    capital = f"{WRAPPED} The people of\nAmsterdam use one every day, and so do those\nwho never heard of it before."
    assert "\n" not in _read(capital)


@pytest.mark.parametrize(
    "text",
    [
        "The reasons are these:\n  1. reform is political, not technical at all\n  2. coalitions have to be broad",
        "- the first thing that was said\n- the second thing that was said",
        "The mill was built of stone in 1843.\nIt burned down in the year of the flood.\nNobody rebuilt it.",
        "Harper and Sons of the Valley\nThe Old Mill by the River\nAmsterdam in the Netherlands",
        "one\ntwo\nthree",
        "A first paragraph that has no end\n\nand a second one",
        "name | the place of it\n| a row | another row",
    ],
)
def test_breaks_that_mean_something_stay(text: str) -> None:
    """Lists, sentences on lines of their own, addresses, short lines, paragraphs and tables."""
    assert soft_breaks(text) == frozenset()


@given(st.text(alphabet="ab .\n-1)&<", max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_every_character_stays(text: str, low: int, high: int) -> None:
    """What is shown of any stretch is that stretch."""
    made = str(flowed(text, low, min(high, len(text)), soft_breaks(text)))
    assert html.unescape(re.sub("<[^>]*>", "", made)) == text[low : min(high, len(text))]
