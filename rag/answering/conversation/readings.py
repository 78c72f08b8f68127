"""A question in a conversation read otherwise: alone, with the topic before it, or asked of the post quoted before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.conversation.follow_ups import Understood
from rag.answering.question.leaning import says_something
from rag.answering.question.parts import MEDIUM
from rag.answering.question.subjects import content_stems

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.answering.conversation.planning import Part
    from rag.records import Answer

__all__ = ["surer_reading"]

# content words of a question that hardly says what it is about, as a verb and its object: "Who can take part?"
_NAMES_LITTLE = 2


def surer_reading(
    part: Part,
    answer: Answer,
    ask: Callable[[Understood], Answer],
    of_post: Callable[[], Answer | None] = lambda: None,
) -> Answer | None:
    """The answer to another reading of a question, if that is surer; ``answer`` is the one to its first reading.

    A follow-up is asked alone if it would be refused. A question that stands alone keeps its answer if that is very
    likely right; otherwise what was asked before may be its topic: "Which agencies took part?". What still has no
    likely answer may be answered by the post that the previous answer quotes, as ``of_post`` gives it. A statement
    before a question may say what it is about, or be pasted.
    """
    if part.bare and answer.band != "high":
        bare = ask(Understood(part.bare))
        if bare.status == "answered" and bare.confidence > answer.confidence:
            return replace(bare, read_as=part.read_as)
    if answer.status == "no_answer" and part.asked.changed:
        alone = ask(Understood(part.alone)) if says_something(part.alone) else answer
        if alone.status == "answered" and alone.band == "high":
            return replace(alone, read_as=part.read_as)
        return _answered(of_post(), part)
    if part.of_topic is None or answer.band == "high":
        return None
    beside = ask(part.of_topic)
    if beside.status == "answered" and beside.confidence > max(answer.confidence, MEDIUM):
        return replace(beside, understood=part.of_topic.text, read_as=part.read_as)
    names_little = len(content_stems(part.alone)) <= _NAMES_LITTLE
    return _answered(of_post(), part) if names_little and answer.confidence < MEDIUM else None


def _answered(found: Answer | None, part: Part) -> Answer | None:
    return None if found is None or found.status != "answered" else replace(found, read_as=part.read_as)
