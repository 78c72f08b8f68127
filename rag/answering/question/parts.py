"""Several questions in one message: one answer from the answers to its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.records import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Band, Quote

__all__ = ["BAND_WORDS", "MEDIUM", "band_of", "combined", "refusal", "unsearched"]

# the band in words
BAND_WORDS: dict[Band, str] = {
    "high": "These words very likely answer the question.",
    "medium": "These words may well answer the question; check them in their post.",
    "low": "These words are the closest found; they may not answer the question. Check them in their post.",
}
# an evaluation report has the measured shares of right first quotes in each band
_HIGH, MEDIUM = 0.7, 0.4
# quotes shown for each part
_QUOTES_EACH = 2


def band_of(confidence: float) -> Band:
    """The band of a confidence."""
    return "high" if confidence >= _HIGH else "medium" if confidence >= MEDIUM else "low"


def refusal(question: str, reason: str) -> Answer:
    """A refusal without quotes."""
    return Answer(question=question, status="no_answer", confidence=0.0, band="low", reason=reason)


def unsearched(question: str, reason: str) -> Answer:
    """A refusal that is only about the question: nothing was looked for in the posts."""
    return replace(refusal(question, reason), searched=False)


def combined(question: str, answers: Sequence[Answer], id: str) -> Answer:  # noqa: A002 - the design names the field
    """One answer from the answers to the parts; their quotes alternate, so that each part comes early."""
    given = [answer for answer in answers if answer.status == "answered"]
    turns: list[Quote] = []
    for depth in range(_QUOTES_EACH):
        for answer in given:
            turns += [
                quote
                for quote in answer.quotes[depth : depth + 1]
                if all((quote.post_id, quote.start) != (other.post_id, other.start) for other in turns)
            ]
    refused = [answer for answer in answers if answer.status != "answered"]
    confidence = min((answer.confidence for answer in given or answers), default=0.0)
    reason = " ".join(f"{answer.question} {answer.reason}" for answer in refused) or None
    return Answer(
        question=question,
        status="answered" if not refused else "partial" if given else "no_answer",
        confidence=confidence,
        band=band_of(confidence),
        quotes=tuple(turns),
        closest=tuple(quote for answer in refused for quote in answer.closest[:1]),
        reason=reason,
        id=id,
        parts=tuple(replace(answer, id="") for answer in answers),
        uncovered=tuple(dict.fromkeys(word for answer in refused for word in answer.uncovered)),
        trace=answers[0].trace,
        searched=any(answer.searched for answer in answers),
    )
