from __future__ import annotations

import pytest

from rag.extraction.junk_pages import frame_of, junk_reason

POST = "The page was not found in the archive, so I wrote to the keeper of the bridge and asked. " * 12


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("Page not found", "Sorry, the page that you are looking for has moved.", "an error"),
        ("403 Forbidden", "You have no permission to see this address.", "an error"),
        ("Just a moment...", "Your browser is being checked. Please switch on cookies.", "waiting"),
        ("Log in", "Name and password", "log-in"),
        ("Canal Diary", "You need to enable JavaScript to run this app.", "JavaScript"),
        ("Before you continue", "We and our partners use cookies. Accept all cookies or reject them.", "cookie notice"),
    ],
)
def test_pages_that_hold_no_post_are_named(title: str, text: str, said: str) -> None:
    """The reason says what the page is."""
    assert said in (junk_reason("<html>", title, f"{text}") or "")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found", POST),
        ("Apartment 404", "The keeper of the bridge moved in last week."),
        ("Cookies", "Butter, sugar and flour, mixed by hand and baked until they are brown at the edges."),
        ("Our privacy", "A garden wall keeps the neighbours out and the cats in, which is all that I ask of it."),
        ("A moment of rest", "I sat down at the lock and waited for the boats."),
    ],
)
def test_posts_about_such_things_are_posts(title: str, text: str) -> None:
    """They are longer, or about something else."""
    assert junk_reason("<html>", title, text) is None


def test_lists_of_bookmarks_are_named() -> None:
    """They begin with a line that browsers write."""
    assert "bookmarks" in (junk_reason("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL>", "Bookmarks", "A link") or "")


def test_frames_belong_to_the_page_they_were_saved_with() -> None:
    """If that page is among the files; a folder of pages may have such a name too."""
    assert frame_of("a/The keeper_files/saved.html", {"a/The keeper.html"}) == "a/The keeper.html"
    assert frame_of("a/The keeper_files/saved.html", {"a/Other.html"}) is None
    assert frame_of("a/keeper.html", {"a/keeper.html"}) is None
