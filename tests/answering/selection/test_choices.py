"""Which of two things is older or bigger gets a quote about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.selection.choices import choice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

TEXTS = {
    "mill.txt": "The tide mill\n\nThe tide mill was founded in 1794 by Josiah Crane. It ground barley for forty years.\n",
    "kiln.txt": "The oast kiln\n\nThe oast kiln was founded in 1851 by the hop growers. It smokes for a month each year.\n",
    "bridge.txt": "Two crossings\n\nThe Larkfield ferry started in 1907 and the Tern bridge in 1911. Both charge a penny.\n",
    "older.txt": "The older boys\n\nThe older boys of the village threw stones at the heron until the clerk came by.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap that says when four things began, two of them in one sentence."""
    with index_of(TEXTS, tmp_path_factory.mktemp("choices")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "sides", "by"),
    [
        ("Which is older, the mill or the kiln?", ("mill", "kiln"), "date"),
        ("Which of the mill and the kiln is older?", ("mill", "kiln"), "date"),
        ("Between the mill and the kiln, which came first?", ("mill", "kiln"), "date"),
        ("The mill or the kiln: which is newer?", ("mill", "kiln"), "date"),
        ("Is the mill older than the kiln?", ("mill", "kiln"), "date"),
        ("Was the mill built before the kiln?", ("mill", "kiln"), "date"),
        ("Which town is bigger, Tern or Larkfield?", ("Tern", "Larkfield"), "number"),
        ("Is Tern more expensive than Larkfield?", ("Tern", "Larkfield"), "number"),
        ("Which needs more care, bees or hens?", ("bees", "hens"), "words"),
    ],
)
def test_a_choice_of_two(question: str, sides: tuple[str, str], by: str) -> None:
    """However it is put."""
    choice = choice_of(question)
    assert choice is not None
    assert (choice.sides, choice.by) == (sides, by)


@pytest.mark.parametrize(
    "question",
    [
        "Which posts are about bees or hens?",
        "Who pays, and who does not?",
        "What do you do, when it rains or snows?",
        "Is the mill older?",
        "Which is the oldest mill?",
    ],
)
def test_other_questions_are_none(question: str) -> None:
    """An "or" alone does not ask which of two."""
    assert choice_of(question) is None


@pytest.mark.parametrize(
    "question", ["Which is older, the tide mill or the oast kiln?", "Is the tide mill older than the oast kiln?"]
)
def test_each_of_the_two_gets_a_quote(index: Index, question: str) -> None:
    """When the one began, and when the other did."""
    answer = index.ask(question)
    assert answer.status == "answered"
    text = " ".join(quote.text for quote in answer.quotes)
    assert "1794" in text
    assert "1851" in text


def test_one_sentence_about_both_is_quoted_once(index: Index) -> None:
    """And no posts are listed for words such as "older"."""
    answer = index.ask("Which is older, the Larkfield ferry or the Tern bridge?")
    assert answer.status == "answered"
    assert "1907 and the Tern bridge in 1911" in answer.quotes[0].text
    assert len([quote for quote in answer.quotes if "1907" in quote.text]) == 1
    assert not answer.posts


def test_what_is_known_of_one_only_is_half_an_answer(index: Index) -> None:
    """The other is named; where neither is known, no posts are listed for "older"."""
    answer = index.ask("Which is older, the tide mill or the heron?")
    assert answer.status == "partial"
    assert "heron" in (answer.reason or "")
    assert not index.ask("Which is older, the clerk or the heron?").posts
