"""Marks and pictures in a text: every character of it stays, in order."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Span
from rag.text.sentences import split
from ui.views.html import tag
from ui.views.list_items import Item, items_of
from ui.views.marked_text import Marked, marked_text

TEXT = "The mill stood here. It ground barley."


def _span(ends: tuple[int, int]) -> Span:
    return Span(min(ends), max(ends))


PLACES = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(_span)


@given(PLACES, PLACES, st.lists(st.integers(0, len(TEXT) + 3), max_size=4).map(sorted))
def test_the_text_stays_whole_whatever_is_marked_or_put_into_it(quote: Span, chunk: Span, places: list[int]) -> None:
    """Each picture is there once, and what is read is the text."""
    pictures = tuple((at, tag("img", src=f"data:{number}")) for number, at in enumerate(places))
    made = str(marked_text(TEXT, Marked(chunk, quote, pictures=pictures)))
    assert html.unescape(re.sub("<[^>]*>", "", made)) == TEXT
    assert [int(found) for found in re.findall(r"data:(\d+)", made)] == list(range(len(places)))


LIST = "We need:\n\n• trust, and words. More of them.\n  10. time\n\nThen we go.\n(a) first of all\n(b) last"


def _items(text: str) -> list[Item]:
    return list(items_of(text, split(text), ()))


def test_the_items_of_a_list_are_its_whole_lines() -> None:
    """With all their sentences and without what is around them; a longer marker needs more room."""
    found = _items(LIST)
    assert [LIST[one.start : one.end] for one in found] == [
        "• trust, and words. More of them.",
        "  10. time",
        "(a) first of all",
        "(b) last",
    ]
    assert [LIST[one.start : one.words].strip() for one in found] == ["•", "10.", "(a)", "(b)"]
    assert found[0].hang(LIST) < found[2].hang(LIST) < found[1].hang(LIST)
    assert _items("It cost 3 - 4 pounds. Nothing here is a list.") == []


@given(st.tuples(st.integers(0, len(LIST)), st.integers(0, len(LIST))).map(_span), st.data())
def test_an_item_is_one_box_whatever_is_marked_in_it_or_around_it(quote: Span, data: st.DataObject) -> None:
    """And the quote is one element, so an item of which it has only a part and more is no box; the text stays whole."""
    low = data.draw(st.integers(0, quote.start))
    chunk = Span(low, data.draw(st.integers(quote.end, len(LIST))))
    items = _items(LIST)
    made = str(marked_text(LIST, Marked(chunk, quote, items=tuple(items))))
    assert html.unescape(re.sub("<[^>]*>", "", made)) == LIST
    assert made.count('id="hit"') == (quote.end > quote.start)
    assert made.count('class="chunk"') <= 1
    crossed = [
        one
        for one in items
        for span in (chunk, quote)
        if span.start < one.end and one.words < span.end and not _nested(one, span)
    ]
    kept = [one for one in items if one not in crossed]
    assert made.count('class="item"') == len(kept)


def _nested(item: Item, span: Span) -> bool:
    return (span.start <= item.words and item.end <= span.end) or (item.words <= span.start and span.end <= item.end)
