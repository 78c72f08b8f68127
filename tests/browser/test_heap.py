"""The Posts tab over more posts than one table: the picture of the heap and the way from it to the posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Desk

THINGS = ("bridge", "mill", "chapel", "orchard", "ferry", "quarry", "school", "market", "well", "lighthouse")
DEEDS = ("was painted", "burned down", "was sold", "was flooded", "was rebuilt", "stood empty", "was moved")


@pytest.fixture(scope="module")
def heap(_kept: Desk) -> Iterator[Desk]:
    """Seventy more posts, a file each."""
    files = []
    for order in range(70):
        thing, deed, year = THINGS[order % 10], DEEDS[order // 10], 1900 + order
        text = (
            f"The {thing} that {deed}\n\n"
            f"In {year} the {thing} of the parish {deed}, and {order + 3} neighbours wrote to the paper about it.\n"
        )
        files.append({"name": f"{thing}-{year}.txt", "mimeType": "text/plain", "buffer": text.encode()})
    _kept.show_tab("Add pages")
    _kept.page.locator("#pq-pages input[type=file]").set_input_files(files)
    _kept.page.get_by_role("button", name="Add these pages").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("Done", timeout=120_000)
    _kept.show_tab("Posts")
    expect(_kept.page.locator("#pq-posts figure svg")).to_be_visible()
    yield _kept
    _kept.show_tab("Add pages")
    _kept.page.get_by_role("button", name="Undo the last addition").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("undone", timeout=120_000)
    _kept.watch.holds(_kept.page)


def test_the_table_is_turned_by_its_buttons(heap: Desk) -> None:
    """Holds: sixty rows, then the rest, then back."""
    rows = heap.page.locator("#pq-posts tbody tr")
    expect(rows).to_have_count(60)
    first = rows.first.locator("th a").text_content() or "?"
    heap.page.locator("#pq-posts").get_by_role("button", name="Next", exact=True).click()
    expect(rows.first.locator("th a")).not_to_have_text(first)
    assert 0 < rows.count() < 60
    heap.page.locator("#pq-posts").get_by_role("button", name="Previous", exact=True).click()
    expect(rows).to_have_count(60)


def test_the_picture_names_and_lists_what_is_pointed_at(heap: Desk) -> None:
    """Holds: the caption follows the pointer, a click at the foot lists the last posts."""
    picture = heap.page.locator("#pq-posts figure svg")
    box = picture.bounding_box()
    assert box is not None
    caption = heap.page.locator("#pq-posts figcaption")
    before = caption.inner_text()
    picture.hover(position={"x": 40, "y": box["height"] - 3})
    expect(caption).not_to_have_text(before)
    last = caption.inner_text()
    picture.click(position={"x": 40, "y": box["height"] - 3})
    expect(heap.page.locator("#pq-posts tbody tr").last.locator("th a")).to_have_text(last)


def test_many_pages_are_counted_where_they_are_too_many_for_columns(heap: Desk) -> None:
    """Holds: with more pages than columns fit, each row says how many hold it."""
    expect(heap.page.get_by_role("button", name="Order by pages")).to_be_visible()
    heap.page.get_by_role("button", name="Order by pages").click()
    counts = heap.page.locator("#pq-posts tbody tr td:last-child")
    expect(counts.first).to_have_text("4")
