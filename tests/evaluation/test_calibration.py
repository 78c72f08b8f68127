"""The threshold that separates answering from refusing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.evaluation.calibration import (
    JudgedAnswer,
    check_enough,
    choose_operating_point,
    effect_of,
)


def drawn(seed: int, answerable: int = 60, others: int = 40) -> list[JudgedAnswer]:
    """Questions whose confidence is the probability that the first quote is right, and others with less confidence."""
    chance = random.Random(seed)
    sure = [chance.betavariate(5, 2) for _ in range(answerable)]
    rows = [JudgedAnswer(value, right=chance.random() < value, answerable=True) for value in sure]
    return rows + [JudgedAnswer(chance.betavariate(2, 4), right=False, answerable=False) for _ in range(others)]


def test_questions_that_can_be_parted_are_parted_in_the_middle() -> None:
    """If all answerable questions have more confidence than the others, the threshold is half way between."""
    rows = [JudgedAnswer(0.7, right=True, answerable=True)] * 20 + [
        JudgedAnswer(0.3, right=False, answerable=False)
    ] * 10
    point = choose_operating_point(rows)
    assert point.effect.threshold_confidence == pytest.approx(0.5)
    assert (point.effect.balanced, point.effect.wrong, point.held_out_balanced) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_threshold_is_better(seed: int) -> None:
    """The chosen balanced accuracy is the highest of all thresholds, found by trying each."""
    rows = drawn(seed)
    point = choose_operating_point(rows)
    tried = [effect_of(rows, row.confidence).balanced for row in rows]
    assert point.effect.balanced == max(tried)
    assert effect_of(rows, point.effect.threshold_confidence) == point.effect
    assert point.held_out_balanced <= point.effect.balanced


@pytest.mark.parametrize("seed", range(5))
def test_a_limit_on_wrong_answers_is_kept(seed: int) -> None:
    """With `max_wrong`, the share of wrong answers stays within it, at the cost of answering less."""
    rows = drawn(seed)
    free, kept = choose_operating_point(rows), choose_operating_point(rows, max_wrong=0.1)
    assert kept.effect.wrong is not None
    assert kept.effect.wrong <= 0.1
    assert free.effect.wrong is not None
    assert free.effect.wrong > 0.1
    assert kept.effect.given < free.effect.given
    within = [effect_of(rows, row.confidence) for row in rows]
    assert kept.effect.balanced == max(effect.balanced for effect in within if (effect.wrong or 0) <= 0.1)


def test_a_limit_that_cannot_be_kept_is_reported_with_the_least_that_can() -> None:
    """If even the most confident answer is wrong, the error states the smallest share that can be reached."""
    rows = [JudgedAnswer(0.9, right=False, answerable=True)] * 10 + [
        JudgedAnswer(0.5, right=True, answerable=True)
    ] * 30
    rows += [JudgedAnswer(0.1, right=False, answerable=False)] * 10
    with pytest.raises(InputError, match=r"at most 0\.100, got 0\.250"):
        choose_operating_point(rows, max_wrong=0.1)
    with pytest.raises(InputError, match="from 0 to 1"):
        choose_operating_point(rows, max_wrong=10)


@pytest.mark.parametrize(("answerable", "others"), [(19, 10), (20, 9), (0, 0)])
def test_too_few_questions_are_refused(answerable: int, others: int) -> None:
    """With fewer than 20 answerable and 10 other questions nothing is chosen, and the numbers are stated."""
    with pytest.raises(InputError, match=f"got {answerable} and {others}"):
        choose_operating_point(drawn(0, answerable, others))
    with pytest.raises(InputError):
        check_enough(answerable, others)
    check_enough(20, 10)


def test_equal_confidences_are_never_parted() -> None:
    """Rows of one confidence are all answered or all refused."""
    rows = [JudgedAnswer(0.5, right=True, answerable=True)] * 20 + [
        JudgedAnswer(0.5, right=False, answerable=False)
    ] * 10
    effect = choose_operating_point(rows).effect
    assert (effect.answered, effect.refused) in {(1.0, 0.0), (0.0, 1.0)}


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=60))
def test_the_effect_is_reported_as_it_is(tail: list[tuple[float, bool, bool]]) -> None:
    """For any rows, the stored threshold has exactly the effect that is reported for it."""
    rows = drawn(1, 20, 10) + [JudgedAnswer(sure, right and can, can) for sure, right, can in tail]
    effect = choose_operating_point(rows).effect
    assert effect_of(rows, effect.threshold_confidence) == effect
