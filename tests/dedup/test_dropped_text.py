"""Whatever of a page is in no post is counted, and so is what stands in posts and is never quoted."""

from __future__ import annotations

from heaps import Heap, heaps
from hypothesis import given, settings
from makers import make_page

from rag.dedup.dropped_text import left_over
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.records import Dropped, Page
from rag.text.whitespace import fold_white

MENU = "Home\n\nAbout me\n\n"
POST = (
    "# The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "Share\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n\n"
)


def _dropped(*pages: Page) -> list[Dropped]:
    copies = divide(pages)
    return left_over(pages, copies, merge(copies)[0])


def test_menus_stand_outside_and_buttons_inside() -> None:
    """Each with its kind, how often and on how many pages; no sentence of the post is among them."""
    told = _dropped(make_page(POST, "a.md"), make_page(POST + "Comments\n", "b.md"))
    assert Dropped("Share", "inside", 2, 2, "a.md") in told
    assert Dropped("Comments", "outside", 1, 1, "b.md") in told
    assert not [row for row in told if "well" in row.text or "village" in row.text]


def test_the_title_is_not_dropped_but_the_date_line_is_told() -> None:
    """What stands between the title and the text belongs to neither."""
    text = POST.replace("crossroads\n\n", "crossroads\n\nOctober 27, 2014 by Jo Smith\n\n", 1)
    assert [row.text for row in _dropped(make_page(text, "a.md")) if row.kind == "outside"] == [
        "October 27, 2014 by Jo Smith"
    ]


@settings(max_examples=40, deadline=None)
@given(heaps())
def test_every_line_of_a_page_is_in_a_post_or_in_the_account(heap: Heap) -> None:
    """Nothing disappears: a line is part of a post's text, its title, or told as left out."""
    pages = [make_page(heap.page(snapshot), f"{number}.txt") for number, snapshot in enumerate(heap.snapshots)]
    copies = divide(pages)
    told = {row.text for row in left_over(pages, copies, merge(copies)[0])}
    for page in pages:
        here = [copy for copy in copies if copy.file == page.file]
        kept = fold_white("\n".join(f"{copy.title or ''}\n{copy.text}" for copy in here))
        for line in page.text.splitlines():
            assert not line.strip() or fold_white(line) in kept or fold_white(line) in told
