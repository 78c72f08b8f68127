"""A list of numbered headings with paragraphs below is quoted heading by heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.quotes.headed_lists import headed_lists
from rag.records import Sentence
from rag.text.sentences import split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

TEXTS = {
    "hives.txt": (
        "4 tips on keeping bees through a winter\n\nBees need little in the cold months, but they need it at the right time.\n\n"
        "We asked the keeper of the parish hives, and this is what she told us:\n\n"
        "1. Close the lid early\n\nThe nights turn cold in October. A hive that stands open loses the heat of a whole "
        "summer in two weeks.\n\n"
        "2. Leave the honey alone\n\nThere are two kinds of stores, the upper comb and the lower comb. Both are needed.\n\n"
        "3. Do not knock!\n\nBees that are woken eat more. They may also die of it.\n\n"
        "4. Count the dead\n\nA few dozen on the board are usual by the new year.\n"
    ),
    "choir.txt": (
        "What a year with the choir taught us\n\nSinging in a cold church is a craft of its own. These are the lessons of the "
        "choir.\n\nLesson #1: Warm the bass.\n\nThe low voices take the longest.\n\n"
        "Lesson #2: Count the candles.\n\nThey say how long a rehearsal may last.\n"
    ),
    "ferry.txt": "The ferry\n\nThe ferry wants three things:\n\n- a rope\n- a lamp\n- a boy who can swim\n\nIt sails at noon.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap with two such lists and an ordinary one."""
    with index_of(TEXTS, tmp_path_factory.mktemp("headed")) as opened:
        yield opened


def _lists(text: str) -> list[list[str]]:
    rows = [
        Sentence("p", number, one.start, one.end, 0, one.kind, one.lead_in, one.paragraph, one.marker_start)
        for number, one in enumerate(split(text))
    ]
    return [[text[rows[at].start : rows[at].end] for at in one.places] for one in headed_lists(text, rows)]


def test_numbered_lines_with_paragraphs_are_a_list() -> None:
    """Whatever marks them; numbered lists inside of an item are not mixed up with it."""
    told = "A line of text stands below it, and another.\n\n"
    nested = "- as a list\n\n1. inner one\n2. inner two\n3. inner three\n\n"
    assert _lists(f"1. First\n\n{told}2. Second\n\n{told}") == [["First", "Second"]]
    assert _lists(f"## 1. First\n\n{told}{nested}## 2. Second\n\n{told}") == [["1. First", "2. Second"]]
    assert _lists(f"Step one: First\n\n{told}Step two: Second\n\n{told}") == [["Step one: First", "Step two: Second"]]
    assert _lists("We need:\n\n1. trust\n2. time\n") == []
    assert _lists(f"1. First\n\n{told}3. Third\n\n{told}") == []


@pytest.mark.parametrize(
    ("question", "first", "last", "count"),
    [
        (
            "List the tips for keeping bees in winter",
            "and this is what she told us:\n\n1. Close the lid early",
            "4. Count the dead",
            4,
        ),
        (
            "What are the four tips for keeping bees?",
            "and this is what she told us:\n\n1. Close the lid early",
            "4. Count the dead",
            4,
        ),
        (
            "Tips on keeping bees through the winter",
            "and this is what she told us:\n\n1. Close the lid early",
            "4. Count the dead",
            4,
        ),
        ("What are the lessons of the choir?", "Lesson #1: Warm the bass.", "Lesson #2: Count the candles.", 2),
    ],
)
def test_each_heading_is_a_quote(index: Index, question: str, first: str, last: str, count: int) -> None:
    """All of them, in their order, as sure as the first, which comes with the line that announces the list."""
    answer = index.ask(question)
    assert answer.status == "answered"
    assert answer.quotes[0].text.endswith(first)
    assert [answer.quotes[-1].text, len(answer.quotes)] == [last, count]
    assert {(quote.label, quote.confidence) for quote in answer.quotes} == {("answers", answer.confidence)}
    for quote in answer.quotes:
        place = quote.locations[0]
        assert index.page_text(place.file)[place.start : place.end] == quote.text


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("What are the two kinds of stores in a hive?", "the upper comb and the lower comb"),
        ("What are the three things that the ferry wants?", "a boy who can swim"),
        ("What are the three tips for keeping bees?", ""),
    ],
)
def test_other_lists_are_quoted_as_they_were(index: Index, question: str, evidence: str) -> None:
    """Those inside an item, those without paragraphs, and those of another number of things."""
    answer = index.ask(question, always_answer=True)
    assert evidence in answer.quotes[0].text
    assert not answer.quotes[0].text.endswith("1. Close the lid early")
