from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.loading.html.tokens import read_attributes, tokens_of

MARKS = ["<", ">", "</", "/>", "<a", "<p>", "</p>", '"', "'", "=", "a='", '<a b="', "<!--", "-->", "<!-->", "<!", "<?x"]
NAMED = ["<script>", "</script>", "<script/>", "<title>", "</TITLE ", "<style>", "x", " ", "\n", "&amp;", "é"]
SCRAPS = st.lists(st.sampled_from([*MARKS, *NAMED]), max_size=30).map("".join)


@given(SCRAPS)
def test_tokens_cover_any_source_without_gaps(source: str) -> None:
    """Whatever is broken in a file, every character of it belongs to one token."""
    at = 0
    for token in tokens_of(source):
        assert token.start == at < token.end
        at = token.end
    assert at == len(source)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("a < b <3", ["text"]),
        ("<a title=it's>x", ["open", "text"]),
        ("<a title='1 > 0'>x", ["open", "text"]),
        ('<a title="x>y', ["open", "text"]),
        ("x<a title", ["text", "comment"]),
        ("<!--a<b>--><b>", ["comment", "open"]),
        ("<!--a<b>", ["comment"]),
        ("<!-->x-->", ["comment", "text"]),
        ("<!doctype html>x", ["comment", "text"]),
        ("<?php x ?>y", ["comment", "text"]),
        ("x</b\n<p>y</i", ["text", "close", "open", "text", "close"]),
        ("</>x</ >y", ["comment", "text", "comment", "text"]),
        ("<script>'<b>'</script>x", ["open", "raw", "close", "text"]),
        ("<script>x", ["open", "raw"]),
        ("<script/>x", ["open", "text"]),
        ("<title>x", ["open", "text"]),
        ("<TITLE>x</Title >y", ["open", "raw", "close", "text"]),
    ],
)
def test_tokens_are_what_a_browser_sees(source: str, kinds: list[str]) -> None:
    """Stray brackets are text, quotes count only after "=", and the content of scripts is not mark-up."""
    assert [token.kind for token in tokens_of(source)] == kinds


def test_a_stretch_is_read_with_its_places_in_the_whole_source() -> None:
    """Offsets count from the beginning of the source, and nothing outside the stretch is looked at."""
    source = "<i>x</i><b>y</b>"
    assert [(token.kind, token.start, token.end) for token in tokens_of(source, 8, 12)] == [
        ("open", 8, 11),
        ("text", 11, 12),
    ]


def test_attributes_in_all_spellings() -> None:
    """Double, single and no quotes, no value, entities, and the first of two with one name."""
    tag = """<A class="x y" ID='z' data-n=5/ hidden title="Tom &amp; 'Jo'" class=other/>"""
    assert read_attributes(tag) == {
        "class": "x y",
        "id": "z",
        "data-n": "5/",
        "hidden": "",
        "title": "Tom & 'Jo'",
    }
