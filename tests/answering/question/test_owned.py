"""Things of somebody, of which an attribute or the name is asked."""

from __future__ import annotations

import pytest

from rag.answering.question.owned import asked_owned
from rag.text.tokens import stems


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("How old is Petra's potting shed?", "potting shed"),
        ("how tall is the old miller's door", "door"),
        ("What colour was my boat?", "boat"),
        ("How much did Ada Moss's oven cost?", "oven"),
        ("Who is Miriam's husband?", "husband"),
        ("What's the name of Marta's mother-in-law?", "mother-in-law"),
        ("What is Petra's dog called?", "dog"),
    ],
)
def test_the_thing_is_what_belongs_to_somebody(question: str, thing: str) -> None:
    """Whoever it belongs to."""
    found = asked_owned(question)
    assert found is not None
    assert found.stems <= set(stems(thing))


@pytest.mark.parametrize(
    "question",
    [
        "How old is the mill?",
        "Who is Quay Weekly's editor?",
        "How big was the crowd for the mill's feast?",
        "What's new?",
    ],
)
def test_other_questions_ask_of_nothing_owned(question: str) -> None:
    """The name of an office may be put in many words."""
    assert asked_owned(question) is None


def test_a_quote_speaks_of_the_very_thing() -> None:
    """A word beside its noun may only be left out where the whole post does."""
    found = asked_owned("How long is Ada's bread knife?")
    assert found is not None
    quote = frozenset(stems("The knife is 21 cm long."))
    assert found.is_in(quote, quote)
    assert not found.is_in(quote, quote | frozenset(stems("You need a bread knife.")))
    assert not found.is_in(frozenset(stems("The board is long.")), quote)


def test_who_is_married_is_a_husband_or_a_wife() -> None:
    """In any of these words."""
    found = asked_owned("Who is Miriam's husband?")
    assert found is not None
    married = frozenset(stems("She is married to Stan."))
    assert found.is_in(married, married)
