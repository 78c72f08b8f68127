"""What is said of posts where no sentence answers: "Tell me more about X", "What happened in May 2016?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.posts.questions import (
    MAX_CHARACTERS,
    SAID_ABOUT,
    PostsQuestion,
    names_posts,
    read_posts_question,
)
from rag.answering.question.post_dates import find_range

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["instead_of_sentences"]

_TELL = re.compile(
    r"^\W*tell\s+me\s+(?:(?:some\s+)?more\s+|all\s+|everything\s+)?about\s++(?P<about>.*\w)\W*+$", re.IGNORECASE
)
# without its date
_HAPPENED = re.compile(
    r"^\W*what(?:['’]s|\s+is|\s+was)?\s+(?:(?:has\s+)?happened|went\s+on|happening|going\s+on|new)(?:\s+here)?\W*$",
    re.IGNORECASE,
)

# somebody of whom no sentence tells may have written posts
_WHO = re.compile(r"^\W*who(?:['’]s|\s+is|\s+was)\s+(?P<author>\w[\w.'’-]*(?:\s[\w.'’-]+){0,3}?)\W*$", re.IGNORECASE)


def instead_of_sentences(question: str, newest: Callable[[], str | None]) -> PostsQuestion | None:
    """The question about posts that is answered where no sentence answers a question; None if there is none.

    It asks for a list of posts, or is the question itself, if that is about a post which may not exist.

    >>> instead_of_sentences("Tell me more about mills", lambda: None).about
    'mills'
    """
    if (tell := _TELL.match(question)) is not None:
        return PostsQuestion("list", tell["about"], loosely=True)
    if (who := _WHO.match(question)) is not None:
        return PostsQuestion("list", author=who["author"])
    found = names_posts(question, newest)
    if found is not None and found[1].startswith(SAID_ABOUT):
        return PostsQuestion("list", found[1].removeprefix(SAID_ABOUT).strip(" ?"), dates=found[0])
    ranged = find_range(question, newest) if len(question) <= MAX_CHARACTERS else None
    if ranged is not None and _HAPPENED.match(ranged[1]):
        return PostsQuestion("list", dates=ranged[0])
    asked = read_posts_question(question, newest)
    return asked if asked is not None and asked.wanted in ("says", "author", "writers", "date") else None
