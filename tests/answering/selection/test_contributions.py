"""Contributions are summed by their cause, and ranks are put in words."""

from __future__ import annotations

import pytest

from rag.answering.selection.contributions import families, ordinal, ranks
from rag.records import Considered, Feature

FEATURES = (Feature("chunk_similarity", 0.8, 2.0), Feature("covered", 0.5, 0.9), Feature("bm25", 3.0, -0.3))
CHUNK = Considered("q" * 16, "Roads", 0, 90, 3, None, 0.02, "Roads opened too.", 1.3, "1.3 behind the first")


def test_features_about_one_thing_are_summed() -> None:
    """Two features about words are one cause, and all causes add up to all features."""
    assert families(FEATURES) == {"similar meaning": 2.0, "words in common": pytest.approx(0.6)}


def test_a_feature_of_no_family_keeps_its_own_name() -> None:
    """A feature of no family is shown under its own name, with spaces."""
    assert families([Feature("new_thing", 1.0, 0.5)]) == {"new thing": 0.5}


def test_ranks_are_said_in_words() -> None:
    """Each search shows its rank, or that it did not find the chunk."""
    assert ranks(CHUNK) == "3rd by meaning, not found by words"
    assert [ordinal(rank) for rank in (1, 2, 11, 22, 113)] == ["1st", "2nd", "11th", "22nd", "113th"]
