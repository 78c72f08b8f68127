"""The 95% intervals: one seed, the figures inside them, and as wide as theory says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rag.evaluation.bootstrap import DRAWS, drawn_figures, intervals
from rag.evaluation.gold import GoldPart, GoldRow
from rag.evaluation.metrics import figures_of
from rag.evaluation.outcomes import Outcome


def row(number: int, *, answerable: bool, right: bool, confidence: float, parts: tuple[bool, ...] = ()) -> Outcome:
    """An outcome with one quote, answered if the confidence is above one half."""
    gold = GoldRow(str(number), "?", answerable=answerable, parts=tuple(GoldPart(("x",)) for _ in parts))
    gave = confidence > 0.5
    rank = 1 if right and gave else None
    words = 10 + number if gave else None
    return Outcome(
        gold, not gave, gave, confidence, rank, 1 if right else None, words, words, words, (True,) * gave, parts
    )


def some(seed: int, yes: int, no: int, parts: int = 0) -> list[Outcome]:
    """Outcomes in a mixed order."""
    chance = random.Random(seed)
    rows = [
        row(number, answerable=number < yes, right=chance.random() < 0.7, confidence=chance.random())
        for number in range(yes + no)
    ]
    rows += [
        row(900 + number, answerable=True, right=False, confidence=0.9, parts=(True, number % 2 == 0))
        for number in range(parts)
    ]
    chance.shuffle(rows)
    return rows


@pytest.mark.parametrize(("yes", "no", "parts"), [(40, 20, 6), (30, 0, 0), (0, 12, 0), (0, 0, 5)])
def test_a_draw_of_every_row_once_gives_the_figures(yes: int, no: int, parts: int) -> None:
    """The figures of draws are the figures: with each row drawn once, they are equal, and the same ones are missing."""
    rows = some(1, yes, no, parts)
    drawn = {name: float(values[0]) for name, values in drawn_figures(rows, np.ones((1, len(rows))))}
    told = {name: value for name, value in figures_of(rows).named() if name not in {"questions", "missing"}}
    assert {name: value for name, value in drawn.items() if not np.isnan(value)} == pytest.approx(told)


def test_a_draw_counts_a_row_as_often_as_it_was_drawn() -> None:
    """A draw's figures are those of the list with the rows repeated."""
    rows = some(2, 20, 10, 4)
    times = np.array([[number % 3 for number in range(len(rows))]], dtype=float)
    repeated = [one for number, one in enumerate(rows) for _ in range(number % 3)]
    told = figures_of(repeated).named()
    drawn = {name: float(values[0]) for name, values in drawn_figures(rows, times)}
    assert {name: drawn[name] for name, _ in told[2:]} == pytest.approx(dict(told[2:]))


def test_intervals_are_the_same_every_time_and_hold_their_figure() -> None:
    """The seed is fixed; every figure except the calibration error, which is biased upwards, is in its interval."""
    rows = some(3, 60, 30, 8)
    found = intervals(rows)
    assert found == intervals(rows)
    told = dict(figures_of(rows).named())
    assert {interval.name for interval in found} == set(told) - {"questions", "missing"}
    assert all(one.low <= told[one.name] <= one.high for one in found if one.name != "ece")


def test_a_share_has_the_width_that_theory_gives() -> None:
    """The interval of hit@1 over 400 questions is about 2 * 1.96 standard errors wide."""
    rows = some(4, 400, 0)
    share = figures_of(rows).hit_1
    assert share is not None
    hit = next(interval for interval in intervals(rows) if interval.name == "hit@1")
    assert hit.high - hit.low == pytest.approx(2 * 1.96 * (share * (1 - share) / 400) ** 0.5, rel=0.1)
    assert DRAWS >= 1000


def test_no_outcomes_have_no_intervals() -> None:
    """No questions, no intervals."""
    assert intervals([]) == ()
