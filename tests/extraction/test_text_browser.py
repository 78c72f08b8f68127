"""Pages that a text browser wrote: their words without the marks of links, and exact places in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import make_page

from rag.answering.quotes.locations import locate
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.loading.formats import plain_text
from rag.text.sentences import split
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from rag.records import Page

TEXT = """   The press is the one my [{0}]grandfather built, and the screw still runs
   true after sixty years in the barn. See [{1}]the plan of it.

   By spring the barrel should be clear enough to bottle, and then we shall
   know whether the wild yeast was a good idea.
"""
WORDS = "The press is the one my grandfather built, and the screw still runs true after sixty years in the barn."


def dump(title: str, references: str = "References\n\n   Visible links\n") -> Page:
    """A page as lynx and its like write it."""
    return make_page(
        "   #[1]RSS [2]Atom\n\n   [3]Skip to content\n\n                    [4]The Orchard Notes\n\n"
        f"     * [5]Home\n     * [6]About us\n\n{title}\n\n   [7]March 3, 2014 by [8]Ida Moss\n\n"
        f"{TEXT.format(9, 10)}\n   [11]Share [12]Tweet\n\n   [13]« The dry summer [14]A bridge too near »\n\n"
        f"{references}   1. http://orchard.example/feed\n   2. http://orchard.example/atom\n"
        "   3. mailto:ida@orchard.example\n",
        "press.txt",
    )


@pytest.mark.parametrize("references", ["References\n\n", "References\n\n   Visible links:\n", "References:\n"])
def test_a_dump_is_the_post_that_its_reader_saw(references: str) -> None:
    """Without numbers of links, menus, and the addresses at the end; its title is not the site's name."""
    page = dump("Pressing day", references)
    (copy,) = divide([page])
    assert (copy.title, copy.author, copy.date) == ("Pressing day", "Ida Moss", "2014-03-03")
    assert fold_white(copy.text) == fold_white(TEXT.replace("[{0}]", "").replace("[{1}]", ""))
    assert page.text[copy.pieces[-1].file_start : copy.pieces[-1].file_end].endswith("a good idea.")


def test_the_place_of_each_sentence_says_its_words() -> None:
    """Whatever marks are inside it."""
    page = dump("Pressing day")
    (post,), _ = merge(divide([page]))
    quotes = []
    for cut in split(post.text, post.chrome):
        (place,) = locate(post, cut.start, cut.end)
        there = page.text[place.start : place.end]
        quotes.append(fold_white(plain_text(there, place.format)))
        assert quotes[-1] == fold_white(post.text[cut.start : cut.end])
        assert "[" not in quotes[-1]
    assert quotes[0] == WORDS


def test_numbers_in_brackets_are_words_elsewhere() -> None:
    """Without a list of addresses at the end, and where a sentence follows it."""
    plain = TEXT.format(1, 2)
    for text in (plain, f"{plain}\nReferences\n\n   1. http://a.example/\n\n   I thank all of them for their work.\n"):
        (copy,) = divide([make_page(f"Pressing day\n\n{text}", "press.txt")])
        assert "[1]grandfather" in copy.text


def test_addresses_behind_links_are_no_words() -> None:
    """As a browser saves a page as text; a letter with addresses is as it was written."""
    text = TEXT.format("", "").replace("[]", "").replace("the plan", "the plan <http://orchard.example/plan>")
    page = make_page(
        "Skip to content <#content>\n\nThe Orchard Notes <http://orchard.example/>\n\n  * Home <http://orchard.example/>\n"
        f"  * About <http://orchard.example/about>\n\n  Pressing day\n\nMarch 3, 2014 <http://orchard.example/1>\n\n{text}",
        "press.txt",
    )
    (post,), _ = merge(divide([page]))
    assert (post.title, post.date) == ("Pressing day", "2014-03-03")
    at = post.text.index("See the plan of it.")
    (place,) = locate(post, at, at + len("See the plan of it."))
    there = page.text[place.start : place.end]
    assert "<http://orchard.example/plan>" in there
    assert fold_white(plain_text(there, place.format)) == "See the plan of it."
    (letter,) = divide([make_page(f"Pressing day\n\n{text}", "letter.txt")])
    assert "the plan <http://orchard.example/plan> of it" in letter.text
