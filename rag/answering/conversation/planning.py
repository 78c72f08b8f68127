"""A message to the questions it asks: split, with spelling corrected to the posts' and follow-ups completed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.answering.conversation.follow_ups import Understood, of_topic, understand
from rag.answering.files.question_rows import check_question
from rag.answering.question import query as questions
from rag.answering.question.message import read_message
from rag.answering.selection.recency import without_now
from rag.errors import QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.conversation.spelling import Speller
    from rag.records import Answer, QuestionRow

__all__ = ["REMEMBERED", "Part", "Plan", "Planner", "Scope"]

# earlier questions to which a follow-up may refer
REMEMBERED = 4
# Plans that are cached, because a batch plans each question when it is read ahead and again when it is answered: at
# most 128 questions apart.
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message: as typed, as understood, and the corrected words.

    ``of_topic`` is a question that stands alone, but may also be about what was asked before; ``bare`` is it without
    the statement that was typed before it.
    """

    shown: str
    asked: Understood
    alone: str
    read_as: tuple[tuple[str, str], ...] = ()
    of_topic: Understood | None = None
    bare: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts whose vectors the answer may need."""
        several = (self.asked.text, self.asked.earlier, self.alone) if self.asked.changed else (self.asked.text,)
        if self.of_topic is not None:
            several = (*several, self.of_topic.text, self.of_topic.earlier)
        return tuple(without_now(text) or text for text in several)


@dataclass(frozen=True, slots=True)
class Plan:
    """The questions of a message, and the passage pasted with them."""

    parts: tuple[Part, ...]
    context: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """How the questions of a message are asked: the chunks to search, and the pasted passage.

    ``further`` counts the requests for more quotes of the same answer; ``before`` gives the answer to the previous
    question of the conversation, if there is one.
    """

    among: Sequence[int] | None
    post_id: str | None
    context: str
    always_answer: bool
    explain: bool
    fast: bool
    further: int = 0
    before: Callable[[], Answer] | None = None


class Planner:
    """Reads messages with the words of an index; safe to use from several threads."""

    def __init__(self, speller: Speller) -> None:
        self._speller = speller
        self._planned = lru_cache(maxsize=_KEPT)(self._plan)

    def plan(self, message: str, history: Sequence[str]) -> Plan:
        """Read a message; ``history`` contains the earlier questions of the conversation, oldest first."""
        return self._planned(message, tuple([turn for turn in history if turn.strip()][-REMEMBERED:]))

    def _plan(self, message: str, history: tuple[str, ...]) -> Plan:
        read = read_message(message)
        before: list[Understood] = []
        for turn in history:
            before += [part.asked for part in self._parts(read_message(turn).question, before)]
        shown = read.question if read.context else " ".join(message.split())
        found = self._parts(read.question, before, shown)
        if read.bare and len(found) == 1:
            found = [replace(found[0], bare=self._parts(read.bare, before)[0].asked.text)]
        return Plan(tuple(found), read.context)

    def texts(self, row: QuestionRow) -> list[str]:
        """The texts whose vectors the answer to a row will need."""
        try:
            plan = self.plan(check_question(row.question), row.history)
        except QuestionError:
            return []  # the error is reported when the row is asked
        return [text for part in plan.parts for text in part.texts]

    def knows_none(self, question: str) -> bool:
        """Whether a question has content words, none of which are in the posts or English."""
        return self._speller.knows_none(question)

    def corrected(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A text with the words of the posts for misspelt ones, and pairs of (written, read)."""
        return self._speller.corrected(text)

    def spelt(self, subject: str) -> str:
        """A subject with the spelling of the posts."""
        return self._speller.corrected(self._speller.cased(" ".join(subject.split())))[0]

    def _parts(self, question: str, before: Sequence[Understood], shown: str | None = None) -> list[Part]:
        known, found = list(before), []
        split = questions.parts(question)
        for one in split:
            text, read_as = self._speller.corrected(self._speller.cased(one))
            asked = understand(text, known)
            beside = None if asked.changed else of_topic(text, known)
            found.append(Part(one if len(split) > 1 or shown is None else shown, asked, text, read_as, beside))
            known.append(asked)
        return found
