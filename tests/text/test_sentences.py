"""Sentences are exact spans, never cross a block, and know what introduces them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.records import Span
from rag.text import sentences
from rag.text.sentences import MAX_SENTENCE_WORDS, SentenceCut, split

if TYPE_CHECKING:
    from types import FrameType


def pieces(text: str, kind: str | None = None) -> list[str]:
    """The texts of the cuts, all or of one kind."""
    return [text[cut.start : cut.end] for cut in split(text) if kind in {None, cut.kind}]


def check_spans(text: str, cuts: list[SentenceCut]) -> None:
    """Check the laws of every cut: in order, disjoint, tight, nothing lost."""
    covered: set[int] = set()
    here = 0
    for place, cut in enumerate(cuts):
        assert here <= cut.start < cut.end <= len(text)
        assert text[cut.start : cut.end] == text[cut.start : cut.end].strip()
        assert -1 <= cut.lead_in < place
        if cut.marker_start >= 0:
            assert here <= cut.marker_start <= cut.start
            covered.update(range(cut.marker_start, cut.start))
        covered.update(range(cut.start, cut.end))
        here = cut.end
    assert all(character.isspace() or place in covered for place, character in enumerate(text))


PROSE = st.text(
    alphabet=st.sampled_from(list("ab AB.!?…:;,()[]“”’'\"-–•*#1 2\n\n\t\r\u00a0\u200b。😀é@/")), max_size=300
)


@given(st.one_of(st.text(max_size=200), PROSE), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=3))
@example("1.\n•\n\n#\n# \n- -", [])
@example("\x1c\x85a.\u2028b\x00", [(1, 1)])
def test_every_text_is_covered_in_order(text: str, places: list[tuple[int, int]]) -> None:
    """Any text, with any chrome: spans in order, disjoint, tight, and only white space and markers left out."""
    chrome = [Span(start, start + length) for start, length in places]
    cuts = split(text, chrome)
    check_spans(text, cuts)
    assert split(text, chrome) == cuts
    never_quoted = {place for span in chrome for place in range(span.start, span.end)}
    for cut in cuts:
        inside = never_quoted.intersection(range(cut.start, cut.end))
        assert len(inside) in {0, cut.end - cut.start}
        assert not inside or cut.kind == "chrome"


@pytest.mark.parametrize(
    "marked",
    [
        "Bring bread, e.g. Rye or spelt.|Then sit.",
        "Bring bread, salt, etc.|The door is open.|See Fig. 3 for the way.",
        "Dr. Miller met Mr. Will Smith at 5 p.m. on 3 Jan. 2014.|They talked.",
        "She works at the U.S. General Trade Office.|She lives in the U.S.|The law is odd there.",
        "It grew by 3.1% to £4.5 million.|Version 2.0.1 is out.",
        "Wait... what?|And so… it ended.|“It is done.”|She smiled.",
        "He asked “Why now?” and left.|What?!|No way.",
        "(This is a note.)|Another one (see p. 4).|Done!",
        "The answer to “who pays for it?”: You!|Yes.",
        "It had not begun (yet!), I was told.|Ask at Hello! since they know.",
        "It is so.[1][2]|Others say “no.” (pdf)|Then came tea. :)|Good.",
        "We will use a code.|Every street has one.|It was the ark.|That was plan B.|The end.",
        "これは文です。|次の文です！|はい。",
        "iPhones sell.|iPads do not.",
        "all small letters here!|yes really.|and on it goes.",
    ],
)
def test_sentence_ends(marked: str) -> None:
    """Abbreviations, initials, decimals, ellipses, quotations, brackets, notes: the bars mark the ends of sentences."""
    expected = marked.split("|")
    joint = "" if "。" in marked else " "
    assert pieces(joint.join(expected)) == expected


def test_a_missing_space_parts_sentences_but_no_names() -> None:
    """A full stop glued between a word and a capitalised word ends a sentence; dots in names and addresses do not."""
    assert pieces("One lacked its space.Another did not, at Node.js or city.gov.") == [
        "One lacked its space.",
        "Another did not, at Node.js or city.gov.",
    ]


def test_a_list_knows_its_lead_in() -> None:
    """Items share the sentence before the list; an item with a colon leads deeper ones; the next list starts anew."""
    text = (
        "We met twice. We need these:\n\n• bread. And salt.\n• drinks:\n    - water\n    - tea\n• time\n\n"
        "Then it rained.\n\nAlso\n\n1. hats\n\n2. coats\n\nThat was it."
    )
    cuts = split(text)
    told = [
        (text[cut.start : cut.end], cut.kind, text[cuts[cut.lead_in].start :][:6]) for cut in cuts if cut.lead_in >= 0
    ]
    assert told == [
        ("bread.", "item", "We nee"),
        ("And salt.", "item", "We nee"),
        ("drinks:", "item", "We nee"),
        ("water", "item", "drinks"),
        ("tea", "item", "drinks"),
        ("time", "item", "We nee"),
        ("hats", "item", "Also\n\n"),
        ("coats", "item", "Also\n\n"),
    ]
    assert [cut.paragraph for cut in cuts] == [0, 0, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6]
    assert [text[cut.marker_start] for cut in cuts if cut.marker_start >= 0] == list("••--•12")


def test_a_colon_introduces_a_quotation() -> None:
    """The first sentence of the paragraph after "He notes:" knows who speaks; the next ones stand alone."""
    text = "Why is it so? He notes:\n\nIt rains. It always did.\n\nThat is all."
    assert [cut.lead_in for cut in split(text)] == [-1, -1, 1, -1, -1]


def test_a_broken_sentence_introduces_the_next_block() -> None:
    """If a quotation is set off in mid-sentence, its first sentence knows what it continues."""
    text = "Why so? Because it is held that\n\nRain falls. It must.\n\nThe rule is\n\nthe first of many. All hold."
    assert [(cut.kind, cut.lead_in) for cut in split(text)] == [
        ("sentence", -1),
        ("sentence", -1),
        ("sentence", 1),
        ("sentence", -1),
        ("sentence", -1),
        ("sentence", 4),
        ("sentence", -1),
    ]


def test_headings() -> None:
    """A short line alone before a paragraph is a heading, even as a question; a last line or a full sentence is not."""
    text = (
        "All too wet\n\nIt rained.\n\nWhat do we mean by ‘wet’?\n\nWater everywhere, said they.\n\nIt was so.\n\n"
        "3. Plans for spring\n\nWe dig first. Then we sow.\n\nSome friends\n\nThey said it was good.\n\nYours, Ann"
    )
    assert pieces(text, "heading") == [
        "All too wet",
        "What do we mean by ‘wet’?",
        "Plans for spring",
        "Some friends",
    ]
    assert pieces(text, "sentence")[-1] == "Yours, Ann"


def test_titles_in_a_row_are_a_list() -> None:
    """Lines in blocks of their own after a colon, and many lines that look like headings, are quotable items."""
    text = "Who came:\n\nAnn Smith\n\nBen Miller\n\nThen we ate."
    assert pieces(text, "item") == ["Ann Smith", "Ben Miller"]
    text = "Guests\n\nAnn Smith\n\nBen Miller\n\nCid Baker\n\nFood\n\nWe ate."
    assert pieces(text, "item") == ["Ann Smith", "Ben Miller", "Cid Baker"]
    assert pieces(text, "heading") == ["Guests", "Food"]


def test_chrome_is_never_a_sentence() -> None:
    """A caption is chrome; a paragraph before it still introduces the list after it; a rule of dashes is chrome too."""
    text = "Bring:\n\nImage of bread\n\n• bread\n\n* * *\n\nBye then."
    cuts = split(text, [Span(8, 22)])
    assert [(cut.kind, cut.lead_in) for cut in cuts] == [
        ("sentence", -1),
        ("chrome", -1),
        ("item", 0),
        ("chrome", -1),
        ("sentence", -1),
    ]


def test_endless_sentences_are_cut() -> None:
    """A text without sentence ends is split at a semicolon, a comma or white space, with a maximum number of words."""
    words = [f"word{number}" for number in range(1000)]
    words[300] += ";"
    words[350] += ","
    parts = [part.split() for part in pieces(" ".join(words))]
    assert [part[-1] for part in parts] == ["word300;", "word700", "word999"]
    assert max(len(part) for part in parts) <= MAX_SENTENCE_WORDS


SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))


@pytest.mark.parametrize("page", SEEDS, ids=lambda page: page.name[:3])
def test_seed_pages(page: Path) -> None:
    """The spans of whole real pages are right, and no sentence begins with what closes the one before."""
    text = page.read_text(encoding="utf-8")
    cuts = split(text)
    check_spans(text, cuts)
    assert [text[cut.start : cut.end] for cut in cuts if text[cut.start] in "”’)],;.:!?"] == []
    assert sum(cut.kind == "sentence" for cut in cuts) > 50


def test_seed_pages_are_there() -> None:
    """The test above has pages to read."""
    assert SEEDS


@pytest.mark.parametrize("part", ["word ", "A line that ends.\n\n", "A line without an end\n\n", "A list follows:\n\n"])
def test_twice_the_text_costs_twice_the_steps(part: str) -> None:
    """A page of one line with millions of words is finished, and so is one of a million lines."""

    def steps(times: int) -> int:
        count = 0

        def step(frame: FrameType, *_: object) -> object:
            nonlocal count
            count += 1
            return step if frame.f_code.co_filename == sentences.__file__ else None

        sentences._cut_prose.cache_clear()
        sys.settrace(step)
        try:
            assert split(part * times)
        finally:
            sys.settrace(None)
        return count

    steps(100)  # what is loaded at the first call counts no further
    assert steps(8000) < 3 * steps(4000)
