"""How sure each quote of an answer is, and how that is said to a person."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Quote, QuoteLabel

__all__ = ["odds_words", "with_confidence"]

# On 40 questions about the seed pages the second and third quotes held for 0.17 and 0.09; these numbers say 0.20, 0.13.
# what a point of score below the first quote's takes from the logarithm of a further quote's confidence
_PER_POINT = 0.5
# a further quote below this share of the first one's confidence has to do with the question, but hardly answers it
_ANSWERS_SHARE = 0.5


def with_confidence(
    found: Sequence[Quote], confidence: float, read: Sequence[float | None], *, answered: bool
) -> list[Quote]:
    """Give each quote its own confidence and label; ``confidence`` is the first one's, and the answer's.

    ``read`` are the log odds that the reader gives each quote, None where it was not asked: a quote that it finds to
    answer does. Elsewhere scores tell: they are log odds in the same ranking, so the confidence of a further quote
    falls with its distance from the first. Quotes of a refused answer are never said to answer.
    """
    shown = []
    for at, (quote, log_odds) in enumerate(zip(found, read, strict=True)):
        share = math.exp(min(_PER_POINT * (quote.score - found[0].score), 0.0))
        if at and log_odds is not None and read[0] is not None:
            share = min(_probability(log_odds) / _probability(read[0]), 1.0)
        holds = share >= _ANSWERS_SHARE if log_odds is None else log_odds > 0.0
        label: QuoteLabel = "answers" if answered and (not at or holds) else "also related"
        shown.append(replace(quote, confidence=confidence * share, label=label))
    return shown


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


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
