"""The list of duplicates in the Posts tab: why each copy was merged, what differs, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rag.dedup.overrides import DECISIONS_FILE
from rag.text.plurals import amount, times
from rag.text.word_diff import word_diff
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.records import Change, Dropped, Merge, Post

__all__ = ["DuplicateAccounts", "duplicates"]

# Changes shown for one copy, and lines shown of the text left out; `pullquote posts --duplicates` shows all.
MAX_CHANGES = 8
MAX_DROPPED = 30
MAX_POSTS = 200
MAX_WORDS = 40  # of one change
_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class DuplicateAccounts:
    """What the index says about its duplicates.

    Merged copies by post, posts that are named as another's version by id, and the lines left out.
    """

    merges: Mapping[str, Sequence[Merge]]
    posts: Mapping[str, Post]
    dropped: Sequence[Dropped]


def duplicates(shown: Sequence[Post], accounts: DuplicateAccounts) -> Markup:
    """The duplicates of the listed posts, in a closed fold."""
    rows = list(islice((row for post in shown for row in _of_post(post, accounts)), MAX_POSTS))
    if len(rows) == MAX_POSTS:
        rows.append(tag("li", "and more: pullquote posts --duplicates", class_="faint"))
    copies = sum(len(accounts.merges.get(post.post_id, ())) for post in shown)
    said = (
        f"{amount(copies, 'merged copy', 'merged copies')} of these posts: why, and what differs"
        if copies
        else "Versions kept separate"
    )
    return join(
        [
            tag("details", tag("summary", said), tag("ul", *rows), _how(), class_="duplicates") if rows else None,
            _left_out(accounts.dropped),
        ]
    )


def _of_post(post: Post, accounts: DuplicateAccounts) -> list[Markup]:
    lines = []
    for merge in accounts.merges.get(post.post_id, ()):
        text = "" if merge.kind == "exact" else f"; its text is {merge.text_id[:_ID_DIGITS]}"
        lines.append(tag("li", tag("span", merge.file, class_="file"), f": {_why(merge)}{text}", _edits(merge.changes)))
    for variant in post.variants:
        other = accounts.posts.get(variant.post_id)
        if other is not None:
            link = tag("a", other.title, href=Ref(other.post_id).href, class_="cite-link")
            kept = tag("span", f"not merged ({variant.post_id[:_ID_DIGITS]}): ", class_="faint")
            lines.append(tag("li", kept, link, _edits(word_diff(post.text, other.text))))
    if not lines:
        return []
    head = tag("a", post.title or "Untitled post", href=Ref(post.post_id).href, class_="cite-link")
    return [tag("li", head, tag("span", f" {post.post_id[:_ID_DIGITS]}", class_="faint"), tag("ul", *lines))]


def _why(merge: Merge) -> str:
    if merge.kind == "exact":
        return "the same words"
    share = f"{min(int(merge.similarity * 100), 99)}% of the word shingles shared"
    return share if merge.kind == "near" else f"{share}, decided in {DECISIONS_FILE}"


def _edits(changes: Sequence[Change]) -> Markup | None:
    rows = [
        tag(
            "li",
            f"… {change.before} ",
            tag("del", _cut(change.removed)) if change.removed else None,
            " " if change.removed and change.added else None,
            tag("ins", _cut(change.added)) if change.added else None,
            f" {change.after} …",
        )
        for change in changes[:MAX_CHANGES]
    ]
    left = len(changes) - MAX_CHANGES
    more = tag("li", f"and {amount(left, 'more place')}", class_="faint") if left > 0 else None
    return tag("ul", *rows, more, class_="edits") if rows else None


def _cut(text: str) -> str:
    words = text.split(" ", MAX_WORDS)
    return text if len(words) <= MAX_WORDS else " ".join(words[:MAX_WORDS]) + " …"


def _how() -> Markup:
    return tag(
        "p",
        "To change this, add a line ",
        tag("code", "never-merge ID ID"),
        " or ",
        tag("code", "always-merge ID ID"),
        f" into {DECISIONS_FILE} beside the index and run pullquote index again. ID is the first 8 digits of a post or "
        "text, or the name of a page.",
        class_="faint",
    )


def _left_out(dropped: Sequence[Dropped]) -> Markup | None:
    if not dropped:
        return None
    rows = [
        tag(
            "li",
            row.text[:200],
            tag("span", f" {times(row.times)} on {amount(row.pages, 'page')}", class_="faint"),
        )
        for row in dropped[:MAX_DROPPED]
    ]
    left = len(dropped) - MAX_DROPPED
    more = (
        tag("li", f"and {amount(left, 'more line')}: pullquote posts --duplicates", class_="faint")
        if left > 0
        else None
    )
    said = f"{amount(sum(row.times for row in dropped), 'line')} of menus, boilerplate and captions, never quoted"
    return tag("details", tag("summary", said), tag("ul", *rows, more), class_="duplicates")
