"""Questions about the posts themselves are distinguished from all others."""

from __future__ import annotations

import pytest

from rag.answering.posts.questions import names_posts, read_posts_question


def _none() -> None:
    return None


@pytest.mark.parametrize(
    ("question", "wanted", "about", "author"),
    [
        ("Which posts mention Tumblr?", "list", "Tumblr", ""),
        ("List all posts about open data", "list", "open data", ""),
        ("Are there any articles on drones?", "list", "drones", ""),
        ("How many posts mention Drupal?", "count", "Drupal", ""),
        ("How many posts are there?", "count", "", ""),
        ("How many of these posts mention Drupal?", "count", "Drupal", ""),
        ("everything by Jo Smith", "list", "", "Jo Smith"),
        ("What did Jo Smith write about bees?", "list", "bees", "Jo Smith"),
        ("What was posted in May 2016?", "list", "", ""),
        ("What is the latest post about APIs?", "newest", "APIs", ""),
        ("What was the first post?", "oldest", "", ""),
        ("When was the mill post published?", "date", "mill", ""),
        ("Who wrote the post about the mill?", "author", "the mill", ""),
        ("What are these posts about?", "heap", "", ""),
        ("What topics does this blog cover?", "heap", "", ""),
        ("what is this about", "heap", "", ""),
        ("What's all this about?", "heap", "", ""),
        ("What does the post “The ferry” say?", "says", "The ferry", ""),
        ("Summarise the post The ferry", "says", "The ferry", ""),
        ("How many authors are there?", "authors", "", ""),
        ("Who wrote the most posts?", "authors", "", ""),
        ("list all authors", "authors", "", ""),
        ("Who wrote about bees?", "writers", "bees", ""),
        ("Who else has written about bees?", "writers", "bees", ""),
        ("Which authors wrote posts about bees?", "writers", "bees", ""),
        ("What's this collection about?", "heap", "", ""),
        ("everything from 2017", "list", "", ""),
        ("Which posts about bees were published in 2016?", "list", "bees", ""),
        ("Is there anything about bees?", "list", "bees", ""),
        ("do you have something on bees", "list", "bees", ""),
        ("In which posts is Tumblr mentioned?", "list", "Tumblr", ""),
        ("How often is Tumblr mentioned?", "count", "Tumblr", ""),
        ("Which posts mention both Tumblr and bees?", "list", "Tumblr and bees", ""),
        ("When was The ferry to the island published?", "date", "The ferry to the island", ""),
        ("Who wrote The ferry to the island?", "author", "The ferry to the island", ""),
        ("What does The ferry to the island say?", "says", "The ferry to the island", ""),
    ],
)
def test_questions_about_posts_are_read(question: str, wanted: str, about: str, author: str) -> None:
    """What is asked, about which subject, by which author."""
    found = read_posts_question(question, _none)
    assert found is not None
    assert (found.wanted, found.about, found.author) == (wanted, about, author)


@pytest.mark.parametrize(
    ("question", "several"),
    [("What are the three latest posts?", 3), ("Show the first 2 posts about bees", 2), ("the newest post", 1)],
)
def test_several_of_the_newest_may_be_asked_for(question: str, several: int) -> None:
    """In figures or words."""
    found = read_posts_question(question, _none)
    assert found is not None
    assert found.several == several


@pytest.mark.parametrize(
    "question",
    [
        "Who invented the QR code?",
        "How many pages does the report have?",
        "What is the latest version of the design system?",
        "When was Masahiro Hara born?",
        "What does everybody post on Tumblr?",
        "Which town had sensors fitted to its parking spots?",
        "What happened in May 2016?",
        "x" * 5000,
    ],
)
def test_ordinary_questions_are_not(question: str) -> None:
    """Words like "post", "latest" and dates alone do not make one."""
    assert read_posts_question(question, _none) is None


def test_dates_beside_posts_bound_an_ordinary_question() -> None:
    """And a date in another place does not."""
    found = names_posts("What did posts before 2013 say about mobile sites?", _none)
    assert found is not None
    assert (found[0].last, found[1]) == ("2012", "What is said about mobile sites?")
    assert names_posts("How many views did the post about Spotify get in 2015?", _none) is None


@pytest.mark.parametrize(
    "question", ["Which posts do not mention bees?", "posts that don't mention bees and were written in 2016"]
)
def test_posts_without_a_thing_may_be_asked_for(question: str) -> None:
    """Also of a time."""
    found = read_posts_question(question, _none)
    assert found is not None
    assert (found.wanted, found.about, found.without) == ("list", "bees", True)
