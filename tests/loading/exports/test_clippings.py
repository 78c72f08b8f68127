"""Highlights and notes of an e-reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.loading.exports.clippings import read_clippings
from rag.loading.files.file_types import file_type_of
from rag.loading.pages import read_pages
from rag.loading.proof import says
from rag.records import Page

if TYPE_CHECKING:
    from pathlib import Path

HIGHLIGHT = "- Your Highlight on page 12 | Location 171-173 | Added on Monday, March 4, 2019 8:12:03 PM"
RECORDS = (
    ("The Sea Garden (Marta Holm)", HIGHLIGHT, "Kelp grows faster than any other plant."),
    ("The Sea Garden (Marta Holm)", HIGHLIGHT.replace("Highlight", "Note"), "Ask about licences."),
    ("The Sea Garden (Marta Holm)", HIGHLIGHT.replace("Highlight", "Bookmark"), ""),
    (
        "Bread (and Fire) (Lee, Tom)",
        "- Your Highlight on Location 8 | Added on 12 April 2019 22:01",
        "An oven keeps heat.",
    ),
    ("A manual", "- Ihre Markierung bei Position 8 | Hinzugefügt am Montag", "Two lines\nof one highlight."),
)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_clipping_is_a_post_under_the_title_of_its_book(line_end: str) -> None:
    """With the book's author and the day of the clipping; a bookmark has no words."""
    records = (f"{book}\n{place}\n\n{words}\n==========\n" for book, place, words in RECORDS)
    source = "".join(records).replace("\n", line_end)
    assert file_type_of(b"\xef\xbb\xbf" + source.encode(), "My Clippings.txt") == "clippings"
    posts = read_clippings("\ufeff" + source, "c.txt", "0" * 64).posts
    assert [(post.title, post.author, post.date) for post in posts] == [
        ("The Sea Garden", "Marta Holm", "2019-03-04"),
        ("The Sea Garden", "Marta Holm", "2019-03-04"),
        ("Bread (and Fire)", "Tom Lee", "2019-04-12"),
        ("A manual", None, None),
    ]
    for post, words in zip(posts, (words for *_, words in RECORDS if words), strict=True):
        assert post.text == words.replace("\n", line_end)
        (piece,) = post.pieces
        assert ("\ufeff" + source)[piece.file_start : piece.file_end] == post.text


def test_a_record_without_a_book_is_named() -> None:
    """A file that was cut off is still read to its end."""
    source = f"Words of nothing\n==========\nA manual\n{HIGHLIGHT}\n\nKelp grows."
    entries = read_clippings(source, "c.txt", "0" * 64)
    assert [post.text for post in entries.posts] == ["Kelp grows."]
    assert [one.file for one in entries.left_out] == ["c.txt, clipping 1"]
    assert file_type_of(b"A list\n- of | things\n\nand words\n", "a.txt") == "text"


def test_passages_in_a_web_page_are_posts_under_the_title_of_their_book(tmp_path: Path) -> None:
    """As e-readers export them, with tags that do not match; where a passage is in the book is no text."""
    (tmp_path / "Canals - Notebook.html").write_text(
        "<html><head><style>div{}</style></head><body><div class='notebookFor'>Notebook Export</div><div class='bookTitle'>The"
        " Canals &amp; Locks\n</div><div class='authors'>Weir, Cyril</div><hr/><div class='sectionHeading'>One</div>"
        "<h3 class='noteHeading'>Highlight(<span>yellow</span>) - Location 143</div><div class='noteText'>The gates close at "
        '<i>six</i>.</h3><div class="noteHeading">Note - Location 143</div><div class="noteText">Ask about it.</div></body>'
    )
    (page,) = read_pages([tmp_path])
    assert isinstance(page, Page)
    assert [(post.title, post.author, post.text) for post in page.posts or ()] == [
        ("The Canals & Locks", "Cyril Weir", "The gates close at six."),
        ("The Canals & Locks", "Cyril Weir", "Ask about it."),
    ]
    for post in page.posts or ():
        raw = page.text[post.pieces[0].file_start : post.pieces[-1].file_end]
        assert says(raw, post.text, post.format)
