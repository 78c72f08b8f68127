"""Which page has which post: a table of marks for a small heap, a picture for a large one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rag.dedup.copy_matrix import KIND_WORDS, copy_kind, draw, shared_words
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Post

__all__ = ["heap_picture"]

# Posts and pages that fit in a table with marks large enough to click.
MAX_ROWS = 60
MAX_COLUMNS = 14


def heap_picture(posts: Sequence[Post], files: Sequence[str]) -> Markup:
    """The table or picture, with its legend."""
    held = {copy.file for post in posts for copy in post.copies}
    columns = [file for file in files if file in held]
    small = len(posts) <= MAX_ROWS and len(columns) <= MAX_COLUMNS
    return join(
        [
            _table(posts, columns) if small else _picture(posts, files),
            _legend(posts, pictured=not small),
        ]
    )


def _table(posts: Sequence[Post], columns: Sequence[str]) -> Markup:
    heads = [tag("th", "Post", scope="col", class_="col-title")]
    heads += [
        tag("th", tag("span", str(place), title=file, aria_label=f"Page {file}"), scope="col", class_="col-mark")
        for place, file in enumerate(columns, 1)
    ]
    keys = [tag("li", tag("b", str(place)), " ", file) for place, file in enumerate(columns, 1)]
    rows = [_row(post, columns) for post in posts]
    return join(
        [
            tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="posts"),
            tag("ol", *keys, class_="page-keys", aria_label="Pages by number"),
        ]
    )


def _row(post: Post, columns: Sequence[str]) -> Markup:
    by_file: dict[str, list[int]] = {}
    for order, copy in enumerate(post.copies):
        by_file.setdefault(copy.file, []).append(order)
    return tag(
        "tr",
        tag(
            "th",
            tag("a", post.title or "Untitled post", href=Ref(post.post_id).href, class_="cite-link"),
            scope="row",
            class_="col-title",
        ),
        *(tag("td", *(_mark(post, order) for order in by_file.get(file, [])), class_="col-mark") for file in columns),
    )


def _mark(post: Post, order: int) -> Markup:
    copy = post.copies[order]
    kind = copy_kind(post, copy)
    words = f"{copy.file}: {KIND_WORDS[kind]}"
    # the pane lists the same places, so that keyboard users need not step through every mark
    href = Ref(post.post_id, copy=order).href
    return tag("a", "", href=href, class_=f"mark mark-{kind}", title=words, aria_label=words, tabindex=-1)


def _legend(posts: Sequence[Post], *, pictured: bool) -> Markup:
    kinds = {copy_kind(post, copy) for post in posts for copy in post.copies}
    items = [
        tag(
            "li",
            tag("span", "", class_=f"swatch fill-{kind}") if pictured else None,
            tag("span", "", class_=f"mark mark-{kind}"),
            " ",
            words,
        )
        for kind, words in KIND_WORDS.items()
        if kind in kinds
    ]
    return tag("ul", *items, class_="legend", aria_label="What the marks mean")


def _picture(posts: Sequence[Post], files: Sequence[str]) -> Markup:
    """The picture of the heap; clicking a place lists the posts there."""
    drawn = draw(posts, files)
    svg = tag(
        "svg",
        *(tag("path", d=marks, class_=f"fill-{kind}") for kind, marks in drawn.marks),
        viewBox=f"0 0 {drawn.width:.0f} {drawn.height:.1f}",
        role="img",
        aria_label=drawn.words,
    )
    rows = [[first, posts[first].title[:80]] for first in drawn.firsts]
    return tag(
        "figure",
        svg,
        tag("figcaption", f"{shared_words(drawn.shared)} Choose a place to list its posts."),
        tag("p", "", class_="faint pointed"),
        class_="picture",
        data_rows=json.dumps(rows, ensure_ascii=False),
    )
