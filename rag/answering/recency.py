"""Questions for the newest state of things: "latest", "current", "now" prefer posts of later dates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.answering.ranking import Ranked, Ranking

__all__ = ["newest_first", "without_now"]

# "still" and "so far" would also be words of ordinary questions; these ask for a state of things
_NOW = re.compile(
    r"\b(?:the\s+)?(?:latest|newest|most\s+recent)\b|\b(?:right\s+)?now\b|\b(?:current|currently|nowadays|today|these\s+days"
    r"|at\s+the\s+moment|as\s+of\s+now|at\s+present)\b",
    re.IGNORECASE,
)
# log odds that the newest of the considered posts gains on the oldest: about what parts a first quote from a good third
_GAIN = 3.0
# log odds behind the best from which a sentence is too far off to be the newer answer
_REACH = 3.0


def without_now(question: str) -> str | None:
    """The question without the words that ask for the newest state; None where it has none.

    >>> without_now("When does the library open now?")
    'When does the library open?'
    """
    if not _NOW.search(question):
        return None
    bare = " ".join(_NOW.sub(" ", question).split())
    return re.sub(r"\s+([?.!,])", r"\1", bare)


def newest_first(ranking: Ranking) -> Ranking:
    """Among the sentences that are about as good as the best, put those of later posts first."""
    if not ranking.ranked:
        return ranking
    best = ranking.ranked[0].score
    days = {post_id: date.fromisoformat(body.date).toordinal() for post_id, body in ranking.bodies.items() if body.date}
    near = {one.post_id for one in ranking.ranked if one.score >= best - _REACH and one.post_id in days}
    if len(near) < 2:  # noqa: PLR2004 - nothing to compare
        return ranking
    first, last = min(days[one] for one in near), max(days[one] for one in near)

    def gained(one: Ranked) -> float:
        if one.post_id not in near or one.score < best - _REACH:
            return one.score
        return one.score + _GAIN * (days[one.post_id] - first) / max(last - first, 1)

    ordered = sorted(ranking.ranked, key=lambda one: (-gained(one), one.chunk_id, one.place))
    scores = ranking.scores.copy()
    for one in ranking.ranked:
        scores[one.row] = gained(one)
    return replace(ranking, ranked=tuple(replace(one, score=float(scores[one.row])) for one in ordered), scores=scores)
