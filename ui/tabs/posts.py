"""The Posts tab: find a post, see which pages hold it, open it in the reading pane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import gradio as gr

from ui.services.event_payloads import record
from ui.views.duplicates import DuplicateAccounts, duplicates
from ui.views.html import Markup  # noqa: TC001 - gradio reads the handlers' annotations
from ui.views.post_list import Listing, Order, atlas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Merge, Post
    from ui.services.index_holder import Shelf

__all__ = ["PostsTab", "build_posts_tab"]

# A search is a few words; more is a paste by mistake.
MAX_FIND_CHARS = 200


@dataclass(frozen=True, slots=True)
class PostsTab:
    """The list and what it was asked, for refreshing it when the index changes."""

    view: gr.HTML
    listing: gr.State
    find: gr.Textbox


class _DuplicatesByIndex:
    """The account of duplicates of the index in use, read once for each index."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: tuple[str, DuplicateAccounts] | None = None

    def __call__(self, shown: Sequence[Post]) -> Markup:
        with self._shelf.lend() as index:
            kept = self._kept
            if kept is None or kept[0] != index.catalogue.snapshot:
                merges: dict[str, list[Merge]] = {}
                for merge in index.merges():
                    merges.setdefault(merge.post_id, []).append(merge)
                posts, _ = self._shelf.catalogue()
                accounts = DuplicateAccounts(merges, {post.post_id: post for post in posts}, index.catalogue.dropped())
                kept = self._kept = index.catalogue.snapshot, accounts
        return duplicates(shown, kept[1])


def show_posts(shelf: Shelf, listing: Listing, account: Callable[[Sequence[Post]], Markup] | None = None) -> Markup:
    """The table and picture for a listing, and the account of its duplicates."""
    posts, files = shelf.catalogue()
    return atlas(posts, files, listing, account)


def build_posts_tab(shelf: Shelf, tab: gr.Tab) -> PostsTab:
    """Put the tab's components where it is called and wire them."""
    told = _DuplicatesByIndex(shelf)
    listing = gr.State(Listing(), time_to_live=3600)
    find = gr.Textbox(
        label="Find a post",
        placeholder="Words in the title or the text",
        max_length=MAX_FIND_CHARS,
        max_lines=1,
        elem_id="pq-find",
    )
    view = gr.HTML(show_posts(shelf, Listing(), told), elem_id="pq-posts", js_on_load=_ON_LOAD, apply_default_css=False)

    def look(words: object, now: Listing) -> tuple[Markup, Listing]:
        find = str(words or "")[:MAX_FIND_CHARS]
        wanted = now if find == now.find else replace(now, find=find, screen=0)
        return show_posts(shelf, wanted, told), wanted

    def sort(now: Listing, event: gr.EventData) -> tuple[Markup, Listing]:
        order = _order(record(event).get("by"))
        wanted = replace(now, order="found" if order == now.order else order, screen=0)
        return show_posts(shelf, wanted, told), wanted

    def turn(now: Listing, event: gr.EventData) -> tuple[Markup, Listing]:
        screen = record(event).get("screen")
        wanted = replace(now, screen=screen if isinstance(screen, int) else 0)
        return show_posts(shelf, wanted, told), wanted

    # one after the other: two at once would start from the same listing, and the later would undo the earlier
    hidden = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_id": "posts",
        "concurrency_limit": 1,
    }
    # One event for the tab and the words: as two, a list made before the words came could arrive after theirs.
    gr.on(
        [find.change, find.submit, tab.select],
        look,
        [find, listing],
        [view, listing],
        trigger_mode="always_last",
        api_name="page_find",
        **hidden,
    )
    view.sort(sort, [listing], [view, listing], api_name="page_sort", **hidden)
    view.turn(turn, [listing], [view, listing], api_name="page_turn", **hidden)
    return PostsTab(view, listing, find)


def _order(value: object) -> Order:
    return next((known for known in get_args(Order) if known == value), "found")


# Column heads order the table, the turner turns it; the picture names the post under the pointer and lists those there.
_ON_LOAD = """const pointed = (event) => {
  const svg = event.target.closest(".picture svg");
  if (!svg) return null;
  const rows = JSON.parse(svg.parentElement.dataset.rows);
  const box = svg.getBoundingClientRect();
  return rows[Math.min(Math.floor((event.clientY - box.top) / box.height * rows.length), rows.length - 1)];
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.dataset.sort) trigger("sort", { by: button.dataset.sort });
  if (button && button.dataset.screen) trigger("turn", { screen: Number(button.dataset.screen) });
  const at = pointed(event);
  if (at) trigger("turn", { screen: at[0] });
});
element.addEventListener("pointermove", (event) => {
  const at = pointed(event);
  if (at) element.querySelector(".picture figcaption").textContent = at[1];
});"""
