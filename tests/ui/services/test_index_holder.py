"""The index that the page asks, and others asked with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rag import build_index
from ui.services.index_holder import Shelf
from ui.views.quotes import cards

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_asks_several_indexes_as_one(tmp_path: Path) -> None:
    """A quote of the second is shown with its index, its post is found, and its page can be read."""
    for name, text in (("mill", "The mill was built in 1848."), ("bridge", "Carts paid a toll of two pence there.")):
        pages = tmp_path / f"{name}-pages"
        pages.mkdir()
        (pages / f"{name}.md").write_text(f"# The {name}\n\n{text}\n", encoding="utf-8")
        build_index([pages], into=tmp_path / name)
    with contextlib.closing(Shelf(tmp_path / "mill", (tmp_path / "bridge",))) as shelf, shelf.lend() as index:
        quote = index.ask("What toll did carts pay?", always_answer=True).quotes[0]
        assert quote.index == str(tmp_path / "bridge")
        assert str(tmp_path / "bridge") in cards([quote], 1)
        assert index.post(quote.post_id).title == "The bridge"
        assert "two pence" in index.page_text(quote.locations[0].file)
        with shelf.lend_holdings() as holdings:
            assert [post.title for post in holdings.posts([1, 0])] == ["The bridge", "The mill"]
            assert "carts paid" in holdings.searched[1][1].decode()
