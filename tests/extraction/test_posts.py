"""Posts: where one ends and the next begins, on real snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from heaps import Heap, heaps
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import make_page

from rag.extraction.posts import divide
from rag.loading.pages import read_pages
from rag.records import Page, PostCopy
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

CIDER = """We pressed eleven crates of windfalls on Saturday and had forty litres of juice before the rain came.

The press is the one my grandfather built, and the screw still runs true after sixty years in the barn.

By spring the barrel should be clear enough to bottle, and then we shall know whether the wild yeast was a good idea."""

BIKES = """The council voted last night to give two more streets to bicycles, and the shops on both have their doubts.

I counted the traffic on the first of them for a week: four bicycles to every car in the morning, one at night.

Nobody I spoke to wants the old parking back, though the baker would like a place for his van before six."""

CHESS = """Our club lost the match on the top board again, this time to a sacrifice that everybody saw but the player.

The endgame on board three was worth the journey: a rook and two pawns held against a queen for thirty moves.

Next month the library lends us its reading room, so bring a set if you have one and a chair if you have two."""


def _titles(pages: list[Page]) -> list[str | None]:
    return [copy.title for copy in divide(pages)]


def _holds(copy: PostCopy, page: Page) -> None:
    """The pieces join the copy's text to the page without a gap, and each leads to the right characters."""
    at, file_at = 0, copy.pieces[0].file_start
    for piece in copy.pieces:
        assert (piece.start, piece.file_start) == (at, file_at)
        there = page.text[piece.file_start : piece.file_end]
        assert there == (copy.text[piece.start : piece.end] if piece.text is None else piece.text)
        at, file_at = piece.end, piece.file_end
    assert at == len(copy.text)


def _describe(copy: PostCopy) -> str:
    chrome = " | ".join(fold_white(copy.text[span.start : span.end]) for span in copy.chrome)
    place = f"{copy.file} {copy.pieces[0].file_start}-{copy.pieces[-1].file_end}"
    lines = [place, f"  title: {copy.title}", f"  date: {copy.date}  author: {copy.author}"]
    lines += [f"  text: {fold_white(copy.text[:60])} … {fold_white(copy.text[-60:])}", f"  chrome: {chrome}"]
    return "\n".join(lines)


def test_the_posts_of_the_seed_pages(seeds: Path, snapshot: SnapshotAssertion) -> None:
    """Titles, dates, places, first and last words and chrome of all 39 copies are as a person checked them."""
    pages = [page for page in read_pages([seeds]) if isinstance(page, Page)]
    copies = divide(pages)
    assert len(copies) == 39
    assert "\n\n".join(map(_describe, copies)) == snapshot


@pytest.mark.parametrize("alone", [0, 1, 2, 3, 4])
def test_a_seed_page_alone_is_divided_nearly_as_well(seeds: Path, alone: int) -> None:
    """Without the other pages, at most one title of a page is missed."""
    pages = [page for page in read_pages([seeds]) if isinstance(page, Page)]
    together = {copy.title for copy in divide(pages) if copy.file == pages[alone].file}
    assert len(together & {copy.title for copy in divide([pages[alone]])}) >= len(together) - 1


@settings(max_examples=40, deadline=None)
@given(heaps())
def test_copies_never_overlap_and_lead_to_the_file(heap: Heap) -> None:
    """Whatever the heap: places are in order and disjoint, pieces right, chrome within the text, all repeatable."""
    pages = [make_page(heap.page(shot), f"{number}.txt") for number, shot in enumerate(heap.snapshots)]
    copies = divide(pages)
    by_file = {page.file: page for page in pages}
    ends: dict[str, int] = {}
    for copy in copies:
        _holds(copy, by_file[copy.file])
        assert copy.text.strip() == copy.text != ""
        assert ends.get(copy.file, 0) <= copy.pieces[0].file_start
        ends[copy.file] = copy.pieces[-1].file_end
        assert all(0 <= span.start < span.end <= len(copy.text) for span in copy.chrome)
    assert divide(pages) == copies


