"""Requests for what no quotation can be: a poem, a letter, a translation; and questions about the program itself."""

from __future__ import annotations

import re

__all__ = ["not_quotable"]

_ONLY_QUOTES = "Answers are quotations from the posts, and nothing else is written."
_ITSELF = f"{_ONLY_QUOTES} Ask what the posts say of a thing, or what they are about."
_POLITE = (
    r"^\W*(?:(?:please|kindly|now|then|and|ok(?:ay)?)\W+)*(?:(?:can|could|would|will)\s+(?:you|u)\s+(?:please\s+)?"
    r"|i\s+(?:want|need|would\s+like)\s+you\s+to\s+|(?:help\s+me\s+(?:to\s+)?))?"
)
_SOME = r"(?:(?:me|us)\s+)?(?:an?|another|some|the|my|our|\d+|two|three|five|ten)\s+(?:[\w-]+\s+){0,3}?"
_ANY = _SOME.replace("|the|my|our", "")
# what is always new, and what may also be asked of posts: "make a list", "give me an article about mills"
_NEW = (
    r"(?:poems?|haikus?|limericks?|sonnets?|rhymes?|rap|songs?|lyrics|jokes?|riddles?|raps?|tweets?|quiz(?:zes)?|slogans?"
    r"|flash\s?cards?|power\s?points?|presentations?|slides?|itinerary|itineraries|cover\s+letters?)"
)
_TEXT = (
    r"(?:e-?mails?|letters?|essays?|stor(?:y|ies)|tales?|speech(?:es)?|scripts?|programs?|programmes?|code|functions?|apps?|reports?"
    r"|reviews?|articles?|posts?|captions?|paragraphs?|dialogues?|novels?|images?|pictures?|drawings?|logos?|press\s+releases?"
    r"|recipes?|quer(?:y|ies)|messages?|repl(?:y|ies)|plans?|resumes?|cvs?)"
)
_ABOUT = r"(?:[^?!]{0,60}?\s(?:about|on|regarding)\s+(?P<about>[^?!]{1,80}?)|[^?]{0,120})"
_COMMISSIONS = (
    re.compile(
        rf"{_POLITE}(?:write|compose|draft|generate)\s+{_SOME}(?:{_NEW}|{_TEXT})\b{_ABOUT}[\s?.!]*$", re.IGNORECASE
    ),
    re.compile(
        rf"{_POLITE}(?:make|create|give|tell|sing|draw|invent|prepare|do)\s+{_ANY}{_NEW}\b{_ABOUT}[\s?.!]*$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_POLITE}(?:translate|rewrite|rephrase|paraphrase|proofread)\s+(?P<about>(?!it\b|this\b|that\b|them\b)[^?!]{{1,80}}?)"
        r"(?:\s+(?:in)?to\s+\w+(?:\s+\w+)?|\s+in\s+(?:other|simpler|your\s+own)\s+words)?[\s?.!]*$",
        re.IGNORECASE,
    ),
)
_OF_ITSELF = re.compile(
    r"^\W*(?:(?:can|could|will|would)\s+(?:you|u)\s+(?:please\s+)?help(?:\s+(?:me|us))?|help(?:\s+me)?(?:\s+please)?"
    r"|what\s+(?:can|do)\s+(?:you|u)\s+do(?:\s+for\s+(?:me|us))?|who\s+(?:are|made|built)\s+(?:you|u)|what\s+are\s+(?:you|u)"
    r"|are\s+(?:you|u)\s+(?:an?\s+)?(?:ai|bot|robot|human|person|machine|real|there|chat\s?gpt|gpt(?:-?\d)?|claude|gemini|llm"
    r"|language\s+model)|what(?:['’]s|\s+is)\s+your\s+name|how\s+do\s+(?:you|u)\s+work|how\s+does\s+this\s+(?:bot\s+)?work)[\s?.!]*$",
    re.IGNORECASE,
)
# characters of the longest message that is read so
_MOST_CHARACTERS = 300


def not_quotable(message: str) -> str | None:
    """Why a request is not fulfilled that asks for a new text, or for the program itself; None for any other.

    >>> not_quotable("Write me a poem about slugs")
    'Answers are quotations from the posts, and nothing else is written. Ask what the posts say about slugs.'
    """
    if len(message) > _MOST_CHARACTERS:
        return None
    if _OF_ITSELF.match(message):
        return _ITSELF
    for form in _COMMISSIONS:
        if (found := form.match(message)) is not None:
            about = (found["about"] or "").strip(' .,“”"')
            return f"{_ONLY_QUOTES} Ask what the posts say about {about}." if about else _ITSELF
    return None
