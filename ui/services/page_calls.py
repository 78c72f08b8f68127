"""Answers the browser while somebody reads: places to show, rows of the list of posts, and changes of the index."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rag.errors import PullquoteError
from rag.records import Post
from rag.spools import Spool
from ui.services.listing import MAX_FIND_CHARS, listed, read_listing, words_of
from ui.services.pictures import pictures_of
from ui.views.citations import Ref, read_ref
from ui.views.duplicates import DuplicateAccounts, duplicates
from ui.views.heap_picture import heap_picture
from ui.views.html import Markup, join
from ui.views.reading_pane import message_panel, panel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.records import Merge
    from ui.services.index_holder import Shelf

__all__ = ["PageCalls"]

# Quotes of one answer that are marked together.
MAX_ALSO = 40


class PageCalls:
    """Answers the page's own calls, which change nothing and do not depend on the user."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._drawn: tuple[str, Markup] | None = None

    def __call__(self, wanted: object) -> str:
        """HTML for the place of a reference, or JSON for a record that names what else is wanted."""
        if wanted == "now":
            return self._now()
        if isinstance(wanted, dict):
            if "posts" in wanted:
                return json.dumps(self._listed(wanted["posts"]), ensure_ascii=False)
            if wanted.get("picture"):
                return self._picture()
            return self._place(wanted.get("ref"), wanted)
        return self._place(wanted, {})

    def _now(self) -> str:
        watching = self._shelf.watching
        with self._shelf.lend_holdings() as holdings:
            generation, topics = holdings.generation, holdings.topics_found
        state = {
            "generation": generation,
            "topics": topics is not None,
            "ready": self._shelf.suggested() is not None,
            "watching": watching.words() if watching is not None else "",
        }
        return json.dumps(state, ensure_ascii=False)

    def _listed(self, wanted: object) -> dict[str, object]:
        try:
            with self._shelf.lend_holdings() as holdings:
                return listed(holdings, read_listing(wanted))
        except PullquoteError as error:
            return {"problem": str(error)}

    def _place(self, ref: object, given: Mapping[str, object]) -> str:
        place = read_ref(ref)
        if place is None:
            return message_panel("Invalid link", "This link does not name a place in a post.")
        others = given.get("also")
        find = given.get("find")
        words = words_of(find[:MAX_FIND_CHARS]) if isinstance(find, str) else []
        also = [read_ref(other) for other in others[:MAX_ALSO]] if isinstance(others, list) else []
        with self._shelf.lend() as index:
            try:
                known = [other for other in also if isinstance(other, Ref) and other != place]
                return panel(index, place, known, lambda post: pictures_of(index, post), words)
            except PullquoteError as error:
                return message_panel("Cannot be shown", str(error))

    def _picture(self) -> str:
        """The picture of posts and pages, and the list of the copies that were merged."""
        with self._shelf.lend() as index:
            kept = self._drawn
            if kept is None or kept[0] != index.catalogue.snapshot:
                kept = self._drawn = index.catalogue.snapshot, _drawn(index)
        return kept[1]


def _drawn(index: Index | Heaps) -> Markup:
    posts: Spool[Post] = Spool(Post)  # 25,000 posts are too many for the memory
    for post in index.posts_in_order():
        posts.append(post)
    merges: dict[str, list[Merge]] = {}
    for merge in index.catalogue.merges():
        merges.setdefault(merge.post_id, []).append(merge)
    others = {variant.post_id for post in posts for variant in post.variants}
    versions = {post.post_id: post for post in posts if post.post_id in others}
    accounts = DuplicateAccounts(merges, versions, index.catalogue.dropped())
    return join([heap_picture(posts, [page.file for page in index.pages()]), duplicates(posts, accounts)])
