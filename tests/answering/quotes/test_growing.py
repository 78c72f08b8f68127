"""What is shown with a sentence: its table's header, its label, its question, the rest of its list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from makers import index_of

from rag.answering.quotes.quoting import quotes, spanning
from rag.answering.selection.ranker import load_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

ITEMS = [f"- {name} Street, where the {name.lower()} grows all year round and nobody has ever cut it back" for name in
         ("Oak", "Elm", "Ash", "Birch", "Rowan", "Hazel", "Alder", "Willow", "Poplar", "Maple")]  # fmt: skip
TEXTS = {
    "pool.md": "# The pool at Larch Hill\n\nThese are the opening times of the Larch Hill pool.\n\n"
    "| Day | Opens | Closes |\n|---|---|---|\n| Monday | 07:00 | 20:00 |\n| Tuesday | 12:00 | 21:30 |\n"
    "| Sunday | 09:30 | 16:00 |\n\nChildren swim free.\n",
    "hens.md": "# Questions about the allotment\n\n**May I keep hens?**\n\nNo.\n\n**Who mends the gate?**\n\nRing Pat.\n",
    "app.md": "# Apps\n\nA good example is the Quayside app. The app does this by reading 13 tide gauges along the coast.\n",
    "mast.md": "# The mast\n\nThe mast light burns from dusk. Herring is sold on the quay.\n",
    "beacon.md": "# The beacon\n\nBeacons on Gull Rock were lit at dusk by whoever was sober enough to climb the iron ladder "
    "with a lantern in one hand. Boats saw them from nine miles off on a clear night, from three in drizzle, and never once "
    "in fog, when a bell was rung. Keepers rowed out each Friday with bread, coal and the newspapers of last week, and came "
    "home on Sunday evening whatever the weather was doing.\n",
    "rules.md": "# Rules for boats\n\nThe four rules for boats on the canal are these:\n\n- keep left\n- no horns\n"
    "- slow at locks\n- lights at dusk\n",
    "mooring.md": "# A mooring\n\nThe cost of a mooring falls into these main areas:\n\nDigging\n\n$900 on average\n\n"
    "These are costs of moving the mud away from the bank by night and of carting it up the hill.\n\nPaperwork\n\n"
    "$400 on average\n\nThese are costs of the paperwork that the canal office asks a new mooring for.\n",
    "trees.md": "# Trees\n\nThe streets of the town where trees may not be cut are:\n\n" + "\n".join(ITEMS) + "\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap of posts with tables, labels and lists."""
    with index_of(TEXTS, tmp_path_factory.mktemp("growing")) as opened:
        yield opened


def _first(index: Index, question: str) -> str:
    return index.ask(question, always_answer=True).quotes[0].text


def test_a_row_of_a_table_comes_with_its_header(index: Index) -> None:
    """And the line that introduces the table is not quoted without the row."""
    shown = _first(index, "When does the Larch Hill pool open on Tuesday?")
    assert "Opens" in shown
    assert "Tuesday\t12:00" in shown


def test_a_short_reply_comes_with_its_question(index: Index) -> None:
    """A "No." alone says nothing."""
    assert _first(index, "May I keep hens?").split() == ["May", "I", "keep", "hens?", "No."]


def test_a_sentence_that_only_names_the_thing_goes_on_to_what_is_asked(index: Index) -> None:
    """A number is asked for, and "The app ..." states it."""
    assert "13 tide gauges" in _first(index, "How many tide gauges does the Quayside app read?")


def test_a_list_that_is_asked_for_is_shown_whole(index: Index) -> None:
    """From its lead-in to its last item."""
    quote = index.ask("What are the four rules for boats on the canal?", always_answer=True).quotes[0]
    assert quote.text.startswith("The four rules")
    assert quote.text.endswith("lights at dusk")
    assert quote.list is None


def test_a_long_list_says_how_much_of_it_is_shown_and_has_the_rest(index: Index) -> None:
    """The rest is the post's, word for word, in order."""
    quote = index.ask("What are the streets where trees may not be cut?", always_answer=True).quotes[0]
    assert quote.list is not None
    assert 0 < quote.list.shown < quote.list.total == 10
    post = index.post(quote.post_id)
    for rest in quote.list.rest:
        assert post.text[rest.start : rest.end] == rest.text
        assert rest.locations
    assert sum(rest.text.count("Street") for rest in quote.list.rest) == quote.list.total - quote.list.shown


def test_a_sentence_that_says_this_of_the_lines_above_comes_with_them(index: Index) -> None:
    """A name and its value, each on a line of its own."""
    shown = _first(index, "What does the paperwork for a mooring cost?")
    assert "Paperwork" in shown
    assert "$400 on average" in shown


def test_a_lead_in_goes_on_to_lines_with_what_is_below_them(index: Index) -> None:
    """It never stands alone."""
    shown = _first(index, "What are the main areas of cost of a mooring?")
    assert "these main areas" in shown
    assert "Digging" in shown


def test_what_goes_with_a_sentence_is_not_quoted_twice(index: Index) -> None:
    """Three good sentences are too long for one quote: the first is quoted alone unless it scores far lower."""
    ranking = index.ranking("When was the beacon on Gull Rock lit?", fast=True)
    texts = {ranking.text_of(one)[:6]: one for one in ranking.ranked}

    def opening(first: float) -> list[str]:
        scores = (("Keeper", 10.0), ("Boats ", 9.0), ("Beacon", first))
        some = tuple(replace(texts[begins], score=score) for begins, score in scores)
        found = quotes(index.store, load_weights(), replace(ranking, ranked=some))
        return [quote.text[:6] for quote in found]

    assert opening(8.0) == ["Boats ", "Beacon"]
    assert opening(7.0) == ["Boats "]


def test_a_neighbour_that_the_reader_finds_to_answer_is_shown_too(index: Index) -> None:
    """Although its score is far lower."""
    ranking = index.ranking("When does the mast light burn?", fast=True)
    texts = {ranking.text_of(one): one for one in ranking.ranked}
    best, next_to_it = (texts[text] for text in ("The mast light burns from dusk.", "Herring is sold on the quay."))
    apart = replace(ranking, ranked=tuple(replace(one, score=0.0) if one != best else one for one in ranking.ranked))
    low, high = spanning(apart)(best)
    assert "Herring" not in index.post(best.post_id).text[low:high]
    log_odds = np.full(len(ranking.ranked), -5.0, dtype=np.float32)
    log_odds[best.row], log_odds[next_to_it.row] = 6.0, 1.0  # it may answer, but the other does so much more surely
    low, high = spanning(replace(apart, log_odds=log_odds))(best)
    assert "Herring" not in index.post(best.post_id).text[low:high]
    log_odds = np.full(len(ranking.ranked), -5.0, dtype=np.float32)
    log_odds[next_to_it.row] = 2.0
    low, high = spanning(replace(apart, log_odds=log_odds))(best)
    assert "Herring" in index.post(best.post_id).text[low:high]
