"""Quotes on the page, and what happened to their pages since."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from rag.records import Band, ListShown, Location, Passage, Quote, Span
from ui.views.quotes import _places, cards, covered_words

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


def _passage(text: str, start: int) -> Passage:
    return Passage(text, start, start + len(text), ())


def test_quotes_of_one_answer_say_which_of_them_answer() -> None:
    """A related quote is labelled and set back; a single one, or one closest to a refused question, has no label."""
    first = Quote("It was shut.", "p0", "The gate", 1.0, 3, 15, (), label="answers")
    other = Quote("It rained.", "p1", "The rain", 0.5, 0, 10, ())
    made = str(cards([first, other], 1, "high"))
    assert made.index("Answers") < made.index("It rained.") < made.index("Also related")
    assert made.count('class="quote related"') == 1
    for unlabelled in (cards([first, other], 1), cards([other], None)):
        assert "Also related" not in unlabelled
        assert "Answers" not in unlabelled


@pytest.mark.parametrize(("band", "label"), [("high", "Answers"), ("medium", "May answer"), ("low", "May answer")])
def test_no_quote_of_a_weak_match_is_said_to_answer(band: Band, label: str) -> None:
    """Its label is in the tone of the match above it."""
    first = Quote("It was shut.", "p0", "The gate", 1.0, 3, 15, (), label="answers")
    other = Quote("It rained.", "p1", "The rain", 0.5, 0, 10, ())
    made = str(cards([first, other], 1, band))
    assert f'<span class="label label-{band}">{label}</span>' in made
    assert '<span class="label label-related">Also related</span>' in made


def test_a_list_that_is_quoted_in_part_is_there_whole() -> None:
    """How many items are shown, and each stretch left out, before or after, with the link to its place."""
    rest = (_passage("first item", 0), _passage("last item", 60))
    made = str(cards([Quote("middle", "p0", "List", 1.0, 20, 26, (), list=ListShown(3, 6, rest))], 1))
    assert "3 of 6 items, show all" in made
    assert made.index("Before this") < made.index("first item") < made.index("After this") < made.index("last item")
    assert 'href="#src=p0:0-10:0-10"' in made
    assert 'href="#src=p0:60-69:60-69"' in made


def test_a_row_of_a_table_has_the_header_over_it() -> None:
    """The words of the first row, as text, before the quote."""
    made = str(cards([Quote("Ann | 7", "p0", "Table", 1.0, 30, 37, (), header=_passage("Name | <b>Age", 0))], 1))
    assert made.index("Name | &lt;b&gt;Age") < made.index("Ann | 7")


def test_the_items_of_a_quoted_list_hang_beside_their_markers() -> None:
    """No character is added or lost, and covered words are marked also across two items."""
    text = "We need:\n• bread and butter\n• milk\nThen we go."
    made = str(covered_words(text, [Span(20, 34)]))
    assert made.count('<span class="marker"') == made.count('<span class="item"') == 2
    assert re.sub("<[^>]+>", "", made) == text
    assert "".join(re.findall(r'class="covered">([^<]*)', made)) == text[20:34]
