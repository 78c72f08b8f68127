"""From scores to confidences that hold, and from confidences to the point below which a question is refused."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MIN_ANSWERABLE",
    "MIN_UNANSWERABLE",
    "Effect",
    "Judged",
    "OperatingPoint",
    "check_enough",
    "choose_operating_point",
    "effect_of",
    "interpolate",
    "isotonic_knots",
    "platt",
    "sigmoid",
]

# With fewer, one question moves a share by more than 0.05 (0.10): chance, not the point, would be chosen.
MIN_ANSWERABLE, MIN_UNANSWERABLE = 20, 10

_FOLDS = 10  # each point is chosen on nine tenths of the questions and tried on the tenth
_NEWTON_STEPS = 100  # two parameters settle in under 20 on the 4,000 questions this was tried with


@dataclass(frozen=True, slots=True)
class Judged:
    """One question asked with refusing off: how sure, was the first quote right, and could one be."""

    confidence: float
    right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of questions when those below ``threshold_confidence`` are refused.

    ``answered`` is the share of the answerable that get an answer, ``refused`` the share of the others that do not,
    ``balanced`` the mean of both; ``wrong`` is the share of the ``given`` answers that are wrong, None when there are
    none.
    """

    threshold_confidence: float
    answered: float
    refused: float
    balanced: float
    given: int
    wrong: float | None


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A chosen threshold: its effect on the questions it was chosen on, and on questions held out of the choice.

    ``held_out_balanced`` is what to expect of other questions of the same kind.
    """

    effect: Effect
    held_out_balanced: float


def choose_operating_point(rows: Sequence[Judged], *, max_wrong: float | None = None) -> OperatingPoint:
    """The confidence that best parts questions to answer from questions to refuse.

    It has the highest balanced accuracy; with ``max_wrong``, among those where at most that share of the answers given
    is wrong. Where several are equally good, the middle of the widest gap between confidences.

    Raises:
        InputError: too few questions, or no threshold keeps within ``max_wrong``.

    """
    check_enough(*_sizes(rows))
    if max_wrong is not None and not 0 <= max_wrong <= 1:
        raise InputError("the share of wrong answers is a number from 0 to 1", got=f"{max_wrong:g}")
    chosen = _best(rows, max_wrong)
    if chosen is None:
        least = min(wrong for effect, _ in _effects(rows) if (wrong := effect.wrong) is not None)
        raise InputError(
            "no threshold keeps wrong answers as rare as that on these questions",
            expected=f"at most {max_wrong:.3f}",
            got=f"{least:.3f} at the least",
            remedy="Allow a larger share of wrong answers",
        )
    return OperatingPoint(chosen, _held_out_balanced(rows, max_wrong))


def check_enough(answerable: int, unanswerable: int) -> None:
    """Whether there are enough questions to choose a threshold by.

    Raises:
        InputError: there are not.

    """
    if answerable < MIN_ANSWERABLE or unanswerable < MIN_UNANSWERABLE:
        raise InputError(
            "there are too few questions to choose by",
            expected=f"at least {MIN_ANSWERABLE} answerable and {MIN_UNANSWERABLE} unanswerable ones",
            got=f"{answerable} and {unanswerable}",
            remedy="Add questions whose answers you know, and questions that your pages do not answer",
        )


def effect_of(rows: Sequence[Judged], threshold_confidence: float) -> Effect:
    """What becomes of the questions at a threshold; those at or above it are answered."""
    given = [row for row in rows if row.confidence >= threshold_confidence]
    answered = sum(row.answerable for row in given)
    right = sum(row.right for row in given)
    return _effect(_sizes(rows), threshold_confidence, answered=answered, given=len(given), right=right)


def _effects(rows: Sequence[Judged]) -> list[tuple[Effect, float]]:
    """The effect of each threshold that answers something, the strictest first, each with the gap it stands in."""
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
            threshold = 0.0  # answer everything, also what is less sure than anything seen
        found.append((_effect(sizes, threshold, answered=answered, given=given, right=right), above - below))
    return found


def _sizes(rows: Sequence[Judged]) -> tuple[int, int]:
    """How many are answerable, and how many are not."""
    answerable = sum(row.answerable for row in rows)
    return answerable, len(rows) - answerable


def _effect(sizes: tuple[int, int], threshold: float, *, answered: int, given: int, right: int) -> Effect:
    answerable, others = sizes
    share = answered / answerable if answerable else 0.0
    refused = (others - (given - answered)) / others if others else 0.0
    return Effect(threshold, share, refused, (share + refused) / 2, given, (given - right) / given if given else None)


def _best(rows: Sequence[Judged], max_wrong: float | None) -> Effect | None:
    allowed = [
        (effect, gap)
        for effect, gap in _effects(rows)
        if max_wrong is None or (effect.wrong is not None and effect.wrong <= max_wrong)
    ]
    best = max(allowed, key=lambda pair: (pair[0].balanced, pair[1]), default=None)
    return None if best is None else best[0]


def _held_out_balanced(rows: Sequence[Judged], max_wrong: float | None) -> float:
    # dealt out in order of kind and confidence, so that every fold is like the whole; no chance in it
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


def sigmoid(value: float) -> float:
    """The logistic function, without overflow on either side.

    >>> sigmoid(0.0), sigmoid(-1000.0)
    (0.5, 0.0)
    """
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    grown = math.exp(value)
    return grown / (1 + grown)


def platt(scores: Sequence[float], labels: Sequence[bool]) -> tuple[float, float]:
    """Slope and offset so that ``sigmoid(slope * score + offset)`` is the chance that the label is true.

    Maximum likelihood by Newton's method with halved steps. The labels count as slightly less than certain, so that
    scores that part them perfectly still give finite numbers (Platt 1999, Lin and others 2007).

    Raises:
        InputError: there are not both true and false labels, or not as many as scores.

    """
    positives = sum(labels)
    negatives = len(labels) - positives
    if len(scores) != len(labels) or not positives or not negatives:
        raise InputError(
            "a calibration needs scores of right and of wrong answers", got=f"{positives} right, {negatives} wrong"
        )
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    targets = [high if label else low for label in labels]
    slope, offset = 0.0, math.log((positives + 1) / (negatives + 1))
    loss = _log_loss(scores, targets, slope, offset)
    for _ in range(_NEWTON_STEPS):
        slope_gradient = offset_gradient = slope_curve = cross_curve = offset_curve = 0.0
        for score, target in zip(scores, targets, strict=True):
            chance = sigmoid(slope * score + offset)
            weight = chance * (1 - chance)
            slope_gradient += (chance - target) * score
            offset_gradient += chance - target
            slope_curve += weight * score * score
            cross_curve += weight * score
            offset_curve += weight
        slope_curve, offset_curve = slope_curve + 1e-12, offset_curve + 1e-12
        size = slope_curve * offset_curve - cross_curve * cross_curve
        slope_step = (offset_curve * slope_gradient - cross_curve * offset_gradient) / size
        offset_step = (slope_curve * offset_gradient - cross_curve * slope_gradient) / size
        for halvings in range(30):
            part = 0.5**halvings
            moved = slope - part * slope_step, offset - part * offset_step
            moved_loss = _log_loss(scores, targets, *moved)
            if moved_loss < loss:
                break
        else:
            break
        (slope, offset), gain, loss = moved, loss - moved_loss, moved_loss
        if gain < 1e-12 * len(scores):
            break
    return slope, offset


def _log_loss(scores: Sequence[float], targets: Sequence[float], slope: float, offset: float) -> float:
    total = 0.0
    for score, target in zip(scores, targets, strict=True):
        value = slope * score + offset
        # log(1 + e^value) - target * value, without overflow
        total += max(value, 0.0) + math.log1p(math.exp(-abs(value))) - target * value
    return total


def isotonic_knots(
    scores: Sequence[float], labels: Sequence[bool], *, max_knots: int = 8
) -> tuple[tuple[float, float], ...]:
    """Few points (score, confidence), both rising, that `interpolate` reads confidences from.

    Each point stands for an equal number of scores; neighbours that would fall are pooled, and each share counts one
    right and one wrong answer more than were seen, so that no confidence is 0 or 1.

    Raises:
        InputError: there are no scores, or not as many as labels.

    """
    if not scores or len(scores) != len(labels) or max_knots < 1:
        raise InputError("a calibration needs scores and as many labels", got=f"{len(scores)} and {len(labels)}")
    pairs = sorted(zip(scores, labels, strict=True))
    knots = min(max_knots, len(pairs))
    pools: list[tuple[float, int, int]] = []  # sum of scores, right ones, number
    for number in range(knots):
        held = pairs[len(pairs) * number // knots : len(pairs) * (number + 1) // knots]
        pools.append((sum(score for score, _ in held), sum(label for _, label in held), len(held)))
        while len(pools) > 1 and (_share(pools[-1]) <= _share(pools[-2]) or _middle(pools[-1]) <= _middle(pools[-2])):
            last, before = pools.pop(), pools.pop()
            pools.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return tuple((_middle(pool), _share(pool)) for pool in pools)


def _middle(pool: tuple[float, int, int]) -> float:
    return pool[0] / pool[2]


def _share(pool: tuple[float, int, int]) -> float:
    return (pool[1] + 1) / (pool[2] + 2)


def interpolate(knots: Sequence[tuple[float, float]], score: float) -> float:
    """The confidence of a score: straight lines between the knots, level beyond the ends.

    >>> interpolate(((0.0, 0.2), (1.0, 0.8)), 0.5)
    0.5
    """
    at = bisect_right([place for place, _ in knots], score)
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (score - left) / (right - left)
