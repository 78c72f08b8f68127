"""The posts as a whole: in an order, the longest, those that lack something, how many a year."""

from __future__ import annotations

import pytest

from rag.answering.posts.overviews import overview
from rag.answering.posts.phrasings import usual_phrasing
from rag.records import PostEntry

ENTRIES = [
    PostEntry(title, title, author, date, chars, versions=False, copies=())
    for title, author, date, chars in (
        ("Mills", "Ida Moss", "2016-05-20", 300),
        ("Boats", None, "2014-06-09", 1200),
        ("eels", "Bo Reed", "2014-01-02", 90),
        ("Rushes", None, None, 700),
    )
]


@pytest.mark.parametrize(
    ("question", "summary", "titles"),
    [
        ("list posts by date", "4 posts, the newest first.", "Mills Boats eels Rushes"),
        ("Show me all the posts", "4 posts, the newest first.", "Mills Boats eels Rushes"),
        ("all my notes", "4 posts, the newest first.", "Mills Boats eels Rushes"),
        ("Table of contents", "4 posts, the newest first.", "Mills Boats eels Rushes"),
        ("What posts are there?", "4 posts, the newest first.", "Mills Boats eels Rushes"),
        ("posts in chronological order", "4 posts, the oldest first.", "eels Boats Mills Rushes"),
        ("list the posts alphabetically", "4 posts, by title.", "Boats eels Mills Rushes"),
        ("posts by length", "4 posts, the longest first.", "Boats Rushes Mills eels"),
        ("longest post", "The longest post is “Boats” (1,200 characters).", "Boats"),
        ("Which post is the shortest?", "The shortest post is “eels” (90 characters).", "eels"),
        (
            "show me the two longest posts",
            "The longest posts are “Boats” (1,200 characters), “Rushes” (700 characters).",
            "Boats Rushes",
        ),
        ("Which posts have no author?", "2 posts name no author.", "Boats Rushes"),
        ("list the posts without a date", "1 post has no date.", "Rushes"),
        ("How many notes are undated?", "1 post has no date.", "Rushes"),
        ("How many posts are there per year?", "3 posts by year: 2016: 1, 2014: 2. 1 post has no date.", ""),
        ("posts per author", "4 posts by author: Ida Moss: 1, Bo Reed: 1. 2 posts name no author.", ""),
        ("give me the title of the longest post", "The longest post is “Boats” (1,200 characters).", "Boats"),
        (
            "first and last note",
            "The oldest post is “eels”, 2014-01-02. The newest post is “Mills”, 2016-05-20.",
            "eels Mills",
        ),
        ("posts per month", "3 posts by month: 2016-05: 1, 2014-06: 1, 2014-01: 1. 1 post has no date.", ""),
    ],
)
def test_the_posts_are_listed_as_asked(question: str, summary: str, titles: str) -> None:
    """With a sentence that says how."""
    found = overview(usual_phrasing(question), lambda: ENTRIES)
    assert found is not None
    assert (found.summary, " ".join(one.title for one in found.entries)) == (summary, titles)


@pytest.mark.parametrize(
    "question",
    [
        "List the posts about boats",
        "posts by Ida Moss",
        "How many posts mention eels?",
        "What is the longest river?",
        "Which is the largest post office?",
        "How long is a post?",
        "Who wrote the longest post?",
        "What notes does the piano play?",
        "Read the letter",
    ],
)
def test_other_questions_are_not_about_the_posts_as_a_whole(question: str) -> None:
    """They name a thing or an author, or ask about no posts."""
    assert overview(usual_phrasing(question), lambda: ENTRIES) is None
