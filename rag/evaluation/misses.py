"""The questions that went wrong: what the problem was, and what was shown instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.gold import GoldRow
    from rag.evaluation.outcomes import Outcome
    from rag.records import Answer, Quote

__all__ = ["Miss", "miss_of"]


@dataclass(frozen=True, slots=True)
class Miss:
    """One question that went wrong: the ``problem`` in words, and what was ``shown`` instead.

    ``wanted`` has the texts that would have been right, ``right_at`` is the rank of the first right quote. ``shown`` is
    the first quote, or the closest one if the question was refused (``refused``).
    """

    gold: GoldRow
    problem: str
    wanted: tuple[str, ...]
    confidence: float
    refused: bool
    right_at: int | None = None
    shown: Quote | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The miss as a JSON object."""
        return {
            "id": self.gold.id,
            "question": self.gold.question,
            "problem": self.problem,
            "wanted": list(self.wanted),
            "right_at": self.right_at,
            "confidence": self.confidence,
            "refused": self.refused,
            "reason": self.reason,
            "shown": None if self.shown is None else self.shown.to_dict(),
        }


def miss_of(row: Outcome, answer: Answer | None) -> Miss | None:
    """What went wrong with a question, or None."""
    problem = _problem(row, answer)
    if problem is None:
        return None
    shown = () if answer is None else answer.quotes if row.gave else answer.closest
    return Miss(
        gold=row.gold,
        problem=problem,
        wanted=row.gold.wanted.evidence or tuple(text for part in row.gold.parts for text in part.evidence[:1]),
        confidence=row.confidence,
        refused=not row.gave,
        right_at=row.right_at,
        shown=shown[0] if shown else None,
        reason=None if answer is None else answer.reason,
    )


def _problem(row: Outcome, answer: Answer | None) -> str | None:
    if answer is None:
        return "there is no answer with this id"
    if answer.status == "error":
        return "the question could not be asked"
    if row.gold.parts:
        found = sum(row.found_parts)
        return None if all(row.found_parts) else f"{found} of {len(row.found_parts)} parts were found"
    if not row.gold.answerable:
        return "it was answered, though the pages do not answer it" if row.gave else None
    return _missed(row)


def _missed(row: Outcome) -> str | None:
    """What went wrong with a question that the pages answer."""
    if not row.gave:
        near = "" if row.found_at is None else f", though quote {row.found_at} of the closest was right"
        return f"it was refused{near}"
    if row.right_at is None:
        return "none of the quotes is right"
    return None if row.right_at == 1 else f"quote {row.right_at} was the first right one"
