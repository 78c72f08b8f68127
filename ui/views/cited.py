"""What files of answers share: the numbers of their quotes, and what the page says of an answer besides its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.records import Answer
from ui.views.answer import Turn, lacking
from ui.views.found_posts import is_about_posts, post_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Band, PostMatch, Quote

__all__ = [
    "Asked",
    "Cited",
    "References",
    "asked_of",
    "label_band",
    "lacking_line",
    "named",
    "said_of",
]


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote with its number in the reference list; ``first`` if it was not quoted before."""

    number: int
    quote: Quote
    first: bool = True


class References:
    """The quotes of a file in the order of their numbers; words that are quoted again keep their number."""

    def __init__(self) -> None:
        self.cited: list[Cited] = []
        self._numbers: dict[tuple[str | None, str, int, int], int] = {}

    def cite(self, quote: Quote) -> Cited:
        """The quote with its number, a new one if its words were not quoted before."""
        place = (quote.index, quote.post_id, quote.start, quote.end)
        if (number := self._numbers.get(place)) is not None:
            return Cited(number, quote, first=False)
        self._numbers[place] = len(self.cited) + 1
        self.cited.append(Cited(len(self.cited) + 1, quote))
        return self.cited[-1]


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, the answers to its parts, the post to which it was restricted, and whether the reader was not used."""

    answer: Answer
    parts: tuple[Answer, ...]
    scope_title: str = ""
    fast: bool = False


def asked_of(given: Sequence[Answer | Turn]) -> list[Asked]:
    """What was asked, from answers or from turns of a conversation."""
    turns = [Turn(one.question, one, "") if isinstance(one, Answer) else one for one in given]
    return [
        Asked(
            turn.answer,
            turn.answer.parts or (turn.answer,),
            turn.scope_title,
            turn.fast and turn.answer.status != "error",
        )
        for turn in turns
    ]


def label_band(answer: Answer) -> Band | None:
    """The band by which quotes are labelled; None if there is one alone, or posts are the answer."""
    return answer.band if len(answer.quotes) > 1 and not is_about_posts(answer) else None


def said_of(answer: Answer) -> list[str]:
    """What an answer says besides its quotes: how the question was understood, and how two quotes disagree."""
    read = [f"“{written}” read as “{taken}”" for written, taken in answer.read_as]
    understood = f"Understood as: {answer.understood}" if answer.understood is not None else None
    return [line for line in (understood, ", ".join(read), answer.disagreement) if line]


def lacking_line(answer: Answer) -> str | None:
    """What is said of words of the question that the quotes do not have; None if nothing."""
    lead = lacking(answer)
    return f"{lead} {', '.join(f'“{word}”' for word in answer.uncovered)}." if lead else None


def named(post: PostMatch) -> str:
    """A post as one line of a list."""
    return ", ".join([post.title or "Untitled post", *post_facts(post)])
