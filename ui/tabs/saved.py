"""The saved conversations at the side: open, search, rename, delete and restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from ui.services.conversation import Turns, Window, read_link, reopened
from ui.services.event_payloads import record
from ui.tabs.ask_handlers import Handlers, conversation_list, narrow, read_place, shown
from ui.tabs.scripts import script
from ui.views.html import Markup, tag
from ui.views.saved_list import saved_list

if TYPE_CHECKING:
    from ui.services.index_holder import Shelf
    from ui.tabs.ask import AskTab

__all__ = ["build_saved", "wire_saved"]

MAX_FIND_CHARS = 200


def build_saved() -> gr.HTML:
    """Add the list."""
    gr.HTML(_head(), js_on_load=None, apply_default_css=False, elem_id="pq-saved-head")
    return gr.HTML(saved_list(()), elem_id="pq-saved", js_on_load=script("saved.js"), apply_default_css=False)


def _head() -> Markup:
    return tag(
        "div",
        tag("h2", "Conversations", id="pq-saved-title"),
        tag("button", "New conversation", type="button", class_="saved-new", data_new=True),
        tag("label", "Find a conversation", for_="pq-saved-find", class_="unseen"),
        tag("input", type="search", id="pq-saved-find", placeholder="Find a conversation", autocomplete="off"),
        class_="saved-head",
    )


def wire_saved(shelf: Shelf, listed: gr.HTML, tab: AskTab) -> None:
    """Connect the list with the conversation."""
    handlers = Handlers(shelf)

    def open_saved(now: Window | None, event: gr.EventData, request: gr.Request) -> list[object]:
        now = now or Window()
        search, _ = read_place(record(event).get("place"), now)
        link = read_link(search)
        now.conversation += 1
        turns: Turns = reopened(handlers.saved(request, now), link.conversation_id)
        return [*shown(shelf, turns, now), *narrow(shelf, link.scope_id)]

    def change(now: Window | None, event: gr.EventData, request: gr.Request) -> Markup:
        given = record(event)
        now = now or Window()
        read_place(given.get("place"), now)
        now.find = str(given.get("find") or "")[:MAX_FIND_CHARS]
        saved = handlers.saved(request, now)
        if saved is None:
            return conversation_list(None, now)
        name = str(given.get("id") or "")
        match given.get("do"):
            case "rename":
                saved.rename(name, str(given.get("title") or ""))
            case "delete":
                gone = next((one for one in saved.listed() if one.conversation_id == name), None)
                if gone is not None and saved.delete(name):
                    now.deleted = gone
            case "undo":
                saved.restore(name)
                now.deleted = None
            case _:
                pass  # only refresh
        return conversation_list(saved, now)

    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    listed.open_saved(
        open_saved, [tab.window], [*tab.kept, tab.scope, tab.scope_line], api_name="page_open_saved", **hidden
    )
    # all changes are made, in order; of waiting refreshes only the last is needed
    turns = {"concurrency_id": "saved", "concurrency_limit": 1, **hidden}
    listed.change_saved(change, [tab.window], [listed], api_name="page_change_saved", trigger_mode="multiple", **turns)
    listed.look_saved(change, [tab.window], [listed], api_name="page_look_saved", trigger_mode="always_last", **turns)
