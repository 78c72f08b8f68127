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


def test_a_note_beside_a_sentence_is_not_in_it_and_accounted_for() -> None:
    """A theme shows it in the margin; in the source it is in the middle of the sentence."""
    note = "<span class='sidenote'>Measured <b>twice</b>.</span>"
    (copy,) = divide(
        [
            make_page(
                f"<article><h1>The keeper</h1>{PROSE}<p>The gate is old,{note} and heavy.</p></article>",
                "a.html",
                "html",
            )
        ]
    )
    assert copy.text.endswith("The gate is old, and heavy.")
    assert copy.left_out == (LeftOut("Measured twice.", "hidden"),)


def test_credits_between_a_subtitle_and_the_text_are_not_text() -> None:
    """Nor are the numbers and signs beside them; a subtitle is, and so is a list."""
    about = (
        "<div>Ida Moss<button>Follow</button></div><div>4 min read</div><div>·</div><div>Mar 4, 2019</div><div>3</div>"
    )
    head = "<meta name=author content='Ida Moss'><title>The keeper</title>"
    for between, shown in (("<h2>A subtitle</h2>", "A subtitle"), ("<ul><li>4 gates<li>12</ul>", "• 4 gates\n• 12")):
        source = f"{head}<article><h1>The keeper</h1>{between}{about}{PROSE}{PROSE}</article>"
        (copy,) = divide([make_page(source, "a.html", "html")])
        assert copy.text.split("\n\n")[0].replace("• ", "") == shown.replace("• ", "")
        assert "Follow" not in copy.text
        assert "2019" not in copy.text
        assert (copy.author, copy.date) == ("Ida Moss", "2019-03-04")


def test_what_a_print_view_says_of_itself_is_not_text() -> None:
    """A long byline above the text, and addresses below it."""
    byline = "<p>Posted By <u>Ida Moss</u> On March 4, 2019 @ 8:12 pm In <u>Sea</u> | <u>3 Comments</u></p>"
    below = "<p>Article printed from Locks: http://x.org</p><p>URL to article: http://x.org/a</p><p>Click here to print.</p>"
    (copy,) = divide([make_page(f"<h1>The keeper</h1>{byline}{PROSE}{PROSE}{below}", "a.html", "html")])
    assert copy.text.startswith("The lock keeper")
    assert copy.text.endswith("for boats.")
    assert (copy.author, copy.date) == ("Ida Moss", "2019-03-04")
