"""The confidence of each quote of an answer, and how it is put in words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Quote, QuoteLabel

__all__ = ["odds_words", "with_confidence"]

# how much each point of score below the first quote lowers the log odds of a further quote's share
_PER_POINT = 0.5
# Log odds that a further quote is right: offset and slope on the log odds of its share of the first one's confidence.
# On 403 questions over 810 posts of five blogs, 0.05 of further quotes were right at a share of 0.14, and 0.12 at a
# share of 0.53; on 99 questions over 600 other posts, not used for these numbers, 0.11 were right and 0.06 were
# predicted.
_OFFSET, _SLOPE = -2.0, 0.45
# probabilities keep this distance from 0 and 1
_LEAST = 1e-4
# with the reader, answers begin at about this confidence, and so may a further quote
_ANSWERS = 0.2


def with_confidence(
    found: Sequence[Quote], confidence: float, read: Sequence[float | None], *, answered: bool
) -> list[Quote]:
    """Give each quote its own confidence and label; ``confidence`` is the first one's, and the answer's.

    ``read`` has the log odds that the reader gives each quote, None if it was not asked. They determine a further
    quote's share of the confidence; without them, its distance in score does, because scores are log odds in the same
    ranking. Two quotes rarely both answer, so its confidence is far lower. Quotes of a refused answer are never
    labelled as answers.
    """
    shown = []
    for at, (quote, log_odds) in enumerate(zip(found, read, strict=True)):
        own = confidence
        if at and quote.score != found[0].score:  # the items of one list have one score, and answer together
            share = math.exp(min(_PER_POINT * (quote.score - found[0].score), 0.0))
            if log_odds is not None and read[0] is not None:
                share = min(_probability(log_odds) / _probability(read[0]), 1.0)
            own = min(_probability(_OFFSET + _SLOPE * _log_odds(confidence * share)), confidence)
        label: QuoteLabel = "answers" if answered and (not at or own >= _ANSWERS) else "also related"
        shown.append(replace(quote, confidence=own, label=label))
    return shown


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST), 1.0 - _LEAST)
    return math.log(bounded / (1.0 - bounded))


def odds_words(confidence: float) -> str:
    """A confidence in words, as a share of ten.

    >>> odds_words(0.68)
    'About 7 in 10 answers like this are right.'
    """
    tenths = round(10 * confidence)
    if tenths >= 10:  # noqa: PLR2004 - of ten
        return "More than 9 in 10 answers like this are right."
    if tenths < 1:
        return "Fewer than 1 in 10 answers like this are right."
    return f"About {tenths} in 10 answers like this are right."
