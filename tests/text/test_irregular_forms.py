"""Forms of one word without a common ending."""

from __future__ import annotations

import pytest

from rag.text.irregular_forms import forms_of


@pytest.mark.parametrize(
    ("one", "other"),
    [("wrote", "written"), ("bought", "buy"), ("children", "child"), ("knew", "know"), ("paid", "pay")],
)
def test_irregular_forms_are_one_family(one: str, other: str) -> None:
    """Each form leads to the others."""
    assert one in forms_of(other)
    assert other in forms_of(one)


@pytest.mark.parametrize(
    ("one", "other"), [("found", "founded"), ("left", "leave"), ("ground", "grind"), ("rose", "rise")]
)
def test_words_of_their_own_are_not_forms_of_others(one: str, other: str) -> None:
    """A common word that happens to be a form of another verb is not taken for it."""
    assert other not in forms_of(one)


def test_any_other_word_is_its_only_form() -> None:
    """A word that is not known to be irregular stays as it is."""
    assert forms_of("organisation") == ("organisation",)
