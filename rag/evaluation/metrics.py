"""The figures of a set of answers: the shares right, refused and word for word, and how well confidence fits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from rag.evaluation.outcomes import outcomes, outcomes_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.evaluation.gold import GoldRow
    from rag.evaluation.outcomes import Outcome, Sources
    from rag.records import Answer

__all__ = ["BINS", "Figures", "confidence_bin", "figures", "figures_of", "figures_of_rows"]

BINS = 10  # tenths of confidence, to check that "of the answers at 0.8, about 8 in 10 are right"
_SHORT, _LONG = 50, 100  # words that a person reads at a glance, and in a paragraph


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one set of answers; None if the set has no questions for a measure.

    Shares are from 0 to 1, and higher is better, except for ``ece`` (lower is better). ``words_1`` and ``words_3`` are
    mean numbers of words in the first quote and in the first three.
    """

    questions: int
    missing: int
    hit_1: float | None
    hit_3: float | None
    found_3: float | None
    in50: float | None
    in100: float | None
    answered: float | None
    refused: float | None
    balanced: float | None
    auroc: float | None
    ece: float | None
    words_1: float | None
    words_3: float | None
    verbatim: float | None
    parts: float | None
    all_parts: float | None

    def named(self) -> tuple[tuple[str, float], ...]:
        """The measures that have a value, by their printed names, such as ``hit@1``."""
        known = [(figure_name(field.name), getattr(self, field.name)) for field in fields(self)]
        return tuple((name, value) for name, value in known if value is not None)


def figure_name(field: str) -> str:
    """The printed name of a field.

    >>> figure_name("hit_1"), figure_name("all_parts")
    ('hit@1', 'all_parts')
    """
    return field[:-2] + "@" + field[-1] if field[-1].isdigit() and field[-2] == "_" else field


def figures(gold: Sequence[GoldRow], answers: Iterable[Answer], sources: Sources | None = None) -> Figures:
    """The figures of answers; quotes are checked against the files if ``sources`` are given.

    Confidences are rounded as `Answer.to_dict` writes them, so the figures are those of the written answers.
    """
    return figures_of(outcomes(gold, answers, sources))


def figures_of_rows(
    gold: Sequence[GoldRow], rows: Iterable[Mapping[str, object]], sources: Sources | None = None
) -> Figures:
    """The figures of the objects of an answers file; missing fields count as empty."""
    return figures_of(outcomes_of_rows(gold, rows, sources))


def figures_of(rows: Sequence[Outcome]) -> Figures:
    """The figures over outcomes.

    Sums run in the order of the rows, because the last digit of a sum of floats depends on it.
    """
    single = [row for row in rows if not row.gold.parts]
    yes = [row for row in single if row.gold.answerable]
    no = [row for row in single if not row.gold.answerable]
    several = [row for row in rows if row.gold.parts]
    answered = _mean([row.gave for row in yes])
    refused = _mean([not row.gave for row in no])
    return Figures(
        questions=len(rows),
        missing=sum(row.missing for row in rows),
        hit_1=_mean([row.right_at == 1 for row in yes]),
        hit_3=_mean([_within(row.right_at, 3) for row in yes]),
        found_3=_mean([_within(row.found_at, 3) for row in yes]),
        in50=_mean([_within(row.right_words, _SHORT) for row in yes]),
        in100=_mean([_within(row.right_words, _LONG) for row in yes]),
        answered=answered,
        refused=refused,
        balanced=None if answered is None or refused is None else (answered + refused) / 2,
        auroc=_auroc([row.confidence for row in yes], [row.confidence for row in no]),
        ece=_calibration_error(single),
        words_1=_mean([row.words_1 for row in rows if row.words_1 is not None]),
        words_3=_mean([row.words_3 for row in rows if row.words_3 is not None]),
        verbatim=_mean([good for row in rows for good in row.verbatim]),
        parts=_mean([sum(row.found_parts) / len(row.found_parts) for row in several]),
        all_parts=_mean([all(row.found_parts) for row in several]),
    )


def _within(value: int | None, most: int) -> bool:
    return value is not None and value <= most


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """The probability that a value of ``high`` is above one of ``low``; ties count half."""
    if not high or not low:
        return None
    ordered = sorted(low)
    halves = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in high)
    return halves / 2 / (len(high) * len(low))


def _calibration_error(rows: Sequence[Outcome]) -> float | None:
    """The gap between mean confidence and share of right first quotes, averaged over tenths of confidence by size."""
    if not rows:
        return None
    bins: dict[int, list[Outcome]] = {}
    for row in rows:
        bins.setdefault(confidence_bin(row.confidence), []).append(row)
    gaps = []
    for held in bins.values():
        sure = sum([row.confidence for row in held]) / len(held)
        right = sum([float(row.first_is_right) for row in held]) / len(held)
        gaps.append(len(held) / len(rows) * abs(sure - right))
    return sum(gaps)


def confidence_bin(confidence: float) -> int:
    """The tenth in which a confidence falls, from 0; 1.0 belongs to the last.

    >>> confidence_bin(0.79), confidence_bin(1.0)
    (7, 9)
    """
    return min(int(confidence * BINS), BINS - 1)
