"""Posts and the pages that hold them, as a table to open posts from and as a picture of the whole heap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.dedup.copy_matrix import KIND_WORDS, copy_kind, draw
from rag.text.plurals import amount
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Post

__all__ = ["ROWS_SHOWN", "Listing", "Order", "atlas", "matching", "ordered"]

Order = Literal["found", "title", "date", "words", "pages"]

# Rows of the table at once: about three screens; beyond that the picture above the table shows the whole.
ROWS_SHOWN = 60

# Page columns that fit beside the titles at desk width with marks large enough to hit.
MAX_COLUMNS = 14


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked of the table: words to find, the order, and which screenful."""

    find: str = ""
    order: Order = "found"
    screen: int = 0


def matching(posts: Sequence[Post], find: str) -> list[Post]:
    """The posts that have every word of ``find`` in title, date or text."""
    words = find.casefold().split()
    if not words:
        return list(posts)
    found = []
    for post in posts:
        text = f"{post.title}\n{post.date or ''}\n{post.text}".casefold()
        if all(word in text for word in words):
            found.append(post)
    return found


def ordered(posts: Sequence[Post], order: Order) -> list[Post]:
    """The posts in an order for reading; what has no date comes last."""
    if order == "title":
        return sorted(posts, key=lambda post: post.title.casefold().lstrip("“\"'‘#"))
    if order == "date":
        return sorted(posts, key=lambda post: post.date or "", reverse=True)
    if order == "words":
        return sorted(posts, key=lambda post: -len(post.text.split()))
    if order == "pages":
        return sorted(posts, key=lambda post: -len(post.copies))
    return list(posts)


def atlas(
    posts: Sequence[Post],
    files: Sequence[str],
    listing: Listing,
    account: Callable[[Sequence[Post]], Markup] | None = None,
) -> Markup:
    """The table of the posts that match, the picture over it where they are too many for one table.

    ``account`` tells more of the posts that are listed; it stands below them.
    """
    found = ordered(matching(posts, listing.find), listing.order)
    last = max((len(found) - 1) // ROWS_SHOWN, 0)
    screen = min(max(listing.screen, 0), last)
    shown = found[screen * ROWS_SHOWN : (screen + 1) * ROWS_SHOWN]
    below = account(shown) if account is not None and shown else None
    held = {copy.file for post in shown for copy in post.copies}
    columns = [file for file in files if file in held]
    total = f"{len(found):,} of {amount(len(posts), 'post')}" if listing.find.strip() else amount(len(posts), "post")
    return tag(
        "div",
        tag("p", f"{total} on {amount(len(files), 'page')}", class_="faint", role="status"),
        _picture(found, files) if len(found) > ROWS_SHOWN else None,
        _table(shown, columns, listing.order) if shown else tag("p", "No post has all of these words."),
        _turner(screen, last, len(found)) if last else None,
        _legend(found, pictured=len(found) > ROWS_SHOWN) if shown else None,
        below,
        class_="atlas",
    )


def _table(posts: Sequence[Post], columns: Sequence[str], order: Order) -> Markup:
    marked = len(columns) <= MAX_COLUMNS
    heads = [
        tag("th", _sorter("Post", "title", order), scope="col", class_="col-title"),
        tag("th", _sorter("Date", "date", order), scope="col", class_="col-fact"),
        tag("th", _sorter("Words", "words", order), scope="col", class_="col-fact number"),
    ]
    if marked:
        heads += [
            tag("th", tag("span", str(place), title=file, aria_label=f"Page {file}"), scope="col", class_="col-mark")
            for place, file in enumerate(columns, 1)
        ]
    else:
        heads.append(tag("th", _sorter("Pages", "pages", order), scope="col", class_="number"))
    rows = [_row(post, columns if marked else None) for post in posts]
    keys = [tag("li", tag("b", str(place)), " ", file) for place, file in enumerate(columns, 1)]
    return join(
        [
            tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="posts"),
            tag("ol", *keys, class_="page-keys", aria_label="Pages by number") if marked else None,
        ]
    )


def _sorter(words: str, by: Order, order: Order) -> Markup:
    now = by == order
    label = f"Order by {words.lower()}" + (", as now" if now else "")
    return tag("button", words, type="button", class_="quiet sorter", data_sort=by, aria_label=label, data_now=now)


def _row(post: Post, columns: Sequence[str] | None) -> Markup:
    words = len(post.text.split())
    pages = len({copy.file for copy in post.copies})
    small = " · ".join(fact for fact in (post.date, amount(words, "word"), amount(pages, "page")) if fact)
    cells = [
        tag(
            "th",
            tag("a", post.title or "Untitled post", href=Ref(post.post_id).href, class_="cite-link"),
            tag("span", small, class_="small-facts"),
            scope="row",
            class_="col-title",
        ),
        tag("td", post.date or "", class_="col-fact"),
        tag("td", f"{words:,}", class_="col-fact number"),
    ]
    if columns is None:
        cells.append(tag("td", str(pages), class_="number"))
    else:
        by_file: dict[str, list[int]] = {}
        for order, copy in enumerate(post.copies):
            by_file.setdefault(copy.file, []).append(order)
        cells += [
            tag("td", *(_mark(post, order) for order in by_file.get(file, [])), class_="col-mark") for file in columns
        ]
    return tag("tr", *cells)


def _mark(post: Post, order: int) -> Markup:
    copy = post.copies[order]
    kind = copy_kind(post, copy)
    words = f"{copy.file}: {KIND_WORDS[kind]}"
    # the pane lists the same places, so that the keyboard need not walk over every mark
    href = Ref(post.post_id, copy=order).href
    return tag("a", "", href=href, class_=f"mark mark-{kind}", title=words, aria_label=words, tabindex=-1)


def _turner(screen: int, last: int, count: int) -> Markup:
    first = screen * ROWS_SHOWN
    return tag(
        "p",
        tag("button", "Previous", type="button", class_="quiet", data_screen=screen - 1, disabled=screen == 0),
        tag("span", f"{first + 1:,} to {min(first + ROWS_SHOWN, count):,} of {count:,}", class_="faint"),
        tag("button", "Next", type="button", class_="quiet", data_screen=screen + 1, disabled=screen == last),
        class_="turner",
    )


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
    """The picture of the heap; a place in it leads to the screenful that lists the posts there."""
    drawn = draw(posts, files)
    svg = tag(
        "svg",
        *(tag("path", d=marks, class_=f"fill-{kind}") for kind, marks in drawn.marks),
        viewBox=f"0 0 {drawn.width:.0f} {drawn.height:.1f}",
        role="img",
        aria_label=drawn.words,
    )
    rows = [[first // ROWS_SHOWN, posts[first].title[:80]] for first in drawn.firsts]
    return tag(
        "figure",
        svg,
        tag("figcaption", f"{drawn.shared:,} posts stand on more than one page. Choose a place to list its posts."),
        class_="picture",
        data_rows=json.dumps(rows, ensure_ascii=False),
    )
