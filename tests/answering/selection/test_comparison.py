"""A question that compares gets a quote for each side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.selection.comparison import sides_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

TEXTS = {
    "mill.txt": "The mill\n\nA tide mill is a mill that the sea drives. It stands at the weir and grinds barley.\n",
    "kiln.txt": "The kiln\n\nAn oast kiln is a house where hops are dried. It smokes for a month each year.\n",
    "trees.txt": "Trees\n\nAn elm and an ash differ in one thing: elm wood stands water and ash wood does not. "
    "An elm is a tree with rough leaves. An ash is a tree with feathered leaves.\n",
    "quill-2.txt": "Announcing Quill 2.0.1\n\nTables can be sorted by any column. Margins are wider on small pages.\n",
    "quill-3.txt": "Announcing Quill 2.1\n\nFootnotes can be printed in two columns. Ink is measured in millilitres.\n",
    "fair.txt": "The fair\n\nVisitors asked about the difference in price. The tide mill and the oast kiln were open.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap that explains two things in two posts."""
    with index_of(TEXTS, tmp_path_factory.mktemp("comparison")) as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "What is the difference between a tide mill and an oast kiln?",
        "Compare a tide mill with an oast kiln",
        "How does a tide mill differ from an oast kiln?",
        "tide mill vs oast kiln",
    ],
)
def test_each_side_gets_a_quote(index: Index, question: str) -> None:
    """First what the one is, then what the other is."""
    first, second = index.ask(question).quotes[:2]
    assert "the sea drives" in first.text
    assert "hops are dried" in second.text


def test_what_tells_the_two_apart_comes_before_what_each_is(index: Index) -> None:
    """Such a quote is enough."""
    assert "differ in one thing" in index.ask("What is the difference between an elm and an ash?").quotes[0].text


@pytest.mark.parametrize("question", ["Compare Quill 2.0 and Quill 2.1", "Quill 2.0 vs 2.1"])
def test_each_version_is_told_from_the_post_that_announces_it(index: Index, question: str) -> None:
    """Whose sentences need not name it."""
    answer = index.ask(question)
    assert answer.status == "answered"
    assert [quote.post_title for quote in answer.quotes[:2]] == ["Announcing Quill 2.0.1", "Announcing Quill 2.1"]


def test_a_side_that_the_posts_do_not_explain_is_named(index: Index) -> None:
    """The other side is answered."""
    answer = index.ask("What is the difference between a tide mill and a hovercraft?")
    assert answer.status == "partial"
    assert "hovercraft" in (answer.reason or "")
    assert "the sea drives" in answer.quotes[0].text


@pytest.mark.parametrize("question", ["What do Ann and Bo grow?", "What is different about it?"])
def test_a_question_that_compares_nothing_has_no_sides(question: str) -> None:
    """Two names alone are not a comparison."""
    assert sides_of(question) is None
