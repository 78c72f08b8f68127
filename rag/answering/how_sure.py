"""How sure each quote of an answer is, and how that is said to a person."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Quote

__all__ = ["odds_words", "with_confidence"]

# what a point of score below the first quote's takes from the logarithm of a further quote's confidence
_PER_POINT = 0.5
# a further quote below this share of the first one's confidence has to do with the question, but hardly answers it
_ANSWERS_SHARE = 0.5


def with_confidence(found: Sequence[Quote], confidence: float, *, answered: bool) -> list[Quote]:
    """Give each quote its own confidence and label; ``confidence`` is the first one's, and the answer's.

    Scores are log odds in the same ranking, so the confidence of a further quote falls with its distance from the
    first. Quotes of a refused answer are never said to answer.
    """
    surer = [confidence * math.exp(min(_PER_POINT * (quote.score - found[0].score), 0.0)) for quote in found]
    return [
        replace(
            quote,
            confidence=sure,
            label="answers" if answered and (not at or sure >= _ANSWERS_SHARE * confidence) else "also related",
        )
        for at, (quote, sure) in enumerate(zip(found, surer, strict=True))
    ]


def odds_words(confidence: float) -> str:
    """Say a confidence as a share that a person can picture.

    >>> odds_words(0.68)
    'About 7 in 10 answers like this hold.'
    """
    tenths = round(10 * confidence)
    if tenths >= 10:  # noqa: PLR2004 - of ten
        return "More than 9 in 10 answers like this hold."
    if tenths < 1:
        return "Fewer than 1 in 10 answers like this hold."
    return f"About {tenths} in 10 answers like this hold."
