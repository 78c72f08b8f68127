"""Make the table of weights: ``python -m rag.training NAME=INDEX:QUESTIONS ... --out rag/ranking.json``.

Ranking: listwise logistic regression over the sentences of the considered chunks (Cao et al. 2007, "Learning to rank:
from pairwise approach to listwise approach", with the likelihood summed over all right sentences). Confidence: logistic
regression on what is seen at the first quote, whether it is right, over answerable and unanswerable questions. Both
problems are convex and nothing is drawn by chance, so the same data give the same table. Every name counts equally,
whatever the number of its questions; a name may be given several times.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.answering import Index
from rag.calibration import Judged, effect_of
from rag.figures import outcomes
from rag.gold import read_gold
from rag.locations import fold_white
from rag.quoting import quotes, rescored, spanning
from rag.ranking import FEATURES, SIGNS, Weights
from rag.records import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from rag.gold import GoldRow
    from rag.quoting import Ranking

    Matrix = npt.NDArray[np.float32]

__all__ = ["Example", "collect", "fit_confidence", "fit_ranking", "main", "marked_again"]

# chosen by leaving one set of questions out in turn: 0.003 to 0.03 differ by less than 0.01 in hit@1
_RANKING_PENALTY = 0.01
_CONFIDENCE_PENALTY = 0.01
# no set to train on holds conversations; on ten dialogues of two turns, 0 to 4 and 0 to 2 differ by one question
_BY_HAND = {"earlier_post": 3.0, "earlier_words": 1.0}
# refuse as much as one can while this share of the questions that the posts answer is answered: a reader who asks
# about these posts should seldom be turned away, and the band says how sure the answer is
_ANSWERED = 0.9


@dataclass(frozen=True, slots=True)
class Example:
    """One gold question as the ranking sees it; ``right`` bool (n,) marks the sentences that hold its evidence."""

    row: GoldRow
    ranking: Ranking
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Set:
    name: str
    index: Index
    sha256: str
    examples: list[Example]


def collect(index: Index, gold: Sequence[GoldRow]) -> list[Example]:
    """Measure the sentences of every question and mark those that hold its evidence."""
    files = _files(index)
    found = []
    for row in gold:
        ranking = index.ranking(row.question, row.history)
        texts = {one.row: ranking.text_of(one) for one in ranking.ranked}
        found.append(Example(row, ranking, _right(row, ranking, files, texts)))
    return found


def marked_again(index: Index, examples: Sequence[Example], table: Weights) -> list[Example]:
    """Mark a sentence as right when the quote that would be shown for it holds the evidence."""
    files = _files(index)
    found = []
    for example in examples:
        ranking = rescored(example.ranking, table)
        span_of = spanning(ranking)
        texts = {}
        for one in ranking.ranked:
            start, end = span_of(one)
            texts[one.row] = ranking.bodies[one.post_id].text[start:end]
        found.append(replace(example, right=_right(example.row, ranking, files, texts)))
    return found


def _files(index: Index) -> dict[str, set[str]]:
    return {post.post_id: {Path(copy.file).name for copy in post.copies} for post in index.posts()}


def _right(
    row: GoldRow, ranking: Ranking, files: Mapping[str, set[str]], texts: Mapping[int, str]
) -> npt.NDArray[np.bool_]:
    evidence = [fold_white(text) for text in row.wanted.evidence]
    wanted = {Path(name).name for name in row.wanted.files}
    right = np.zeros(len(ranking.ranked), dtype=bool)
    for one in ranking.ranked:
        if not wanted or wanted & files[one.post_id]:
            text = fold_white(texts[one.row])
            right[one.row] = any(piece in text for piece in evidence)
    return right


def fit_ranking(sets: Sequence[Sequence[Example]]) -> tuple[Matrix, Matrix, Matrix]:
    """Means, scales and weights of the features, each float32 (n_features,)."""
    from scipy.optimize import minimize

    usable = [[example for example in examples if example.right.any()] for examples in sets]
    every = np.concatenate([example.ranking.measures for examples in usable for example in examples]).astype(np.float64)
    means, scales = every.mean(axis=0), every.std(axis=0) + 1e-4
    groups = [
        [((example.ranking.measures - means) / scales, example.right) for example in examples] for examples in usable
    ]

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

    weights = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x
    for name, weight in _BY_HAND.items():
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
    means = seen.mean(axis=0, dtype=np.float64)
    scales = seen.std(axis=0, dtype=np.float64) + 1e-4
    rows = (seen - means) / scales
    weights, _ = _logistic(
        rows, (right.astype(float) + answerable) / 2, counts, list(SIGNS.values()), _CONFIDENCE_PENALTY
    )
    slope, offset = _logistic((rows @ weights)[:, None], right.astype(float), counts, [1], 0.0)
    found = weights * slope[0]
    return means.astype(np.float32), scales.astype(np.float32), found.astype(np.float32), offset


def _logistic(
    rows: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    ways: Sequence[int],
    penalty: float,
) -> tuple[npt.NDArray[np.float64], float]:
    """Weights and offset of a logistic regression; ``ways`` says of each weight whether it may only be + or -."""
    from scipy.optimize import minimize

    held = np.hstack([rows, np.ones((len(rows), 1))])
    share = counts / counts.sum()

    def loss(weights: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        value = held @ weights
        chance = 1.0 / (1.0 + np.exp(-value))
        shrink = np.append(weights[:-1], 0.0) * penalty
        fit = float((share * (np.logaddexp(0.0, value) - wanted * value)).sum())
        return fit + float(shrink @ weights), (share * (chance - wanted)) @ held + 2 * shrink

    bounds = [(0.0 if way > 0 else None, 0.0 if way < 0 else None) for way in ways] + [(None, None)]
    found = minimize(loss, np.zeros(held.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1], float(found[-1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the table on the sets named, print what they say of themselves, and write it."""
    parser = argparse.ArgumentParser(prog="python -m rag.training", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("sets", nargs="+", metavar="NAME=INDEX:QUESTIONS", help="an index and gold questions over it")
    parser.add_argument("--out", type=Path, required=True, help="where the table is written")
    options = parser.parse_args(arguments)
    sets = [_open(text) for text in options.sets]
    blank = np.zeros(len(SIGNS), dtype=np.float32)
    means, scales, weights = fit_ranking(_by_name(sets, [one.examples for one in sets]))
    table = Weights(means, scales, weights, blank, blank + 1, blank, 0.0, 0.0)
    means, scales, weights = fit_ranking(_by_name(sets, [marked_again(one.index, one.examples, table) for one in sets]))
    table = Weights(means, scales, weights, blank, blank + 1, blank, 0.0, 0.0)
    seen, right, answerable, counts = [], [], [], []
    size = Counter[str]()
    for one in sets:
        size[one.name] += len(one.examples)
    for one in sets:
        rows = _seen(one, table)
        for signs, first_is_right, row in rows:
            seen.append(signs)
            right.append(first_is_right)
            answerable.append(row.answerable)
            counts.append(1.0 / size[one.name])
        asked = [first_is_right for _, first_is_right, row in rows if row.answerable]
        print(f"{one.name}: {len(rows)} questions, first quote right for {np.mean(asked):.3f} of the answerable")  # noqa: T201
    sign_means, sign_scales, sign_weights, offset = fit_confidence(
        np.array(seen, dtype=np.float32), np.array(right), np.array(answerable), np.array(counts)
    )
    table = Weights(means, scales, weights, sign_means, sign_scales, sign_weights, offset, 0.0)
    judged = [Judged(table.confidence(s), r, a) for s, r, a in zip(seen, right, answerable, strict=True)]
    sure = sorted(row.confidence for row in judged if row.answerable)
    effect = effect_of(judged, sure[int(len(sure) * (1 - _ANSWERED))])
    print(f"threshold {effect.threshold_confidence:.3f}: answered {effect.answered:.3f}, refused {effect.refused:.3f}")  # noqa: T201
    options.out.write_text(
        json.dumps(
            {
                "made_by": "python -m rag.training",
                "sets": [{"name": one.name, "questions": len(one.examples), "sha256": one.sha256} for one in sets],
                "threshold_confidence": round(effect.threshold_confidence, 4),
                "offset": round(offset, 6),
                "features": _columns(FEATURES, means, scales, weights),
                "signs": _columns(tuple(SIGNS), sign_means, sign_scales, sign_weights),
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    return 0


def _by_name(sets: Sequence[_Set], examples: Sequence[list[Example]]) -> list[list[Example]]:
    """Examples of the sets that bear one name, together."""
    found: dict[str, list[Example]] = {}
    for one, some in zip(sets, examples, strict=True):
        found.setdefault(one.name, []).extend(some)
    return list(found.values())


def _open(text: str) -> _Set:
    name, _, places = text.partition("=")
    folder, _, questions = places.partition(":")
    index = Index(folder)
    digest = hashlib.sha256(Path(questions).read_bytes()).hexdigest()
    return _Set(name, index, digest, collect(index, read_gold(Path(questions))))


def _seen(one: _Set, table: Weights) -> list[tuple[Matrix, bool, GoldRow]]:
    """Signs at the first quote of every question, and whether that quote is right."""
    found = []
    for example in one.examples:
        ranking = rescored(example.ranking, table)
        shown = quotes(one.index.store, table, ranking)
        if shown:
            signs = one.index.signs(ranking, shown[0])
            answer = Answer(example.row.question, "answered", 0.0, "low", tuple(shown), id=example.row.id)
            right = outcomes([example.row], [answer])[0].first_is_right
            found.append((signs, example.row.answerable and right, example.row))
    return found


def _columns(names: Sequence[str], *columns: Matrix) -> dict[str, dict[str, float]]:
    keys = ("mean", "scale", "weight")
    return {
        name: {key: round(float(column[place]), 6) for key, column in zip(keys, columns, strict=True)}
        for place, name in enumerate(names)
    }


if __name__ == "__main__":
    sys.exit(main())
