"""What people say around a question: greetings, thanks, "ok", "can you tell me"; and messages that are nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.query import ASKING, VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["asking_turns", "is_courtesy", "without_courtesies"]

_GREETING = (
    r"(?:hi|hello|hey|hiya|howdy|greetings|good\s(?:morning|afternoon|evening|day))"
    r"(?:\s(?:there|again|all|everyone|bot|friend))?"
)
_THANKS = (
    r"(?:(?:many|no)\s)?(?:thanks|thx|thank\s(?:you|u)|ty|cheers)(?:\s(?:a\slot|a\sbunch|so\smuch|very\smuch|again|indeed))?"
    r"(?:\sfor\s(?:that|this|(?:the|your)\s(?:help|answer|info|information)|your\stime))?"
)
_AGREEING = (
    r"(?:ok|okay|alright|all\sright|great|cool|nice|perfect|excellent|awesome|brilliant|wonderful|lovely|super|wow|got\sit|i\ssee"
    r"|understood|makes\ssense|good\sto\sknow|never\s?mind|no\sproblem)(?:\s(?:then|one))?"
)
_PARTING = (
    r"(?:(?:good\s)?bye(?:\sbye)?|goodbye|see\s(?:you|ya)(?:\s(?:later|soon))?|that(?:['’]s|\sis|\swas)\s(?:all|it|great|helpful"
    r"|enough|useful|perfect|good|very\s(?:helpful|useful|good))(?:\sfor\snow)?|(?:that|this|it)\s(?:really\s)?(?:helps|helped)"
    r"(?:\s(?:a\slot|me))?|how\sare\s(?:you|things)(?:\s(?:doing|today))?|nothing\selse)"
)
_SAID = rf"(?:{_GREETING}|{_THANKS}|{_AGREEING}|{_PARTING})"
_ALL = re.compile(rf"{_SAID}(?:\s(?:and\s)?{_SAID}){{0,4}}", re.IGNORECASE)
_BEGINS = (
    rf"(?:(?:and|but|so|then)\s+)?(?:{ASKING}|{VERBS}|please|tell|list|show|find|summari[sz]e|compare"
    r"|i\s+(?:meant?|was|am|want|need))\b"
)
# a full stop ends what was said, or a question begins; "Nice, France" is a name
_OPENING = re.compile(
    rf"^\W*(?:{_SAID}\s*[.!…:;–—-]+\s+|{_GREETING}\s*,\s*"
    rf"|(?:sorry|well|hmm+|um|so\ssorry|{_SAID})\s*(?:,\s*|\s)(?={_BEGINS}))",
    re.IGNORECASE,
)
# what says that a question follows, as in "I have two questions:"
_ANNOUNCED = re.compile(
    r"^\W*(?:(?:i|we)(?:['’]ve|\s+have)(?:\s+got)?\s+)?(?:(?:an?|one|two|three|four|five|some|a\s+few|another|my|the|\d{1,2})\s+)?"
    r"(?:(?:quick|short|small|simple|more|other|next|last|first|final|further|follow-?up)\s+){0,2}questions?"
    rf"(?:\s+(?:for\s+you|please|here))?\s*(?:[:;.!…–—-]+\s+(?=\S)|,\s+(?={_BEGINS}))",
    re.IGNORECASE,
)
# openings before one question: "Hi! Thanks. Ok, who built it?"
_MOST_OPENINGS = 4
_CLOSING = re.compile(rf"(?<=[?.!,])\s+(?:{_THANKS}|please)[\s.!]*$", re.IGNORECASE)
_WRAPPED = re.compile(
    r"^\W*(?:(?:can|could|would|will)\s+(?:you|u|someone|anyone)\s+(?:please\s+|kindly\s+)?(?:tell|explain\s+to|remind|show)\s+(?:me|us)"
    r"|do\s+(?:you|u)\s+(?:happen\s+to\s+)?know|(?:i\s+)?(?:just\s+)?(?:want(?:ed)?|need|would\s+like|['’]?d\s+like)\s+to\s+know"
    r"|i(?:['’]d|\s+would)\s+like\s+to\s+know|i(?:['’]m|\s+am|\s+was)\s+(?:just\s+)?wondering|(?:please\s+)?tell\s+(?:me|us))"
    rf"[\s,:]+(?:please\s+)?(?=(?:{ASKING})\b)",
    re.IGNORECASE,
)
# how to answer, as in "Answer with yes or no:" and "In one sentence,"
_MANNER = re.compile(
    r"^\W*(?:please\s+)?(?:(?:answer|reply|respond)(?:\s+(?:me|only|just|briefly|shortly|in|with|by|an?|one|two|single|few|short|simple|plain"
    r"|yes|or|and|no|words?|sentences?|english|number)){1,8}|in\s+(?:one|two|an?|three|a\s+few|simple|plain|your\s+own)\s+(?:short\s+)?"
    r"(?:words?|sentences?|english|terms))\s*[:,.]\s+(?=\S)",
    re.IGNORECASE,
)
# "Make me a list of X": "List X"
_MADE = re.compile(
    r"^\W*(?:please\s+|(?:can|could)\s+you\s+(?:please\s+)?)?(?:make|write|create|give|show|provide|get)\s+(?:(?:me|us)\s+)?"
    r"(?:an?|the)\s+(?:(?:short|full|complete|bulleted|numbered|bullet)\s+)?list\s+(?:of|with)\s+(?:(?:all|both)\s+(?:of\s+)?)?(?=\S)",
    re.IGNORECASE,
)
# "what IdeaBox is", said after "can you tell me"
_INDIRECT = re.compile(
    r"^(?P<asks>what|who|where)\s(?P<thing>(?!is\b|are\b|was\b|were\b)\S[^?,;]{0,80}?)\s(?P<be>is|are|was|were)"
    r"(?:\s(?P<end>about|from|for))?[\s?.!]*+$",
    re.IGNORECASE,
)
# characters of the longest message that only greets or thanks
_MOST_CHARACTERS = 80
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def is_courtesy(message: str) -> bool:
    """Whether a message greets, thanks or agrees, and asks nothing.

    >>> is_courtesy("Thank you, that helps!"), is_courtesy("Thanks! Who built it?"), is_courtesy("Cool roofs")
    (True, False, False)
    """
    if len(message) > _MOST_CHARACTERS:
        return False
    said = _WORD.findall(message)
    asked = message.rstrip().endswith("?") and "how" not in map(str.lower, said)
    return bool(said) and not asked and _ALL.fullmatch(" ".join(said)) is not None


def asking_turns(history: Sequence[str]) -> list[str]:
    """The turns of a conversation that ask something, to which alone a follow-up can refer.

    >>> asking_turns(["Who is Ada?", "thanks!", " "])
    ['Who is Ada?']
    """
    return [turn for turn in history if turn.strip() and not is_courtesy(turn)]


def without_courtesies(message: str) -> str:
    """A message without what is said before and after its question; one that is nothing else stays as it is.

    >>> without_courtesies("Hello, can you tell me what FBOpen is?"), without_courtesies("Thanks! Who built it?")
    ('What is FBOpen?', 'Who built it?')
    """
    if is_courtesy(message):
        return message
    left = message
    for _ in range(_MOST_OPENINGS):
        if (found := _OPENING.match(left)) is None or not left[found.end() :].strip():
            break
        left = left[found.end() :]
    left = _MADE.sub("List ", _MANNER.sub("", _CLOSING.sub("", _ANNOUNCED.sub("", left))))
    if (wrapped := _WRAPPED.match(left)) is not None:
        left = left[wrapped.end() :]
        if (told := _INDIRECT.match(left)) is not None:
            end = f" {told['end']}" if told["end"] else ""
            left = f"{told['asks'].capitalize()} {told['be']} {told['thing']}{end}?"
    return left
