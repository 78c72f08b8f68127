"""Finds the question in a message as typed: list numbers, capitals, chat spelling, a pasted passage."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answering.question.courtesies import without_courtesies
from rag.text.tokens import words

__all__ = ["Message", "is_all_capitals", "is_pasted", "is_remark", "read_message"]

# "1. ", "(2) ", "Q3: ", "- " before a question
_NUMBERED = re.compile(
    r"^\s*(?:\(?\d{1,3}[.)]\s+|\(?[a-z][.)]\s+|Q(?:uestion)?\s*\d{0,3}[:.)]\s+|[-*•–]\s+)", re.IGNORECASE
)
# chat spellings, as whole words; none of them is an English word. The list is closed: other misspellings are left to
# the correction of spelling.
_CHAT = {
    "abt": "about",
    "arent": "aren't",
    "bc": "because",
    "becuz": "because",
    "couldnt": "couldn't",
    "cuz": "because",
    "didnt": "didn't",
    "doesnt": "doesn't",
    "dont": "don't",
    "hasnt": "hasn't",
    "havent": "haven't",
    "hows": "how is",
    "howd": "how did",
    "isnt": "isn't",
    "pls": "please",
    "plz": "please",
    "ppl": "people",
    "r": "are",
    "shouldnt": "shouldn't",
    "teh": "the",
    "thats": "that's",
    "u": "you",
    "ur": "your",
    "wasnt": "wasn't",
    "wat": "what",
    "wats": "what is",
    "whats": "what is",
    "wen": "when",
    "werent": "weren't",
    "whens": "when is",
    "wheres": "where is",
    "whos": "who is",
    "whys": "why is",
    "wht": "what",
    "wich": "which",
    "wouldnt": "wouldn't",
    "w/": "with",
    "w/o": "without",
    "y": "why",
}
# a single letter may be a name or a variable, except between two words in lower case
_CHAT_WORD = re.compile(
    r"(?<![\w.'’&/-])(?:" + "|".join(sorted(map(re.escape, _CHAT), key=len, reverse=True)) + r")(?![\w'’&/-])"
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|[.!?]+\S[^.!?\n]*)*[.!?”\"’)]*")
_ASKS = re.compile(
    r"^\W*(?:(?:and|but|so|please|now)\s+)?(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|do|does|did|can"
    r"|could|should|would|will|has|have|had|list|name|tell|explain|compare|describe|summari[sz]e)\b",
    re.IGNORECASE,
)
# words; a clause before a question has fewer, a passage worth pasting has more
_MIN_PASSAGE_WORDS = 25
# characters of the longest message with such a statement
_MOST_CHARACTERS = 400
# words; fewer are no statement: "No. 5.", "Be brief."
_MIN_REMARK_WORDS = 4
# one who speaks of oneself says what the question is about: "I have a Mac. Which version works?"
_OF_ONESELF = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur)\b")
# letters; a shorter text in capitals may be one abbreviation
_MIN_CAPITALS = 8


@dataclass(frozen=True, slots=True)
class Message:
    """The question of a message, and the passage pasted before or after it.

    A statement too short for a passage stays with the question, because it may say what that is about; then ``bare``
    is the question without it.
    """

    question: str
    context: str = ""
    bare: str = ""


def read_message(text: str) -> Message:
    """Find the question in a message.

    >>> read_message("1. whats the QR code?").question
    'what is the QR code?'
    """
    question, context = _without_passage(text)
    question = _NUMBERED.sub("", " ".join(question.split()), count=1) or question
    if question == question.casefold() or not is_all_capitals(question):
        question = _CHAT_WORD.sub(lambda found: _CHAT[found[0]], question)
    question = " ".join(without_courtesies(question).split())
    remark, bare = ("", "") if context else _remark_before(question)
    return Message(question, " ".join((context or remark).split()), bare)


def is_all_capitals(text: str) -> bool:
    """Whether a text is all in capitals, so that they do not mark names."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= _MIN_CAPITALS and " " in text.strip() and all(letter.isupper() for letter in letters)


def is_pasted(quote: str, passage: str) -> bool:
    """Whether a quote only repeats what was pasted with the question."""
    if not passage:
        return False
    said, given = ([word.text for word in words(text)] for text in (quote, passage))
    return bool(said and given) and f" {' '.join(said)} " in f" {' '.join(given)} "


def is_remark(context: str) -> bool:
    """Whether what was typed with a question is shorter than a passage, so that it was also searched for."""
    return 0 < len(context.split()) < _MIN_PASSAGE_WORDS


def _without_passage(text: str) -> tuple[str, str]:
    """Split a message into its question and a passage before or after it; most messages are only a question."""
    if len(text.split()) <= _MIN_PASSAGE_WORDS:
        return text, ""
    sentences = [found for found in _SENTENCE.finditer(text) if found[0].strip()]
    asking = [_is_question(found[0]) for found in sentences]
    if all(asking) or not any(asking):
        return text, ""
    first, last = sentences[0].start(), sentences[-1].end()
    if asking[-1]:
        at = len(asking)
        while asking[at - 1]:
            at -= 1
        first = sentences[at].start()
        question, context = text[first:last], text[:first]
    elif asking[0]:
        at = asking.index(False)
        last = sentences[at].start()
        question, context = text[:last], text[last:]
    else:
        return text, ""
    return (question, context) if len(context.split()) >= _MIN_PASSAGE_WORDS else (text, "")


def _remark_before(text: str) -> tuple[str, str]:
    """A statement before the one question of a short message, and that question; ("", "") in any other."""
    if not text.endswith("?") or len(text) > _MOST_CHARACTERS:
        return "", ""
    # parts that an abbreviation ends are too short to matter, or are joined again
    parts = [found[0].strip() for found in _SENTENCE.finditer(text) if found[0].strip()]
    said, asked = parts[:-1], "".join(parts[-1:])
    remark = " ".join(said)
    if (
        not _MIN_REMARK_WORDS <= len(remark.split()) < _MIN_PASSAGE_WORDS
        or _OF_ONESELF.search(remark)
        or not _ASKS.match(asked)
    ):
        return "", ""
    return ("", "") if any(_ASKS.match(one) or one.endswith("?") for one in said) else (remark, asked)


def _is_question(sentence: str) -> bool:
    bare = sentence.strip()
    return bare.endswith("?") and bool(_ASKS.match(bare) or len(bare.split()) <= _MIN_PASSAGE_WORDS)
