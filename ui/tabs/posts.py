"""The Posts tab: a reading room. The browser requests its list from the reading pane, piece by piece."""

from __future__ import annotations

import gradio as gr

from ui.tabs.scripts import script
from ui.views.html import Markup, join, tag

__all__ = ["build_posts_tab"]

_ORDERS = (
    ("best", "Best match"),
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("title", "By title"),
    ("longest", "Longest first"),
    ("pages", "On most pages"),
)
_KINDS = (
    ("", "All posts"),
    ("several", "On several pages"),
    ("versions", "With versions that differ"),
    ("undated", "Without a date"),
)


def build_posts_tab() -> None:
    """Add the tab's only component."""
    gr.HTML(_room(), elem_id="pq-posts", js_on_load=script("posts.js"), apply_default_css=False)


def _room() -> Markup:
    """The empty reading room: the search, what narrows it, and the scrolling list."""
    return tag(
        "div",
        tag("h2", "Posts", class_="unseen"),
        tag(
            "div",
            tag("label", "Find a post", for_="pq-find", class_="unseen"),
            tag(
                "input",
                type="search",
                id="pq-find",
                placeholder="Words in title or text",
                autocomplete="off",
                maxlength=200,
            ),
            # only where the window has no room for the choices and for the list
            tag(
                "button",
                "Filter",
                type="button",
                class_="quiet sift-fold",
                aria_expanded="false",
                aria_controls="pq-sift",
            ),
            class_="finder",
        ),
        _sift(),
        tag(
            "div",
            tag("p", "", class_="faint posts-count", role="status"),
            tag("button", "Show all posts", type="button", class_="quiet", data_all=True, hidden=True),
            class_="posts-found",
        ),
        tag(
            "div",
            tag("ul", class_="post-rows"),
            class_="post-scroll",
            tabindex=0,
            role="region",
            aria_label="List of posts",
        ),
        tag(
            "details",
            tag("summary", "Posts and the pages they are on"),
            tag("div", class_="heap-picture"),
            class_="heap-fold",
        ),
        class_="reading-room",
    )


def _sift() -> Markup:
    """What sorts and narrows the list: choices, topics and years."""
    return tag(
        "div",
        tag(
            "div",
            _choice("pq-order", "Order", _ORDERS),
            _choice("pq-author", "Author", (("", "All authors"),)),
            _choice("pq-from", "Source", (("", "All sources"),)),
            _choice("pq-kind", "Kind", _KINDS),
            class_="finder",
        ),
        tag("div", class_="topics", role="group", aria_label="Topics"),
        tag("div", class_="timeline", role="group", aria_label="Posts by year"),
        id="pq-sift",
        class_="sift",
    )


def _choice(name: str, label: str, options: tuple[tuple[str, str], ...]) -> Markup:
    return join(
        [
            tag("label", label, for_=name, class_="unseen"),
            tag("select", *(tag("option", words, value=value) for value, words in options), id=name),
        ]
    )
