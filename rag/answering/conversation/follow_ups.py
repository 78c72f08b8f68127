"""Turns a follow-up into a question that stands alone: its subject replaces the pronoun or fills the gap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.conversation.ellipsis import (
    WHO,
    asked_otherwise,
    instead,
    meant,
    of_others,
    opened,
    other_thing,
    other_word,
)
from rag.answering.conversation.opposites import beside, on_side, why_not
from rag.answering.conversation.pronouns import filled, is_about_person
from rag.answering.conversation.rewordings import reworded
from rag.answering.conversation.same_again import asks_year, at_another_time, to_do
from rag.answering.conversation.superlatives import other_extreme
from rag.answering.question.leaning import LATEST_VERSION, leans_back
from rag.answering.question.query import ASKING, VERBS
from rag.answering.question.siblings import asked_sibling
from rag.answering.question.subjects import content_stems, phrases_of
from rag.answering.quotes.further import asks_more
from rag.answering.selection.definitions import subject_of
from rag.text.tokens import is_stop, words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Understood", "of_topic", "understand"]

# "For example?", "Give me an example": of what was asked about; "What happened next?"
_EXAMPLES = re.compile(
    r"^\W*(?:and\s+)?(?:(?:please\s+|can\s+you\s+)?(?:give|show|name|list)\s+(?:me\s+|us\s+)?)?"
    r"(?:(?:an?|any|some|a\s+few|other|more)\s+)?examples?(?:\s+please)?\W*$|^\W*for\s+(?:example|instance)\W*$"
    r"|^\W*(?:like|such\s+as)\s+what\W*$",
    re.IGNORECASE,
)
_NEXT = re.compile(r"^\W*what\s+(?:happened|came|comes|happens)\s+(?:next|afterwards?|later|before)\W*$", re.IGNORECASE)
_TELL = re.compile(r"^\W*tell\s+me\s+(?:more\s+)?about\s++(?:the\s++)?(?P<subject>.*\w)\W*+$", re.IGNORECASE)
# "And the results?"
_PROPERTY = re.compile(r"^the\s+(?P<what>[a-z][a-z-]*+(?:\s(?!ones?\b)[a-z-]++)?)$")
# what may take the place of a name: another, or "the old one"
_NAMING = re.compile(r"[A-Z0-9]|\bones?\W*$")
# no question about several things
_IS_ONE = re.compile(r"^\W*(?:what|who)(?:['’]s|\s+(?:is|was))\b", re.IGNORECASE)
# content words of a question that says so little that its topic may be the previous one's
_MOST_SHORT = 3
# words of a bare noun; two say what they are about
_MOST_BARE = 1
# "And against?", "What are the arguments for?"
_SIDE = re.compile(
    r"^\W*(?:what\s+(?:is|are)\s+|what\s+about\s+)?(?:the\s+)?(?:(?:arguments?|case|reasons?|points?)\s+)?(?P<side>for|against|in\s+favou?r)"
    r"\W*$",
    re.IGNORECASE,
)
# of a thing that was only named
_SINCE = frozenset({"since when", "until when"})
_ASKS = re.compile(rf"^\W*(?:{ASKING}|{VERBS})\b", re.IGNORECASE)
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
    if not before:
        return Understood(question)
    put = reworded(question)
    set_beside = _beside_other(put, before[-1])
    if set_beside is None and not (_depends(put) or asks_more(put)):
        return Understood(question)
    return set_beside or _completed(meant(put), before)


def _completed(question: str, before: Sequence[Understood]) -> Understood:
    """A question that depends on the earlier ones, with what it lacks."""
    earlier = _person_asked_for(before) if is_about_person(question) else before[-1]
    bare = _LEADING.sub("", question)
    if not asks_more(question) and (asks := other_word(question)) is not None:
        text, subject = _asked_again(asks, earlier.text), earlier.subject or _names(earlier.text)
        if text.startswith(earlier.text.rstrip("?. ")) and (found := filled(bare, earlier.text, subject)) is not None:
            return Understood(opened(found[0]), content_stems(found[1]), earlier.text)  # "When was it?"
        return Understood(text, subject, earlier.text)
    if _SIDE.match(bare) is None and (other := _about_another(question, earlier)) is not None:
        return other
    if (found := filled(bare, earlier.text, () if earlier.swapped else earlier.subject)) is not None:
        return Understood(opened(found[0]), content_stems(found[1]), earlier.text)
    return _beside_topic(question, bare, earlier)


def of_topic(question: str, before: Sequence[Understood]) -> Understood | None:
    """A question about the topic of the previous one, if it says so little that this may be meant; else None.

    >>> of_topic("Which towns joined?", [Understood("What is the Day of Boats?")]).text
    'Which towns joined (Day of Boats)?'
    """
    if not before:
        return None
    if not _is_bare_noun(question) and (subject_of(question) is not None or not _ASKS.match(question)):
        return None
    if len(content_stems(question)) > _MOST_SHORT or any(phrase.is_name for phrase in phrases_of(question)):
        return None
    found = _beside_topic(question, _LEADING.sub("", question), before[-1])
    return found if found.subject else None


def _is_bare_noun(question: str) -> bool:
    """Whether a question is a common noun, which may be a keyword or a side of the topic: "Price?"."""
    found = words(question)
    return question.islower() and 0 < len(found) <= _MOST_BARE and not any(map(is_stop, found))


def _depends(question: str) -> bool:
    """Whether a question depends on the one before."""
    whole = _EXAMPLES.match(question) or _NEXT.match(question) or asks_year(question)
    return bool(whole) or leans_back(question)


def _beside_other(question: str, earlier: Understood) -> Understood | None:
    """What was asked about before, compared with what a follow-up names; None if it compares nothing."""
    names = [phrase for phrase in phrases_of(earlier.text) if phrase.is_name and not phrase.is_year]
    thing = _subject(earlier.text) or (names[-1].text if names else None)
    text = beside(question, thing, earlier.text)
    return None if text is None else Understood(text, (), earlier.text)


def _asked_again(asks: str, earlier: str) -> str:
    """The previous question with another question word, or with "why" and a "not"."""
    if asks.lower() == "why not" and (text := why_not(earlier)) is not None:
        return text
    if asks.lower() in _SINCE and (known := _subject(earlier)) is not None:
        return f"{opened(asks)} does {known} exist?"
    return asked_otherwise(asks, earlier)


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
    subject = before.subject or _names(earlier)
    if asks_year(question):
        thing = question.strip(" ?.!")
    if thing is None:
        others = of_others(question, earlier)
        return None if others is None else Understood(others, subject, earlier)
    if (same := at_another_time(thing, earlier)) is not None:
        return Understood(same, before.subject, earlier)
    if (same := to_do(thing, earlier)) is not None:
        return Understood(same, subject, earlier)
    if (whole := _subject(earlier)) is not None and (part := _PROPERTY.match(thing)) is not None:
        are = "are" if part["what"].endswith("s") else "is"
        return Understood(f"What {are} the {part['what']} of {whole}?", subject, earlier)
    if (owned := filled(thing, earlier)) is not None:
        return Understood(f"{opened(owned[0])}?", content_stems(owned[1]), earlier)
    return _of_named(thing, earlier, subject) or _swapped(thing, earlier)


def _of_named(thing: str, earlier: str, subject: tuple[str, ...]) -> Understood | None:
    """What a named thing has to do with something else: "What is FBOpen?", "What about costs?"; None if it is named."""
    named = subject_of(earlier)
    if named is None or _NAMING.search(thing):
        return None
    several = any(phrase.is_plural for phrase in phrases_of(f"the {thing}")) and _IS_ONE.match(earlier)
    if not several and not named.text[:1].isupper():
        return None  # "What is a creek?", "What about a weir?"
    return Understood(f"{opened(thing)} ({named.text})?", subject, earlier)


def _swapped(thing: str, earlier: str) -> Understood:
    text, bare = other_extreme(thing, earlier) or instead(thing, earlier)
    if (sibling := asked_sibling(text)) is not None:
        # "Does EyeNote work on iPhones?", "And Android?": EyeNote is what an answer must be about
        named = [one for one in phrases_of(text) if one.is_name and sibling.asked.issuperset(content_stems(one.text))]
        return Understood(text, content_stems(named[0].text) if named else (), earlier)
    return Understood(text, content_stems(bare), earlier, swapped=True)


def _beside_topic(question: str, bare: str, earlier: Understood) -> Understood:
    """A follow-up with the topic of the previous question beside it."""
    topic = _topic(earlier.text)
    if topic is None:
        return Understood(question)
    subject = earlier.subject or _names(earlier.text)
    if _EXAMPLES.match(question):
        return Understood(f"What are examples of {_subject(earlier.text) or topic}?", subject, earlier.text)
    if (side := _SIDE.match(bare)) is not None:
        one = topic if "," not in topic else None
        text = on_side(side["side"], _subject(earlier.text) or one, earlier.text)
        return Understood(text, subject, earlier.text)
    if (version := LATEST_VERSION.match(question)) is not None:
        return Understood(
            f"What is the latest {version['kind'] or version['what'] or version['only']} of {topic}?",
            subject,
            earlier.text,
        )
    if asks_more(question):
        told = [phrase.text for phrase in phrases_of(earlier.text) if not phrase.asking]
        return Understood(f"Tell me more about {', '.join(dict.fromkeys(told)) or topic}", subject, earlier.text)
    return Understood(f"{opened(bare).rstrip('?. ')} ({topic})?", subject, earlier.text)


def _subject(earlier: str) -> str | None:
    """What the previous question wanted to be told about, in full; None if it asked for something else."""
    asked = subject_of(earlier)
    told = _TELL.match(earlier)
    return asked.text if asked is not None else None if told is None else told["subject"]


def _topic(earlier: str) -> str | None:
    """The phrases of a question, those side by side as one; None if it has none."""
    spans: list[tuple[int, int]] = []
    for phrase in phrases_of(earlier):
        if spans and not earlier[spans[-1][1] : phrase.start].strip():
            spans[-1] = (spans[-1][0], phrase.end)
        else:
            spans.append((phrase.start, phrase.end))
    return ", ".join(dict.fromkeys(earlier[start:end] for start, end in spans)) or None


def _names(earlier: str) -> tuple[str, ...]:
    """The stems that an answer must be about: the last name of a question."""
    names = [phrase for phrase in phrases_of(earlier) if phrase.is_name and not phrase.is_year]
    return content_stems(names[-1].text) if names else ()
