"""The words of answers about posts."""

from __future__ import annotations

import pytest

from rag.answering.posts.questions import read_posts_question
from rag.answering.posts.wording import bounds_of


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which posts are older than 2021?", " before 2021"),
        ("Which posts are newer than May 2014?", " after May 2014"),
        ("Which posts are from 2013?", " in 2013"),
        ("Which posts are from last year?", " last year"),
    ],
)
def test_dates_are_said_as_they_follow_written(question: str, said: str) -> None:
    """However they were asked for."""
    asked = read_posts_question(question, lambda: "2016-05-01")
    assert asked is not None
    assert bounds_of(asked) == said
