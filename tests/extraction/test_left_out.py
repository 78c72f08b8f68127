from __future__ import annotations

from makers import make_page

from rag.dedup.dropped_text import left_over
from rag.extraction.posts import divide
from rag.records import LeftOut

PROSE = "<p>The lock keeper retired last week after thirty-one years of opening gates for boats.</p>"
SOURCE = (
    f"<nav><a href=/>Home</a></nav><article><h1>The keeper</h1>{PROSE}<div class=promo-box><p>Buy the book.</p></div>{PROSE}"
    "<h2>Related posts</h2><ul><li><a href=/b>The loaf</a></ul></article>"
    "<div class=comments><p>How nice!</p></div><p hidden>Secret</p><p>Imprint</p>"
)


def test_every_line_outside_of_posts_is_accounted_for_by_kind() -> None:
    """The title is part of its post's location; all other lines are either in the text or in the account."""
    (copy,) = divide([make_page(SOURCE, "a.html", "html")])
    assert copy.left_out == (
        LeftOut("Home", "menu"),
        LeftOut("Buy the book.", "menu"),
        LeftOut("Related posts", "closing"),
        LeftOut("The loaf", "closing"),
        LeftOut("How nice!", "comments"),
        LeftOut("Secret", "hidden"),
        LeftOut("Imprint", "outside"),
    )


def test_the_account_counts_lines_over_pages() -> None:
    """A menu on two pages is one line that occurs twice."""
    pages = [make_page(SOURCE, "a.html", "html"), make_page(SOURCE, "b.html", "html")]
    rows = left_over(pages, divide(pages), [])
    assert {(row.text, row.kind, row.times, row.pages) for row in rows} >= {
        ("Home", "menu", 2, 2),
        ("Secret", "hidden", 2, 2),
    }


def test_any_of_these_lines_can_be_kept() -> None:
    """If the user says so, it is part of the post again, wherever it is on the page."""
    (copy,) = divide([make_page(SOURCE, "a.html", "html")], ["Buy the book", "how nice", "The loaf"])
    lines = copy.text.split("\n\n")
    assert [line for line in lines if len(line) < 20] == ["Buy the book.", "The loaf", "How nice!"]
    assert not {"Buy the book.", "The loaf", "How nice!"} & {line.text for line in copy.left_out}
