"""An open index as the page sees it, made of posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.records import PageEntry, Post, PostEntry
from rag.store.rows import PostText

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Held"]


class Held:
    """Posts and the names of their pages; counts what is read of them."""

    def __init__(self, posts: Sequence[Post], files: Sequence[str]) -> None:
        self._posts = {post.post_id: post for post in posts}
        self._files = files
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

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Some texts."""
        self.texts_read += len(post_ids)
        some = (self._posts[post_id] for post_id in post_ids)
        return {post.post_id: PostText(post.title, post.date, post.text) for post in some}
