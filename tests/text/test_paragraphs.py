"""Lines are joined to paragraphs and items; hard-wrapped prose is distinguished from lists."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.records import Span
from rag.text.paragraphs import Unit, units_of

PROSE = (
    "The library opens at nine and closes when the last visitor has left, which in winter is seldom later than six. "
    "In summer the doors stay open longer, because the garden behind the reading room is lit until ten and nobody "
    "wants to go home while the light lasts. Bring a coat anyway, for the stones are cold."
)


def shown(text: str) -> list[tuple[str, str]]:
    """Kind and text of each unit."""
    return [(unit.kind, text[unit.start : unit.end]) for unit in units_of(text)]


@pytest.mark.parametrize("width", [50, 72, 100])
def test_wrapped_prose_is_one_paragraph(width: int) -> None:
    """A paragraph wrapped at any usual width stays one unit, and its white space stays in it."""
    text = textwrap.fill(PROSE, width)
    assert text.count("\n") > 1
    assert shown(text) == [("sentence", text)]


def test_wrapped_items_keep_their_lines() -> None:
    """An item continues over its wrapped lines; the next marker begins another."""
    lines = textwrap.wrap(PROSE, 60, initial_indent="- ", subsequent_indent="  ")
    text = "\n".join([*lines, *lines])
    assert [kind for kind, _ in shown(text)] == ["item", "item"]


def test_a_dash_or_number_at_a_wrapped_line_is_not_a_marker() -> None:
    """Wrapped prose may begin a line with a dash or a number that continues the sentence."""
    text = (
        "It was not for want of trying that nothing was decided:\n"
        "nobody could remember a year with more letters written\n"
        "and fewer answers given, and by the end of it even the\n"
        "committee met only twice before the summer of the year\n"
        "– once in the old hall and once by letter – and found\n"
        "12. Street to be the only house that it could ever get\n"
        "for the price that had been set aside for the purpose."
    )
    assert shown(text) == [("sentence", text)]


def test_lists_without_markers() -> None:
    """Indented lines, short lines and lines after a colon are items, also in the next block."""
    assert [kind for kind, _ in shown("We met.\n\n   Bring bread. And salt.\n   Bring water.\n\nBye then.")] == [
        "sentence",
        "item",
        "item",
        "sentence",
    ]
    assert [kind for kind, _ in shown("Bread\nSalt\nWater")] == ["item"] * 3
    assert [kind for kind, _ in shown("Bring:\nBread.\nSalt.")] == ["sentence", "item", "item"]
    assert [kind for kind, _ in shown("Bring:\n\nbread and salt\nwater from the well")] == ["sentence", "item", "item"]
    assert [kind for kind, _ in shown("A heading\nand its second line goes on.")] == ["sentence"]


@pytest.mark.parametrize(
    "marker", ["•", "• ", "- ", "* ", "– ", "1. ", "12) ", "a) ", "(a) ", "(iv) ", "iv. ", "•\u00a0", "\t◦ "]
)
def test_markers_begin_items(marker: str) -> None:
    """Every usual marker is kept out of the item and remembered."""
    text = f"{marker}bread\n{marker}salt"
    first, second = units_of(text)
    assert [first.kind, second.kind] == ["item", "item"]
    assert text[first.start : first.end] == "bread"
    assert text[second.marker_start : second.end] == f"{marker}salt".lstrip()


@pytest.mark.parametrize(
    "line", ["1996. A year", "J. K. Miller wrote", "**Bold** words", "-5 degrees", "2.5 metres", "#tag"]
)
def test_what_only_looks_like_a_marker(line: str) -> None:
    """Years, initials, emphasis, negative numbers, decimals and tags begin no item."""
    assert shown(line) == [("sentence", line)]


def test_marked_headings() -> None:
    """A number sign and a space make a heading, whatever follows."""
    text = "## What we did\nWe met."
    assert shown(text) == [("heading", "What we did"), ("sentence", "We met.")]


def test_chrome_is_separate() -> None:
    """A caption glued to the text is a unit of its own, and a new unit follows it."""
    text = "A mirrorHere we are."
    assert list(units_of(text, [Span(0, 8)])) == [
        Unit(0, 8, "chrome", 0),
        Unit(8, 20, "sentence", 1, alone=True),
    ]


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=9), min_size=60, max_size=120), st.integers(50, 90))
def test_any_wrapped_words_are_one_unit(words: list[str], width: int) -> None:
    """Whatever the words, a text wrapped as editors wrap it is one paragraph."""
    text = textwrap.fill(" ".join(words), width)
    assert len(list(units_of(text))) == 1
