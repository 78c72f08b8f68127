"""The regressions find what tells right from wrong, and say how often it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from fitting import BY_HAND, fit_confidence, fit_line, fit_ranking

from rag.answering.selection.features import FEATURES
from rag.answering.selection.ranker import SIGNS

if TYPE_CHECKING:
    import numpy.typing as npt
    from fitting import Measured

TELLING = FEATURES.index("covered")
SET_BY_HAND = [FEATURES.index(name) for name in BY_HAND]


def _asked(rng: np.random.Generator) -> Measured:
    """Ten sentences with measures by chance, but for one measure that is higher in the right sentence."""
    measures = rng.normal(size=(10, len(FEATURES))).astype(np.float32)
    right = np.zeros(10, dtype=bool)
    right[rng.integers(10)] = True
    measures[:, SET_BY_HAND] = 0.0
    measures[right, TELLING] += 3.0
    return measures, right


def test_the_ranking_finds_the_measure_that_tells_right_from_wrong() -> None:
    """The measure that right sentences have more of outweighs all others; weights set by hand stay as they are."""
    rng = np.random.default_rng(3)
    means, scales, weights = fit_ranking([[_asked(rng) for _ in range(150)] for _ in range(2)])
    others = np.delete(np.abs(weights), [TELLING, *SET_BY_HAND])
    assert weights[TELLING] > 3 * others.max()
    made = [_asked(rng) for _ in range(200)]
    first = [right[np.argmax((measures - means) / scales @ weights)] for measures, right in made]
    assert np.mean(first) > 0.7
    assert weights[SET_BY_HAND].tolist() == list(BY_HAND.values())


def test_sets_count_equally_whatever_their_number() -> None:
    """A set that says the opposite has its full say although the other is ten times as large."""
    rng = np.random.default_rng(5)
    large, small = [_asked(rng) for _ in range(200)], [_asked(rng) for _ in range(20)]
    for measures, right in small:
        measures[right, TELLING] -= 6.0
    together, alone = fit_ranking([large, small])[2][TELLING], fit_ranking([large + small])[2][TELLING]
    assert abs(together) < 0.2 * alone


def _seen(rng: np.random.Generator, right: npt.NDArray[np.bool_], telling: str, way: float) -> npt.NDArray[np.float32]:
    seen = rng.normal(size=(len(right), len(SIGNS)))
    seen[:, list(SIGNS).index(telling)] += way * right
    return seen.astype(np.float32)


@pytest.mark.parametrize("way", [-2.0, 2.0])
@pytest.mark.parametrize("name", ["covered_with_title", "unknown_words", "question_words"])
def test_no_sign_gets_a_weight_against_its_own_direction(name: str, way: float) -> None:
    """A sign that tells right from wrong is heard the way it may count, and not at all the other way."""
    rng = np.random.default_rng(7)
    right = rng.random(600) < 0.5
    _, _, weights, _ = fit_confidence(_seen(rng, right, name, way), right, right, np.ones(len(right)))
    for (sign, direction), weight in zip(SIGNS.items(), weights, strict=True):
        assert direction * weight >= 0.0, sign
    weight, direction = weights[list(SIGNS).index(name)], SIGNS[name]
    if direction * way >= 0.0:
        assert weight * way > 1.0
    else:
        assert weight == 0.0


def test_the_confidence_is_the_share_that_is_right() -> None:
    """The mean of the fitted confidences is the share of right first quotes, each row counted as it should."""
    rng = np.random.default_rng(11)
    right = rng.random(800) < 0.3
    answerable = right | (rng.random(800) < 0.4)
    counts = np.where(np.arange(800) < 100, 7.0, 1.0)
    seen = _seen(rng, right, "margin", 1.5)
    means, scales, weights, offset = fit_confidence(seen, right, answerable, counts)
    confidence = 1 / (1 + np.exp(-((seen - means) / scales @ weights + offset)))
    assert np.average(confidence, weights=counts) == pytest.approx(np.average(right, weights=counts), abs=0.005)
    assert confidence[right].mean() > confidence[~right].mean() + 0.15


def test_the_line_is_the_one_that_the_points_were_made_by() -> None:
    """Points that count nothing do not move it."""
    seen = np.linspace(0.1, 0.9, 9)
    wanted = 0.7 * seen + 0.2
    wanted[4] = 5.0
    counts = np.where(np.arange(9) == 4, 0.0, 0.5)
    assert fit_line(seen, wanted, counts) == pytest.approx((0.7, 0.2))
