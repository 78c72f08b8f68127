"""The two regressions behind the table of weights: which sentence answers, and how likely the first quote is right.

Ranking: listwise logistic regression over the sentences of the considered chunks (Cao et al. 2007, "Learning to rank:
from pairwise approach to listwise approach", with the likelihood summed over all right sentences). Confidence: logistic
regression on what is seen at the first quote, whether it is right, over answerable and unanswerable questions. Both
problems are convex and nothing is drawn by chance, so the same data give the same weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from rag.answering.selection.features import FEATURES
from rag.answering.selection.ranker import READER_SIGNS, SIGNS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BY_HAND", "WITH_READER", "Matrix", "Measured", "fit_confidence", "fit_line", "fit_ranking"]

Matrix: TypeAlias = npt.NDArray[np.float32]
# the sentences considered for one question: float32 (n, n_features), and bool (n,) whether each holds the evidence
Measured: TypeAlias = tuple[Matrix, npt.NDArray[np.bool_]]

# chosen by leaving one set of questions out in turn: 0.003 to 0.03 differ by less than 0.01 in hit@1
_RANKING_PENALTY = 0.01
_CONFIDENCE_PENALTY = 0.01
# no set to train on holds conversations; on ten dialogues of two turns, 0 to 4 and 0 to 2 differ by one question
# What the confidence looks at where the reader was asked. Near misses borrow the posts' words, so likeness and words in
# common say little beside it: with all signs 0.44 of the near misses over held-out blog posts are refused where 0.92 of
# the others are answered, with these 0.67 (govblog 0.63 and 0.80).
WITH_READER = ("name_not_in_post", "unknown_words", "kind_found", "question_words", *READER_SIGNS)
BY_HAND = {"earlier_post": 3.0, "earlier_words": 1.0}


def fit_ranking(sets: Sequence[Sequence[Measured]]) -> tuple[Matrix, Matrix, Matrix]:
    """Means, scales and weights of the features, each float32 (n_features,), so that right sentences come first."""
    from scipy.optimize import minimize

    usable = [[(measures, right) for measures, right in asked if right.any()] for asked in sets]
    every = np.concatenate([measures for asked in usable for measures, _ in asked]).astype(np.float64)
    means, scales = every.mean(axis=0), every.std(axis=0) + 1e-4
    groups = [[((measures - means) / scales, right) for measures, right in asked] for asked in usable]

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        value = _RANKING_PENALTY * float(weights @ weights)
        slope = 2 * _RANKING_PENALTY * weights
        for group in groups:
            for measures, right in group:
                scores = measures @ weights
                shares = np.exp(scores - scores.max())
                shares /= shares.sum()
                hit = shares[right].sum()
                among = np.where(right, shares / hit, 0.0)
                value -= float(np.log(hit)) / (len(group) * len(groups))
                slope = slope + (shares - among) @ measures / (len(group) * len(groups))
        return value, slope

    weights = minimize(loss, np.zeros(len(means)), jac=True, method="L-BFGS-B").x
    for name, weight in BY_HAND.items():
        column = FEATURES.index(name)
        means[column], scales[column], weights[column] = 0.0, 1.0, weight
    return means.astype(np.float32), scales.astype(np.float32), weights.astype(np.float32)


def fit_confidence(
    seen: Matrix,
    right: npt.NDArray[np.bool_],
    answerable: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.float64],
) -> tuple[Matrix, Matrix, Matrix, float]:
    """Means, scales and weights of the signs, each float32 (n_signs,), and the offset.

    ``seen`` is float32 (n, n_signs), ``right`` whether the first quote answers, ``counts`` what each row counts. The
    weights are fitted half to whether the question can be answered and half to whether the first quote is right, then
    scaled (Platt 1999) to the latter alone.
    """
    ways: dict[str, int | None] = {**SIGNS, **READER_SIGNS}
    if seen.shape[1] > len(SIGNS):
        ways = {name: way if name in WITH_READER else None for name, way in ways.items()}
    means = seen.mean(axis=0, dtype=np.float64)
    scales = seen.std(axis=0, dtype=np.float64) + 1e-4
    rows = (seen - means) / scales
    weights, _ = _logistic(
        rows, (right.astype(float) + answerable) / 2, counts, list(ways.values())[: rows.shape[1]], _CONFIDENCE_PENALTY
    )
    slope, offset = _logistic((rows @ weights)[:, None], right.astype(float), counts, [1], 0.0)
    found = weights * slope[0]
    return means.astype(np.float32), scales.astype(np.float32), found.astype(np.float32), offset


def fit_line(
    seen: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Slope and offset of the straight line nearest to ``wanted`` (n,) over ``seen`` (n,), by least squares."""
    slope, offset = np.polyfit(seen, wanted, 1, w=np.sqrt(counts))
    return float(slope), float(offset)


def _logistic(
    rows: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    ways: Sequence[int | None],
    penalty: float,
) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and offset of a logistic regression; ``ways``: whether each may only be + or -, or (None) counts nothing."""
    from scipy.optimize import minimize

    held = np.hstack([rows, np.ones((len(rows), 1))])
    share = counts / counts.sum()

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        value = held @ weights
        chance = 1.0 / (1.0 + np.exp(-value))
        shrink = np.append(weights[:-1], 0.0) * penalty
        fit = float((share * (np.logaddexp(0.0, value) - wanted * value)).sum())
        return fit + float(shrink @ weights), (share * (chance - wanted)) @ held + 2 * shrink

    free = (None, None)
    bounds = [(0.0, 0.0) if way is None else (0.0 if way > 0 else None, 0.0 if way < 0 else None) for way in ways] + [
        free
    ]
    found = minimize(loss, np.zeros(held.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1], float(found[-1])
