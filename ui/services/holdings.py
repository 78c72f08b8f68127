"""All posts of one state of the index, and what they can be listed by: dates, authors, topics. Read once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from ui.services.topics import topics_of

if TYPE_CHECKING:
    from rag.records import Post
    from ui.services.topics import Topic

__all__ = ["Holdings", "Kind", "is_kind", "source_of", "year_of"]

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
# A folder that a page saver named for a site; endings of files, such as in "saved.zip/", are no such names.
_HOST = re.compile(
    r"(?!.*\.(?:zip|maff|warc|wacz|gz|tar|tgz|epub|mbox|xml|jsonl?|[ct]sv|html?|txt|md)$)"
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?",
    re.IGNORECASE,
)

# Sources for each post, at most: beyond that a list of them is as long as the list of posts.
MOST_SOURCES = 0.5

Kind = Literal["", "several", "versions", "undated"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def source_of(file: str) -> str:
    """What a page came from by its name: the site that a folder is named for, else the folder, archive or file.

    >>> source_of("saved/blog.example.org/2014/post.html"), source_of("notes/a.md"), source_of("feed.xml")
    ('blog.example.org', 'notes', 'feed.xml')
    """
    *folders, name = file.split("/")
    return next((folder for folder in folders if _HOST.fullmatch(folder)), folders[0] if folders else name)


def is_kind(post: Post, kind: Kind) -> bool:
    """Whether a post is of a kind; every post is of the kind that has no name."""
    if kind == "several":
        return len({copy.file for copy in post.copies}) > 1
    if kind == "versions":
        return bool(post.variants)
    return kind != "undated" or not post.date


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
    def sources(self) -> dict[str, frozenset[int]]:
        """The numbers of the posts of each source, the largest first: a site, folder, archive or file of many posts.

        None where sources tell nothing apart: there is only one, or nearly every post is its own.
        """
        held: dict[str, set[int]] = {}
        for number, post in enumerate(self.posts):
            for source in {copy.site or source_of(copy.file) for copy in post.copies}:
                held.setdefault(source, set()).add(number)
        if not 1 < len(held) <= MOST_SOURCES * len(self.posts):
            return {}
        ranked = sorted(held.items(), key=lambda one: (-len(one[1]), one[0]))
        return {name: frozenset(numbers) for name, numbers in ranked}

    @cached_property
    def kinds(self) -> dict[Kind, int]:
        """How many posts there are of each kind."""
        return {kind: sum(is_kind(post, kind) for post in self.posts) for kind in get_args(Kind) if kind}

    @cached_property
    def topics(self) -> list[Topic]:
        """Groups of posts about one thing, the largest first."""
        return topics_of(self.posts)

    def prepare(self) -> None:
        """Work out what the list of posts is narrowed by: a second for 25,000 posts."""
        for known in (self.authors, self.sources, self.kinds, self.topics):
            len(known)

    @cached_property
    def dates(self) -> tuple[str, str] | None:
        """The first and the last date, in the shape yyyy-mm-dd; None where no post has one."""
        known = sorted(post.date for post in self.posts if post.date and _ISO.fullmatch(post.date))
        return (known[0], known[-1]) if known else None
