"""All posts of one state of the index, with their dates, authors and topics.

They are listed without their texts, which are read when a row is shown, when words are searched for, or for topics: so
that 25,000 posts are listed at once, and take little more memory than 250.
"""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol, get_args

from ui.services.folded_texts import FoldedTexts, folded
from ui.services.memory import give_back
from ui.services.topics import LEAST_CHARS, MANY_POSTS, spread, topics_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.records import PageEntry, Post, PostEntry
    from rag.store.rows import PostText
    from ui.services.topics import Topic

__all__ = ["Heap", "Holdings", "Kind", "Listed", "source_of", "year_of"]

# Texts read together, to find topics or to prepare a search; some 2 MB of blog posts.
_FETCHED = 500

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


def _listed(post: PostEntry) -> Listed:
    tests: tuple[tuple[Kind, bool], ...] = (
        ("several", len(set(post.files)) > 1),
        ("versions", post.versions),
        ("undated", not post.date),
    )
    author = sys.intern(post.author) if post.author else None
    kinds = tuple(kind for kind, is_one in tests if is_one)
    return Listed(post.post_id, post.title, author, post.date, year_of(post.date), post.chars, len(post.copies), kinds)


class Heap(Protocol):
    """The parts of an open index that are needed here."""

    def entries(self) -> list[PostEntry]:
        """Every post, in order, without its text."""

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed."""

    def posts_by_id(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Some posts."""

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Title, date and text of some posts."""

    def corrected(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A text with the words of the posts for misspelt ones, and pairs of (written, read)."""


class Holdings:
    """The posts in the order of the index and the names of the pages, for the list and the first look.

    ``lines`` are the posts without their texts. Texts are read from ``heap``, which must be open then. Nothing in it
    changes; slow parts are computed when first needed. Safe to use from several threads.
    """

    def __init__(self, heap: Heap, generation: str = "") -> None:
        self._heap = heap
        self.lines: list[Listed] = []
        self.files = [page.file for page in heap.pages()]
        self.generation = generation
        self._held: dict[str, set[int]] = {}
        for number, entry in enumerate(heap.entries()):
            self.lines.append(_listed(entry))
            for source in {site or source_of(file) for file, site in entry.copies}:
                self._held.setdefault(source, set()).add(number)
        self.corrected = heap.corrected
        self._searching, self._grouping = threading.Lock(), threading.Lock()
        self._searched: FoldedTexts | None = None
        self.topics_found: list[Topic] | None = None

    def posts(self, numbers: Iterable[int]) -> list[Post]:
        """Read the posts with these numbers."""
        ids = [self.lines[number].post_id for number in numbers]
        found = self._heap.posts_by_id(ids)
        return [found[post_id] for post_id in ids]

    def _bodies(self, step: int = 1) -> Iterator[PostText]:
        ids = [line.post_id for line in self.lines[::step]]
        for at in range(0, len(ids), _FETCHED):
            some = ids[at : at + _FETCHED]
            found = self._heap.bodies(some)
            yield from (found[post_id] for post_id in some)

    @property
    def searched(self) -> FoldedTexts:
        """Title, author and date, and the text of each post, prepared for searching."""
        with self._searching:
            if self._searched is None:
                self._searched = FoldedTexts(
                    (f"{line.title}\n{line.author or ''}\n{line.date or ''}", body.text)
                    for line, body in zip(self.lines, self._bodies(), strict=True)
                )
            return self._searched

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

    @property
    def topics(self) -> list[Topic]:
        """Groups of posts about one thing, the largest first. ``topics_found`` is None until this was first called."""
        with self._grouping:
            if self.topics_found is None:
                step = max(-(-len(self.lines) // MANY_POSTS), 1)
                found = topics_of(list(self._bodies(step)))
                if step > 1:
                    found = spread(found, self._beginnings())
                self.topics_found = found
            return self.topics_found

    def _beginnings(self) -> Iterator[tuple[bytes, bytes]]:
        searched = self.searched
        for number, line in enumerate(self.lines):
            yield folded(line.title), searched.beginning(number, LEAST_CHARS)

    def prepare(self) -> None:
        """Compute the filters and search texts of the list of posts, which takes some seconds for 25,000 posts."""
        for known in (self.authors, self.sources, self.kinds, self.searched, self.topics):
            len(known)
        give_back()

    @cached_property
    def dates(self) -> tuple[str, str] | None:
        """The first and the last date, as yyyy-mm-dd; None if no post has one."""
        known = [line.date for line in self.lines if line.date and _ISO.fullmatch(line.date)]
        return (min(known), max(known)) if known else None
