"""What is quoted: whole sentences, spans that can be understood alone, and different things in different quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag import verify
from rag.cli.terminal import Style, answer_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index

TEXTS = {
    "mill.txt": (
        "The mill at Harrow Weir\n\n"
        "The mill was built in 1794 by Josiah Crane. It ground barley for forty years. "
        "Then the river changed its bed, and the wheel stood dry.\n\n"
        "Four things went wrong when the parish tried to restore it:\n\n"
        "- the sluice had rotted\n"
        "- nobody owned the bank\n"
        "- the grant came too late\n"
        "- the millwright retired\n\n"
        "What would you have done? The parish sold the stones to a garden in Leeds.\n"
    ),
    "sluice.txt": (
        "Sluice permits\n\nHow long does a permit for the sluice take?\n\nAt best, a few weeks. However, it sometimes takes "
        "months or longer, especially if:\n\nthe miller has never asked for one, the clerk is away and has nobody to stand "
        "in for him, or there are many other boats ahead in line at the time.\n\n"
        "The permit is printed on green paper and pinned to the door of the mill.\n"
    ),
    "weir.txt": (
        "Mending the weir\n\nThe weir was a worry to the parish for a long time. The gravest doubts about mending the weir "
        "came from the miller, who wrote to the clerk. They include:\n\n"
        "- the price of oak\n"
        "- the eels\n"
        "- the spring floods\n\n"
        "The clerk read out the following rules of the weir before the whole parish and its guests:\n\n"
        "1. "
        + "Whoever opens the sluice must stand beside it with a lantern until the water is level, "
        * 9
        + "and wait\n"
        "2. Nobody fishes\n"
    ),
    "ferry.txt": (
        "The ferry\n\n"
        "“I never once missed the tide,” said Martha Oakes, who rowed the ferry until 1931. She charged a penny.\n\n"
        "The ferry carried letters, sheep and once a piano.\n"
    ),
    "toll-old.txt": (
        "The toll bridge\n\nThe toll bridge opened on a wet morning in spring with a band and a goose. "
        "A cart paid 3 pence to cross it and a rider paid a penny. The keeper lived in the gatehouse with his "
        "sister, and both of them kept the ledger that the county now holds.\n"
    ),
    "toll-new.txt": (
        "The toll bridge\n\nThe toll bridge opened on a wet morning in spring with a band and a goose. "
        "A cart paid 5 pence to cross it and a rider paid a penny. The keeper lived in the gatehouse with his "
        "sister, and both of them kept the ledger that the county now holds.\n"
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap of four pages, two of which contain versions of one post."""
    with index_of(TEXTS, tmp_path_factory.mktemp("quoting")) as opened:
        yield opened


def _first(index: Index, question: str) -> str:
    return index.ask(question, always_answer=True).quotes[0].text


def test_a_list_comes_with_its_lead_in(index: Index) -> None:
    """The items and the line that introduces them, none of them cut."""
    shown = _first(index, "What went wrong when the parish tried to restore the mill?")
    assert shown.startswith("Four things went wrong")
    assert shown.endswith("- the millwright retired")


@pytest.mark.parametrize(
    "question",
    ["Doubts about mending the weir", "What did the miller doubt?", "What are the rules of the weir?", "weir rules"],
)
def test_a_lead_in_is_never_quoted_without_its_list(index: Index, question: str) -> None:
    """A short one that is added to the sentence before it, or one whose first item is longer than a quote."""
    texts = [quote.text for quote in index.ask(question, always_answer=True).quotes]
    assert texts
    assert not any(text.endswith(":") for text in texts)
    assert "- the eels" in texts[0] or "sluice" in texts[0]


def test_a_list_that_looks_like_a_sentence_is_one(index: Index) -> None:
    """A paragraph after a colon belongs to it, also where the line with the colon was only added to the answer."""
    shown = _first(index, "How long can a permit for the sluice take at most?")
    assert "At best, a few weeks" in shown
    assert shown.endswith("at the time.")


def test_a_pronoun_comes_with_what_it_stands_for(index: Index) -> None:
    """A sentence that opens with “It” is shown with the one before it."""
    shown = _first(index, "How many years did the mill grind barley?")
    assert shown == "The mill was built in 1794 by Josiah Crane. It ground barley for forty years."


def test_a_saying_comes_with_who_said_it(index: Index) -> None:
    """The words in quotation marks and the name beside them are one quote."""
    shown = _first(index, "What did the ferrywoman say about the tide?")
    assert "never once missed the tide" in shown
    assert "Martha Oakes" in shown


def test_a_question_or_heading_alone_is_not_an_answer(index: Index) -> None:
    """A post's question or heading is not quoted by itself."""
    for question in ("What would you have done?", "What is the mill at Harrow Weir?"):
        for quote in index.ask(question, always_answer=True).quotes:
            assert not quote.text.rstrip().endswith("?")
            assert quote.text != quote.post_title


def test_quotes_say_different_things(index: Index) -> None:
    """No two quotes of an answer overlap in their post."""
    quotes = index.ask("What happened to the mill and its stones?", always_answer=True).quotes
    spans = [(quote.post_id, quote.start, quote.end) for quote in quotes]
    assert len(spans) > 1
    assert all(
        one[0] != other[0] or one[2] <= other[1] or other[2] <= one[1]
        for number, one in enumerate(spans)
        for other in spans[number + 1 :]
    )


def test_another_version_with_another_number_is_named_beside_the_quote(index: Index) -> None:
    """A quote whose number differs in another version of its post says so; one whose words are the same does not."""
    answer = index.ask("How much did a cart pay to cross the toll bridge?", always_answer=True)
    first = answer.quotes[0]
    assert "A cart paid" in first.text
    assert [variant.added for variant in first.variants] == [{"3": "5", "5": "3"}[first.text.split("paid ")[1][0]]]
    told = "\n".join(answer_lines(answer, Style(None, colour=False)))
    assert "another version of this post differs" in told
    other = index.ask("Where did the keeper live?", always_answer=True).quotes[0]
    assert "gatehouse" in other.text
    assert not other.variants


def test_every_quote_is_a_span_of_its_post(index: Index) -> None:
    """The text shown is the post's own, and its pages have it too."""
    for question in ("Who built the mill?", "What did the ferry carry?", "What did a rider pay?"):
        for quote in index.ask(question, always_answer=True).quotes:
            assert index.post(quote.post_id).text[quote.start : quote.end] == quote.text
            for place in quote.locations:
                assert index.page_text(place.file)[place.start : place.end] == quote.text


@pytest.mark.parametrize(
    ("box", "begins"), [("", "Whoever burns"), ('<div class="ad">Advertisement: buy lime</div>', "dry oak")]
)
def test_every_quote_is_in_one_piece_on_its_page(tmp_path: Path, box: str, begins: str) -> None:
    """A box that is no part of the post, between a list and the line above it, is in no quote."""
    page = (
        "<html><body><article><h1>The lime kiln</h1><p>The kiln at Scar Top was built in 1811 by three brothers from the "
        "hill, and it burnt lime for the whole valley until the railway came.</p><p>Whoever burns lime at Scar Top needs "
        f"four things:</p>{box}<ul><li>dry oak from the hill</li><li>a cart of stone</li><li>two days without rain</li>"
        "<li>a boy who stays awake</li></ul></article></body></html>"
    )
    with index_of({"kiln.html": page}, tmp_path) as index:
        answer = index.ask("What four things are needed?")
        assert answer.quotes[0].text.startswith(begins)
        assert answer.quotes[0].text.endswith("a boy who stays awake")
        assert verify([answer], index=tmp_path / "index").holds
