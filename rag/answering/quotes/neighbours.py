"""Whether a sentence needs the one before it or the one behind it to be understood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.kinds import points_at_reason
from rag.text.annotations import facts
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.question.query import Query
    from rag.records import Sentence

__all__ = ["is_unfinished", "opens_with_reference", "points_back"]

# "In 2005, it ..."
_LATE_PRONOUN = re.compile(r"^[^,.;:]{1,40},\s+(?:it|they|he|she)\b")
# "The app ...", where the sentence before says which
_DEFINITE = re.compile(r"^[\s“\"‘'(]*(?:The|These|Those)\s+([a-z]+)\b")


def opens_with_reference(sentence: str) -> bool:
    """Whether a sentence begins with what may have been named before: "It ...", "In 2005, it ...", "The app ..."."""
    return bool(facts(sentence).opens_with_pronoun or _LATE_PRONOUN.match(sentence) or _DEFINITE.match(sentence))


def points_back(query: Query, sentence: str, before: str) -> bool:
    """Whether only the sentence before says what a sentence is about: "The app ..." does if ``before`` names an app."""
    if facts(sentence).opens_with_pronoun or _LATE_PRONOUN.match(sentence):
        return True
    if query.asked_for == "why" and points_at_reason(sentence):
        return True
    definite = _DEFINITE.match(sentence)
    if definite is None or not before:
        return False
    noun = stems(definite[1])[0]
    return noun not in query.every_stem and noun in stems(before)


def is_unfinished(text: str, rows: Sequence[Sentence], place: int) -> bool:
    """Whether a sentence needs the next: a question, a colon, a line that breaks off, a lead-in."""
    row = rows[place]
    end, known = text[row.end - 1], facts(text[row.start : row.end])
    leads = place + 1 < len(rows) and rows[place + 1].lead_in == place
    breaks_off = end.isalnum() or end in ",–—"
    return known.is_question or known.ends_with_colon or (row.kind == "sentence" and (leads or breaks_off))
