"""Lists whose items are numbered headings with paragraphs below: "1. Keep it short". Each heading is a quote."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answering.quotes.locations import unbroken
from rag.answering.quotes.summaries import quote_of
from rag.answering.selection.ranker import covered_spans
from rag.records import Span
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.question.query import Query
    from rag.answering.selection.ranking import Ranking
    from rag.records import Quote, Sentence
    from rag.store.protocols import Snapshot

__all__ = ["HeadedList", "asked_list", "headed_lists"]

_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# "1. ", "2) ", "Lesson #1: ", "Step two: "
_NUMBERED = re.compile(
    rf"[#*_\s]*(?:(?P<word>[A-Z][a-z]{{1,20}})\s+(?:#\s?|[Nn]o\.?\s?)?)?(?P<number>\d{{1,2}}|{'|'.join(_COUNTED)})"
    r"(?:\s?[.):]|\s[–—-])[*_]*(?=\s|\Z)",
    re.IGNORECASE,
)
# words that stand for each other in what introduces such a list
_ANY = frozenset(
    stems("tips things ways steps rules advice recommendations guidelines suggestions practices points lessons ideas")
)
# the longest heading in words, the most items that are shown, and the longest lead-in shown with the first of them
_MAX_WORDS, _MOST, _MAX_LEAD_IN_WORDS = 25, 30, 40
# best sentences whose posts are looked at
_BEST = 8
# share of the question's words that the title, the heading or the sentence above the list must have: in the post of the
# first quote, and in another
_NAMED, _NAMED_ELSEWHERE = 0.6, 0.75
# log odds that an answer gains if it is a list that its title or lead-in names in the words of the question
SURER_OF_LIST = 1.5


@dataclass(frozen=True, slots=True)
class HeadedList:
    """The places of the sentences that are its headings."""

    places: tuple[int, ...]


@dataclass(slots=True)
class _Open:
    """A list that may go on: the word before its numbers, the kind of its first line, and the places so far."""

    word: str
    kind: str
    places: list[int]


def headed_lists(text: str, rows: Sequence[Sentence]) -> list[HeadedList]:
    """The lists of a post whose items have paragraphs below them, in order; lists inside of items are left out."""
    whole: list[_Open] = []
    stack: list[_Open] = []
    for place, row in enumerate(rows):
        found = _number_at(text, rows, place)
        if found is None:
            continue
        word, number = found
        fitting = [one for one in stack if one.word == word and len(one.places) == number - 1]
        same = [one for one in fitting if one.kind == row.kind]
        if number == 1:
            stack.append(_Open(word, row.kind, [place]))
            whole.append(stack[-1])
        elif fitting:
            one = (same or fitting)[-1]
            one.places.append(place)
            del stack[stack.index(one) + 1 :]
    return [HeadedList(tuple(one.places)) for one in whole if _has_paragraphs(rows, one.places)]


def _number_at(text: str, rows: Sequence[Sentence], place: int) -> tuple[str, int] | None:
    """The word and number with which a line begins: ("lesson", 1); None for any other line."""
    row = rows[place]
    if row.kind == "chrome" or (place and row.kind == "sentence" and rows[place - 1].paragraph == row.paragraph):
        return None
    start = row.marker_start if row.marker_start >= 0 else row.start
    found = _NUMBERED.match(text, start, row.end)
    if found is None or len(text[start : row.end].split()) > _MAX_WORDS:
        return None
    word, number = found["word"] or "", found["number"].lower()
    if not word and not number.isdigit():
        return None
    return word.lower(), int(number) if number.isdigit() else _COUNTED.index(number) + 1


def _has_paragraphs(rows: Sequence[Sentence], places: Sequence[int]) -> bool:
    """Whether there is text below all items but the last."""
    return len(places) > 1 and all(
        any(row.kind == "sentence" for row in rows[one + 1 : other]) for one, other in pairwise(places)
    )


def asked_list(store: Snapshot, ranking: Ranking, first: Quote) -> list[Quote]:
    """The headings of the list that a question asks for, as quotes; empty if it asks for none, or none is near.

    Also empty if ``first``, the first quote otherwise, is itself part of a list without paragraphs.
    """
    if not _asks_for_list(ranking.query) or _is_listed(ranking.sentences[first.post_id], first):
        return []
    best, chosen = 0.0, None
    for post_id in dict.fromkeys((first.post_id, *(one.post_id for one in ranking.ranked[:_BEST]))):
        body, rows = ranking.bodies[post_id], ranking.sentences[post_id]
        least = _NAMED if post_id == first.post_id else _NAMED_ELSEWHERE
        for one in headed_lists(body.text, rows):
            share = _share_named(ranking.query, body.title, body.text, rows, one)
            if share >= least and share > best:
                best, chosen = share, (post_id, one)
    if chosen is None:
        return []
    post = store.posts([chosen[0]])[chosen[0]]
    quotes: list[Quote] = []
    rows = ranking.sentences[post.post_id]
    for place in chosen[1].places:
        start, end = _span(post.text, rows, place)
        if not quotes and _is_lead_in(post.text, rows, place - 1, ranking.query):
            start = rows[place - 1].start
        start, end = unbroken(post, rows, start, end, place)
        covered = tuple(Span(low, high) for low, high in covered_spans(ranking.query, post.text[start:end]))
        quotes.append(replace(quote_of(post, start, end, covered), score=first.score))
    return quotes


def _is_lead_in(text: str, rows: Sequence[Sentence], place: int, query: Query) -> bool:
    """Whether a sentence announces the list below it: it is not long, and ends with a colon or names what is asked."""
    if place < 0 or rows[place].kind != "sentence":
        return False
    said = text[rows[place].start : rows[place].end]
    named = len(frozenset(query.stems).intersection(stems(said))) >= _NAMED * len(query.stems)
    return (said.endswith(":") or named) and len(said.split()) <= _MAX_LEAD_IN_WORDS


def _is_listed(rows: Sequence[Sentence], quote: Quote) -> bool:
    """Whether a quote has several items of a list."""
    return sum(row.kind == "item" and quote.start <= row.start < quote.end for row in rows) > 1


def _asks_for_list(query: Query) -> bool:
    """Whether a question asks for several things: "What are the steps ...", "List ...", "Tips for ..."."""
    return query.asked_for == "list" or (query.asked_for == "what" and query.stems[0] in _ANY)


def _share_named(query: Query, title: str, text: str, rows: Sequence[Sentence], one: HeadedList) -> float:
    """The share of a question's words that introduce a list; 0.0 if it asks for another kind or number of things."""
    first = one.places[0]
    numbers = {
        root: int(root) if root.isdigit() else _COUNTED.index(root) + 1 for root in query.stems if _is_number(root)
    }
    wanted = [root for root in query.stems if root not in numbers]
    if not wanted or len(one.places) > _MOST or any(number != len(one.places) for number in numbers.values()):
        return 0.0
    over = next((at for at in range(first - 1, -1, -1) if rows[at].kind == "heading"), None)
    above = [at for at in (first - 1, over) if at is not None and at >= 0]
    told = frozenset(stems("\n".join([title, *(text[rows[at].start : rows[at].end] for at in above)])))
    held = [root in told or (root in _ANY and not _ANY.isdisjoint(told)) for root in wanted]
    # the kind of thing is said first: "the key lessons of"
    return sum(held) / len(held) if any(held[:2]) else 0.0


def _is_number(root: str) -> bool:
    return root in _COUNTED or (root.isdigit() and len(root) < 3)  # noqa: PLR2004 - a year is no count


def _span(text: str, rows: Sequence[Sentence], place: int) -> tuple[int, int]:
    """A heading with its number, and with the next sentence if it is no more than that."""
    row = rows[place]
    start = row.start if row.marker_start < 0 or text[row.marker_start] == "#" else row.marker_start
    found = _NUMBERED.match(text, start, row.end)
    alone = found is not None and found.end() == row.end
    return start, rows[place + 1].end if alone and place + 1 < len(rows) else row.end
