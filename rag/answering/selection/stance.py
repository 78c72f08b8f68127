"""Whether a question or a sentence is about what speaks for a thing or against it: "the case for", "drawbacks"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rag.text.annotations import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.answering.selection.ranking import Ranking
    from rag.records import Quote, Sentence

__all__ = ["Stance", "asked_stance", "is_of_other_stance", "stance_at", "stance_in", "surer_of_stance", "weighed"]

Stance = Literal["for", "against"]

# a word that begins here, but "no advantages" and "without drawbacks" are on neither side
_NOT_NO = r"\b(?<!\bno )(?<!\bnot an )(?<!\bnot a )(?<!\bwithout )(?<!\bfew )(?<!\bany )"
# what is on a side, and what may stand between the two: "the reasons that are given for", "arguments against"
_WEIGHED = (
    r"\b(?:reasons?|arguments?|evidence|grounds|argue[sd]?|arguing|speaks?|spoke|votes?|voted|the\s+case|case\s+made|points)"
    r"(?:\s+(?:that|which|is|are|was|were|has|have|been|being|given|made|cited|listed|named|offered|raised|stated|advanced"
    r"|brought|put|forward|often|usually|commonly|speaks?|spoke)){0,4}\s+"
)
_FORMS: dict[Stance, re.Pattern[str]] = {
    "for": re.compile(
        rf"{_NOT_NO}(?:pros|advantages?|benefits?|upsides?|merits|strengths)\b|{_WEIGHED}for\b"
        r"|\bin\s+(?:favou?r|support)\s+of\b",
        re.IGNORECASE,
    ),
    "against": re.compile(
        rf"{_NOT_NO}(?:cons|disadvantages?|drawbacks?|downsides?|shortcomings?|weaknesses|pitfalls?|objections?|criticisms?"
        r"|counter[-\s]?arguments?)\b"
        rf"|{_WEIGHED}(?:for\s+(?:and|or|nor)\s+)?against\b|\b(?:am|is|are|was|were)\s+(?:\w+\s+)?against\b",
        re.IGNORECASE,
    ),
}
# Log odds that a sentence gains if it is on the side that is asked about, and loses if it is on the other or only says
# that there are two: lists of both sides usually have the same words but one, and stand side by side.
_SAME, _OTHER, _BOTH = 3.0, 5.0, 2.0
# log odds that an answer gains or loses by the side of its first quote
_SURER, _LESS_SURE = 1.0, 3.0


def stance_in(text: str) -> frozenset[Stance]:
    """The sides that a text names.

    >>> sorted(stance_in("The reasons given against it")), sorted(stance_in("Pros and cons"))
    (['against'], ['against', 'for'])
    """
    return frozenset(side for side, form in _FORMS.items() if form.search(text) is not None)


@lru_cache(maxsize=64)  # asked again for each neighbour of a quote
def asked_stance(question: str) -> Stance | None:
    """The one side that a question asks about; None if it asks about both or neither."""
    found = stance_in(question)
    return next(iter(found)) if len(found) == 1 else None


def stance_at(text: str, rows: Sequence[Sentence], place: int) -> frozenset[Stance]:
    """The sides that a sentence of a post is about: by its own words, its lead-in or the heading above it."""
    return next((found for at in _saying(text, rows, place) if (found := _stance_of(text, rows[at]))), frozenset())


def _stance_of(text: str, row: Sentence) -> frozenset[Stance]:
    return stance_in(text[row.start : row.end])


def _saying(text: str, rows: Sequence[Sentence], place: int) -> Iterator[int]:
    """The places of the sentences that may say on which side one is, the plainest first."""
    row = rows[place]
    if row.kind != "item":
        yield place
    lead = row.lead_in if 0 <= row.lead_in < place else place
    if lead != place:
        yield lead
    points_back = facts(text[rows[lead].start : rows[lead].end]).opens_with_pronoun
    if points_back and lead and rows[lead].paragraph == rows[lead - 1].paragraph:
        yield lead - 1  # before "They include:"
    if row.kind == "item":
        yield place
    over = next((at for at in range(place - 1, -1, -1) if rows[at].kind == "heading"), None)
    if over is not None:
        yield over


def is_of_other_stance(question: str, text: str, rows: Sequence[Sentence], place: int) -> bool:
    """Whether a question asks about one side, and a sentence is only about the other."""
    asked = asked_stance(question)
    found: frozenset[Stance] = stance_at(text, rows, place) if asked is not None else frozenset()
    return bool(found) and asked not in found


def weighed(ranking: Ranking) -> dict[int, float]:
    """The log odds that sentences, by ``Ranked.row``, gain by the side that they are on.

    Empty if the question does not ask about one side, or no sentence is about the other, so that none can be taken for
    it.
    """
    asked = asked_stance(ranking.query.text)
    if asked is None:
        return {}
    gained: dict[int, float] = {}
    mistaken = False
    for one in ranking.ranked:
        found = stance_at(ranking.bodies[one.post_id].text, ranking.sentences[one.post_id], one.place)
        if found:
            mistaken = mistaken or found != {asked}
            gained[one.row] = -_OTHER if asked not in found else _SAME if len(found) == 1 else -_BOTH
    return gained if mistaken else {}


def surer_of_stance(ranking: Ranking, first: Quote) -> float:
    """The log odds that an answer gains by the side of its first quote."""
    gained = weighed(ranking)
    here = [
        gained.get(one.row, 0.0)
        for one in ranking.ranked
        if one.post_id == first.post_id and first.start <= ranking.sentences[one.post_id][one.place].start < first.end
    ]
    if max(here, default=0.0) > 0.0:
        return _SURER
    return -_LESS_SURE if min(here, default=0.0) <= -_OTHER else 0.0
