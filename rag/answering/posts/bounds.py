"""The time, file or site to which an ordinary question is restricted: "in 2013", "posts before 2013"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answering.posts.questions import MAX_CHARACTERS, names_posts
from rag.answering.question.post_dates import find_range
from rag.answering.question.word_lookup import chunks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.conversation.follow_ups import Understood
    from rag.answering.posts.lists import PostLists
    from rag.answering.question.post_dates import DateRange
    from rag.store.protocols import Snapshot

__all__ = ["Bounded", "bounded"]

# the name of a file or site in a question, as in "in 003.txt", "according to example.org"
_SOURCE = re.compile(
    r"(?:(?<!\s)\s++)?,?\b(?:in|from|on|according\s+to)\s+[“\"‘']?(?P<file>[\w/-][\w./-]*\.[a-z]\w{1,9})\b[”\"’']?,?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A question without the dates that only select posts, and the chunks of those posts.

    ``dates`` has the dates it prefers, if any post may answer; then ``undated`` is the question without them, and
    ``dated`` are the chunks of the posts of that time.
    """

    asked: Understood
    among: Sequence[int] | None
    dates: DateRange | None = None
    undated: str = ""
    dated: Sequence[int] = ()


def bounded(store: Snapshot, lists: PostLists, asked: Understood, among: Sequence[int] | None) -> Bounded:
    """What a question asks, and the chunks to search: those of a time or a file, if it says so."""
    source = _source_of(lists, asked.text)
    saved = lists.saved_as(source[0], whole=True) if source is not None else []
    if source is not None and 0 < len(saved) < len(lists.entries):
        there = chunks_of(store, [one.post_id for one in saved])
        among = there if among is None else sorted(set(among).intersection(there))
        asked = replace(asked, text=f"{asked.text[: source[1]]}{asked.text[source[2] :]}".strip())
    ranged = find_range(asked.text, lists.newest) if len(asked.text) <= MAX_CHARACTERS else None
    if ranged is None:
        return Bounded(asked, among)
    dates, rest = ranged
    ids = [one.post_id for one in lists.entries if dates.holds(one.date)]
    if not ids:
        return Bounded(asked, among)
    found = names_posts(asked.text, lists.newest)
    if found is None:
        meant = dates if dates.is_time else None
        if dates.relative or meant is None or not _is_of_whole(dates, asked.text):
            return Bounded(replace(asked, text=rest) if dates.relative else asked, among, meant)
        return Bounded(asked, among, replace(dates, whole=True), rest, _chunks_within(store, ids, among))
    return Bounded(replace(asked, text=found[1]), _chunks_within(store, ids, among))


def _is_of_whole(dates: DateRange, question: str) -> bool:
    """Whether the dates are the time of all that is asked: not in "the mill built in 2013 by the Trust"."""
    said = question.strip(" ?.!")
    return dates.inside and (said.startswith(dates.words) or said.endswith(dates.words))


def _chunks_within(store: Snapshot, post_ids: Sequence[str], among: Sequence[int] | None) -> Sequence[int]:
    dated = chunks_of(store, post_ids)
    return dated if among is None else sorted(set(among).intersection(dated))


def _source_of(lists: PostLists, question: str) -> tuple[str, int, int] | None:
    """The file or site to which a question restricts its answer, and the span of the words that do so."""
    found = _SOURCE.search(question)
    if found is not None:
        return found["file"], *found.span()
    return lists.site_named_in(question)
