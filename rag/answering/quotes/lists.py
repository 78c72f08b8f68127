"""Lists and tables of a post: their sentences, which of them a quote shows, and the rest with its locations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.quotes.locations import locate, unbroken
from rag.records import ListShown, Passage
from rag.text.annotations import facts
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.records import Post, Sentence

__all__ = [
    "best_row",
    "has_list_behind",
    "header_of",
    "introduces_list",
    "is_table_row",
    "joined",
    "list_of",
    "list_shown",
    "same_run",
]

# cells of a table are separated by tabs, in plain text also by bars
_CELLS = re.compile(r"\S *\t *\S|\S +\| +\S")


def is_table_row(text: str) -> bool:
    """Whether a list item is a row of a table."""
    return _CELLS.search(text) is not None


def list_of(rows: Sequence[Sentence], place: int) -> range:
    """The positions of the sentences of the list that an item belongs to, including its own.

    ``rows`` are the sentences of the post. Items of one list have the same lead-in or are in the same paragraph.
    """
    first = last = place
    while first > 0 and _of_one_list(rows[first - 1], rows[place]):
        first -= 1
    while last + 1 < len(rows) and _of_one_list(rows[last + 1], rows[place]):
        last += 1
    return range(first, last + 1)


def _of_one_list(one: Sentence, other: Sentence) -> bool:
    if one.kind != "item" or other.kind != "item" or one.lead_in != other.lead_in:
        return False
    return one.lead_in >= 0 or one.paragraph == other.paragraph


def introduces_list(rows: Sequence[Sentence], place: int) -> bool:
    """Whether a list follows a sentence that ends with a colon, perhaps after a caption.

    Its items may be headings, or lines that look like one sentence.
    """
    behind = next((row for row in rows[place + 1 :] if row.kind != "chrome"), None)
    return behind is not None and (behind.kind in ("item", "heading") or behind.lead_in == place)


def has_list_behind(text: str, rows: Sequence[Sentence], place: int) -> bool:
    """Whether the next sentence introduces a list that belongs to this one: "They include:"."""
    if place + 2 >= len(rows) or rows[place].paragraph != rows[place + 1].paragraph:
        return False
    behind = facts(text[rows[place + 1].start : rows[place + 1].end])
    return behind.opens_with_pronoun and behind.ends_with_colon and introduces_list(rows, place + 1)


def best_row(text: str, rows: Sequence[Sentence], first: int, wanted: Collection[str]) -> tuple[int, bool]:
    """The row with most of some stems, of the table that begins at a place, and whether it has any of them."""
    group = list_of(rows, first)
    held = {
        place: len(frozenset(wanted).intersection(stems(text[rows[place].start : rows[place].end]))) for place in group
    }
    best = max(group[1:] or group, key=lambda place: (held[place], -place))  # the first row is the header
    return (best, True) if held[best] else (group[-1], False)


def joined(rows: Sequence[Sentence], before: int, after: int, opening: str) -> bool:
    """Whether two neighbours are in one paragraph, or a sentence continues across a paragraph break."""
    return before >= 0 and (rows[before].paragraph == rows[after].paragraph or opening.islower())


def same_run(rows: Sequence[Sentence], place: int, other: int) -> bool:
    """Whether two sentences are in one paragraph or one list."""
    one, two = rows[place], rows[other]
    if one.kind == "item" and two.kind == "item":
        return one.lead_in == two.lead_in
    return one.paragraph == two.paragraph


def header_of(post: Post, rows: Sequence[Sentence], start: int, end: int) -> Passage | None:
    """The first row of the table in which a quote begins, unless the quote includes it; offsets are in the post."""
    place = next((at for at, row in enumerate(rows) if start <= row.start and row.end <= end), None)
    if place is None or rows[place].kind != "item" or not is_table_row(post.text[rows[place].start : rows[place].end]):
        return None
    header = rows[list_of(rows, place)[0]]
    if header.start >= start or not is_table_row(post.text[header.start : header.end]):
        return None
    return _passage(post, header.start, header.end)


def list_shown(post: Post, rows: Sequence[Sentence], start: int, end: int) -> ListShown | None:
    """How many items of a list a quote shows, and the rest; None if it shows none or all of them."""
    shown = [at for at, row in enumerate(rows) if start <= row.start and row.end <= end and row.kind == "item"]
    if not shown:
        return None
    group = list_of(rows, shown[0])
    inside = [at for at in shown if at in group]
    if is_table_row(post.text[rows[group[0]].start : rows[group[0]].end]):
        group = group[1:]  # a header is not an item
        inside = [at for at in inside if at in group]
    if not inside or len(inside) == len(group):
        return None
    begins = [at for at in group if _begins_item(rows, at)]
    rest = [
        passage
        for low, high in ((group[0], inside[0] - 1), (inside[-1] + 1, group[-1]))
        if low <= high
        for passage in _passages(post, rows[low : high + 1])
    ]
    counted = sum(at in inside for at in begins)
    if counted == len(begins) or not counted:
        return None
    return ListShown(counted, len(begins), tuple(rest))


def _begins_item(rows: Sequence[Sentence], place: int) -> bool:
    """Whether a sentence begins an item: it has a bullet or number, or its list has none."""
    return rows[place].marker_start >= 0 or all(rows[at].marker_start < 0 for at in list_of(rows, place))


def _start(row: Sentence) -> int:
    return row.marker_start if row.marker_start >= 0 else row.start


def _passages(post: Post, rows: Sequence[Sentence]) -> list[Passage]:
    """Items as one passage, or as several if the pages have other words between them."""
    found: list[Passage] = []
    at = 0
    while at < len(rows):
        start, end = unbroken(post, rows[at:], _start(rows[at]), rows[-1].end, 0)
        found.append(_passage(post, start, end))
        at += sum(row.end <= end for row in rows[at:])
    return found


def _passage(post: Post, start: int, end: int) -> Passage:
    return Passage(post.text[start:end], start, end, locate(post, start, end))
