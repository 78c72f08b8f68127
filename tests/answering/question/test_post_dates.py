"""The dates that restrict the posts of a question."""

from __future__ import annotations

import pytest

from rag.answering.question.post_dates import days_named, find_range

DATES = ["2012-12-31", "2013-01-01", "2013-05-03", "2013-05-31", "2014-06-01", "2015-01-01"]


@pytest.mark.parametrize(
    ("question", "held", "rest"),
    [
        ("posts before 2013", DATES[:1], "posts"),
        ("posts in May 2013 on bees", DATES[2:4], "posts on bees"),
        ("posts after May 2013", DATES[4:], "posts"),
        ("posts since May 3, 2013", DATES[2:], "posts"),
        ("posts between 2013 and 2014", DATES[1:5], "posts"),
        ("posts before June 2014", DATES[:4], "posts"),
        ("posts before January 2013", DATES[:1], "posts"),
        ("posts from 2013-05", DATES[2:4], "posts"),
        ("last year's posts", DATES[4:5], "posts"),
        ("posts of this year", DATES[5:], "posts"),
        ("posts from last summer", DATES[4:5], "posts"),
        ("posts in May", DATES[2:4], "posts"),
        ("posts after 3 May 2013", DATES[3:], "posts"),
        ("posts since the 31st of May, 2013", DATES[3:], "posts"),
        ("posts from spring 2013", DATES[2:4], "posts"),
        ("posts in the winter of 2012", ["2012-12-31", "2013-01-01"], "posts"),
        ("posts before summer 2013", DATES[:4], "posts"),
        ("posts after spring 2013", DATES[4:], "posts"),
        ("posts since fall 2013", DATES[4:], "posts"),
        ("posts after 2012 and before June 2014", DATES[1:4], "posts"),
    ],
)
def test_dates_in_words_are_bounds(question: str, held: list[str], rest: str) -> None:
    """The words "this year" mean the year of the newest post, so that an index answers the same on any day."""
    found = find_range(question, lambda: "2015-01-01")
    assert found is not None
    assert [date for date in DATES if found[0].holds(date)] == held
    assert found[1] == rest
    assert not found[0].holds(None)


@pytest.mark.parametrize(
    ("newest", "season", "first"),
    [
        ("2016-04-10", "spring", "2015-03"),
        ("2016-06-01", "spring", "2016-03"),
        ("2016-01-05", "winter", "2014-12"),
        ("2016-03-05", "winter", "2015-12"),
        ("2016-12-05", "winter", "2015-12"),
    ],
)
def test_a_last_season_is_over_at_the_newest_post(newest: str, season: str, first: str) -> None:
    """Winter ends in another year."""
    found = find_range(f"What came last {season}?", lambda: newest)
    assert found is not None
    assert found[0].first == first


def test_a_question_without_dates_has_none() -> None:
    """A number need not be a year, nor "may" a month."""
    assert find_range("How many of the 450 posts may I read?", lambda: "2015-01-01") is None
    assert find_range("Which posts are from last year?", lambda: None) is None


def test_days_are_read_in_any_order_and_as_ranges() -> None:
    """A month and a year are not a day."""
    assert days_named("on October 22 and the 3rd of May") == {(10, 22), (5, 3)}
    assert days_named("October 14 – 16, 2016") == {(10, 14), (10, 15), (10, 16)}
    assert not days_named("In October 2014 there were 22 of them.")
