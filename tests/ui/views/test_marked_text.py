"""Marks and pictures in a text: every character of it stays, in order."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Span
from ui.views.html import tag
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
