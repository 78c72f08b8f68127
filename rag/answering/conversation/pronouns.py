"""The pronouns of a follow-up, replaced by what they stand for: "Who built it?", "Who spoke there?", "the latter"."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answering.conversation.ellipsis import AUXILIARY, WHO
from rag.answering.question.leaning import EXPLETIVE
from rag.answering.question.subjects import Phrase, content_stems, phrases_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["MAX_POST_CHARACTERS", "filled", "is_about_person"]

# before a noun that is known: "the ponds", "Ada's ponds", "the #Mill chats"
_KNOWN = re.compile(
    r"(?:\b(?:the|an?|this|that|these|those|his|her|its|their|our|my|your)|['’]s|(?-i:(?<!^)[#@]?\b[A-Z][\w-]{0,60}))\s{1,9}$",
    re.IGNORECASE,
)
# before a noun that only says where or of what
_JOINED = re.compile(r"\b(?:about|of|on|in|at|for|with|from|by|to)\s{1,9}(?:(?:the|an?)\s{1,9})?$", re.IGNORECASE)
# before a name that only says who tells it
_TOLD_BY = re.compile(r"\baccording\s{1,3}to\s{1,3}(?:the\s{1,3})?$", re.IGNORECASE)
# between a name and another that only says where it is
_PLACING = re.compile(r"['’]?\s{1,9}(?:at|in|on|from|within|inside)\s{1,9}(?:the\s{1,9})?")
# more characters than that can match
_MAX_JOINED = 30
# "What does the post about tea say?", "Summarize the post “On tea”": "it" is the post
_POST = re.compile(
    r"\b(?P<post>the\s+(?:[\w-]+\s+){0,6}?(?:post|article|entry)(?:\s+(?:about|on|called|titled|named)\s+[^?]{1,200}?"
    r"|\s+[“\"‘'][^”\"]{1,200}?[”\"’'](?=\W|$)|\s+(?-i:[A-Z])[^?]{1,200}?)?)"
    r"(?=\s+(?:about|say|says|(?:first\s+)?(?:published|posted|written))\W*$|[\s?.!]*$)",
    re.IGNORECASE,
)
# a post named in a question stands at its end, in fewer characters than these
MAX_POST_CHARACTERS = 400
_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she|him)|(?P<persons>his|her|hers)|(?P<thing>it|this|that(?=\s*(?:\W*$|is\b|was\b|work|from\b))"
    r"|(?:(?<=\bdo\s)|(?<=\bdoes\s)|(?<=\bdid\s)|(?<=\bwill\s)|(?<=\bcan\s))that(?=\s+[a-z]+\W*$))"
    r"|(?P<things>its)|(?P<many>they|them|these|those)|(?P<manys>their|theirs)"
    r"|(?P<place>there(?=\W*$|\s+(?:in|on|now|today|before|after|and|when|at)\b)))\b"
    r"(?!\s+(?:true|possible|necessary|important|clear)\b)",
    re.IGNORECASE,
)
# "Which laptop survived the flood?": "it" is the laptop that did
_ASKED_THING = re.compile(
    rf"^\W*(?:which|what)\s+(?!{AUXILIARY}\b)(?P<thing>[a-z][\w-]*+(?:\s(?![a-z]+(?:s|ed)\b)[a-z][\w-]*+)?)\s"
    rf"(?P<told>(?:(?:is|are|was|were|has|had|can|will)\s|(?!{AUXILIARY}\b)[a-z]+(?:s|ed|t)\s)[^?]{{2,120}}?)[\s?.!]*+$",
    re.IGNORECASE,
)
# "Who was the first mayor of Larkfield?": "he" is the first mayor
_ROLE = re.compile(r"^\W*who\s+(?:is|was)\s+(?P<role>the\s+[^,;?]{1,200}?)[\s?.!]*+$", re.IGNORECASE)
_MAX_ROLE_WORDS = 12
# "What is a levy?": nobody whom "he" may stand for
_THING = re.compile(
    r"^\W*what(?:['’]s|\s+(?:is|are|was|were))\s+(?:(?:an?|the)\s+)?(?P<thing>[^?]{1,200}?)[\s?.!]*+$", re.IGNORECASE
)
# "What does the author think of it?": nobody whom "it" may stand for
_SOMEBODY = re.compile(r"\b(?:author|writer|blogger|speaker|reviewer|critic)$", re.IGNORECASE)
_ONE_OF_TWO = re.compile(r"\bthe\s+(?P<which>former|latter)\b(?:\s+one\b)?", re.IGNORECASE)
_TWO = re.compile(r"(?<!\s)\s++(?:and|or|vs\.?|versus)\s+")


def filled(question: str, earlier: str, subject: Collection[str] = ()) -> tuple[str, str] | None:
    """A question with its pronouns replaced, and the thing that the first of them stands for.

    None if the earlier question names nothing for which they may stand; the thing is "" if it has no name. ``subject``
    are the stems of what the earlier question is about, if it had a pronoun itself: "it" is likely the same again.

    >>> filled("Who built it?", "What is FBOpen?")
    ('Who built FBOpen?', 'FBOpen')
    """
    if (found := _ONE_OF_TWO.search(question)) is not None and (one := _one_of_two(found, earlier)) is not None:
        return f"{question[: found.start()]}{one}{question[found.end() :]}", one
    pronouns = _distinct(question)
    if not pronouns:
        return None
    several = [pronoun for pronoun in pronouns if pronoun["many"]]
    taken: dict[str, Phrase] = {}
    replaced: list[tuple[re.Match[str], str]] = []
    for pronoun in sorted(
        pronouns, key=lambda one: bool(one["many"])
    ):  # "Why did they build it?": "it" is what is named
        if len(several) > 1 and pronoun is several[0]:
            phrase = next((one for one in phrases_of(earlier) if one.is_name), None)  # "How did they solve them?"
        else:
            phrase = _same_again(pronoun, earlier, subject) or _antecedent(pronoun, earlier, taken)
        if phrase is not None:
            taken[phrase.text] = phrase
            replaced.append((pronoun, _in_full(phrase, earlier)))
    if replaced:
        for pronoun, thing in sorted(replaced, key=lambda one: -one[0].start()):
            question = _with_subject(question, pronoun, thing, earlier)
        return question, next(iter(taken.values())).text
    if (told := _told(pronouns[0], earlier)) is not None and not _owns(pronouns[0]):
        return _with_subject(question, pronouns[0], f"the {told['thing']} that {told['told']}", earlier), ""
    return None


def is_about_person(question: str) -> bool:
    """Whether a question has a pronoun for a person.

    >>> is_about_person("Where does she work?"), is_about_person("Who built it?")
    (True, False)
    """
    return any(pronoun["person"] or pronoun["persons"] for pronoun in _PRONOUN.finditer(question))


def _same_again(pronoun: re.Match[str], earlier: str, subject: Collection[str]) -> Phrase | None:
    if not subject or not (pronoun["thing"] or pronoun["things"]):
        return None
    return next(
        (
            phrase
            for phrase in phrases_of(earlier)
            if not phrase.is_plural and tuple(content_stems(phrase.text)) == tuple(subject)
        ),
        None,
    )


def _told(pronoun: re.Match[str], earlier: str) -> re.Match[str] | None:
    """What the previous question says of the thing that it asks for, if a pronoun may stand for that.

    In "What reasons are given against the levy?", "it" is not the reasons.
    """
    one = pronoun["thing"] or pronoun["things"]
    if one and any(phrase.asking and phrase.is_plural for phrase in phrases_of(earlier)):
        return None
    return _ASKED_THING.match(earlier)


def _distinct(question: str) -> list[re.Match[str]]:
    """The first pronoun of each kind; "they" and "them" in one question are two, as are "it" and "he"."""
    found: dict[str, re.Match[str]] = {}
    expletive = EXPLETIVE.search(question)
    for pronoun in _PRONOUN.finditer(question):
        if expletive is not None and pronoun.start() == expletive.start():
            continue
        kind = pronoun.lastgroup or ""
        said = pronoun[0].lower() if kind == "many" else kind.removesuffix("s")
        if kind == "manys":
            said = "they"
        elif kind in ("person", "persons"):
            said = "person"
        found.setdefault(said, pronoun)
    return list(found.values())


def _one_of_two(found: re.Match[str], earlier: str) -> str | None:
    named = [one for phrase in phrases_of(earlier) if phrase.is_name for one in _TWO.split(phrase.text)]
    if len(named) < 2:  # noqa: PLR2004 - of two things
        return None
    return named[-2] if found["which"].lower() == "former" else named[-1]


def _owns(pronoun: re.Match[str]) -> bool:
    return bool(pronoun["persons"] or pronoun["things"] or pronoun["manys"])


def _in_full(phrase: Phrase, earlier: str) -> str:
    """A phrase with its article, or a name with the nouns that belong to it: "the Harrow Weir newsletter list"."""
    if not phrase.is_name:
        known = phrase.asking or _KNOWN.search(earlier[: phrase.start])
        return f"the {phrase.text}" if known else phrase.text
    article = re.search(r"\bthe\s{1,9}$", earlier[: phrase.start], re.IGNORECASE)
    if article is None:
        return phrase.text
    text = phrase.text
    behind = next((one for one in phrases_of(earlier) if one.start == phrase.end + 1 and not one.is_name), None)
    if behind is not None and not behind.text.endswith(("ed", "ly")):
        text = earlier[phrase.start : behind.end]
    return text if text.lower().startswith("the ") else f"the {text}"


def _antecedent(pronoun: re.Match[str], earlier: str, taken: Collection[str]) -> Phrase | None:
    """The phrase of the previous question that a pronoun stands for; None if the pronoun stands for its answer.

    ``taken`` are the phrases for which other pronouns of the question stand.
    """
    phrases = [phrase for phrase in phrases_of(earlier) if phrase.text not in taken]
    names = [phrase for phrase in phrases if phrase.is_name and not phrase.is_year]
    if pronoun["person"] or pronoun["persons"]:
        return _person([name for name in names if not name.text.isupper()], phrases, earlier)  # "UKIP" is nobody
    tellers = [one for one in phrases if _TOLD_BY.search(earlier, max(one.start - _MAX_JOINED, 0), one.start)]
    names, phrases = ([one for one in some if one not in tellers] for some in (names, phrases))
    if pronoun["place"]:
        return _whole(names[-1], phrases, earlier) if names else None
    if pronoun["many"] or pronoun["manys"]:
        return _many(names, phrases)
    return _thing(pronoun, names, phrases, earlier)


def _thing(pronoun: re.Match[str], names: Sequence[Phrase], phrases: Sequence[Phrase], earlier: str) -> Phrase | None:
    if (post := _POST.search(earlier, max(len(earlier) - MAX_POST_CHARACTERS, 0))) is not None:
        return Phrase(post["post"], *post.span("post"), is_name=True, is_plural=False)
    # "Which agency detects earthquakes?", "... does its system": the agency is the answer
    asked = pronoun["things"] and re.match(rf"^\W*[Ww](?:hich|hat)\s+(?!{AUXILIARY}\b)\w+\s+(?!{AUXILIARY}\b)", earlier)
    if asked or (not names and _told(pronoun, earlier) is not None):
        return None
    own = [phrase for phrase in phrases if not (phrase.is_plural or phrase.asking or phrase.is_year)]
    own = [phrase for phrase in own if not _SOMEBODY.search(phrase.text)]
    beside = [one for one in own if not _JOINED.search(earlier[max(one.start - _MAX_JOINED, 0) : one.start])]
    if names:
        return _whole(_placed_thing(names, earlier), phrases, earlier)
    # "Did the council approve the plan?": "Why did it ...", but "Who opposed it?"
    is_subject = re.search(rf"\b{AUXILIARY}\s+$", pronoun.string[: pronoun.start()], re.IGNORECASE)
    several = beside or own
    thing = next(iter(several[:1] if is_subject else several[-1:]), None)
    return thing if thing is None else _dated(thing, phrases, earlier)


def _placed_thing(names: Sequence[Phrase], earlier: str) -> Phrase:
    """The last name, or the one that it only places, together with it: "TED at the U.S. Geological Survey"."""
    for one, other in pairwise(names):
        if other is names[-1] and _PLACING.fullmatch(earlier[one.end : other.start]):
            return replace(one, text=earlier[one.start : other.end], end=other.end)
    return names[-1]


def _dated(phrase: Phrase, phrases: Sequence[Phrase], earlier: str) -> Phrase:
    """A phrase together with its year: "the summit in 2013"."""
    years = (
        one for one in phrases if one.is_year and re.fullmatch(r"\s+(?:in|of)\s+", earlier[phrase.end : one.start])
    )
    year = next(years, None)
    return phrase if year is None else replace(phrase, text=earlier[phrase.start : year.end], end=year.end)


def _person(names: Sequence[Phrase], phrases: Sequence[Phrase], earlier: str) -> Phrase | None:
    if (role := _ROLE.match(earlier)) is not None and len(role["role"].split()) <= _MAX_ROLE_WORDS:
        return Phrase(role["role"], *role.span("role"), is_name=True, is_plural=False)
    # "Who wrote the post on openFDA?", "What is his job?": the answer is meant, not openFDA
    identified = re.match(r"^\W*[Ww]ho\s+(?:is|was)\s+[A-Z]", earlier)
    if WHO.match(earlier) and not identified:
        return None
    if (defined := _THING.match(earlier)) is not None:
        names = [name for name in names if name.text != defined["thing"]]
        phrases = [phrase for phrase in phrases if phrase.text != defined["thing"]]
    own = [phrase for phrase in phrases if not phrase.is_plural and not phrase.asking]
    return names[0] if names else own[0] if own else None  # "Why did the mayor resign?"


def _many(names: Sequence[Phrase], phrases: Sequence[Phrase]) -> Phrase | None:
    plural = [phrase for phrase in phrases if phrase.is_plural]
    if not plural:
        return names[0] if names else None
    return plural[0] if plural[0].asking else plural[-1]


def _whole(phrase: Phrase, phrases: Sequence[Phrase], earlier: str) -> Phrase:
    """A name together with what belongs to it: "the bakery on Tern Street", "Ada Moss’s office"."""
    owned = next((one for one in phrases if re.fullmatch(r"['’]s?\s+", earlier[phrase.end : one.start])), None)
    if owned is not None:
        return replace(phrase, text=earlier[phrase.start : owned.end], end=owned.end)
    for head in phrases:
        if head.is_name or not re.fullmatch(
            r"\s+(?:of|on|in|at|for|from)\s+(?:the\s+)?", earlier[head.end : phrase.start]
        ):
            continue
        if re.search(r"\b(?:the|this|that)\s+$", earlier[: head.start], re.IGNORECASE):
            return replace(phrase, text=f"the {earlier[head.start : phrase.end]}", start=head.start)
    return phrase


def _with_subject(question: str, pronoun: re.Match[str], subject: str, earlier: str) -> str:
    owned = _owns(pronoun)
    if pronoun["persons"] and not re.match(r"\s+\w", question[pronoun.end() :]):
        owned = False
    if pronoun["place"]:
        before = re.search(rf"\b(in|at|on)\s+{re.escape(subject)}", earlier)
        subject = f"{before[1] if before else 'at'} {subject}"
    text = subject + (("’" if subject.endswith("s") else "’s") if owned else "")
    return question[: pronoun.start()] + text + question[pronoun.end() :]
