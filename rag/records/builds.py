"""What a build did: copies that were merged, text that no answer quotes, and pages that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rag.records.pages import DroppedKind, SkippedPage  # noqa: TC001 - records are packed by the types of their fields

__all__ = ["BuildReport", "Change", "Dropped", "Merge", "MergeKind", "PageChanges"]

MergeKind: TypeAlias = Literal["exact", "near", "decided"]


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two texts differ, with a few of the words around it that both have."""

    before: str
    removed: str
    added: str
    after: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Why one copy was folded into a post, and how it differs from the post.

    ``kind``: "exact" has the same words; "near" has similar words; "decided" was merged because the user said so.
    ``similarity`` is the Jaccard similarity of word shingles, 1.0 for exact copies. ``start`` is where the copy begins
    in its file, ``text_id`` the id of its text, which would be the id of a post with this text alone.
    """

    post_id: str
    file: str
    kind: MergeKind
    similarity: float
    removed: str = ""
    added: str = ""
    start: int = 0
    text_id: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A text of the pages that is never quoted: how often it occurs, on how many pages, and one of them.

    ``kind``: "inside" is in posts but skipped, such as "Share" or a picture's caption; all others are in no post:
    "menu" is the boilerplate of a page, from navigation to sidebars; "closing" is a list of other posts or a box below
    a post; "comments", "consent" (requests for it) and "hidden" are what they say; "outside" is the rest.
    """

    text: str
    kind: DroppedKind
    times: int
    pages: int
    file: str


@dataclass(frozen=True, slots=True)
class PageChanges:
    """How a heap differs from the one that was indexed before; ``renamed`` contains (old name, new name)."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; ``copies_folded`` counts copies that became further locations of a post.

    ``seconds`` contains (stage, wall seconds) in the order of the work. ``changes`` is None if there was no index to
    compare with. ``outcome``: "built" from nothing; "grown" from the existing index; "unchanged"; or "planned" if it
    was a dry run. ``embedded`` counts the chunks that the model had to read. ``came`` and ``went`` contain the (post
    id, title) of added and removed posts. ``notes`` are for a person, such as a decision about duplicates that has no
    effect.
    """

    pages: int
    posts: int
    copies_folded: int
    chunks: int
    sentences: int
    skipped: tuple[SkippedPage, ...]
    seconds: tuple[tuple[str, float], ...]
    changes: PageChanges | None = None
    outcome: Literal["built", "grown", "unchanged", "planned"] = "built"
    embedded: int = 0
    came: tuple[tuple[str, str], ...] = ()
    went: tuple[tuple[str, str], ...] = ()
    dropped_lines: int = 0
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
