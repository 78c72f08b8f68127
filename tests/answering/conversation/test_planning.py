"""A message to the questions it asks, and the texts whose vectors they need."""

from __future__ import annotations

import pytest

from rag.answering.conversation.follow_ups import Understood
from rag.answering.conversation.planning import Part, Planner
from rag.records import QuestionRow


class _Speller:
    """Reads every word as it is, and counts the questions."""

    times = 0

    def cased(self, question: str) -> str:
        return question

    def corrected(self, question: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        self.times += 1
        return question, ()


@pytest.fixture
def planner() -> Planner:
    """A planner without an index."""
    return Planner(_Speller())  # type: ignore[arg-type]


def test_the_second_part_of_a_message_follows_the_first(planner: Planner) -> None:
    """And the first part follows the history."""
    plan = planner.plan("When did it launch? Who runs it?", ["What is FBOpen?"])
    assert [part.asked.text for part in plan.parts] == ["When did FBOpen launch?", "Who runs FBOpen?"]
    assert [part.shown for part in plan.parts] == ["When did it launch?", "Who runs it?"]


def test_a_pasted_passage_is_set_aside(planner: Planner) -> None:
    """Only the question is shown and asked."""
    passage = "The ferry was rowed by Martha Oakes. " * 6
    plan = planner.plan(f"{passage}\n\nWho dug the pond?", [])
    assert [part.shown for part in plan.parts] == ["Who dug the pond?"]
    assert plan.context == passage.strip()


def test_the_texts_that_an_answer_needs_are_named(planner: Planner) -> None:
    """For a follow-up, those of the previous question and of the question alone, without words like “now”."""
    (part,) = planner.plan("Who runs it now?", ["What is FBOpen?"]).parts
    assert part.texts == ("Who runs FBOpen?", "What is FBOpen?", "Who runs it?")
    assert Part("Who?", Understood("Who?"), "Who?").texts == ("Who?",)


def test_a_question_is_planned_once_for_its_vectors_and_its_answer() -> None:
    """A batch reads its questions ahead; a question with another history is another one."""
    speller = _Speller()
    planner = Planner(speller)  # type: ignore[arg-type]
    assert planner.texts(QuestionRow("q1", "Who opened the park?", (" ", "Where is it?"))) == ["Who opened the park?"]
    once = speller.times
    assert planner.plan("Who opened the park?", ["Where is it?"]).parts[0].asked.text == "Who opened the park?"
    assert speller.times == once
    planner.plan("Who opened the park?", [])
    assert speller.times > once
