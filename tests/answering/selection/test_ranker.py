"""The features of sentences and the table that adds them up: complete, with the right signs, and read unchanged."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.question.kinds import kind_found
from rag.answering.question.query import query
from rag.answering.question.wanted_words import Wanted
from rag.answering.selection.features import FEATURES, Candidates, measure
from rag.answering.selection.ranker import SIGNS, Seen, covered_spans, load_weights, signs, uncovered
from rag.records import Hit
from rag.text.annotations import facts, noted

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = json.loads(resources.files("rag.answering.selection").joinpath("ranker.json").read_text(encoding="utf-8"))


def _measures(
    question: str, *texts: str, title: str = "", rarity: Callable[[str], float] = lambda _: 0.5
) -> np.ndarray:
    """Features of sentences, each of which is a chunk of its own."""
    read = query(question)
    wanted, its = Wanted(read), Candidates()
    some = noted(texts)
    held, pairs = wanted.in_sentences(some)
    many = len(texts)
    its.texts += texts
    its.notes += some.notes.tolist()
    its.previous_notes += [0] * many
    its.is_item += [False] * many
    its.in_sentence += held
    its.in_title += [wanted.in_text(facts(title))] * many
    its.in_heading += [0] * many
    its.in_previous += [0] * many
    its.in_next += [0] * many
    its.in_chunk += held
    its.pairs += pairs
    its.sentence_similarity += [0.5] * many
    its.previous_similarity += [0.4] * many
    its.next_similarity += [0.3] * many
    its.heading_similarity += [0.2] * many
    its.hits += [Hit(0, 1.0, 1, 1, 2, 0.6, 0.9)] * many
    its.earlier_post += [False] * many
    return measure(read, wanted, its, 0.7, rarity)


def _measured(question: str, text: str, *, title: str = "", rarity: float = 0.5) -> dict[str, float]:
    row = _measures(question, text, title=title, rarity=lambda _: rarity)[0]
    return dict(zip(FEATURES, map(float, row), strict=True))


def test_the_table_has_a_row_for_each_measure_and_no_other() -> None:
    """In the order in which they are added up, each with a mean, a scale above zero and a weight."""
    assert list(TABLE["features"]) == list(FEATURES)
    assert list(TABLE["signs"]) == list(SIGNS)
    for row in [*TABLE["features"].values(), *TABLE["signs"].values()]:
        assert set(row) == {"mean", "scale", "weight"}
        assert row["scale"] > 0
        assert all(math.isfinite(value) for value in row.values())
    assert 0 < TABLE["threshold_confidence"] < 1


def test_no_sign_speaks_against_its_own_meaning() -> None:
    """Each weight of the confidence is zero or has the allowed sign."""
    assert {name for name, allowed in SIGNS.items() if allowed * TABLE["signs"][name]["weight"] < 0} == set()
    assert set(SIGNS.values()) == {-1, 0, 1}
    assert any(row["weight"] for row in TABLE["signs"].values())


def test_the_table_is_read_as_it_stands() -> None:
    """Every number under its own name."""
    weights = load_weights()
    assert weights.ranking.weights.tolist() == pytest.approx([row["weight"] for row in TABLE["features"].values()])
    assert weights.ranking.means.tolist() == pytest.approx([row["mean"] for row in TABLE["features"].values()])
    assert weights.confidence_by.scales.tolist() == pytest.approx([row["scale"] for row in TABLE["signs"].values()])
    assert weights.confidence_by.weights.tolist() == pytest.approx([row["weight"] for row in TABLE["signs"].values()])
    assert (weights.confidence_by.offset, weights.threshold_confidence) == (
        TABLE["offset"],
        TABLE["threshold_confidence"],
    )


def test_the_first_quote_is_read_by_itself_only_where_that_may_decide() -> None:
    """A confidence far from the threshold is computed from the stored vectors; near it, the quote is encoded."""
    weights = load_weights()
    place = list(SIGNS).index("quote_similarity")
    slope, offset = weights.quote_line
    assert (slope, offset) == (TABLE["quote_line"]["slope"], TABLE["quote_line"]["offset"])
    assert slope > 0
    asked = []

    def looked_at(rough: np.ndarray) -> np.ndarray:
        before = rough.copy()
        settled = weights.settled(rough, lambda: asked.append(True) or 0.123)  # type: ignore[func-returns-value]
        assert rough.tolist() == before.tolist()
        assert np.delete(settled, place).tolist() == np.delete(before, place).tolist()
        return settled

    means, steps = weights.confidence_by.means, weights.confidence_by.scales * np.sign(weights.confidence_by.weights)
    for far in (-2, 4):
        rough = (means + far * steps).astype(np.float32)
        assert looked_at(rough)[place] == pytest.approx(slope * rough[place] + offset)
    assert not asked
    begins = math.log(weights.threshold_confidence / (1 - weights.threshold_confidence))
    margin = list(SIGNS).index("margin")
    near = means.copy()
    near[place] = (means[place] - offset) / slope
    needed = (begins - weights.confidence_by.offset) / weights.confidence_by.weights[margin]
    near[margin] += needed * weights.confidence_by.scales[margin]
    assert looked_at(near)[place] == pytest.approx(0.123)
    assert asked == [True]


def test_contributions_add_up_to_the_score() -> None:
    """The explanation is of the actual decision; a weight counts per standard deviation."""
    weights = load_weights()
    measures = _measures("Where is the oak?", "The oak is in Leeds.", "No.", rarity=lambda _: 1)
    added = weights.ranking.contributions(measures)
    assert added.shape == measures.shape == (2, len(FEATURES))
    assert weights.scores(measures).tolist() == pytest.approx(added.sum(axis=1).tolist(), abs=1e-5)
    mean, scale = weights.ranking.means[None, :], weights.ranking.scales[None, :]
    assert weights.scores(mean + scale)[0] == pytest.approx(float(weights.ranking.weights.sum()), abs=1e-3)
    assert weights.scores(measures[:0]).shape == (0,)


WORDS = ["oak", "pond", "park", "Leeds", "1990", "the", "of", "mended", "bridge", "kettle"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


@given(TEXTS, TEXTS, TEXTS, TEXTS.filter(bool), st.sampled_from([0.1, 0.5, 1.0]))
def test_more_words_of_the_question_never_lower_what_is_covered(
    text: str, more: str, title: str, asked: str, rarity: float
) -> None:
    """Adding words to a sentence can only increase its coverage, alone and with its surroundings."""
    question = f"Why {asked}?"
    less = _measured(question, text, title=title, rarity=rarity)
    full = _measured(question, f"{text} {more}", title=title, rarity=rarity)
    for name in ("covered", "covered_squared", "covered_by_chunk", "pairs_covered", "names_in_sentence"):
        assert 0 <= less[name] <= full[name] <= 1
    assert less["names_in_chunk"] <= full["names_in_chunk"]
    titled = [it["covered"] + it["covered_with_title"] for it in (less, full)]
    assert titled[0] <= titled[1] + 1e-6
    assert full["covered_with_title"] >= 0


def test_a_sentence_that_has_every_word_covers_all() -> None:
    """And one that has none covers nothing; rare words count for more."""
    question = "Who mended the old bridge?"
    assert _measured(question, "The bridge was old and I mended it.")["covered"] == 1
    assert _measured(question, "Nothing of it.")["covered"] == 0
    rows = _measures(question, "mended", "old", rarity={"mend": 0.9, "old": 0.1, "bridg": 0.5}.__getitem__)
    assert rows[:, FEATURES.index("covered")].tolist() == pytest.approx([0.6, 0.0667], abs=1e-3)


@pytest.mark.parametrize(
    ("question", "yes", "no", "name"),
    [
        ("How many trees are there?", "There are 14 trees.", "There are trees.", "number_asked_and_new"),
        ("How many trees are there?", "There are twelve.", "There are trees.", "number_asked_and_new"),
        ("How many of the 14 trees fell?", "Of the 14 trees 3 fell.", "Of the 14 trees some.", "number_asked_and_new"),
        ("How much did it cost?", "It cost £4m.", "It cost much.", "quantity_asked_and_there"),
        ("When was it dug?", "It was dug in 1990.", "It was dug.", "date_asked_and_there"),
        ("When was it dug?", "It was dug on 3 May.", "It may be dug.", "date_asked_and_there"),
        ("Who dug it?", "It was dug by Ann Lee.", "It was dug.", "who_asked_and_name_new"),
        ("Who was Ann Lee?", "The pond of Bob Fry.", "The pond of Ann Lee.", "who_asked_and_name_new"),
        ("Where is it?", "It lies near Leeds.", "It lies low.", "where_asked_and_place"),
        ("Why was it dug?", "It was dug because of fire.", "It was dug.", "why_asked_and_reason"),
        ("How was it dug?", "It was dug by using spades.", "It was dug.", "how_asked_and_means"),
        ("What is a coppice?", "A coppice is a wood.", "We like it.", "definition_asked_and_there"),
        ("What are the tools?", "Spades, forks, hoes and rakes.", "They are old.", "list_asked_and_there"),
        ("Was it dug?", "It was never dug.", "It was dug.", "yesno_asked_and_negation"),
    ],
)
def test_the_kind_of_thing_asked_for_is_seen(question: str, yes: str, no: str, name: str) -> None:
    """If a sentence contains one that the question does not; other kinds of question do not ask for it."""
    assert _measured(question, yes)[name] == 1
    assert _measured(question, no)[name] == 0
    assert _measured("Tell me of ponds", yes)[name] == 0


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("How many trees?", "Trees: 14", True),
        ("How many trees?", "Trees", False),
        ("When?", "In May 1990", True),
        ("When?", "Once", False),
        ("Who dug it?", "By Ann Lee", True),
        ("Who dug it?", "By hand", False),
        ("Where is it?", "It is in Leeds", True),
        ("Where is it?", "It is in there", False),
        ("What is it?", "", True),
    ],
)
def test_a_missing_kind_can_be_recognised(question: str, text: str, found: bool) -> None:
    """For the reason of a refusal; if no kind is asked for, none is missing."""
    assert kind_found(query(question), facts(text)) is found


def _signs(question: str, quote: str, *, scores: tuple[float, ...] = (3.0, 1.0)) -> dict[str, float]:
    best = np.zeros(len(FEATURES), dtype=np.float32)
    seen = Seen(facts(quote), facts(quote), lambda: facts(quote), 0.5, 1.0)
    found = signs(query(question), best, np.array(scores, dtype=np.float32), seen, lambda _: 0.5)
    return dict(zip(SIGNS, map(float, found), strict=True))


def test_signs_of_a_lead() -> None:
    """A single sentence has no lead, a long lead counts no more than a good one, and shares are of all sentences."""
    assert _signs("Oak?", "Oak", scores=(3.0,))["margin"] == 0
    assert _signs("Oak?", "Oak", scores=(3.0, 1.0))["margin"] == 2
    assert _signs("Oak?", "Oak", scores=(90.0, 1.0))["margin"] == 5
    assert _signs("Oak?", "Oak", scores=(3.0, 3.0))["share_of_best"] == pytest.approx(0.5)


def test_signs_of_what_is_not_there() -> None:
    """A name that the quote's post lacks, the rarest word that the quote lacks; without names nothing is missing."""
    with_name = _signs("Did Ann mend the bridge in Leeds?", "Ann mends it.")
    assert with_name["names_in_quote"] == 0.5
    assert with_name["name_not_in_post"] == 1
    assert with_name["rarest_uncovered"] == 0.5
    without = _signs("mend?", "mend it")
    assert (without["names_in_quote"], without["name_not_in_post"], without["rarest_uncovered"]) == (1, 0, 0)


def test_confidence_is_a_chance_that_rises_with_a_good_sign() -> None:
    """Between 0 and 1 for any signs, however far out."""
    weights = load_weights()
    middle = weights.confidence_by.means
    best = int(np.argmax(weights.confidence_by.weights))
    better = middle.copy()
    better[best] += weights.confidence_by.scales[best]
    assert 0 < weights.confidence(middle) < weights.confidence(better) < 1
    for far in (-1e9, 1e9):
        assert 0 <= weights.confidence(middle + np.float32(far)) <= 1
    assert replace(weights, confidence_by=replace(weights.confidence_by, offset=0.0)).confidence(
        middle
    ) == pytest.approx(0.5)


def test_words_that_are_covered_and_those_that_are_not() -> None:
    """As the question writes them, and where they are in the text; function words are neither."""
    asked = query("Why did the Conservatives’ organisation buy ponds?")
    assert uncovered(asked, facts("The Conservatives dug"), facts("organized")) == ["buy", "ponds"]
    text = "A pond for the organization, of the pond."
    assert [text[start:end] for start, end in covered_spans(asked, text)] == ["pond", "organization", "pond"]
