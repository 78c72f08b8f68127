"""The original of a saved page: given by the page itself, and opened at the quoted words."""

from __future__ import annotations

import pytest

from ui.views.original import original_address, original_link

CANONICAL = "<html><head><link href='https://example.org/a' rel=canonical></head>"


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (CANONICAL, "https://example.org/a"),
        ('<meta property="og:url" content="http://example.org/b?x=1&amp;y=2">', "http://example.org/b?x=1&y=2"),
        ("<!-- saved from url=(0021)https://example.org/c -->\n<html>", "https://example.org/c"),
        (f"<!-- saved from url=(0021)https://example.org/c -->{CANONICAL}", "https://example.org/a"),
        (
            '<link rel="canonical" href="javascript:alert(1)"><meta property="og:url" content="https://b.org/">',
            "https://b.org/",
        ),
        ('<link rel="canonical" href="/relative">', None),
        ('<link rel="canonical" href="https://somebody@example.org/">', None),
        ('<link rel="canonical" href="https://exa mple.org/">', None),
        ('<link rel="canonical" href="https://[bad/">', None),
        ("<p>https://example.org/", None),
    ],
)
def test_a_page_tells_its_own_address(page: str, address: str | None) -> None:
    """Canonical link, Open Graph or a browser's comment; only addresses on the web, without user names in them."""
    assert original_address(page) == address


def test_the_link_opens_at_the_words_and_tells_the_site_nothing() -> None:
    """Short quotes whole, long ones by their ends, special characters of text fragments escaped."""
    made = str(original_link("https://example.org/a#old", "a well-known, small gate"))
    assert 'href="https://example.org/a#:~:text=a%20well%2Dknown%2C%20small%20gate"' in made
    assert 'rel="noopener noreferrer"' in made
    assert "Original on example.org" in made
    long = str(original_link("https://example.org/a", "one two three four five six seven eight nine"))
    assert "text=one%20two%20three%20four,six%20seven%20eight%20nine" in long
    assert 'href="https://example.org/a#old"' in str(original_link("https://example.org/a#old"))
