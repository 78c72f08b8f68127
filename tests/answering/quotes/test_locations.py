"""A span of a post to its places in the files: all places with these words, and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import SHA, make_post

from rag.answering.quotes.lists import list_shown
from rag.answering.quotes.locations import locate, unbroken
from rag.records import Copy, Piece, Post, Sentence
from rag.text.whitespace import fold_white


def test_white_space_is_folded() -> None:
    """Every kind and length of it, and none at the ends; nothing else changes."""
    assert fold_white(" \n The\u00a0 first\r\n\tpark\u2003opened. ") == "The first park opened."
    assert fold_white("co\u00adop—erate") == "co\u00adop—erate"


def test_a_span_is_where_its_piece_leads() -> None:
    """Offsets are carried through the piece; equal characters are not repeated in the location."""
    text = "The park opened."
    place = locate(make_post(text, Copy("a.txt", SHA, (Piece(0, 16, 100, 116),))), 4, 8)[0]
    assert (place.file, place.start, place.end, place.sha256, place.text) == ("a.txt", 104, 108, SHA, None)


@dataclass(frozen=True)
class Edited:
    """A copy of a text whose page has other white space, inserted captions, changed or missing words.

    ``runs`` are spans of the text's words, joined if nothing but the white space between them differs.
    """

    text: str
    file: str
    copy: Copy
    runs: tuple[tuple[tuple[int, int], ...], ...]


@st.composite
def edited(draw: st.DrawFn) -> Edited:
    """A text of short words and an edited copy, with the pieces that a correct alignment returns."""
    text, file = "", draw(st.sampled_from(["", "Title\n\n", "b a "]))
    pieces: list[Piece] = []
    runs: list[list[tuple[int, int]]] = [[]]

    def put(mine: str, theirs: str) -> None:
        nonlocal text, file
        raw = None if mine == theirs else theirs
        pieces.append(Piece(len(text), len(text) + len(mine), len(file), len(file) + len(theirs), raw))
        text, file = text + mine, file + theirs

    for word in draw(st.lists(st.text("abé", min_size=1, max_size=3), min_size=2, max_size=12)):
        if draw(st.integers(0, 3)):
            runs[-1].append((len(text), len(text) + len(word)))
            put(word, word)
        else:
            runs.append([])
            put(word, draw(st.sampled_from(["c", word + "x", ""])))
        put(draw(st.sampled_from([" ", "\n\n", "\u00a0"])), draw(st.sampled_from([" ", "\r\n\r\n", "\u00a0"])))
        if not draw(st.integers(0, 4)):
            runs.append([])
            put("", draw(st.sampled_from(["mirror maze ", "a\n", "Share\n\n"])))
    return Edited(text, file + "the end", Copy("a.txt", SHA, tuple(pieces)), tuple(tuple(run) for run in runs if run))


@given(edited(), st.data())
def test_only_the_words_of_the_span_are_located(it: Edited, data: st.DataObject) -> None:
    """Whatever differs between post and page, a location's characters are the page's, and fold to the span's words."""
    start = data.draw(st.integers(0, len(it.text) - 1))
    end = data.draw(st.integers(start + 1, len(it.text)))
    quote = it.text[start:end]
    for place in locate(make_post(it.text, it.copy), start, end):
        there = it.file[place.start : place.end]
        assert there == (quote if place.text is None else place.text)
        assert fold_white(there) == fold_white(quote)
        assert place.text != quote


@given(edited())
def test_words_are_found_where_nothing_but_white_space_differs(it: Edited) -> None:
    """A caption beside them, or a word changed elsewhere, does not matter."""
    for run in it.runs:
        for first in range(len(run)):
            for last in range(first, len(run)):
                assert len(locate(make_post(it.text, it.copy), run[first][0], run[last][1])) == 1


