"""Questions about posts in other words than the forms have."""

from __future__ import annotations

import pytest

from rag.answering.posts.phrasings import usual_phrasing
from rag.answering.posts.questions import read_posts_question


@pytest.mark.parametrize(
    ("question", "wanted", "about", "author"),
    [
        ("Which articles talk about Drupal the most?", "list", "Drupal", ""),
        ("What are the posts about Drupal called?", "list", "Drupal", ""),
        ("Which post should I read about Drupal?", "list", "Drupal", ""),
        ("Which post explains Drupal?", "list", "Drupal", ""),
        ("Open the post about Drupal", "list", "Drupal", ""),
        ("How many posts do you have on Drupal?", "count", "Drupal", ""),
        ("Number of posts about Drupal", "count", "Drupal", ""),
        ("What's the latest on Drupal?", "newest", "Drupal", ""),
        ("When was Drupal last mentioned?", "newest", "Drupal", ""),
        ("Who writes for this blog?", "authors", "", ""),
        ("Everything Ada Moss wrote", "list", "", "Ada Moss"),
        ("What has Ada Moss written?", "list", "", "Ada Moss"),
        ("What did Ada Moss write about?", "list", "", "Ada Moss"),
        ("Give me three bullet points on Drupal", "says", "Drupal", ""),
        ("Summarise everything", "heap", "", ""),
        ("Summarise the last three posts", "newest", "", ""),
        ("Posts by Ada Moss about Drupal", "list", "Drupal", "Ada Moss"),
        ("Give me a short overview of these posts", "heap", "", ""),
        ("Is Drupal mentioned anywhere?", "list", "Drupal", ""),
        ("In which posts does Drupal appear?", "list", "Drupal", ""),
        ("All mentions of Drupal", "list", "Drupal", ""),
        ("Give me a summary of the ferry post", "says", "ferry", ""),
        ("What are the main topics?", "heap", "", ""),
        ("What time span do the posts cover?", "heap", "", ""),
        ("How big is this collection?", "count", "", ""),
        ("Read me the latest post", "newest", "", ""),
        ("What was the first post ever published here?", "oldest", "", ""),
        ("Find the note about my knee", "list", "knee", ""),
        ("Which notes mention Drupal?", "list", "Drupal", ""),
        ("Oldest note", "oldest", "", ""),
        ("How many notes do I have?", "count", "", ""),
        ("Which notes are by Ada Moss?", "list", "", "Ada Moss"),
        ("When was the note on Drupal written?", "date", "Drupal", ""),
        ("When did I last write about Drupal?", "newest", "Drupal", ""),
        ("When did I first write about Drupal?", "oldest", "Drupal", ""),
        ("Did anyone write about Drupal?", "list", "Drupal", ""),
        ("Have I ever mentioned Drupal?", "list", "Drupal", ""),
        ("list all the Monday Mills posts", "list", "Monday Mills", ""),
        ("Did Ada Moss write anything?", "list", "", "Ada Moss"),
    ],
)
def test_the_posts_are_meant(question: str, wanted: str, about: str, author: str) -> None:
    """Whatever the words."""
    found = read_posts_question(question, lambda: None)
    assert found is not None
    assert (found.wanted, found.about, found.author) == (wanted, about, author)


@pytest.mark.parametrize(
    "question",
    [
        "Where is the mill?",
        "Are pets covered at all?",
        "Were the results discussed with users?",
        "What should I look for in a vendor?",
        "What have you learned about Drupal?",
        "What are the main themes of the report?",
        "Which article describes how to apply?",
        "How many posts hold the bridge?",
        "What did you learn from the survey?",
        "What do you need to write a post?",
        "Which files are needed for the application?",
        "Name the author of the post",
        "Read the letter",
    ],
)
def test_other_questions_keep_their_words(question: str) -> None:
    """They are not about the posts."""
    assert usual_phrasing(question) == question


@pytest.mark.parametrize(
    "question", ["What notes does the piano play?", "Who noted the time?", "What is a post-it note?", "Note the time"]
)
def test_notes_that_are_no_posts_are_not_counted_or_listed(question: str) -> None:
    """They are in no question about posts."""
    assert read_posts_question(question, lambda: None) is None
