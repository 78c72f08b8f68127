"""Which sentences make up a list or a table, and how much of one a quote shows."""

from __future__ import annotations

from rag.answering.quotes.lists import header_of, is_table_row, list_of, list_shown
from rag.records import Copy, Piece, Post, Sentence

TEXT = "Size\tPrice\nSmall\t2.40\nLarge\t4.10\n"
POST = Post("p" * 16, "Prices", TEXT, (Copy("a.txt", "0" * 64, (Piece(0, len(TEXT), 0, len(TEXT)),)),))
ROWS = [
    Sentence(POST.post_id, n, start, end, 0, "item") for n, (start, end) in enumerate([(0, 10), (11, 21), (22, 32)])
]


def test_rows_have_cells() -> None:
    """Separated by a tab or a bar."""
    assert is_table_row("Small\t2.40")
    assert is_table_row("Small | 2.40")
    assert not is_table_row("Small bread")


def test_a_list_is_its_neighbouring_items() -> None:
    """All three here."""
    assert list(list_of(ROWS, 1)) == [0, 1, 2]


def test_a_row_alone_has_its_header_and_the_other_rows() -> None:
    """A header is not an item: one of two rows is shown."""
    header, shown = header_of(POST, ROWS, 22, 32), list_shown(POST, ROWS, 22, 32)
    assert header is not None
    assert shown is not None
    assert (header.text, shown.shown, shown.total) == ("Size\tPrice", 1, 2)
    assert [rest.text for rest in shown.rest] == ["Small\t2.40"]


def test_what_is_shown_whole_has_no_rest() -> None:
    """Nor a header beside it."""
    assert header_of(POST, ROWS, 0, 32) is None
    assert list_shown(POST, ROWS, 0, 32) is None
