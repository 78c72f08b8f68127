"""The posts and pages of an open index, and what was merged and left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.files.page_states import PageStates, written_at
from rag.errors import IndexUnconfirmed, InputError, PageError
from rag.store.confirmed import check_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.answering.files.page_states import PageState
    from rag.records import Dropped, Merge, PageEntry, Post, PostEntry, Quote, SkippedPage
    from rag.store.address import Address
    from rag.store.protocols import Snapshot
    from rag.store.rows import PostText

__all__ = ["Catalogue"]


class Catalogue:
    """The contents of an index; safe to use from several threads."""

    def __init__(self, store: Snapshot, home: Path | Address) -> None:
        self._store = store
        self._home = home
        written = written_at(home)
        self._states = PageStates(store.pages, written, self._may_open) if written is not None else None

    def _may_open(self, path: str) -> bool:
        """Whether somebody on this machine has named the folder of a page; an index may come from a stranger."""
        try:
            check_paths(self._home, [path])
        except IndexUnconfirmed:
            return False
        return True

    @property
    def snapshot(self) -> str:
        """The name of the open snapshot; each build has another."""
        return self._store.name

    @property
    def sources(self) -> tuple[str, ...]:
        """The files and folders from which the index was built."""
        return self._store.manifest.sources

    def posts(self) -> list[Post]:
        """Every post, in order."""
        return list(self.posts_in_order())

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, in order, with a few hundred in memory at a time."""
        return self._store.posts_in_order()

    def entries(self) -> list[PostEntry]:
        """Every post, in order, without its text."""
        return self._store.entries()

    def posts_by_id(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Some posts; unknown ids are left out."""
        return self._store.posts(post_ids)

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Title, date and text of some posts; unknown ids are left out."""
        return self._store.bodies(post_ids)

    def post(self, post_id: str) -> Post:
        """One post.

        Raises:
            InputError: there is no such post.

        """
        found = self._store.posts([post_id])
        if post_id not in found:
            raise InputError("there is no such post", got=post_id, remedy="List the posts: pullquote posts.")
        return found[post_id]

    def merges(self) -> list[Merge]:
        """Every copy that was merged into a post, with the reason."""
        return self._store.merges()

    def dropped(self) -> list[Dropped]:
        """Every line of the pages that is in no post or is never quoted, with the reason."""
        return self._store.dropped()

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return self._store.skipped()

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed."""
        return self._store.pages()

    def page_states(self, files: Iterable[str]) -> dict[str, PageState]:
        """Those of these pages that have changed since they were indexed, by name; none for an index on a server."""
        return self._states.of(files) if self._states is not None else {}

    def marked(self, quotes: list[Quote]) -> list[Quote]:
        """The quotes, with locations marked whose page has changed or is gone."""
        return self._states.marked(quotes) if self._states is not None else quotes

    def page_text(self, file: str) -> str:
        """Decoded text of a page, read again from its file.

        Raises:
            PageError: the page is not in the index, or its file is gone or has changed since.
            IndexUnconfirmed: the file is in no folder that was named on this machine.

        """
        entry = next((page for page in self._store.pages() if page.file == file), None)
        if entry is None:
            raise PageError("this page is not in the index", path=file)
        from rag.loading.pages import reread

        check_paths(self._home, [entry.path])
        return reread(Path(entry.path), entry.encoding, entry.sha256)
