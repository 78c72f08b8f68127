"""Chooses the confidence below which a question is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MIN_ANSWERABLE",
    "MIN_UNANSWERABLE",
    "Effect",
    "JudgedAnswer",
    "OperatingPoint",
    "check_enough",
    "choose_operating_point",
    "effect_of",
]

# With fewer, one question moves a share by more than 0.05 (0.10), and chance would choose the threshold.
MIN_ANSWERABLE, MIN_UNANSWERABLE = 20, 10

_FOLDS = 10  # each threshold is chosen on nine tenths of the questions and tested on the tenth


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One question asked with refusing off: its confidence, and whether it is answerable and its first quote right."""

    confidence: float
    right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of refusing all questions below ``threshold_confidence``.

    ``answered`` is the share of answerable questions that are answered, ``refused`` the share of unanswerable ones that
    are refused, ``balanced`` the mean of both; ``wrong`` is the share of the ``given`` answers that are wrong, None if
    there are none.
    """

    threshold_confidence: float
    answered: float
    refused: float
    balanced: float
    given: int
    wrong: float | None


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A chosen threshold: its effect on the questions it was chosen on, and on questions held out.

    ``held_out_balanced`` is what to expect on other questions of the same kind.
    """

    effect: Effect
    held_out_balanced: float


def choose_operating_point(rows: Sequence[JudgedAnswer], *, max_wrong: float | None = None) -> OperatingPoint:
    """The confidence that best separates questions to answer from questions to refuse.

    It has the highest balanced accuracy; with ``max_wrong``, the highest among those with at most that share of wrong
    answers. If several are equally good, it is the middle of the widest gap between confidences.

    Raises:
        InputError: there are too few questions, or no threshold meets ``max_wrong``.

    """
    check_enough(*_sizes(rows))
    if max_wrong is not None and not 0 <= max_wrong <= 1:
        raise InputError("the share of wrong answers is a number from 0 to 1", got=f"{max_wrong:g}")
    chosen = _best(rows, max_wrong)
    if chosen is None:
        least = min(wrong for effect, _ in _effects(rows) if (wrong := effect.wrong) is not None)
        raise InputError(
            "on these questions no threshold keeps the share of wrong answers that low",
            expected=f"at most {max_wrong:.3f}",
            got=f"{least:.3f} at best",
            remedy="Allow a larger share of wrong answers",
        )
    return OperatingPoint(chosen, _held_out_balanced(rows, max_wrong))


def check_enough(answerable: int, unanswerable: int) -> None:
    """Check that there are enough questions to choose a threshold.

    Raises:
        InputError: there are not.

    """
    if answerable < MIN_ANSWERABLE or unanswerable < MIN_UNANSWERABLE:
        raise InputError(
            "there are too few questions to choose a threshold",
            expected=f"at least {MIN_ANSWERABLE} answerable and {MIN_UNANSWERABLE} unanswerable ones",
            got=f"{answerable} and {unanswerable}",
            remedy="Add questions whose answers you know, and questions that your pages do not answer",
        )


def effect_of(rows: Sequence[JudgedAnswer], threshold_confidence: float) -> Effect:
    """The effect of a threshold; questions at or above it are answered."""
    given = [row for row in rows if row.confidence >= threshold_confidence]
    answered = sum(row.answerable for row in given)
    right = sum(row.right for row in given)
    return _effect(_sizes(rows), threshold_confidence, answered=answered, given=len(given), right=right)


def _effects(rows: Sequence[JudgedAnswer]) -> list[tuple[Effect, float]]:
    """The effect of each threshold that answers any question, strictest first, with the gap in confidence around it."""
    ordered = sorted(rows, key=lambda row: -row.confidence)
    sizes = _sizes(rows)
    found = []
    answered = right = 0
    for given, row in enumerate(ordered, 1):
        answered += row.answerable
        right += row.right
        above = row.confidence
        below = ordered[given].confidence if given < len(ordered) else 0.0
        if given < len(ordered) and below == above:
            continue
        middle = (above + below) / 2
        threshold = middle if below < middle else above
        if given == len(ordered):
            threshold = 0.0  # answer everything, even below the lowest confidence seen
        found.append((_effect(sizes, threshold, answered=answered, given=given, right=right), above - below))
    return found


def _sizes(rows: Sequence[JudgedAnswer]) -> tuple[int, int]:
    """How many are answerable, and how many are not."""
    answerable = sum(row.answerable for row in rows)
    return answerable, len(rows) - answerable


def _effect(sizes: tuple[int, int], threshold: float, *, answered: int, given: int, right: int) -> Effect:
    answerable, others = sizes
    share = answered / answerable if answerable else 0.0
    refused = (others - (given - answered)) / others if others else 0.0
    return Effect(threshold, share, refused, (share + refused) / 2, given, (given - right) / given if given else None)


def _best(rows: Sequence[JudgedAnswer], max_wrong: float | None) -> Effect | None:
    allowed = [
        (effect, gap)
        for effect, gap in _effects(rows)
        if max_wrong is None or (effect.wrong is not None and effect.wrong <= max_wrong)
    ]
    best = max(allowed, key=lambda pair: (pair[0].balanced, pair[1]), default=None)
    return None if best is None else best[0]


def _held_out_balanced(rows: Sequence[JudgedAnswer], max_wrong: float | None) -> float:
    # dealt out in order of kind and confidence, so that every fold is like the whole set, without randomness
    dealt = sorted(rows, key=lambda row: (row.answerable, row.confidence, row.right))
    answered = refused = 0
    for fold in range(_FOLDS):
        kept = [row for number, row in enumerate(dealt) if number % _FOLDS != fold]
        point = _best(kept, max_wrong) or _effects(kept)[0][0]
        for row in dealt[fold::_FOLDS]:
            gave = row.confidence >= point.threshold_confidence
            answered += gave and row.answerable
            refused += not gave and not row.answerable
    answerable, others = _sizes(rows)
    return (answered / answerable + refused / others) / 2
