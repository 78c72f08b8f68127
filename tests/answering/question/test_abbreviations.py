"""Abbreviations and the words they stand for."""

from __future__ import annotations

import pytest

from rag.answering.question.abbreviations import EXPANDED, long_form_level, shortened, spells_out


@pytest.mark.parametrize(
    "text",
    ["The Harbour Trust Act (HTA) passed.", "HTA (Harbour Trust Act) passed.", "a harbour trust act, or HTA, passed"],
)
def test_a_long_form_beside_its_letters_is_found(text: str) -> None:
    """In either order, with or without capitals."""
    assert long_form_level(text, "HTA") == EXPANDED


@pytest.mark.parametrize(
    ("text", "short"),
    [("the Web-based Harbour Trust Index (WHTI)", "WHTI"), ("Extensible Markup Language (XML) came", "XML")],
)
def test_letters_need_not_all_begin_a_word(text: str, short: str) -> None:
    """In brackets after a name."""
    assert long_form_level(text, short) > 0.0


def test_the_long_form_gives_way_to_its_letters() -> None:
    """So that a sentence about the one is read as one about the other."""
    assert shortened("The Harbour Trust Act (HTA) is old.", "HTA") == "The HTA is old."
    assert shortened("The Harbour is old.", "HTA") == "The Harbour is old."


def test_words_with_the_letters_are_distinguished_from_others() -> None:
    """At least three capitals, and not if the letters are there too."""
    assert spells_out("The Bureau of Harbour Pilots met.", "BHP")
    assert not spells_out("The bureau of harbour pilots met.", "BHP")
    assert not spells_out("The Bureau of Harbour Pilots (BHP) met.", "BHP")
    assert not spells_out("Harbour Pilots met.", "HP")
