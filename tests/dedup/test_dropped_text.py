"""Everything on a page that is in no post is counted, and so is what is in posts but never quoted."""

from __future__ import annotations

from heaps import Heap, heaps
from hypothesis import given, settings
from makers import make_page

from rag.dedup.dropped_text import dropped_lines, left_over
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.records import Dropped, Page
from rag.spools import Spools
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


def test_menus_are_outside_and_buttons_inside() -> None:
    """Each with its kind, how often and on how many pages; no sentence of the post is among them."""
    told = _dropped(make_page(POST, "a.md"), make_page(POST + "Comments\n", "b.md"))
    assert Dropped("Share", "inside", 2, 2, "a.md") in told
    assert Dropped("Comments", "outside", 1, 1, "b.md") in told
    assert not [row for row in told if "well" in row.text or "village" in row.text]


def test_the_title_is_not_dropped_but_the_date_line_is_reported() -> None:
    """What is between the title and the text belongs to neither."""
    text = POST.replace("crossroads\n\n", "crossroads\n\nOctober 27, 2014 by Jo Smith\n\n", 1)
    assert [row.text for row in _dropped(make_page(text, "a.md")) if row.kind == "outside"] == [
        "October 27, 2014 by Jo Smith"
    ]


def test_lines_are_counted_alike_through_the_table() -> None:
    """However few are counted in memory: times, pages, the first page by name, and the order."""
    pages = [make_page(MENU + POST + f"Line {number % 3}\n", f"{9 - number}.md") for number in range(8)]
    whole = _dropped(*pages)
    copies = divide(pages)
    with Spools(memory=1) as spools:
        assert list(dropped_lines(pages, copies, merge(copies)[0], spools)) == whole
    assert Dropped("Share", "inside", 8, 8, "2.md") in whole
    assert whole == sorted(whole, key=lambda row: (-row.pages, -row.times, row.kind, row.text))


@settings(max_examples=40, deadline=None)
@given(heaps())
def test_every_line_of_a_page_is_in_a_post_or_in_the_account(heap: Heap) -> None:
    """Nothing disappears: a line is part of a post's text, its title, or reported as left out."""
    pages = [make_page(heap.page(snapshot), f"{number}.txt") for number, snapshot in enumerate(heap.snapshots)]
    copies = divide(pages)
    told = {row.text for row in left_over(pages, copies, merge(copies)[0])}
    for page in pages:
        here = [copy for copy in copies if copy.file == page.file]
        kept = fold_white("\n".join(f"{copy.title or ''}\n{copy.text}" for copy in here))
        for line in page.text.splitlines():
            assert not line.strip() or fold_white(line) in kept or fold_white(line) in told
