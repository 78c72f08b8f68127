"""Rows of the list of posts: who wrote a post and for which site, and the words that were searched for."""

from __future__ import annotations

from rag.records import Copy, Post
from ui.views.post_list import origin, places_of, post_row


def test_author_and_site_are_named_and_the_file_only_of_a_post_without_a_title() -> None:
    """Holds: both where both are known; a file is a place of the post, which the open post lists."""
    copies = (Copy("saved/a.html", "", (), site="Quay Weekly"),)
    assert origin(Post("p", "The gate", "Shut.", copies, author="Ann")) == ["Ann", "Quay Weekly"]
    assert origin(Post("p", "The gate", "Shut.", (Copy("a.txt", "", ()),))) == []
    assert origin(Post("p", "", "Shut.", (Copy("a.txt", "", ()),))) == ["a.txt"]
    assert "a.txt" not in post_row(Post("p", "The gate", "Shut.", (Copy("a.txt", "", ()),)))


def test_every_place_of_searched_words_is_found() -> None:
    """Holds: whatever the case of their letters; nothing where nothing is searched."""
    post = Post("p", "The gate", "Gates shut. The gate was shut.", ())
    assert [(place.start, place.end) for place in places_of(post, ["gate", "shut"])] == [
        (0, 4),
        (6, 10),
        (16, 20),
        (25, 29),
    ]
    assert list(places_of(post, [])) == []
