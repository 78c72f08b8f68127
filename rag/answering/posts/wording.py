"""The words of answers about posts: how many there are, and by whom, from where and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.text.plurals import amount

if TYPE_CHECKING:
    from rag.answering.posts.questions import PostsQuestion

__all__ = ["bounds_of", "counted_posts"]


def counted_posts(count: int, one: str = "", several: str = "") -> str:
    """A number of posts, with a verb in one of two forms: "2 posts mention".

    >>> counted_posts(1, "mentions", "mention")
    '1 post mentions'
    """
    verb = one if count == 1 else several
    return f"{amount(count, 'post')} {verb}".rstrip()


def bounds_of(asked: PostsQuestion) -> str:
    """The author, the source and the dates that a question asks for, as words to follow "written"."""
    author = f" by {asked.author}" if asked.author else ""
    author += f" from {asked.source}" if asked.source else ""
    return author + (f" {_spoken(asked.dates.words)}" if asked.dates is not None else "")


def _spoken(words_: str) -> str:
    """Dates as they follow "written": "from October 2014" becomes "in", "from 2013 to 2014" stays."""
    if (
        compared := re.match(r"(?P<before>earlier|older)\s+than\b|(?:later|newer)\s+than\b", words_, re.IGNORECASE)
    ) is not None:
        return f"{'before' if compared['before'] else 'after'}{words_[compared.end() :]}"
    if not re.match(r"[a-z]", words_, re.IGNORECASE):
        return f"in {words_}"
    relative = re.match(r"(?:(?:in|from|of|during)\s+)?(?=(?:last|past|previous|this)\s)", words_, re.IGNORECASE)
    if relative is not None:
        return re.sub(r"['’]s$", "", words_[relative.end() :])  # "last year's", "from last year"
    one = re.match(r"(?:from|of|for|dated)\s+(?!.*\b(?:to|until|till|through|on|onwards?)\b)", words_, re.IGNORECASE)
    day = re.search(r"\b\d{1,2}(?:st|nd|rd|th)?\b", words_) is not None
    return f"{'on' if day else 'in'} {words_[one.end() :]}" if one else words_
