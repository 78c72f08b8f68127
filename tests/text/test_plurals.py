"""Counts and durations in words."""

from __future__ import annotations

from rag.text.plurals import amount, stretch


def test_numbers_and_their_nouns() -> None:
    """One page, two pages, no pages; one copy, two copies."""
    assert [amount(count, "page") for count in (0, 1, 2, 2000)] == ["0 pages", "1 page", "2 pages", "2,000 pages"]
    assert [amount(count, "copy", "copies") for count in (1, 2)] == ["1 copy", "2 copies"]


def test_a_length_of_time_is_in_whole_seconds_or_minutes() -> None:
    """Never zero seconds; minutes from a minute and a half on."""
    assert [stretch(seconds) for seconds in (0.2, 89, 90, 300)] == ["1 second", "89 seconds", "2 minutes", "5 minutes"]
