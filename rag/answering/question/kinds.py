"""The kind of thing that a question asks for (a number, a date, a name, ...), and whether a text contains it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.text.annotations import (
    DATE,
    DEFINITION,
    LISTING,
    MEANS,
    NEGATION,
    NUMBER,
    NUMBER_WORD,
    PLACE,
    QUANTITY,
    REASON,
    name_stems,
    numbers,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.question.query import AskedFor, Query
    from rag.text.annotations import Facts

__all__ = ["has_new_name", "kind_found", "kind_measures", "points_at_reason"]

# "Now I know why they are white", "Therefore": the reason is in the sentence before
_SAID_WHY = re.compile(
    r"^\W*(?:(?:and|so|which)\s+)?(?:(?:that|this|which)(?:['’]s|\s+(?:is|was|explains?|explained))\s+(?:(?:also|exactly|partly|largely"
    r"|mainly|just|one\s+reason|the\s+reason)\s+)?why\b|now\s+(?:I|we|you)\s+(?:know|see|understand)\s+why\b"
    r"|(?:therefore|hence|thus|for\s+(?:this|that|these|those)\s+reasons?|as\s+a\s+(?:result|consequence)|consequently)\b)",
    re.IGNORECASE,
)


# kinds whose feature is one note of the sentence: the feature's name and the note
_NOTED: dict[AskedFor, tuple[str, int]] = {
    "where": ("where_asked_and_place", PLACE),
    "why": ("why_asked_and_reason", REASON),
    "how": ("how_asked_and_means", MEANS),
    "definition": ("definition_asked_and_there", DEFINITION),
    "yesno": ("yesno_asked_and_negation", NEGATION),
}


def kind_measures(
    query: Query, notes: Sequence[int], texts: Sequence[str], is_item: Sequence[bool]
) -> dict[str, list[float]]:
    """The features needed only by questions for one kind of thing; missing ones are zero.

    ``notes`` come from `rag.text.annotations.note`, one for each text.
    """

    def holding(bits: int) -> list[float]:
        return [float(note & bits != 0) for note in notes]

    if query.asked_for == "date":
        return {"date_asked_and_there": holding(DATE)}
    new_numbers = [bool(note & NUMBER) and _new_numbers(query, text) for note, text in zip(notes, texts, strict=True)]
    if query.asked_for == "number":
        words = holding(NUMBER_WORD)
        return {
            "number_asked_and_new": [float(new or word) for new, word in zip(new_numbers, words, strict=True)],
            "quantity_asked_and_there": holding(QUANTITY),
        }
    found = {"number_not_asked": [float(new) for new in new_numbers]}
    if query.asked_for == "who":
        found["who_asked_and_name_new"] = [float(has_new_name(query, text)) for text in texts]
    elif query.asked_for == "list":
        lists = zip(is_item, holding(LISTING), strict=True)
        found["list_asked_and_there"] = [float(item or listing) for item, listing in lists]
    elif query.asked_for in _NOTED:
        name, bits = _NOTED[query.asked_for]
        found[name] = holding(bits)
    return found


def _new_numbers(query: Query, text: str) -> bool:
    """Whether a text has a number that is not in the question."""
    return not numbers(text) <= {root.lstrip("£$€¥") for root in query.every_stem}


def has_new_name(query: Query, text: str) -> bool:
    """Whether a text has a name that is not in the question."""
    return any(not name <= query.every_stem for name in name_stems(text))


def kind_found(query: Query, here: Facts) -> bool:
    """Whether a text contains the kind of thing asked for; True if the kind is unknown."""
    if query.asked_for == "number":
        return _new_numbers(query, here.text) or here.holds(NUMBER_WORD)
    if query.asked_for == "date":
        return here.holds(DATE)
    if query.asked_for == "who":
        return has_new_name(query, here.text)
    if query.asked_for == "where":
        return here.holds(PLACE)
    return True


def points_at_reason(text: str) -> bool:
    """Whether a sentence says that the one before gives a reason.

    >>> points_at_reason("That is why they are white."), points_at_reason("They are white because of the lime.")
    (True, False)
    """
    return _SAID_WHY.match(text) is not None
