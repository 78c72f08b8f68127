from __future__ import annotations

import pytest

from rag.text.dates import Byline, date_of, day_of, guest_author, read_byline


@pytest.mark.parametrize(
    ("line", "date", "author"),
    [
        ("October 27, 2014 by Jo Smith · Leave a Comment", "2014-10-27", "Jo Smith"),
        ("03 May 2011 | Tags: linux, lisp", "2011-05-03", None),
        ("May 3, 2011 • emacs, lisp", "2011-05-03", None),
        ("03 May 2011 on linux, rust", "2011-05-03", None),
        ("[2011-05-03 Tue]", "2011-05-03", None),
        ("Tuesday, 3. May 2011", "2011-05-03", None),
        ("25/05/2011", "2011-05-25", None),
        ("05/25/2011", "2011-05-25", None),
        ("Published: May 3, 2011 at 10:00 a.m.", "2011-05-03", None),
        ("05/03/2011", None, None),
        ("05-03-2011, 10:11 AM", None, None),
        ("2011-05-03T10:42:00Z", "2011-05-03", None),
        ("posted by jo", None, "jo"),
        ("Author: Ana de la Cruz", None, "Ana de la Cruz"),
        ("May 3, 2011 10:00am", "2011-05-03", None),
        ("By Jo Smith <https://example.org/jo> · 3 May 2011", "2011-05-03", "Jo Smith"),
        ("Posted on [7]May 3, 2011 by [8]Jo Smith", "2011-05-03", "Jo Smith"),
    ],
)
def test_lines_about_a_post_are_read(line: str, date: str | None, author: str | None) -> None:
    """A date with what blogs write around it."""
    assert read_byline(line) == Byline(date, author)


@pytest.mark.parametrize(
    "line",
    [
        "May 3, 2011 was the day on which we left.",
        "May 3, 2011 in the morning",
        "May 3, 2011 - The day we moved",
        "Paris, May 3, 2011",
        "2011 in review",
        "07 Apr 2013 - 24 Jan 2021",
        "Author: Ana de la Cruz is a baker",
        "Author: the one who wrote it",
    ],
)
def test_sentences_and_titles_with_a_date_are_not_bylines(line: str) -> None:
    """They would lose their words."""
    assert read_byline(line) is None


def test_dates_for_programs() -> None:
    """With and without dashes, of mails, and as seconds."""
    assert date_of("2021-03-04T23:00:00Z") == date_of("20210304") == "2021-03-04"
    assert day_of("20120103") == day_of("1325566800") == day_of("Tue, 03 Jan 2012 23:30:00 -0500") == "2012-01-03"
    assert date_of("2021-02-31") is None


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Posted by admin on May 4, 2021", None),
        ("by admin | May 4, 2021", None),
        ("May 4, 2021 by ida_moss", "ida_moss"),
        ("Posted by annlock on May 4, 2021 at 10:00 am", "annlock"),
    ],
)
def test_accounts_in_date_lines(line: str, author: str | None) -> None:
    """They have small letters; the account of a program is nobody's name."""
    assert read_byline(line) == Byline("2021-05-04", author)


@pytest.mark.parametrize(
    "line", ["Posted by the team on May 4, 2021", "Sent by boat on May 4, 2021", "Baking by hand, May 4, 2021"]
)
def test_other_words_in_small_letters_make_no_date_line(line: str) -> None:
    """They are of a sentence or a title."""
    assert read_byline(line) is None


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("This is a guest post by Ida Moss, who keeps bees.", "Ida Moss"),
        ("*The following guest post was written by Dr. Ann de la Mar of the Trust.*", "Dr. Ann de la Mar"),
        ("Guest post from Ann-Marie O’Neil", "Ann-Marie O’Neil"),
        ("A guest post by a friend of mine", None),
        ("Guest posts by Ida Moss are rare", None),
        ("This guest post by Ida Moss was first shown elsewhere", None),
        ("Guest post: How to moor a boat", None),
        ("Guest post by Ida Moss: how to moor a boat", None),
    ],
)
def test_the_guest_whose_post_it_is(line: str, author: str | None) -> None:
    """A name, and not a friend or a title."""
    assert guest_author(line) == author
