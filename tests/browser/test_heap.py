"""The Posts tab with more posts than fit in a table: the picture of the heap, and the way from it to the posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Desk

THINGS = ("bridge", "mill", "chapel", "orchard", "ferry", "quarry", "school", "market", "well", "lighthouse")
STILE = "The stile on the path to the mill has been there since anyone can remember, and walkers like to rest on it."
PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
DEEDS = ("was painted", "burned down", "was sold", "was flooded", "was rebuilt", "stood empty", "was moved")


@pytest.fixture(scope="module")
def heap(_kept: Desk) -> Iterator[Desk]:
    """Seventy more posts, one file each, and one with a picture."""
    files = []
    for order in range(70):
        thing, deed, year = THINGS[order % 10], DEEDS[order // 10], 1900 + order
        text = (
            f"The {thing} that {deed}\n\n"
            f"In {year} the {thing} of the parish {deed}, and {order + 3} neighbours wrote to the paper about it.\n"
        )
        files.append({"name": f"{thing}-{year}.txt", "mimeType": "text/plain", "buffer": text.encode()})
    page = f'<title>The stile</title><article><h1>The stile</h1><p>{STILE}</p><img src="{PICTURE}" alt="A stile"></article>'
    files.append({"name": "stile.html", "mimeType": "text/html", "buffer": page.encode()})
    _kept.show_tab("Add pages")
    _kept.page.locator("#pq-pages input[type=file]").set_input_files(files)
    _kept.page.get_by_role("button", name="Add these pages").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("Done", timeout=120_000)
    _kept.show_tab("Posts")
    expect(_kept.page.locator(".posts-count")).to_contain_text("posts on 7")
    yield _kept
    _kept.show_tab("Add pages")
    _kept.page.get_by_role("button", name="Undo the last addition").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("undone", timeout=120_000)
    _kept.watch.holds(_kept.page)


def test_only_the_rows_in_view_are_drawn(heap: Desk) -> None:
    """At the end of the list, the last posts are there, and the page contains a window of rows, not all."""
    scroll = heap.page.locator(".post-scroll")
    scroll.evaluate("node => node.scrollTo(0, node.scrollHeight)")
    rows = heap.page.locator(".post-row")
    total = int(rows.first.get_attribute("aria-setsize") or 0)
    assert total > 80
    expect(heap.page.locator(f'.post-row[aria-posinset="{total}"]')).to_be_in_viewport()
    assert rows.count() < 40
    # topics arrive after the posts and make the list shorter: its end stays in view
    heap.page.locator(".topics").evaluate("node => { node.style.paddingTop = '180px' }")
    expect(heap.page.locator(f'.post-row[aria-posinset="{total}"]')).to_be_in_viewport()
    heap.page.locator(".topics").evaluate("node => { node.style.paddingTop = '' }")
    # the list is read again whenever somebody has added pages: its position stays the same
    rows.evaluate_all("all => all.forEach((row) => { row.dataset.before = '' })")
    heap.page.evaluate("window.pullquote.listPosts()")
    expect(heap.page.locator(".post-row[data-before]")).to_have_count(0)
    expect(heap.page.locator(f'.post-row[aria-posinset="{total}"]')).to_be_in_viewport()
    scroll.evaluate("node => node.scrollTo(0, 0)")
    expect(heap.page.locator('.post-row[aria-posinset="1"]')).to_be_in_viewport()
    # from the pane one goes on to the next post, also to one whose row is not drawn
    heap.press(heap.page.locator("a.post-title").first)
    scroll.evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(heap.page.locator('.post-row[aria-posinset="2"]')).to_have_count(0)
    heap.page.locator(".source-walk").get_by_role("button", name="Next").click()
    expect(heap.page.locator(".source-walk")).to_contain_text(f"2 of {total}")
    expect(heap.page.locator('.post-row[aria-posinset="2"]')).to_be_in_viewport()


def test_the_picture_names_and_lists_what_is_pointed_at(heap: Desk) -> None:
    """The caption follows the pointer, a click at the foot scrolls the list to the last posts."""
    size = heap.page.viewport_size
    heap.page.set_viewport_size({"width": 1280, "height": 650})
    heap.page.locator(".heap-fold > summary").click()
    picture = heap.page.locator("#pq-posts figure svg")
    picture.wait_for()
    filters, count = heap.page.locator(".topics").bounding_box(), heap.page.locator(".posts-found").bounding_box()
    assert filters is not None
    assert count is not None
    assert filters["y"] + filters["height"] <= count["y"], "the list lies over what narrows it"
    heap.page.set_viewport_size(size or {"width": 1280, "height": 720})
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    expect(heap.page.locator("#pq-posts figcaption")).to_contain_text("more than one page. Choose a place")
    caption = heap.page.locator("#pq-posts .pointed")
    expect(caption).to_have_text("")
    picture.hover(position={"x": 40, "y": box["height"] - 3})
    expect(caption).not_to_have_text("")
    last = caption.inner_text()
    picture.click(position={"x": 40, "y": box["height"] - 3})
    expect(heap.page.locator("a.post-title", has_text=last).first).to_be_in_viewport()
    heap.page.locator(".heap-fold > summary").click()


def test_a_post_shows_its_picture(heap: Desk) -> None:
    """If the page has it, with its description, and drawn by the browser."""
    heap.page.get_by_label("Find a post").fill("stile")
    heap.press(heap.page.locator("a.post-title", has_text="The stile").first)
    picture = heap.page.locator("#pq-source .source-text").get_by_role("img", name="A stile")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 1)
    heap.page.get_by_label("Find a post").fill("")
