"""Turns a follow-up into a question that stands alone: its subject replaces the pronoun or fills the gap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.ellipsis import WHO, asked_otherwise, instead, meant, of_others, opened, other_thing, other_word
from rag.answering.further import asks_more
from rag.answering.leaning import LATEST_VERSION, leans_back
from rag.answering.pronouns import filled, is_about_person
from rag.answering.subjects import content_stems, phrases_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Understood", "understand"]

_LEADING = re.compile(r"^\W*(?:and|but|so|then|also|ok|okay)\b[\s,]*", re.IGNORECASE)


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
    if not before or not (leans_back(question) or asks_more(question)):
        return Understood(question)
    question = meant(question)
    earlier = _person_asked_for(before) if is_about_person(question) else before[-1]
    bare = _LEADING.sub("", question)
    if not asks_more(question) and (asks := other_word(question)) is not None:
        text, subject = asked_otherwise(asks, earlier.text), earlier.subject or _names(earlier.text)
        if text.startswith(earlier.text.rstrip("?. ")) and (found := filled(bare, earlier.text, subject)) is not None:
            return Understood(opened(found[0]), content_stems(found[1]), earlier.text)  # "When was it?"
        return Understood(text, subject, earlier.text)
    if (other := _about_another(question, earlier)) is not None:
        return other
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


def _about_another(question: str, before: Understood) -> Understood | None:
    """The previous question about another thing, which may be of the first: "And its opening hours?"; else None."""
    earlier, thing = before.text, other_thing(question)
    if thing is None:
        others = of_others(question, earlier)
        return None if others is None else Understood(others, before.subject or _names(earlier), earlier)
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
    if asks_more(question):
        told = [phrase.text for phrase in phrases_of(earlier.text) if not phrase.asking]
        return Understood(f"Tell me more about {', '.join(dict.fromkeys(told)) or topic}", subject, earlier.text)
    return Understood(f"{opened(bare).rstrip('?. ')} ({topic})?", subject, earlier.text)


def _topic(earlier: str) -> str | None:
    """The phrases of a question; None if it has none."""
    return ", ".join(dict.fromkeys(phrase.text for phrase in phrases_of(earlier))) or None


def _names(earlier: str) -> tuple[str, ...]:
    """The stems that an answer must be about: the last name of a question."""
    names = [phrase for phrase in phrases_of(earlier) if phrase.is_name]
    return content_stems(names[-1].text) if names else ()
