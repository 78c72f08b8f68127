"""Confidence compared with truth: how reliable each tenth of confidence is, and what answering more questions costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.evaluation.metrics import BINS, confidence_bin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.outcomes import Outcome

__all__ = ["ReliabilityBin", "RiskPoint", "reliability", "risk_curve"]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The questions in one tenth of confidence: their number, their mean confidence, and the share answered right."""

    low: float
    high: float
    questions: int
    confidence: float
    right: float


def reliability(rows: Sequence[Outcome]) -> tuple[ReliabilityBin, ...]:
    """The tenths of confidence that contain questions, lowest first, as the figure ``ece`` counts them."""
    bins: list[list[Outcome]] = [[] for _ in range(BINS)]
    for row in rows:
        if not row.gold.parts:
            bins[confidence_bin(row.confidence)].append(row)
    return tuple(
        ReliabilityBin(
            number / BINS,
            (number + 1) / BINS,
            len(held),
            sum(row.confidence for row in held) / len(held),
            sum(row.first_is_right for row in held) / len(held),
        )
        for number, held in enumerate(bins)
        if held
    )


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """The share answered, and the share of those wrong, if only questions at or above ``confidence`` were answered."""

    confidence: float
    answered: float
    wrong: float


def risk_curve(rows: Sequence[Outcome]) -> tuple[RiskPoint, ...]:
    """Share answered and share wrong at every threshold, strictest first.

    A refused question counts by its closest quotes, which would be shown if it were answered.
    """
    single = sorted((row for row in rows if not row.gold.parts), key=lambda row: -row.confidence)
    found = []
    wrong = 0
    for number, row in enumerate(single, 1):
        wrong += not _would_be_right(row)
        if number == len(single) or single[number].confidence < row.confidence:
            found.append(RiskPoint(row.confidence, number / len(single), wrong / number))
    return tuple(found)


def _would_be_right(row: Outcome) -> bool:
    return row.gold.answerable and row.found_at == 1