LINE = st.sampled_from(
    [
        "",
        " \xa0",
        "Share",
        "Older posts »",
        "# A heading",
        "=====",
        "May 4, 2016",
        "by Jo Smith on 4 May 2016",
        "A short line",
        "Another short\xa0line",
        "  • an item of a list",
        "1. Another item",
        "Image via the web",
        "IMG_2034.jpg",
        "---",
        "title: From the front",
        "This is a longer line that ends like a sentence does, and one more word.",
        "old mapThis line has a caption glued to its front, as page savers do.",
        "这是一个没有空格的句子，后面还有几个字。",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(LINE, max_size=25), max_size=4), st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_any_lines_are_divided_without_loss_of_place(lines: list[list[str]], line_end: str) -> None:
    """No order of titles, dates, lists, captions and rules breaks the division or its offsets."""
    pages = [make_page(line_end.join(page), f"{number}.txt") for number, page in enumerate(lines)]
    by_file = {page.file: page for page in pages}
    for copy in divide(pages):
        _holds(copy, by_file[copy.file])


def test_titles_with_date_lines_and_chrome() -> None:
    """Date, author and categories leave the text; buttons at the end too."""
    page = make_page(
        f"Pressing day\n\nOctober 27, 2014 by Ada Moss · Leave a Comment\nFiled under: Garden\n\n{CIDER}\n\nShare\n\n"
        f"Two streets for bicycles\n\nOctober 20, 2014 by Ada Moss · 3 Comments\nFiled under: Town\n\n{BIKES}\n\nShare\n\n"
        f"A rook and two pawns\n\nOctober 14, 2014 by Ada Moss · Leave a Comment\nFiled under: Chess\n\n{CHESS}\n\n"
        "Share\n\nOlder Posts »\n"
    )
    copies = divide([page])
    assert [(copy.title, copy.date, copy.author, copy.text) for copy in copies] == [
        ("Pressing day", "2014-10-27", "Ada Moss", CIDER),
        ("Two streets for bicycles", "2014-10-20", "Ada Moss", BIKES),
        ("A rook and two pawns", "2014-10-14", "Ada Moss", CHESS),
    ]


def test_date_lines_before_the_titles_belong_to_the_post_below() -> None:
    """Some templates put the date above the title."""
    page = make_page(f"4 May 2016\n\nPressing day\n\n{CIDER}\n\n2 May 2016\n\nTwo streets for bicycles\n\n{BIKES}\n")
    assert [(copy.title, copy.date) for copy in divide([page])] == [
        ("Pressing day", "2016-05-04"),
        ("Two streets for bicycles", "2016-05-02"),
    ]


def test_dates_behind_the_titles_are_taken_off() -> None:
    """A title line may end in its date, with or without a year."""
    page = make_page(
        f"Pressing day October 27, 2014\n\n{CIDER}\n\nTwo streets for bicycles October 20, 2014\n\n{BIKES}\n"
    )
    assert [(copy.title, copy.date) for copy in divide([page])] == [
        ("Pressing day", "2014-10-27"),
        ("Two streets for bicycles", "2014-10-20"),
    ]


def test_a_date_in_a_title_stays_where_the_post_is_dated_below() -> None:
    """The post is about that day."""
    words = "It rained for nine days on end, and every mill along the river stood in the water to its sills."
    text = f"The flood of May 3, 1999\nMay 3, 2012\n\n{words}\n\n{words}\n\nThe ferry\nMay 4, 2012\n\n{words}"
    found = [(copy.title, copy.date) for copy in divide([make_page(text)])]
    assert found == [("The flood of May 3, 1999", "2012-05-03"), ("The ferry", "2012-05-04")]


def test_a_non_breaking_space_tells_titles_from_sub_headings() -> None:
    """Blog software joins the last two words of a title; sub-headings are not affected."""
    halves = [text.split("\n\n", 1) for text in (CIDER, BIKES, CHESS)]
    page = make_page(
        f"A day at the old\xa0press\n\n{halves[0][0]}\n\nHow it went this year\n\n{halves[0][1]}\n\n"
        f"Two streets for\xa0bicycles\n\n{halves[1][0]}\n\nWhat people said about it\n\n{halves[1][1]}\n\n"
        f"A rook and two\xa0pawns\n\n{halves[2][0]}\n\nWhere to go from here\n\n{halves[2][1]}\n"
    )
    assert list(map(fold_white, filter(None, _titles([page])))) == [
        "A day at the old press",
        "Two streets for bicycles",
        "A rook and two pawns",
    ]


def test_a_signature_and_a_site_header_are_learned_from_the_heap() -> None:
    """What is above every page is not a post; what recurs between the posts ends one."""
    texts = [("Pressing day", CIDER), ("Two streets for bicycles", BIKES), ("A rook and two pawns", CHESS)]
    pages = [
        make_page(
            "Ada's Notes\n\nWritten by the river\n\n"
            + "".join(
                f"{title} in week {week}\n\n{text}\n\nYours,\n\nAda\n\n" for title, text in texts[week:] + texts[:week]
            ),
            f"{week}.txt",
        )
        for week in range(3)
    ]
    copies = divide(pages)
    assert [copy.title for copy in copies if copy.file == "0.txt"] == [f"{title} in week 0" for title, _ in texts]
    assert len(copies) == 9
    for copy in copies:
        assert [copy.text[span.start : span.end] for span in copy.chrome] == ["Ada"]


def test_a_post_that_lost_its_title_is_found_by_anotherpage() -> None:
    """If a page runs two posts together, the other page shows the boundary."""
    whole = make_page(
        f"Pressing day\n\n{CIDER}\n\nTwo streets for\xa0bicycles\n\n{BIKES}\n\nA rook and two\xa0pawns\n\n{CHESS}\n",
        "a.txt",
    )
    lost = make_page(f"A rook and two\xa0pawns\n\n{CHESS}\n\n{BIKES}\n", "b.txt")
    copies = [copy for copy in divide([whole, lost]) if copy.file == "b.txt"]
    assert [copy.text for copy in copies] == [CHESS, BIKES]
    assert copies[1].title is None


def test_an_opening_that_another_post_quotes_begins_no_post() -> None:
    """A list that two posts share does not divide either of them."""
    steps = "  1. Wash the apples and throw the rotten ones away\n  2. Cut them in quarters and feed them to the mill"
    one = make_page(f"Four steps to good\xa0cider\n\n{steps}\n\n{CIDER}\n", "a.txt")
    two = make_page(
        f"What I learned about\xa0apples\n\nA friend gave me this list of steps to follow at home:\n\n{steps}\n\n{CHESS}\n",
        "b.txt",
    )
    assert len(divide([one, two])) == 2


def test_a_markdown_page_with_one_heading_of_the_first_level_is_one_post() -> None:
    """Its title is the heading, its date the line below, and lower headings stay in the text."""
    page = make_page(f"# Pressing day\nMay 26, 2016\n\n{CIDER}\n\n## What next\n\n{BIKES}\n", "note.md")
    (copy,) = divide([page])
    assert (copy.title, copy.date) == ("Pressing day", "2016-05-26")
    assert copy.text == f"{CIDER}\n\n## What next\n\n{BIKES}"


def test_a_markdown_page_with_several_headings_of_the_first_level_is_several_posts() -> None:
    """With the text above the first of them as a post without a title, if it contains a sentence."""
    page = make_page(f"{CHESS}\n\n# Pressing day\n\n{CIDER}\n\nTwo streets\n===========\n\n{BIKES}\n", "notes.md")
    assert [(copy.title, copy.text[:9]) for copy in divide([page])] == [
        (None, CHESS[:9]),
        ("Pressing day", CIDER[:9]),
        ("Two streets", BIKES[:9]),
    ]


def test_headings_of_the_first_level_without_a_date_are_sections_where_others_have_one() -> None:
    """A file that dates its posts and uses the same level inside them is not divided at every section."""
    page = make_page(
        f"# Pressing day\n\nMay 4, 2016\n\n{CIDER}\n\n# What next\n\n{CHESS}\n\n# Two streets\n\nMay 9, 2016\n\n{BIKES}\n",
        "notes.md",
    )
    assert _titles([page]) == ["Pressing day", "Two streets"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_gives_title_date_and_author(end: str) -> None:
    """And is not part of the text."""
    lines = ["---", 'title: "Pressing day"', "author: Ada Moss", "date: 2016-05-26 10:00:00", "tags: [a]", "---", ""]
    page = make_page(end.join([*lines, *CIDER.split("\n")]) + end, "2016-05-26-pressing.md")
    (copy,) = divide([page])
    assert (copy.title, copy.author, copy.date) == ("Pressing day", "Ada Moss", "2016-05-26")
    assert fold_white(copy.text) == fold_white(CIDER)


def test_captions_are_chrome_and_stay_out_of_the_words() -> None:
    """Picture credits, the line above one, file names, and a caption glued to the front of a paragraph."""
    page = make_page(
        f"A day at the old\xa0press\n\nThe barn\nImage via the county archive\n\n{CIDER}\n\napple_press_2014\n\n"
        "old barnThis is where the press has stood since the war, and nobody would dare to move it now.\n\n"
        "Source: County archive\n\nIt was a good year after all.\n"
    )
    (copy,) = divide([page])
    chrome = [copy.text[span.start : span.end] for span in copy.chrome]
    assert copy.text.startswith("We pressed")
    assert chrome == ["apple_press_2014", "old barn", "Source: County archive"]


@pytest.mark.parametrize("file", ["a.html", "a.md"])
def test_a_caption_is_glued_in_every_format(file: str, tmp_path: Path) -> None:
    """Holds: a page saved as text, then turned into another format, keeps the joint; the sentence begins after it."""
    said = "Here’s what the old press was like before the war."
    body = f"old barn{said}\n\n{CIDER}"
    marked = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    (tmp_path / file).write_text(f"# Press\n\n{body}\n" if file == "a.md" else f"<h1>Press</h1>{marked}", "utf-8")
    (copy,) = divide([page for page in read_pages([tmp_path]) if isinstance(page, Page)])
    assert [copy.text[span.start : span.end] for span in copy.chrome] == ["old barn"]
    assert copy.text[copy.chrome[0].end :].startswith(said)


@pytest.mark.parametrize(
    "name",
    ["LinkedIn", "iPhone", "PayPal", "YouTube", "WordPress", "PTAs", "JavaScript", "TryFrom", "The startsWith"],
)
def test_a_name_with_a_capital_inside_is_not_a_glued_caption(name: str) -> None:
    """No part of a sentence is hidden because a name looks like two words."""
    page = make_page(
        f"A day at the old\xa0press\n\n{name} users came to see it.\n\nThe rest is easily told.\n\n{CIDER}\n"
    )
    assert all(not copy.chrome for copy in divide([page]))


def test_a_single_post_with_sub_headings_stays_one() -> None:
    """Short lines are not titles just because they are short."""
    page = make_page(
        f"How we make cider\n\n{CIDER}\n\nThe press\n\nOur press is older than anyone who works it, and the juice that "
        "runs from the press into the barrel has the colour of tea.\n\nThe barrel\n\nA barrel of cider wants a cool "
        "corner of the barn and a wild yeast that likes the juice.\n"
    )
    assert _titles([page]) == ["How we make cider"]


def test_an_empty_heap_has_no_posts() -> None:
    """Nothing in, nothing out."""
    assert divide([]) == []
    assert divide([make_page("Home\n\nAbout\n\nOlder posts »\n")]) == []


def test_fields_for_author_and_date_below_a_title_belong_to_the_post() -> None:
    """As in notes that label them without front matter."""
    (copy,) = divide([make_page(f"Pressing day\nAuthor: Ida Moss\nDate: 2022-01-16\n\n{CIDER}")])
    assert (copy.title, copy.author, copy.date) == ("Pressing day", "Ida Moss", "2022-01-16")
    assert copy.text.startswith("We pressed")


def test_titles_between_signs_are_titles() -> None:
    """Several notes in one file, each under a line of its own."""
    notes = ((1, "Growing kelp", "2019-03-04"), (2, "Harvest", "2019-05-04"))
    text = "".join(
        f"=== {title} ===\nDate: {date}\n\n{'Kelp grows in part ' + str(number) + ' of the bay. ' * 30}\n\n"
        for number, title, date in notes
    )
    found = divide([make_page(text, "a.txt")])
    assert [(copy.title, copy.date) for copy in found] == [("Growing kelp", "2019-03-04"), ("Harvest", "2019-05-04")]


def test_the_header_of_a_web_archive_is_no_text() -> None:
    """Copied with a page as text: neither its first line is the title, nor its days those of the post."""
    header = (
        "The Wayback Machine - https://web.archive.org/web/20130314120000/http://orchard.example/cider\n\n12 captures\n"
        "07 Apr 2013 - 24 Jan 2021\nFeb MAR Apr\n14\n2012 2013 2014\nsuccess\nfail\nAbout this capture\nCOLLECTED BY\n"
        "Organization: Internet Archive\n\n"
    )
    (copy,) = divide([make_page(f"{header}How we make cider\n\n{CIDER}\n")])
    assert (copy.title, copy.date, copy.text) == ("How we make cider", None, CIDER)