def test_every_copy_that_has_the_words_is_named_and_no_other() -> None:
    """In the order of the copies; a copy with another word, a caption inside or a missing end is left out."""
    text = "It has a pond. It is deep."
    same = Copy("same.txt", SHA, (Piece(0, 26, 7, 33),))
    spaced = Copy("spaced.txt", SHA, (Piece(0, 14, 0, 14), Piece(14, 15, 14, 16, "\r\n"), Piece(15, 26, 16, 27)))
    captioned = Copy(
        "captioned.txt", SHA, (Piece(0, 15, 0, 15), Piece(15, 15, 15, 21, "Share\n"), Piece(15, 26, 21, 32))
    )
    other = Copy("other.txt", SHA, (Piece(0, 9, 0, 9), Piece(9, 13, 9, 13, "lake"), Piece(13, 26, 13, 26)))
    short = Copy("short.txt", SHA, (Piece(0, 14, 0, 14),))
    post = make_post(text, same, spaced, captioned, other, short)
    named = {span: [place.file for place in locate(post, *span)] for span in ((0, 26), (0, 14), (15, 26))}
    assert named == {
        (0, 26): ["same.txt", "spaced.txt"],
        (0, 14): ["same.txt", "spaced.txt", "captioned.txt", "short.txt"],
        (15, 26): ["same.txt", "spaced.txt", "captioned.txt", "other.txt"],
    }
    assert [place.text for place in locate(post, 0, 26)] == [None, "It has a pond.\r\nIt is deep."]
    captioned_place = locate(make_post(text, captioned), 15, 26)[0]
    assert (captioned_place.start, captioned_place.text) == (21, None)


@pytest.mark.parametrize(("span", "there"), [((0, 4), []), ((4, 8), []), ((2, 6), ["e t"]), ((0, 8), ["one two"])])
def test_a_span_that_cuts_a_stretch_that_differs_is_not_located(span: tuple[int, int], there: list[str]) -> None:
    """Half of a stretch of different white space has no place of its own."""
    copy = Copy("a.txt", SHA, (Piece(0, 3, 0, 3), Piece(3, 5, 3, 4, " "), Piece(5, 8, 4, 7)))
    assert [place.text for place in locate(make_post("one\n\ntwo", copy), *span)] == there


def _rows(text: str, *sentences: str, markers: tuple[int, ...] = ()) -> list[Sentence]:
    starts = [text.index(one) for one in sentences]
    found = zip(range(len(starts)), starts, sentences, markers or [-1] * len(starts), strict=True)
    return [Sentence("p1", at, start, start + len(one), 0, marker_start=marker) for at, start, one, marker in found]


def _page(text: str, gap: str) -> Post:
    """A post whose two blocks a page has with other characters between them."""
    at = text.index("\n\n")
    after = at + len(gap)
    pieces = (
        Piece(0, at, 0, at),
        Piece(at, at + 2, at, after, gap),
        Piece(at + 2, len(text), after, after + len(text) - at - 2),
    )
    return make_post(text, Copy("a.html", SHA, pieces, format="html"))


def test_a_quote_ends_where_its_page_goes_on_with_other_words() -> None:
    """The words left out of a post between two sentences are in no quote; sentences in one piece stay together."""
    text = "One mill. Two mills.\n\nThree mills. Four mills."
    rows = _rows(text, "One mill.", "Two mills.", "Three mills.", "Four mills.")
    post = _page(text, "</p><div>Buy a mill.</div><p>")
    assert unbroken(post, rows, 0, 46, 1) == (0, 20)
    assert unbroken(post, rows, 0, 46, 2) == (22, 46)
    assert unbroken(post, rows, 10, 34, 2) == (22, 34)
    assert unbroken(post, rows, 22, 46, 3) == (22, 46)
    assert unbroken(_page(text, "</p><p>"), rows, 0, 46, 1) == (0, 46)


def test_a_list_that_is_cut_off_keeps_its_marks_and_leaves_its_lead_in() -> None:
    """The line that introduces it says nothing alone, and a numbered item has its number."""
    text = "It is hot. You need:\n\n1. oak\n2. stone"
    rows = _rows(text, "It is hot.", "You need:", "oak", "stone", markers=(-1, -1, 22, 29))
    post = _page(text, "</p><div>Buy oak.</div><ol>")
    assert unbroken(post, rows, 0, len(text), 0) == (0, 10)
    assert unbroken(post, rows, 11, len(text), 2) == (22, len(text))


def test_the_rest_of_a_list_is_shown_in_pieces_that_are_on_the_page() -> None:
    """Each with its location."""
    text = "One mill.\nTwo mills.\n\nThree mills.\nFour mills."
    rows = [replace(row, kind="item") for row in _rows(text, *filter(None, text.split("\n")))]
    shown = list_shown(_page(text, "</p><div>Buy a mill.</div><p>"), rows, 0, 9)
    assert shown is not None
    assert [one.text for one in shown.rest] == ["Two mills.", "Three mills.\nFour mills."]
    assert all(one.locations for one in shown.rest)
