"""All posts of one state of the index, with their dates, authors and topics. Read once.

Their texts are in unnamed temporary files, so that 25,000 posts take little more memory than 250.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from rag.records import Post
from rag.spools import Spool
from ui.services.folded_texts import FoldedTexts
from ui.services.memory import give_back
from ui.services.topics import topics_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ui.services.topics import Topic

__all__ = ["Holdings", "Kind", "Listed", "source_of", "year_of"]

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
# A folder named after a site by a page saver; file endings, as in "saved.zip/", are not such names.
_HOST = re.compile(
    r"(?!.*\.(?:zip|maff|warc|wacz|gz|tar|tgz|epub|mbox|xml|jsonl?|[ct]sv|html?|txt|md)$)"
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?",
    re.IGNORECASE,
)

# Most sources per post: with more, a list of sources is as long as the list of posts.
MOST_SOURCES = 0.5

Kind = Literal["", "several", "versions", "undated"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def source_of(file: str) -> str:
    """The source of a page by its name: the site after which a folder is named, or the folder, archive or file.

    >>> source_of("saved/blog.example.org/2014/post.html"), source_of("notes/a.md"), source_of("feed.xml")
    ('blog.example.org', 'notes', 'feed.xml')
    """
    *folders, name = file.split("/")
    return next((folder for folder in folders if _HOST.fullmatch(folder)), folders[0] if folders else name)


def year_of(date: str | None) -> int | None:
    """The year of a date of an index.

    >>> year_of("2014-10-27"), year_of("3 May 2019"), year_of(None)
    (2014, 2019, None)
    """
    found = _YEAR.search(date or "")
    return int(found[0]) if found else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A post in a list of posts, without its text; ``chars`` is its length and ``copies`` the number of copies."""

    post_id: str
    title: str
    author: str | None
    date: str | None
    year: int | None
    chars: int
    copies: int
    kinds: tuple[Kind, ...]


def _listed(post: Post) -> Listed:
    tests: tuple[tuple[Kind, bool], ...] = (
        ("several", len({copy.file for copy in post.copies}) > 1),
        ("versions", bool(post.variants)),
        ("undated", not post.date),
    )
    author = sys.intern(post.author) if post.author else None
    kinds = tuple(kind for kind, is_one in tests if is_one)
    year = year_of(post.date)
    return Listed(post.post_id, post.title, author, post.date, year, len(post.text), len(post.copies), kinds)


class Holdings:
    """The posts in the order of the index and the names of the pages, for the list and the first look.

    ``posts`` are read from a file each time; ``lines`` are the same posts without their texts. Nothing in it changes;
    slow parts are computed when first needed.
    """

    def __init__(self, posts: Iterable[Post], files: Sequence[str], generation: str = "") -> None:
        spool: Spool[Post] = Spool(Post)
        self.lines: list[Listed] = []
        self.files = list(files)
        self.generation = generation
        self._held: dict[str, set[int]] = {}
        for number, post in enumerate(posts):
            spool.append(post)
            self.lines.append(_listed(post))
            for source in {copy.site or source_of(copy.file) for copy in post.copies}:
                self._held.setdefault(source, set()).add(number)
        self.posts: Sequence[Post] = spool

    @cached_property
    def searched(self) -> FoldedTexts:
        """Title, author and date, and the text of each post, prepared for searching."""
        return FoldedTexts((f"{post.title}\n{post.author or ''}\n{post.date or ''}", post.text) for post in self.posts)

    @cached_property
    def authors(self) -> Counter[str]:
        """The number of posts by each author."""
        return Counter(line.author for line in self.lines if line.author)

    @cached_property
    def sources(self) -> dict[str, frozenset[int]]:
        """The numbers of the posts from each source, the largest first: a site, folder, archive or file of many posts.

        None if sources do not group posts: there is only one, or nearly one for each post.
        """
        if not 1 < len(self._held) <= MOST_SOURCES * len(self.lines):
            return {}
        ranked = sorted(self._held.items(), key=lambda one: (-len(one[1]), one[0]))
        return {name: frozenset(numbers) for name, numbers in ranked}

    @cached_property
    def sites(self) -> list[tuple[str, int]]:
        """The sources that are more than one file, with the number of posts from each."""
        files = frozenset(self.files)
        return [(name, len(numbers)) for name, numbers in self.sources.items() if name not in files]

    @cached_property
    def kinds(self) -> dict[Kind, int]:
        """The number of posts of each kind."""
        counts = Counter(kind for line in self.lines for kind in line.kinds)
        return {kind: counts[kind] for kind in get_args(Kind) if kind}

    @cached_property
    def topics(self) -> list[Topic]:
        """Groups of posts about one thing, the largest first."""
        return topics_of(self.posts)

    def prepare(self) -> None:
        """Compute the filters and search texts of the list of posts, which takes some seconds for 25,000 posts."""
        for known in (self.authors, self.sources, self.kinds, self.topics, self.searched):
            len(known)
        give_back()

    @cached_property
    def dates(self) -> tuple[str, str] | None:
        """The first and the last date, as yyyy-mm-dd; None if no post has one."""
        known = [line.date for line in self.lines if line.date and _ISO.fullmatch(line.date)]
        return (min(known), max(known)) if known else None
