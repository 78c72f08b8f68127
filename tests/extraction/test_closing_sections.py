from __future__ import annotations

import pytest

from rag.extraction.closing_sections import closing_kind, without_closing_sections
from rag.extraction.html_tree import grow

PROSE = "<p>The lock keeper retired last week after thirty-one years of opening gates for boats.</p>"


def left(below: str, above: str = PROSE * 3) -> list[str]:
    """The lines that remain of a post with this below three paragraphs."""
    tree = grow(f"<article>{above}{below}</article>")
    return [line.text for line in without_closing_sections(tree, tree.lines)]


def test_headings_that_may_close_a_post() -> None:
    """By their words; "Sharing economies" and "Commentary" are not among them."""
    assert closing_kind("Related posts") == closing_kind("You may also like") == "posts"
    assert closing_kind("Share this:") == "share"
    assert closing_kind("3 Comments") == closing_kind("Leave a Reply") == "comments"
    assert closing_kind("About the author") == "box"
    for heading in ("What related means", "Commentary", "Sharing economies", "More", "Why I subscribe to nothing"):
        assert closing_kind(heading) is None


@pytest.mark.parametrize(
    "heading", ["Related work", "Recent changes", "Popular myths", "Response", "See also", "Share"]
)
def test_a_section_of_the_post_is_kept_whatever_its_heading(heading: str) -> None:
    """What is below it is prose, and so is what comes after it."""
    lines = left(f"<h2>{heading}</h2>{PROSE}{PROSE}<h2>Results</h2>{PROSE}")
    assert heading in lines
    assert "Results" in lines
    assert len(lines) == 8


def test_lists_of_other_posts_are_left_out_up_to_the_next_heading() -> None:
    """Links under such a heading are other posts; the section after them belongs to the post again."""
    links = "<ul><li><a href='/a'>The clock of the town</a></li><li><a href='/b'>Bees on the roof</a></li></ul>"
    lines = left(f"<h2>Related posts</h2>{links}<h2>Results</h2>{PROSE}")
    assert lines[3:] == ["Results", lines[0]]


def test_a_section_that_begins_with_a_paragraph_is_the_post_s() -> None:
    """If another follows, even if it goes on with more links than sentences; a few words or links change nothing."""
    links = "<ul><li><a href='/a'>The clock of the town</a></li><li><a href='/b'>Bees on the roof</a></li></ul>"
    long = "<p>The first book to read is by the keeper herself, who wrote down each boat that she let through the gates.</p>"
    results = f"<h2>Results</h2>{PROSE}"
    assert len(left(f"<h2>Related</h2>{long}{links}{results}")) == 3 + 4 + 2
    assert (
        len(left(f"<h2>Related</h2><p>Read these two as well, they were found to be good:</p>{links}{results}"))
        == 3 + 2
    )
    assert len(left(f"<h2>More from us</h2>{long}{links}{results}")) == 3 + 2
    assert len(left(f"<h2>Related</h2>{long}{links}")) == 3


def test_comments_are_left_out_to_the_end() -> None:
    """Headings among comments belong to the comments."""
    comment = (
        "<h3>Ann says:</h3><p>I remember the regatta, and how the boats went through until it was dark.</p><p>Reply</p>"
    )
    assert len(left(f"<h2>2 Comments</h2>{comment}{comment}")) == 3
