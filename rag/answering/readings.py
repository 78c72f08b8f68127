"""A question in a conversation read otherwise: a follow-up alone, or a short question with the topic before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.conversation import Understood
from rag.answering.leaning import says_something
from rag.answering.parts import MEDIUM

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.answering.planning import Part
    from rag.records import Answer

__all__ = ["surer_reading"]


def surer_reading(part: Part, answer: Answer, ask: Callable[[Understood], Answer]) -> Answer | None:
    """The answer to another reading of a question, if that is surer; ``answer`` is the one to its first reading.

    A follow-up is asked alone if it would be refused. A question that stands alone keeps its answer if that is very
    likely right; otherwise what was asked before may be its topic: "Which agencies took part?".
    """
    if answer.status == "no_answer" and part.asked.changed and says_something(part.alone):
        alone = ask(Understood(part.alone))
        return replace(alone, read_as=part.read_as) if alone.status == "answered" and alone.band == "high" else None
    if part.of_topic is None or answer.band == "high":
        return None
    beside = ask(part.of_topic)
    if beside.status != "answered" or beside.confidence <= max(answer.confidence, MEDIUM):
        return None
    return replace(beside, understood=part.of_topic.text, read_as=part.read_as)
