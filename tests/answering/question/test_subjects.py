"""The names and noun phrases of questions."""

from __future__ import annotations

import pytest

from rag.answering.question.subjects import names_of, phrases_of


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who runs the Bureau of Labor Statistics app?", ["Bureau of Labor Statistics"]),
        ("How many bloggers does In Custodia Legis have?", ["In Custodia Legis"]),
        ("What is login.gov and what is M-15-13?", ["login.gov", "M-15-13"]),
        ("Who wrote the announcement of openFDA?", ["openFDA"]),
        ("Who made We the Entities?", ["We the Entities"]),
        ("What is a coppice?", []),
        ("Is there a cap?", []),
    ],
)
def test_names_are_found(question: str, names: list[str]) -> None:
    """Capitals inside a question, joined by small words, addresses and numbers."""
    assert [name.text for name in names_of(question)] == names


def test_phrases_end_at_grammar_and_verbs() -> None:
    """With their number, and whether they are what is asked for."""
    found = phrases_of("Which countries have the best portals for mobile phones?")
    assert [(one.text, one.is_plural, one.asking) for one in found] == [
        ("countries", True, True),
        ("best portals", True, False),
        ("mobile phones", True, False),
    ]
