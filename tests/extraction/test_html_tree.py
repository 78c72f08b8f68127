from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.extraction.html_boilerplate import boilerplate_sign, is_hidden, is_named_body, is_note, weak_names
from rag.extraction.html_tree import grow

TAGS = "div p b a li ul td tr table"
OPEN, CLOSE = [f"<{tag}>" for tag in TAGS.split()], [f"</{tag}>" for tag in TAGS.split()]
SCRAPS = st.lists(st.sampled_from([*OPEN, *CLOSE, "x", " ", "<br>"]), max_size=40).map("".join)


@given(SCRAPS)
def test_elements_nest_whatever_is_broken(source: str) -> None:
    """Each is inside its parent, its descendants have consecutive numbers, and all text is in the lines."""
    tree = grow(source)
    for element in tree.elements[1:]:
        parent = tree.elements[element.parent]
        assert element.parent < element.number < element.last <= parent.last
        assert parent.inner <= element.start <= element.inner <= element.inner_end <= element.end <= parent.end
        assert element.depth == parent.depth + 1
    assert "".join(line.text for line in tree.lines).replace(" ", "") == "x" * source.count("x")
    for line in tree.lines:
        assert tree.elements[line.element].inner <= line.start < line.end <= tree.elements[line.element].inner_end


@pytest.mark.parametrize(
    ("source", "parents"),
    [
        ("<p>a<p>b", [0, 0]),
        ("<ul><li>a<li>b</ul><p>c", [0, 1, 1, 0]),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", [0, 1, 2, 3, 1]),
        ("<table><tr><td>a<td>b<tr><td>c</table>", [0, 1, 2, 2, 1, 5]),
        ("<b>a<div>b</b>c</div>", [0, 1]),
        ("<div><table><tr><td></div>a</table></div>", [0, 1, 2, 3]),
        ("<p>a<img><br>b</i></p>", [0, 1]),
    ],
)
def test_tags_that_are_left_away_are_put_in_as_browsers_do(source: str, parents: list[int]) -> None:
    """Paragraphs, items, rows and cells end where the next begins; a stray end tag ends nothing."""
    assert [element.parent for element in grow(source).elements[1:]] == parents


def test_lines_know_their_place_their_links_and_their_words() -> None:
    """A line is what is between blocks; its share in links, and words of scripts without spaces."""
    source = "<div>One <a href=x>two three</a><p>&amp; four</p>快速的棕色狐狸</div>"
    first, second, third = grow(source).lines
    assert (first.text, first.words, round(first.linked, 2)) == ("One two three", 3, 0.73)
    assert source[second.start : second.end] == "&amp; four"
    assert third.words == 4


def test_title_and_data_of_a_page_are_read() -> None:
    """The content of the title element and of JSON-LD scripts is stored, but is not text of the page."""
    tree = grow("<title> A &amp; B </title><script type='application/ld+json'>{}</script><script>x</script>y")
    assert (tree.title, tree.data, [line.text for line in tree.lines]) == ("A & B", ["{}"], ["y"])


def _first(tag: str) -> bool:
    element = grow(tag).elements[1]
    return boilerplate_sign(element, element.names, dict.fromkeys(weak_names(element.names), 0.01)) is not None


@pytest.mark.parametrize(
    "tag",
    [
        "<nav>",
        "<div role=navigation>",
        "<div class='post-share'>",
        "<ul id=relatedPosts>",
        "<div class='site-footer x'>",
        "<section class='comments-area'>",
        "<p class='cookie_notice'>",
        "<div class='promo box'>",
    ],
)
def test_boilerplate_is_recognised_by_its_names(tag: str) -> None:
    """By element, role, and the words of class and id, however they are joined."""
    assert _first(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "<div>",
        "<p class=lead>",
        "<div class='post-content'>",
        "<body class='has-sidebar single'>",
        "<div class=shareholders>",
        "<div class='e1e566ad d097cc30'>",
        "<div class='print:block lg:w-sidebar'>",
        "<div class='main-nav-content'>",
    ],
)
def test_text_is_not_boilerplate(tag: str) -> None:
    """Parts of other words, generated names, and names for the layout mean nothing."""
    assert not _first(tag)


def test_words_that_parts_of_a_text_have_too_count_only_where_there_is_little_of_it() -> None:
    """A widget may be an advertisement, or an editor's wrapper around a third of the text."""
    widget = grow("<div class='ck-widget-text'>").elements[1]
    assert weak_names(widget.names) == ["ck widget"]
    assert boilerplate_sign(widget, widget.names, {"ck widget": 0.01}) == "name"
    assert boilerplate_sign(widget, widget.names, {"ck widget": 0.3}) is None


def test_what_is_hidden_and_what_holds_the_text() -> None:
    """By attributes and names."""
    shown = [
        is_hidden(grow(tag).elements[1]) for tag in ("<p hidden>", "<p style='Display: none'>", "<p style='color:red'>")
    ]
    assert shown == [True, True, False]
    named = ("<article>", "<div itemprop=articleBody>", "<div class=entry-content>", "<div class=content-box>")
    assert [is_named_body(grow(tag).elements[1]) for tag in named] == [True, True, True, False]


def test_notes_above_and_below_a_post_are_known() -> None:
    """A reading time, a link, a place it was printed from; not a sentence that begins like this."""
    for note in (
        "5 min read",
        "Continue reading →",
        "Filed under: News",
        "12 comments",
        "Advertisement",
        "Printed from https://example.org/a",
    ):
        assert is_note(note)
    for text in ("In five minutes", "More is more", "Read it.", "Photography is not art.", "Printed books"):
        assert not is_note(text)
