"""Answers to questions about two things, with quotes about each: comparisons, and which of the two is more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.conversation.follow_ups import Understood
from rag.answering.question.word_lookup import chunks_of
from rag.answering.selection.choices import chosen
from rag.answering.selection.comparison import compared, side_question, sides_of

if TYPE_CHECKING:
    from rag.answering.conversation.planning import Part, Scope
    from rag.answering.one_question import OneQuestion
    from rag.answering.posts.answers import PostsAnswers
    from rag.records import Answer
    from rag.store.protocols import Snapshot

__all__ = ["TwoThings"]


class TwoThings:
    """Completes answers to questions about two things; safe to use from several threads."""

    def __init__(self, store: Snapshot, one: OneQuestion, posts_answers: PostsAnswers) -> None:
        self._store = store
        self._one = one
        self._posts_answers = posts_answers

    def completed(self, answer: Answer, part: Part, wanted: Scope) -> Answer:
        """The answer with quotes about each of the two things; the answer to any other question as it is."""
        if wanted.further:
            return answer
        if (sides := sides_of(part.asked.text)) is not None:
            return compared(answer, sides, [self._side(side, part.shown, wanted) for side in sides])
        return chosen(part.asked.text, answer, lambda own: self._one.answer(Understood(own), part.shown, wanted))

    def _side(self, side: str, shown: str, wanted: Scope) -> Answer:
        """What one side of a comparison is, from the posts that announce it if there are any: they need not be sure."""
        there = chunks_of(self._store, self._posts_answers.announcing(side))
        there = there if wanted.among is None else sorted(set(wanted.among).intersection(there))
        among = replace(wanted, among=there, always_answer=True) if there else wanted
        return self._one.answer(Understood(side_question(side)), shown, among)
