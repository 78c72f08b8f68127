"""An open index as the page sees it, made of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.records import PageEntry, Post, PostEntry
from rag.store.rows import PostText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Held"]


class Held:
    """Posts and the names of their pages; counts what is read of them. ``slips`` are misspelt words with what they mean."""

    def __init__(self, posts: Sequence[Post], files: Sequence[str], slips: Mapping[str, str] | None = None) -> None:
        self._posts = {post.post_id: post for post in posts}
        self._files = files
        self._slips = slips or {}
        self.posts_read = self.texts_read = 0

    def entries(self) -> list[PostEntry]:
        """Every post without its text."""
        return list(map(PostEntry.of, self._posts.values()))

    def pages(self) -> list[PageEntry]:
        """The pages."""
        return [PageEntry(file, "", "utf-8", "text", file) for file in self._files]

    def posts_by_id(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Some posts."""
        self.posts_read += len(post_ids)
        return {post_id: self._posts[post_id] for post_id in post_ids}

    def corrected(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The text with the slips in it corrected, and the pairs."""
        found = tuple((slip, meant) for slip, meant in self._slips.items() if slip in text)
        for slip, meant in found:
            text = text.replace(slip, meant)
        return text, found

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Some texts."""
        self.texts_read += len(post_ids)
        some = (self._posts[post_id] for post_id in post_ids)
        return {post.post_id: PostText(post.title, post.date, post.text) for post in some}
