"""Suggested questions, made from definitions, figures and headings of the posts, and used if they are answered.

Each is asked before it is shown, and one question is added that the posts do not answer. The work runs while no reader
is waiting, and its result is kept beside the index, once for each state of the index.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

from rag.errors import PullquoteError
from rag.store.plain_files import regular_bytes
from ui.services.heap_words import content_words
from ui.services.question_candidates import candidate_questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rag.records import Answer, Post
    from ui.services.question_candidates import Candidate
    from ui.views.welcome import Suggestions

__all__ = ["Suggester", "chosen"]

# Questions shown, and how many are asked to find them, at 0.1 s each, while nobody else asks.
WANTED = 5
MAX_TRIES = 80

# Most questions of one kind and from one post among those shown, for variety.
MAX_OF_A_KIND = 2

FILE = "suggested-questions.json"
# many times what the few questions take
MAX_FILE_BYTES = 2**20

# Few heaps answer any of these; the first that is refused is shown.
_ELSEWHERE = (
    "How deep is the lake below Mount Kilimanjaro?",
    "Which violin maker worked in Reykjavik in 1873?",
    "What is the boiling point of ethanol at sea level?",
    "Who won the chess olympiad in Buenos Aires?",
    "How many moons does the planet Neptune have?",
    "Which bridge crosses the river Drina at Višegrad?",
)


def chosen(found: Sequence[Candidate], ask: Callable[[str], Answer]) -> list[str]:
    """The questions answered with the words from which they were made; few of one kind, and one from each post.

    Those with a strong match and a subject of their own come first; others only if there are too few.
    """
    kept: list[Candidate] = []
    spare: list[tuple[bool, Candidate]] = []
    for one in found[:MAX_TRIES]:
        if len(kept) == WANTED:
            break
        if any(other.post_id == one.post_id or other.question.casefold() == one.question.casefold() for other in kept):
            continue
        answer = ask(one.question)
        if not _is_answered(one, answer):
            continue
        many = sum(other.kind == one.kind for other in kept) >= MAX_OF_A_KIND
        words = set(content_words(one.subject))
        known = any(not words.isdisjoint(content_words(other.subject)) for other in kept)
        if many or known or answer.band != "high":
            spare.append((answer.band != "high", one))
        else:
            kept.append(one)
    for _, one in sorted(spare, key=lambda pair: pair[0]):
        if len(kept) < WANTED and all(other.post_id != one.post_id for other in kept):
            kept.append(one)
    return [one.question for one in kept]


def _is_answered(one: Candidate, answer: Answer) -> bool:
    """Whether the first quote has the words from which a question was made, and does not only repeat it.

    A list is answered by several lines.
    """
    if answer.status != "answered" or answer.band == "low" or not answer.quotes:
        return False
    first = answer.quotes[0]
    overlaps = first.post_id == one.post_id and one.start < first.end and first.start < one.end
    if one.kind == "list" and first.list is None and "\n" not in first.text:
        return False
    return overlaps and one.question.rstrip("?").casefold() not in first.text.casefold()


class Suggester:
    """The suggestions for the index in use, computed in their own thread when first needed."""

    def __init__(self, home: Callable[[], Path], ask: Callable[[str], Answer]) -> None:
        """``home`` returns the folder beside the index, ``ask`` asks a question when nobody else does."""
        self._home, self._asks = home, ask
        self._lock = threading.Lock()
        self._known: tuple[str, Suggestions] | None = None
        self._working = ""
        self._ended = threading.Event()

    def now(self, generation: str, posts: Callable[[], Sequence[Post]]) -> Suggestions | None:
        """The suggestions for a state of the index, made from ``posts()``; None while they are being found."""
        with self._lock:
            if self._known is not None and self._known[0] == generation:
                return self._known[1]
            if self._working == generation:
                return None
            kept = self._read(generation)
            if kept is not None:
                self._known = generation, kept
                return kept
            self._working = generation
        threading.Thread(target=self._work, args=(generation, posts), daemon=True).start()
        return None

    def close(self) -> None:
        """Stop before the next question."""
        self._ended.set()

    def _work(self, generation: str, posts: Callable[[], Sequence[Post]]) -> None:
        from ui.views.welcome import Suggestions

        try:
            asked = chosen(candidate_questions(posts()), self._ask)
            refused = next((one for one in _ELSEWHERE if self._ask(one).status == "no_answer"), "")
        except (PullquoteError, _Ended):
            return  # the next opening of the page tries again
        finally:
            with self._lock:
                self._working = ""
        found = Suggestions(tuple(asked), refused)
        with self._lock:
            self._known = generation, found
        with contextlib.suppress(OSError):
            path = self._home() / FILE
            path.write_text(json.dumps({"generation": generation, **asdict(found)}), encoding="utf-8")

    def _ask(self, question: str) -> Answer:
        if self._ended.is_set():
            raise _Ended
        return self._asks(question)

    def _read(self, generation: str) -> Suggestions | None:
        from ui.views.welcome import Suggestions

        try:
            kept = json.loads(regular_bytes(self._home() / FILE, MAX_FILE_BYTES))
            if kept["generation"] != generation:
                return None
            return Suggestions(tuple(map(str, kept["questions"])), str(kept["refused"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):  # damaged, or not written here
            return None


class _Ended(Exception):
    """The page is being closed."""
