"""All posts of one state of the index, and what they can be listed by: dates, authors, topics. Read once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ui.services.topics import topics_of

if TYPE_CHECKING:
    from rag.records import Post
    from ui.services.topics import Topic

__all__ = ["Holdings", "year_of"]

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def year_of(date: str | None) -> int | None:
    """The year of a date as an index gives it.

    >>> year_of("2014-10-27"), year_of("3 May 2019"), year_of(None)
    (2014, 2019, None)
    """
    found = _YEAR.search(date or "")
    return int(found[0]) if found else None


@dataclass(frozen=True)
class Holdings:
    """The posts in the order of the index and the names of the pages, for the list and for the first look.

    Nothing of it changes; what takes time is worked out when it is first asked for.
    """

    posts: list[Post]
    files: list[str]
    generation: str = ""

    @cached_property
    def year_by_post(self) -> list[int | None]:
        """The year of each post."""
        return [year_of(post.date) for post in self.posts]

    @cached_property
    def searched(self) -> list[tuple[str, str]]:
        """Title, author and date, and the text of each post, in the form that words are looked for in."""
        return [
            (f"{post.title}\n{post.author or ''}\n{post.date or ''}".casefold(), post.text.casefold())
            for post in self.posts
        ]

    @cached_property
    def authors(self) -> Counter[str]:
        """How many posts each author has."""
        return Counter(post.author for post in self.posts if post.author)

    @cached_property
    def topics(self) -> list[Topic]:
        """Groups of posts about one thing, the largest first."""
        return topics_of(self.posts)

    @cached_property
    def dates(self) -> tuple[str, str] | None:
        """The first and the last date, in the shape yyyy-mm-dd; None where no post has one."""
        known = sorted(post.date for post in self.posts if post.date and _ISO.fullmatch(post.date))
        return (known[0], known[-1]) if known else None
