"""Turns a follow-up into a question that stands alone: its subject replaces the pronoun or fills the gap."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answering.query import leans_back
from rag.answering.subjects import Phrase, phrases_of
from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Understood", "understand"]

_ASKING = r"(?:who|whom|whose|what|when|where|why|which|how(?:\s+(?:many|much|long|often|far|old|big))?)"
_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|had)"
# what comes before a subject whose verb follows: "Did the Trust sell ..."
_BEFORE_SUBJECT = r"(?:do|does|did|can|could|should|would|will|has|have|had)"
# "What about X?", "And X?", "No, I meant X": the same question about another thing
_INSTEAD = re.compile(
    r"^\W*+(?:(?:and|but|or|so|ok|okay|then)\W++)?(?:what|how)\s+about\s++(?P<about>.*\w|.)\W*+$"
    r"|^\W*+(?:(?:no|sorry|actually)\W*+)?i\s+(?:meant?|mean|was\s+asking\s+about)\s++(?P<meant>.*\w|.)\W*+$"
    rf"|^\W*+(?:and|but|or)\W++(?:(?:for|in|of|with|by)\s+)?(?P<and>(?!{_ASKING}\b|{_AUXILIARY}\b|then\b|also\b)"
    r"[^,?]{2,60}?)\W*$",
    re.IGNORECASE,
)
# "Why?", "And when?", "By whom?": the same thing, but another question word
_BARE = re.compile(
    rf"^\W*(?:(?:and|but|so|then)\W+)?(?P<asks>(?:(?:in|on|at|by|to|for|from|since|with)\s+)?{_ASKING}"
    r"(?:\s+(?:so|exactly|else|not))?)\W*$",
    re.IGNORECASE,
)
_WH_FIRST = re.compile(
    rf"^\W*(?:(?:in|on|at|by|to|for|from|since|with)\s+)?{_ASKING}\b(?:(?!\b{_AUXILIARY}\b).)*?(?=\b{_AUXILIARY}\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^\W*(?:and|but|so|then|also|ok|okay)\b[\s,]*", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she|him)|(?P<persons>his|her|hers)|(?P<thing>it|this|that(?=\s*(?:\W*$|is\b|was\b|work)))"
    r"|(?P<things>its)|(?P<many>they|them|these|those)|(?P<manys>their|theirs))\b"
    r"(?!\s+(?:true|possible|necessary|important|clear)\b)",
    re.IGNORECASE,
)
# "Which laptop survived the flood?": "it" is the laptop that did
_ASKED_THING = re.compile(
    r"^\W*(?:which|what)\s+(?P<thing>[a-z][\w-]*+(?:\s(?![a-z]+(?:s|ed)\b)[a-z][\w-]*+)?)\s"
    rf"(?P<told>(?:(?:is|are|was|were|has|had|can|will)\s|(?!{_AUXILIARY}\b)[a-z]+(?:s|ed|t)\s)[^?]{{2,120}}?)[\s?.!]*+$",
    re.IGNORECASE,
)
_WHO = re.compile(r"^\W*who(?:m|se)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is understood.

    ``text`` stands alone. ``subject`` has the stems of the thing that an answer must be about, and ``earlier`` is the
    question before; both are empty if the question already stood alone. ``swapped`` is true for the question before
    with another subject.
    """

    text: str
    subject: tuple[str, ...] = ()
    earlier: str = ""
    swapped: bool = False

    @property
    def changed(self) -> bool:
        """Whether the question depended on the one before."""
        return bool(self.earlier)


def understand(question: str, before: Sequence[Understood]) -> Understood:
    """Put the subject of the earlier questions, oldest first, into a follow-up; other questions stay as they are.

    >>> understand("Who built it?", [Understood("What is FBOpen?")]).text
    'Who built FBOpen?'
    """
    if not before or not leans_back(question):
        return Understood(question)
    earlier = before[-1]
    bare = _LEADING.sub("", question)
    if (found := _INSTEAD.match(question)) is not None:
        thing = found["about"] or found["meant"] or found["and"]
        if not all(is_stop(word) for word in words(thing)):
            return _instead(thing, earlier.text)
    if (found := _BARE.match(question)) is not None:
        return _asked_otherwise(found["asks"], earlier)
    antecedent = None
    if (pronoun := _PRONOUN.search(bare)) is not None:
        antecedent = _antecedent(pronoun, earlier.text)
        if antecedent is not None:
            text = _with_subject(bare, pronoun, _in_full(antecedent, earlier.text))
            return Understood(_opened(text), _stems(antecedent.text), earlier.text)
        if (told := _ASKED_THING.match(earlier.text)) is not None and not _owns(pronoun):
            text = _with_subject(bare, pronoun, f"the {told['thing']} that {told['told']}")
            return Understood(_opened(text), (), earlier.text)
    topic = _topic(earlier.text)
    return Understood(
        f"{_opened(bare).rstrip('?. ')} ({topic})?", earlier.subject or _names(earlier.text), earlier.text
    )


def _instead(thing: str, earlier: str) -> Understood:
    """The question before, about another thing."""
    phrases = phrases_of(earlier)
    kinds = phrases_of(f"of {thing}")
    alike = [phrase for phrase in phrases if kinds and phrase.is_name == kinds[0].is_name and not phrase.asking]
    replaced = (alike or [phrase for phrase in phrases if not phrase.asking] or phrases)[-1:]
    if not replaced:
        return Understood(f"{earlier.rstrip('?. ')}: {thing}?", _stems(thing), earlier, swapped=True)
    start, end = _with_article(earlier, replaced[0])
    text = earlier[:start] + thing + _without_tail(earlier[end:], thing)
    return Understood(text, _stems(thing), earlier, swapped=True)


