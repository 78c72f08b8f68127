"""A question in a conversation is answered as it is read most surely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.conversation.follow_ups import Understood
from rag.answering.conversation.planning import Part, Scope
from rag.answering.conversation.readings import surer_reading
from rag.answering.question.parts import band_of
from rag.records import Answer

if TYPE_CHECKING:
    from pathlib import Path

LEANING = Understood("What does Ada think of strong green tea?", ("ada",), "Who is Ada?")
OF_TOPIC = Understood("Which towns joined (Day of Boats)?", ("boat",), "What is the Day of Boats?")
FOLLOW_UP = Part("What does she think of strong green tea?", LEANING, "What does she think of strong green tea?")
SHORT = Part("Which towns joined?", Understood("Which towns joined?"), "Which towns joined?", of_topic=OF_TOPIC)


def _answer(confidence: float) -> Answer:
    """An answer, or a refusal if it is far from sure."""
    status = "answered" if confidence >= 0.25 else "no_answer"
    return Answer("?", status, confidence, band_of(confidence))


@pytest.mark.parametrize(("first", "alone", "taken"), [(0.1, 0.8, True), (0.1, 0.6, False), (0.3, 0.8, False)])
def test_a_refused_follow_up_is_asked_alone(first: float, alone: float, *, taken: bool) -> None:
    """Its answer must be very likely right."""
    found = surer_reading(FOLLOW_UP, _answer(first), lambda _: _answer(alone))
    assert (found is not None) == taken
    assert found is None or found.understood is None


@pytest.mark.parametrize(
    ("first", "beside", "taken"),
    [(0.1, 0.6, True), (0.5, 0.6, True), (0.6, 0.5, False), (0.1, 0.3, False), (0.8, 0.9, False)],
)
def test_a_short_question_may_be_about_what_was_asked_before(first: float, beside: float, *, taken: bool) -> None:
    """If it is answered more surely so, which is then said; one that is surely answered alone is never changed."""
    found = surer_reading(SHORT, _answer(first), lambda _: _answer(beside))
    assert (None if found is None else found.understood) == (OF_TOPIC.text if taken else None)


def test_a_question_with_nothing_before_it_has_one_reading() -> None:
    """Nothing else is asked."""
    asked: list[Understood] = []
    part = Part("Which towns joined?", Understood("Which towns joined?"), "Which towns joined?")
    assert surer_reading(part, _answer(0.1), lambda other: asked.append(other) or _answer(0.9)) is None
    assert asked == []


@pytest.mark.parametrize(
    ("part", "first", "of_post", "taken"),
    [(FOLLOW_UP, 0.1, 0.3, True), (FOLLOW_UP, 0.3, 0.6, False), (SHORT, 0.3, 0.3, True), (SHORT, 0.5, 0.6, False)],
)
def test_what_has_no_likely_answer_is_asked_of_the_post_quoted_before(
    part: Part, first: float, of_post: float, *, taken: bool
) -> None:
    """A follow-up that is refused, and a question of few words with an unsure answer."""
    found = surer_reading(part, _answer(first), lambda _: _answer(0.1), lambda: _answer(of_post))
    assert found == (_answer(of_post) if taken else None)


def test_a_question_that_names_what_it_is_about_is_never_asked_of_the_post_quoted_before() -> None:
    """However unsure its answer is; nor does a refusal there replace anything."""
    named = Part(
        "Who pays for social care?",
        Understood("Who pays for social care?"),
        "Who pays for social care?",
        of_topic=OF_TOPIC,
    )
    assert surer_reading(named, _answer(0.1), lambda _: _answer(0.1), lambda: _answer(0.9)) is None
    assert surer_reading(FOLLOW_UP, _answer(0.1), lambda _: _answer(0.1), lambda: _answer(0.2)) is None


def test_the_post_quoted_before_answers_no_surer_than_it_was_found(tmp_path: Path) -> None:
    """It alone is searched, and only if it likely answered."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "boats.txt").write_text("The boats\n\nNine towns joined the Day of Boats. All towns may join it.\n")
    (pages / "mill.txt").write_text("The mill\n\nAll towns may join the guild of the mill, and nine towns joined.\n")
    build_index([pages], into=tmp_path / "index")
    with open_index(tmp_path / "index", fast=True) as index:
        before = replace(index.ask("What is the Day of Boats?", always_answer=True), confidence=0.5, band="medium")
        scope = Scope(None, None, "", always_answer=False, explain=False, fast=True, before=lambda: before)
        found = index._one.of_post_before(SHORT, scope)
        assert found is not None
        assert found.confidence <= 0.5
        assert {quote.post_title for quote in found.quotes + found.closest} == {"The boats"}
        assert found.understood == "Which towns joined (“The boats”)?"
        unsure = replace(scope, before=lambda: replace(before, band="low"))
        assert index._one.of_post_before(SHORT, unsure) is None
