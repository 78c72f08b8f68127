"""Turns a follow-up into a question that stands alone: its subject replaces the pronoun or fills the gap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.ellipsis import WHO, asked_otherwise, instead, opened, other_thing, other_word
from rag.answering.pronouns import filled, is_about_person
from rag.answering.query import LATEST_VERSION, leans_back
from rag.answering.subjects import content_stems, phrases_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Understood", "understand"]

_LEADING = re.compile(r"^\W*(?:and|but|so|then|also|ok|okay)\b[\s,]*", re.IGNORECASE)
_MORE = re.compile(
    r"^\W*(?:(?:please\s+)?tell\s+me\s+(?:some\s+)?more|(?:some\s+)?more|go\s+on|(?:any|some)thing\s+else|what\s+else)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is understood.

    ``text`` stands alone. ``subject`` has the stems of the thing that an answer must be about, and ``earlier`` is the
    previous question; both are empty if the question already stood alone. ``swapped`` is true for the previous question
    with another subject.
    """

    text: str
    subject: tuple[str, ...] = ()
    earlier: str = ""
    swapped: bool = False

    @property
    def changed(self) -> bool:
        """Whether the question depended on the previous one."""
        return bool(self.earlier)


def understand(question: str, before: Sequence[Understood]) -> Understood:
    """Put the subject of the earlier questions, oldest first, into a follow-up; other questions stay as they are.

    >>> understand("Who built it?", [Understood("What is FBOpen?")]).text
    'Who built FBOpen?'
    """
    if not before or not leans_back(question):
        return Understood(question)
    earlier = _person_asked_for(before) if is_about_person(question) else before[-1]
    bare = _LEADING.sub("", question)
    if not _MORE.match(question) and (asks := other_word(question)) is not None:
        text = asked_otherwise(asks, earlier.text)
        return Understood(text, earlier.subject or _names(earlier.text), earlier.text)
    if (thing := other_thing(question)) is not None:
        return _about_another(thing, earlier.text)
    if (found := filled(bare, earlier.text, () if earlier.swapped else earlier.subject)) is not None:
        return Understood(opened(found[0]), content_stems(found[1]), earlier.text)
    return _beside_topic(question, bare, earlier)


def _person_asked_for(before: Sequence[Understood]) -> Understood:
    """The previous question in which "he" or "she" was asked for, if the last one names nothing new since."""
    known = {phrase.text for phrase in phrases_of(before[-1].text) if phrase.is_name}
    for one in reversed(before):
        named = {phrase.text for phrase in phrases_of(one.text) if phrase.is_name}
        if not known <= named:
            break
        if WHO.match(one.text):
            return one
    return before[-1]


def _about_another(thing: str, earlier: str) -> Understood:
    """The previous question about another thing, which may be of the first: "And its opening hours?"."""
    if (owned := filled(thing, earlier)) is not None:
        return Understood(f"{opened(owned[0])}?", content_stems(owned[1]), earlier)
    text, bare = instead(thing, earlier)
    return Understood(text, content_stems(bare), earlier, swapped=True)


def _beside_topic(question: str, bare: str, earlier: Understood) -> Understood:
    """A follow-up with the topic of the previous question beside it."""
    topic = _topic(earlier.text)
    if topic is None:
        return Understood(question)
    subject = earlier.subject or _names(earlier.text)
    if (version := LATEST_VERSION.match(question)) is not None:
        return Understood(f"What is the latest {version['kind'] or version['what']} of {topic}?", subject, earlier.text)
    if _MORE.match(question):
        return Understood(f"Tell me more about {topic}", subject, earlier.text)
    return Understood(f"{opened(bare).rstrip('?. ')} ({topic})?", subject, earlier.text)


def _topic(earlier: str) -> str | None:
    """The phrases of a question; None if it has none."""
    return ", ".join(dict.fromkeys(phrase.text for phrase in phrases_of(earlier))) or None


def _names(earlier: str) -> tuple[str, ...]:
    """The stems that an answer must be about: the last name of a question."""
    names = [phrase for phrase in phrases_of(earlier) if phrase.is_name]
    return content_stems(names[-1].text) if names else ()