def _without_tail(rest: str, thing: str) -> str:
    """The text after a replaced name, without the common noun that belonged to it: "the Release Mako (app)"."""
    found = re.match(r"\s+(?:app|site|website|tool|program|programme|project|platform|team|office)\b(?!\s+of\b)", rest)
    return rest[found.end() :] if found and thing[:1].isupper() else rest


def _with_article(text: str, phrase: Phrase) -> tuple[int, int]:
    before = re.search(r"\b(?:the|a|an)\s+$", text[: phrase.start], re.IGNORECASE)
    return (before.start() if before else phrase.start), phrase.end


def _asked_otherwise(asks: str, earlier: Understood) -> Understood:
    """The question before with another question word."""
    asks = re.sub(r"(?<!\s)\s++(?:so|exactly)$", "", asks, flags=re.IGNORECASE)
    subject = earlier.subject or _names(earlier.text)
    rest = _WH_FIRST.sub("", earlier.text, count=1)
    if rest == earlier.text or _WHO.match(earlier.text):
        return Understood(f"{earlier.text.rstrip('?. ')}, and {asks.lower()}?", subject, earlier.text)
    return Understood(f"{_opened(asks)} {rest}", subject, earlier.text)


def _owns(pronoun: re.Match[str]) -> bool:
    return bool(pronoun["persons"] or pronoun["things"] or pronoun["manys"])


def _in_full(phrase: Phrase, earlier: str) -> str:
    """A phrase with its article, or a name with the nouns that belong to it: "the Harrow Weir newsletter list"."""
    if not phrase.is_name:
        return f"the {phrase.text}"
    article = re.search(
        r"(?:^|(?P<before>\S{1,40})\s{1,9})(?P<the>the)\s{1,9}$", earlier[: phrase.start], re.IGNORECASE
    )
    if article is None:
        return phrase.text
    text = phrase.text
    if not re.fullmatch(_BEFORE_SUBJECT, article["before"] or "", re.IGNORECASE):
        behind = next((one for one in phrases_of(earlier) if one.start == phrase.end + 1 and not one.is_name), None)
        if behind is not None and not behind.text.endswith(("ed", "ly")):
            text = earlier[phrase.start : behind.end]
    return text if text.lower().startswith("the ") else f"the {text}"


def _antecedent(pronoun: re.Match[str], earlier: str) -> Phrase | None:
    """The phrase of the question before that a pronoun stands for; None if the pronoun stands for its answer."""
    phrases = phrases_of(earlier)
    names = [phrase for phrase in phrases if phrase.is_name]
    if pronoun["person"] or pronoun["persons"]:
        # "Who wrote the post on openFDA?", "What is his job?": the answer is meant, not openFDA
        identified = re.match(r"^\W*[Ww]ho\s+(?:is|was)\s+[A-Z]", earlier)
        return names[0] if names and (identified or not _WHO.match(earlier)) else None
    if pronoun["many"] or pronoun["manys"]:
        plural = [phrase for phrase in phrases if phrase.is_plural]
        if not plural:
            return names[0] if names else None
        return plural[0] if plural[0].asking else plural[-1]
    if pronoun["things"] and re.match(rf"^\W*(?:[Ww]hich|[Ww]hat)\s+\w+\s+(?!{_AUXILIARY}\b)", earlier):
        return None  # "Which agency detects earthquakes?", "... does its system": the agency is the answer
    if not names and _ASKED_THING.match(earlier):
        return None  # "Which app tells what a banknote is worth?": the app
    own = [phrase for phrase in phrases if not phrase.is_plural and not phrase.asking]
    return _whole(names[-1], phrases, earlier) if names else own[0] if own else None


def _whole(phrase: Phrase, phrases: Sequence[Phrase], earlier: str) -> Phrase:
    """A name together with the thing that it locates or owns: "the bakery on Tern Street"."""
    for head in phrases:
        between = re.fullmatch(r"\s+(?:of|on|in|at|for|from)\s+(?:the\s+)?", earlier[head.end : phrase.start])
        article = re.search(r"\b(?:the|this|that)\s+$", earlier[: head.start], re.IGNORECASE)
        if between and article and not head.is_name:
            return replace(phrase, text=f"the {earlier[head.start : phrase.end]}", start=head.start)
    return phrase


def _with_subject(question: str, pronoun: re.Match[str], subject: str) -> str:
    owned = _owns(pronoun)
    if pronoun["persons"] and not re.match(r"\s+\w", question[pronoun.end() :]):
        owned = False
    text = subject + (("’" if subject.endswith("s") else "’s") if owned else "")
    return question[: pronoun.start()] + text + question[pronoun.end() :]


def _topic(earlier: str) -> str:
    return ", ".join(dict.fromkeys(phrase.text for phrase in phrases_of(earlier))) or earlier.rstrip("?. ")


def _names(earlier: str) -> tuple[str, ...]:
    """The stems that an answer must be about: the last name of a question."""
    names = [phrase for phrase in phrases_of(earlier) if phrase.is_name]
    return _stems(names[-1].text) if names else ()


def _stems(text: str) -> tuple[str, ...]:
    found = words(text)
    return tuple(root for word, root in zip(found, stem(found), strict=True) if not is_stop(word))


def _opened(question: str) -> str:
    return question[:1].upper() + question[1:]
