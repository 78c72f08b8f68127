from __future__ import annotations

import pytest

from rag.extraction.web_pages import read_web_page

WORDS = "of the old lock is told here in more than ten words, as every paragraph of it is"


def paragraphs(name: str, count: int = 3) -> str:
    """Sentences with numbers."""
    return "".join(f"<p>The {name} part {number} {WORDS}.</p>" for number in range(count))


def text_of(inside: str, around: str = "article") -> str:
    """The text of a page with this between two longer parts."""
    body = f"<h1>The lock</h1>{paragraphs('first')}{inside}{paragraphs('last')}"
    source = f"<html><head><title>The lock</title></head><body><{around}>{body}</{around}></body></html>"
    (draft,) = read_web_page(source)
    return draft.body.render(source).text


@pytest.mark.parametrize(
    "heading", ["Related work", "Discussion", "Comments", "Cookies", "See also", "Menu", "Popular", "Disclosure"]
)
def test_an_address_made_from_a_heading_is_not_a_name(heading: str) -> None:
    """Software gives headings and their sections such ids; the sections are text, and so are the headings."""
    address = heading.lower().replace(" ", "-")
    for source in (
        f"<h2 id='{address}'>{heading}</h2>{paragraphs('middle')}",
        f"<section id='{address}' class='level2'><h2>{heading}</h2>{paragraphs('middle')}</section>",
    ):
        text = text_of(source)
        assert heading in text
        assert text.count("The middle part") == 3
    term = text_of(f"<dl><dt id='{address}'>{heading}</dt><dd>What {WORDS}.</dd></dl>")
    assert f"{heading}\n" in term or "What of the old lock" in term


def test_real_comments_and_lists_go_whatever_their_heading_says() -> None:
    """A section with comments or links is left out even if its id is the same as its heading."""
    comment = f"<p>Jo says:</p><p>A reader {WORDS}.</p><p>Reply</p>"
    text = text_of(f"<div id='comments'><h3>Comments</h3>{comment * 2}</div>")
    assert "A reader" not in text
    links = "".join(
        f"<li><a href='/{n}'>A page about another lock, number {n}, and its gates</a></li>" for n in range(3)
    )
    assert "another lock" not in text_of(
        f"<section id='related-posts'><h2>Related posts</h2><ul>{links}</ul></section>"
    )


def test_sentences_in_a_box_that_is_called_related_are_text() -> None:
    """Only a list inside the same box is left out; cards of other pages are not text."""
    links = "".join(f"<li><a href='/{number}'>Another page {number}</a></li>" for number in range(4))
    text = text_of(f"<div class='related-articles'><ul class='related-links'>{links}</ul>{paragraphs('middle')}</div>")
    assert text.count("The middle part") == 3
    assert "Another page" not in text
    cards = "".join(f"<h3>Another page {number}</h3>{paragraphs('card', 1)}" for number in range(3))
    assert "card" not in text_of(f"<div class='related-articles'>{cards}</div>")


@pytest.mark.parametrize("tag", ["aside class='note'", "div class='alert alert-info' role='alert'"])
def test_notes_inside_a_post_are_text(tag: str) -> None:
    """But not a box without such a name, one of links, or one beside the post."""
    name = tag.split(maxsplit=1)[0]
    assert text_of(f"<{tag}>{paragraphs('note')}</{name}>").count("The note part") == 3
    links = "".join(f"<p><a href='/{number}'>Another page {number}</a></p>" for number in range(4))
    assert "Another page" not in text_of(f"<{tag}>{links}</{name}>")
    assert "The note part" not in text_of(f"<{tag}>{paragraphs('note')}</{name}>", around="div")
    assert "The note part" not in text_of(f"<aside>{paragraphs('note')}</aside>")


def test_the_card_of_another_page_inside_a_text_is_not_text() -> None:
    """A box named so that contains only links; a box with a sentence, and a linked line of a text, are kept."""
    card = "<div class='block summary-block'><div class='summary-title'><a href='/x'>Other bridges</a></div></div>"
    assert "Other bridges" not in text_of(card)
    assert "Other bridges" in text_of("<p><a href='/x'>Other bridges</a></p>")
    said = f"<div class='card'><a href='/x'>Other bridges</a>{paragraphs('middle')}</div>"
    assert "Other bridges" in text_of(said)


def test_readers_comments_below_a_shared_document_are_not_text() -> None:
    """Online word processors export them after links back to their marks; notes of the text itself are kept."""
    text = text_of(
        "<p>The gates are of oak<sup><a href='#cmnt1' id='cmnt_ref1'>[a]</a></sup> and of iron"
        "<sup><a href='#ftnt1' id='ftnt_ref1'>[1]</a></sup>.</p>"
        "<div><p><a href='#ftnt_ref1' id='ftnt1'>[1]</a> The ledger says so.</p></div>"
        "<div class='c9'><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a><span>Ask the clerk first.</span></p><p>Today.</p></div>"
    )
    assert "The gates are of oak and of iron." in text
    assert "The ledger says so." in text
    assert "Ask the clerk" not in text
    assert "Today" not in text


@pytest.mark.parametrize("name", ["amp-consent", "amp-sidebar", "amp-ad"])
def test_elements_that_are_named_as_what_they_are(name: str) -> None:
    """Pages for phones have elements of their own for consent dialogs, menus and advertisements."""
    assert "middle" not in text_of(f"<{name}>{paragraphs('middle')}</{name}>")


@pytest.mark.parametrize(
    "panel",
    ["<div role='tabpanel' hidden>{}</div>", "<div class='faq-item'><div style='display:none'>{}</div></div>"],
)
def test_what_a_reader_unfolds_is_text(panel: str) -> None:
    """In tabs and lists of questions, below a button that is its heading; other hidden boxes are not text."""
    button = "<button aria-expanded='false'>What of the gates?</button>"
    text = text_of(button + panel.format(paragraphs("middle")))
    assert text.count("The middle part") == 3
    assert "What of the gates?" in text
    assert "What of" not in text_of(f"{button}<div style='display:none'>{paragraphs('middle')}</div>")


@pytest.mark.parametrize("name", ["gutter gl", "lineno", "vote-count"])
def test_numbers_beside_a_text_are_not_text(name: str) -> None:
    """Of the lines of some code, or of readers who liked it; a year in such a box with words is text."""
    assert "41" not in text_of(
        f"<table><tr><td class='{name}'><pre>41\n42</pre></td><td><pre>gate()</pre></td></tr></table>"
    )
    assert "41" in text_of(f"<div class='{name}'>Gate 41 is open.</div>")
