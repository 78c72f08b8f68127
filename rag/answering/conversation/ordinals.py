"""Follow-ups that refer to the previous answer by number: "the second one", "the last of them"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Answer, Quote

__all__ = ["counted", "counted_in", "nth_of", "place_in_answer"]

_PLACES = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "sixth": 5,
    "6th": 5,
    "seventh": 6,
    "7th": 6,
    "last": -1,
}
_NUMBERS = {"one": 0, "two": 1, "three": 2, "four": 3, "five": 4, "six": 5, "seven": 6}
_THING = r"(?:one|item|point|post|article|entry|quote|answer|thing|step|reason|of\s+(?:them|these|those))"
_ORDINAL = re.compile(
    rf"\b(?:the\s+)?(?P<place>{'|'.join(_PLACES)})\s+{_THING}\b"
    # "the second" without a noun after it
    rf"|\bthe\s+(?P<alone>{'|'.join(_PLACES)})(?=\W*$|\s+(?:about|say|says|mean|means|do|does|in\s+detail)\b)"
    rf"|\b(?:number|no\.|item|point|quote|answer|post)\s+(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)})\b(?=\W*$)",
    re.IGNORECASE,
)
# "the first one to fly", "the last post about Drupal" do not refer to the previous answer
_SAID = re.compile(r"^\s+(?:to|who|that|which|about|on|by|from|in|with|for|of)\s+\w", re.IGNORECASE)
_BULLET = re.compile(r"^[\s>]*(?:[-*•–·▪]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+", re.IGNORECASE)
_ENDS = re.compile(r"(?<=\w{3})[.:;?!]\s|\s[–—-]\s|\n")
# "Tell me more about the second one", "And the second one?"
_TELL = re.compile(
    r"^\W*(?:and\s+|ok(?:ay)?\W+|so\s+)?(?:(?:can\s+you\s+)?tell\s+me\s+(?:more\s+)?about|more\s+about|what\s+about|how\s+about|(?:what|which)(?:['’]s|\s+(?:is|are|was|were)))?\W*$",
    re.IGNORECASE,
)
_POST = "the post “"
# words from the beginning of an item that name it
_MAX_NAME = 12


def counted(question: str, answer_before: Callable[[], Answer]) -> str | None:
    """What a question refers to in the previous answer by number; None if nothing, or nothing that exists."""
    found = place_in_answer(question)
    if found is None:
        return None
    place, start, end = found
    thing = nth_of(answer_before(), place)
    if thing is None:
        return None
    before, behind = question[:start], question[end:]
    if _TELL.match(before) and not re.search(r"\w", behind):
        return f"What does {thing} say?" if thing.startswith(_POST) else f"Tell me about {thing}"
    return f"{before}{thing}{behind}"


def counted_in(history: Sequence[str]) -> tuple[Sequence[str], str]:
    """The question whose answer is counted in, and those before it: "the last one" after "the second one" counts on.

    >>> counted_in(["What are the rules?", "What is the second one?"])
    ([], 'What are the rules?')
    """
    at = len(history) - 1
    while at > 0 and place_in_answer(history[at]) is not None:
        at -= 1
    return history[:at], history[at]


def place_in_answer(question: str) -> tuple[int, int, int] | None:
    """The number by which a question refers to the previous answer, -1 for the last, and its span in the question.

    >>> place_in_answer("Who wrote the second one?"), place_in_answer("Who was the first one to fly?")
    ((1, 10, 24), None)
    """
    found = _ORDINAL.search(question)
    if found is None or _SAID.match(question[found.end() :]):
        return None
    place, number = found["place"] or found["alone"], found["number"]
    if place is not None:
        return _PLACES[place.lower()], found.start(), found.end()
    at = int(number) - 1 if number.isdigit() else _NUMBERS[number.lower()]
    return (at, found.start(), found.end()) if at >= 0 else None


def nth_of(answer: Answer, place: int) -> str | None:
    """What has this number in an answer: a post of its list, an item of its first quote, or a quote's post.

    None if the answer has fewer.
    """
    if answer.summary is not None and answer.posts:
        several = [f"{_POST}{post.title}”" for post in answer.posts]
    else:
        items = _items(answer.quotes[0]) if answer.quotes else []
        several = items or [f"{_POST}{quote.post_title}”" for quote in answer.quotes]
    return several[place] if -len(several) <= place < len(several) else None


def _items(quote: Quote) -> list[str]:
    """The items of a list that a quote shows or leaves out, each by its first words; empty if it is not a list."""
    pieces = [(quote.start, quote.text)]
    if quote.list is not None:
        pieces += [(rest.start, rest.text) for rest in quote.list.rest]
    lines = [line for _, text in sorted(pieces) for line in text.splitlines() if line.strip()]
    items = [_BULLET.sub("", line) for line in lines if _BULLET.match(line)]
    if not items and quote.list is not None:
        items = [line for line in lines if not line.rstrip().endswith(":")]
    return [_name(item) for item in items] if len(items) > 1 else []


def _name(item: str) -> str:
    return " ".join(_ENDS.split(item.strip(), maxsplit=1)[0].split()[:_MAX_NAME]).rstrip(" .,:;")
