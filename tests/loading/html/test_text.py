from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.quotes.locations import locate
from rag.loading.html.text import render, strip_markup
from rag.records import Copy, Post, Span
from rag.text.whitespace import fold_white

WORDS = ["word", "Fish", "<", "&", ">", ";", "é", "x<y", "<3", "a&b", "&am", "p;", " ", "\n", "\t", "\r\n", "\xa0"]
ENTITIES = [
    "&amp;",
    "&nbsp;",
    "&#8217;",
    "&#x41;",
    "&#0;",
    "&#1;",
    "&notit;",
    "&copy",
    "&fjlig;",
    "&bogus;",
    "&#10;",
    "&lt;",
]
TAGS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<br>",
    "<br/>",
    "<div>",
    "</div>",
    "<li>",
    "<td>",
    "<hr>",
    "<wbr>",
    "<pre>",
    "</pre>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
]
HIDDEN = (
    "<script>x<p>y </script> <style> <svg> </svg> <svg/> <title> </title> <noscript> </noscript> <select> <textarea>"
)
ODD = ["<a href=", "<a title='a>b'>", '"', "'", "</select>", "</textarea>", "</style>"]
SCRAPS = st.lists(st.sampled_from([*WORDS, *ENTITIES, *TAGS, *HIDDEN.split(), *ODD]), max_size=25).map("".join)


@given(SCRAPS)
def test_pieces_have_no_gaps_and_equal_ones_are_equal(source: str) -> None:
    """Every character of the text has its place; if a piece says so, both are the same code points."""
    shown = render(source)
    at = 0
    there = shown.pieces[0].file_start if shown.pieces else 0
    for piece in shown.pieces:
        assert (piece.start, piece.file_start) == (at, there)
        raw = source[piece.file_start : piece.file_end]
        assert raw == (shown.text[piece.start : piece.end] if piece.text is None else piece.text)
        at, there = piece.end, piece.file_end
    assert at == len(shown.text)
    assert shown.text == shown.text.strip()


@given(SCRAPS, st.data())
def test_law_2_stripping_the_source_there_gives_the_quote(source: str, data: st.DataObject) -> None:
    """For every span between words, the location's source, stripped of its mark-up, is the span."""
    shown = render(source)
    assert strip_markup(source) == fold_white(shown.text)
    words = [match.span() for match in re.finditer(r"\S+", shown.text)]
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start, end = words[first][0], words[last][1]
    post = Post("p", "T", shown.text, (Copy("a.html", "0" * 64, shown.pieces, format="html"),))
    (place,) = locate(post, start, end)
    there = source[place.start : place.end]
    assert there == (shown.text[start:end] if place.text is None else place.text)
    assert strip_markup(there) == fold_white(shown.text[start:end])


@given(SCRAPS, SCRAPS, SCRAPS)
def test_a_part_of_a_file_is_rendered_with_its_places_in_the_whole(before: str, inner: str, after: str) -> None:
    """Rendering a stretch returns what rendering it alone returns, moved."""
    alone, within = render(inner), render(before + inner + after, len(before), len(before) + len(inner))
    assert within.text == alone.text
    assert [piece.file_start - len(before) for piece in within.pieces] == [piece.file_start for piece in alone.pieces]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One<p>Two</p>\n<div>Three</div>", "One\n\nTwo\n\nThree"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("<ul>\n<li>a</li>\n<li><p>b</p></li></ul>", "a\n\nb"),
        ("<ul><li>a</li> <li>b</li></ul>", "a\nb"),
        ("<tr><td>a</td>\n<td>b</td></tr><tr><td>c", "a\tb\nc"),
        ("<tr><td><p>a</p></td><td><p><b>b</b></p></td></tr><tr><td><div>c</div></td></tr>", "a\tb\nc"),
        ("<tr><td><p>a</p><p>b</p></td><td>c</td></tr>", "a\n\nb\n\nc"),
        (f"<tr><td><p>a</p></td><td><p>{'b' * 201}</p></td></tr>", f"a\n\n{'b' * 201}"),
        ("wo<b>r</b>d <i> x </i>.", "word x ."),
        ("a&nbsp;&nbsp; b\xa0c", "a b c"),
        ("<pre>\n  if x:\n\n    <b>y</b>  = 1\n</pre>z", "if x:\n\n    y  = 1\n\nz"),
        ("a<pre>\n  b</pre>", "a\n\n  b"),
        ("<p>a<script>b</script><style>c</style><noscript>d</noscript><svg><title>e</title></svg>f", "af"),
        ("a<svg>b", "ab"),
        ("a<!-- <p>b</p> -->c", "ac"),
        ("&lt;b&gt; &amp;amp; caf&eacute; &#8220;x&#x201D;", "<b> &amp; café “x”"),
        ("&#99999999999999999999; &#xD800;", "&#99999999999999999999; \ufffd"),
        ("a <select><option>b</select> c", "a c"),
        ("", ""),
        ("<p> </p>", ""),
    ],
)
def test_the_text_is_what_a_browser_shows(source: str, text: str) -> None:
    """Blocks, lines, cells, preformatted text, entities and what is not shown."""
    assert render(source).text == text
    assert strip_markup(source) == fold_white(text)


def test_cuts_are_left_out_and_parted_by_their_own_tags() -> None:
    """A button in a line leaves a space, a block a new paragraph; the pieces still cover the source."""
    source = "<p>one <button>copy</button>two<div>share</div>three"
    cuts = [Span(source.index("<button"), source.index("two")), Span(source.index("<div"), source.index("three"))]
    shown = render(source, cuts=cuts)
    assert shown.text == "one\ttwo\n\nthree"
    assert "".join(source[piece.file_start : piece.file_end] for piece in shown.pieces) == source[3:]


def test_hostile_files_take_time_as_their_size() -> None:
    """A megabyte of unclosed, nested or stray marks is finished; none of them is processed twice."""
    for scrap in ("<div>", "<!--", "<svg>", "<title>", "<a b='", "&#1", "<pre> ", "</p>", "<", "<x = "):
        source = scrap * (400_000 // len(scrap))
        assert strip_markup(source) == fold_white(render(source).text)
