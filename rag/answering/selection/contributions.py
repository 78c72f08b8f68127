"""What counted for a sentence, summed by family, and the ranks of a chunk in both searches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.records import Considered, Feature

__all__ = ["FAMILIES", "families", "grouped", "ordinal", "ranks", "reader_chance"]

# The family of a feature, by a part of its name; the first match counts, and other features keep their name.
FAMILIES = (
    ("reader", "what the reader finds"),
    ("asked", "kind of answer asked for"),
    ("similarity", "similar meaning"),
    ("names", "names in common"),
    ("covered", "words in common"),
    ("bm25", "words in common"),
    ("rank", "rank in the search"),
    ("earlier", "what was asked before"),
    ("short", "form of the sentence"),
    ("length", "form of the sentence"),
    ("is_", "form of the sentence"),
    ("colon", "form of the sentence"),
    ("pronoun", "form of the sentence"),
    ("question", "form of the sentence"),
)


def families(features: Iterable[Feature]) -> dict[str, float]:
    """Contributions summed by family, because a few causes explain more than three dozen numbers."""
    return {name: sum(one.contribution for one in group) for name, group in grouped(features).items()}


def grouped(features: Iterable[Feature]) -> dict[str, list[Feature]]:
    """The features of each family, in order."""
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        name = next((words for part, words in FAMILIES if part in feature.name), feature.name.replace("_", " "))
        groups.setdefault(name, []).append(feature)
    return groups


def reader_chance(features: Iterable[Feature]) -> float | None:
    """The reader's probability that the sentence answers, 0.0 to 1.0; None if it did not read it."""
    values = {one.name: one.value for one in features}
    if not values.get("reader_looked"):
        return None
    return 1.0 / (1.0 + math.exp(-values["reader_log_odds"]))


def ranks(chunk: Considered) -> str:
    """The ranks of a chunk in both searches, in words."""
    meaning = f"{ordinal(chunk.dense_rank)} by meaning" if chunk.dense_rank else "not found by meaning"
    words = f"{ordinal(chunk.lexical_rank)} by words" if chunk.lexical_rank else "not found by words"
    return f"{meaning}, {words}"


def ordinal(rank: int) -> str:
    """A rank as an ordinal.

    >>> ordinal(2), ordinal(13)
    ('2nd', '13th')
    """
    suffix = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")  # noqa: PLR2004
    return f"{rank}{suffix}"
