"""The language of a question is named only if it is surely not English."""

from __future__ import annotations

import pytest

from rag.answering.question.language import foreign_language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wer bezahlt die Pflege in Oxford?", "German"),
        ("Qui paie pour les soins des malades ?", "French"),
        ("¿Cuándo abre la biblioteca?", "Spanish"),
        ("Chi ha costruito il mulino?", "Italian"),
        ("Qui a inventé le web ?", "French"),
        ("Кто построил старую мельницу?", "Russian"),
    ],
)
def test_a_question_in_another_language_is_named(question: str, language: str) -> None:
    """A detector recognises it, offline."""
    assert foreign_language(question) == language


@pytest.mark.parametrize(
    "question",
    [
        "Who pays for Zymurgy Quaxotic?",
        "Harrow Weir mill sluice",
        "mobile sites accessibility guidelines",
        "Drupal",
        "",
        "Was the oak in the pond?",
    ],
)
def test_english_with_strange_names_and_keywords_are_not_foreign(question: str) -> None:
    """It has joining words, or is too short to tell."""
    assert foreign_language(question) is None
