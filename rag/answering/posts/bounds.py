"""The time, file, site or author to which an ordinary question is restricted: "in 2013", "posts before 2013"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answering.posts.forms import NEWEST, OLDEST
from rag.answering.posts.questions import MAX_CHARACTERS, names_posts
from rag.answering.question.post_dates import find_range
from rag.answering.question.subjects import content_stems, phrases_of
from rag.answering.question.word_lookup import chunks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.conversation.follow_ups import Understood
    from rag.answering.posts.first_person import ByAuthor
    from rag.answering.posts.lists import PostLists
    from rag.answering.question.post_dates import DateRange
    from rag.store.protocols import Snapshot

__all__ = ["Bounded", "bounded"]

# the name of a file or site in a question, as in "in 003.txt", "according to example.org"
_SOURCE = re.compile(
    r"(?:(?<!\s)\s++)?,?\b(?:in|from|on|according\s+to)\s+[“\"‘']?(?P<file>[\w/-][\w./-]*\.[a-z]\w{1,9})\b[”\"’']?,?",
    re.IGNORECASE,
)


# "in the newest post", and "What did the oldest post say about X?"
_ONE = rf"(?:(?P<oldest>{OLDEST})|{NEWEST})\s+(?:blog\s+)?(?:post|article|entry)"
_IN_NEWEST = re.compile(
    rf"(?:(?<!\s)\s++)?,?\b(?:in|of|from|according\s+to)\s+(?:the|your)\s+(?:very\s+)?{_ONE}\b,?", re.IGNORECASE
)
_NEWEST_SAYS = re.compile(
    rf"^\W*what\s+(?:do|does|did)\s+(?:the|your)\s+{_ONE}\s+(?:say|tell|write|report)\s+(?:us\s+)?(?:about|of|on)\s++(?P<about>.+\w)\W*+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A question without the dates that only select posts, and the chunks of those posts.

    ``dates`` has the dates it prefers, if any post may answer; then ``undated`` is the question without them, and
    ``dated`` are the chunks of the posts of that time. If the question names an author, ``by`` has it in the
    author's own person, and ``authored`` are the chunks of the author's posts if they speak of all that is asked.
    """

    asked: Understood
    among: Sequence[int] | None
    dates: DateRange | None = None
    undated: str = ""
    dated: Sequence[int] = ()
    by: ByAuthor | None = None
    authored: Sequence[int] = ()


def bounded(store: Snapshot, lists: PostLists, asked: Understood, among: Sequence[int] | None) -> Bounded:
    """What a question asks, and the chunks to search: those of a time, a file or an author, if it says so."""
    found = _bounded(store, lists, asked, among)
    by = lists.bylines.named_in(found.asked.text)
    if by is None:
        return found
    authored = _chunks_within(store, by.post_ids, found.among)
    speak = authored and _speak_of_all(store, by.text, authored)
    return replace(found, by=by, authored=authored if speak else ())


def _bounded(store: Snapshot, lists: PostLists, asked: Understood, among: Sequence[int] | None) -> Bounded:
    source = _source_of(lists, asked.text)
    saved = lists.saved_as(source[0], whole=True) if source is not None else []
    if source is not None and 0 < len(saved) < len(lists.entries):
        there = chunks_of(store, [one.post_id for one in saved])
        among = there if among is None else sorted(set(among).intersection(there))
        asked = replace(asked, text=f"{asked.text[: source[1]]}{asked.text[source[2] :]}".strip())
    if (ordered := _in_order(lists, asked.text)) is not None:
        chunks = _chunks_within(store, ordered[0], among)
        return Bounded(replace(asked, text=ordered[1]), chunks) if chunks else Bounded(asked, among)
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


def _in_order(lists: PostLists, question: str) -> tuple[list[str], str] | None:
    """The ids of the newest or oldest posts, of which alone a question asks, and the question without them."""
    if len(question) > MAX_CHARACTERS:
        return None
    if (found := _NEWEST_SAYS.match(question)) is not None:
        rest = f"What is said about {found['about']}?"
    elif (found := _IN_NEWEST.search(question)) is not None:
        rest = f"{question[: found.start()]}{question[found.end() :]}".strip()
    if found is None or not content_stems(rest):
        return None
    return [one.post_id for one in lists.first_dated("oldest" if found["oldest"] else "newest")], rest


def _speak_of_all(store: Snapshot, question: str, chunks: Sequence[int]) -> bool:
    """Whether some chunks have a word of each thing in a question of which any post has one."""
    for phrase in phrases_of(question):
        known = [root for root in content_stems(phrase.text) if store.lexical.frequency(root)]
        if known and not store.lexical.search(known, 1, chunks):
            return False
    return True


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
