"""Sentences that answer in other terms than the question.

They give a limit for an amount or speak of other things of the same kind; where the most or the fewest is asked, they
compare numbers, for which they are trusted more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.question.extremes import asks_extreme, compares_numbers
from rag.answering.question.limits import asked_amount, gives_limit
from rag.answering.question.siblings import asked_sibling, says_of_siblings
from rag.text.tokens import stems

if TYPE_CHECKING:
    from rag.answering.question.query import Query
    from rag.answering.question.siblings import Sibling
    from rag.answering.selection.ranking import Ranking
    from rag.records import Quote

__all__ = ["indirect", "surer_of_indirect"]

# Log odds that a sentence gains if it gives a limit in the unit of the amount asked about, or says of other things of
# the kind. Such a sentence lacks the word that is asked for, so that it is ranked and trusted as if it did not answer.
_GAINS = 2.0
# Log odds that an answer gains by such a first quote: a limit has most words of its question, but what is said of an
# iPhone has the main one of a question about Android missing, which costs about so much. A comparison of numbers has no
# "fewest".
_SURER_OF_LIMIT, _SURER_OF_SIBLING, _SURER_OF_EXTREME = 1.5, 2.5, 1.0


def indirect(ranking: Ranking) -> dict[int, float]:
    """The log odds that sentences, by ``Ranked.row``, gain for an answer in other terms."""
    query = ranking.query
    unit, sibling = asked_amount(query.text), asked_sibling(query.text)
    if unit is None and sibling is None:
        return {}
    found = {}
    for one in ranking.ranked:
        text = ranking.text_of(one)
        limit = unit is not None and gives_limit(text, unit)
        if limit or (sibling is not None and _is_told(query, sibling, text, ranking.bodies[one.post_id].title)):
            found[one.row] = _GAINS
    return found


def surer_of_indirect(query: Query, first: Quote) -> float:
    """The log odds that an answer gains if its first quote answers in other terms."""
    if (unit := asked_amount(query.text)) is not None:
        return _SURER_OF_LIMIT * gives_limit(first.text, unit)
    if asks_extreme(query.text):
        return _SURER_OF_EXTREME * compares_numbers(first.text)
    if (sibling := asked_sibling(query.text)) is None or _has(first.text, sibling.member):
        return 0.0
    return _SURER_OF_SIBLING * _is_told(query, sibling, first.text, first.post_title)


def _is_told(query: Query, sibling: Sibling, text: str, title: str) -> bool:
    """Whether a text is about what the question is about, and says for which things of the kind it is there."""
    held = frozenset(stems(f"{title}\n{text}"))
    named = sibling.asked & query.names
    known = named <= held if named else not sibling.asked or not held.isdisjoint(sibling.asked)
    return known and says_of_siblings(text, sibling.kind)


def _has(text: str, member: str) -> bool:
    return frozenset(stems(member)) <= frozenset(stems(text))
