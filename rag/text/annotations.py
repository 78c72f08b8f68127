"""What can be known about a text without a question: its words as codes, and which kinds of things it contains.

The index stores both for every sentence, the kinds as one number (`note`), so that a question rereads no text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from rag.text.tokens import codes, stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "DATE",
    "DEFINITION",
    "ENDS_WITH_COLON",
    "IS_QUESTION",
    "LISTING",
    "MEANS",
    "NEGATION",
    "NUMBER",
    "NUMBER_WORD",
    "OPENS_WITH_PRONOUN",
    "PLACE",
    "QUANTITY",
    "REASON",
    "Facts",
    "Noted",
    "facts",
    "joined_notes",
    "name_stems",
    "note",
    "noted",
    "numbers",
    "word_count",
]

# The bits of a note; the bits above them are the number of words. An index stores notes, so whoever changes what a bit
# means or how a pattern finds it must raise the index's format (rag.store.manifest).
IS_QUESTION, ENDS_WITH_COLON, OPENS_WITH_PRONOUN, NUMBER, NUMBER_WORD, QUANTITY, DATE = (1 << bit for bit in range(7))
PLACE, REASON, MEANS, DEFINITION, LISTING, NEGATION = (1 << bit for bit in range(7, 13))
_WORDS_FROM = 16
_MOST_WORDS = 0xFFFF

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?"
)
_DATE = re.compile(
    rf"\b(?:1[0-9]|20)\d\d\b|\b{_MONTH}\s+\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}"
    r"|\b(?:yesterday|today|tomorrow|century|decades?|spring|summer|autumn|winter|weekend"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
)
_DIGITS = re.compile(r"\d[\d,.]*")
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundreds?"
    r"|thousands?|millions?|billions?|half|thirds?|quarters?|dozens?|percent|free|none)\b",
)
_QUANTITY = re.compile(
    r"[$£€¥]\s?\d|\d\s?(?:%|percent|per cent|million|billion|thousand|years?|days?|hours?|minutes?|seconds?|months?"
    r"|weeks?|miles?|km|kg|mb|gb|bn|people|times)",
)
_NAME = re.compile(r"(?<![.!?“\"‘(]\s)(?<!^)(?<!\n)(?<![“\"‘(])\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|across|around)\s+(?:the\s+)?[A-Z]")
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|in order to|therefore|thus|hence|as a result|reasons?|leads? to|led to"
    r"|caus\w+|thanks to|which means|owing to|to (?:ensure|make|avoid|prevent|get|keep|be|give|help|allow))\b",
)
_MEANS = re.compile(r"\b(?:by \w+ing|using|through|via|with|steps?|methods?|process|first|then)\b")
_DEFINING = re.compile(
    r"\b(?:is|are|was|were) (?:an?|the|one)\b|\b(?:means?|refers? to|referring to|known as|called|defined|consists?"
    r"|describes?|stands for)\b|\(",
)
_LISTING = re.compile(r":\s*$|,[^,]{2,60},[^,]{0,60}\b(?:and|or)\b|;[^;]+;")
_NEGATION = re.compile(r"\b(?:yes|no|not|never|none|nor|cannot|\w+n['’]t|without|neither)\b")
_PRONOUN = re.compile(r"^[\s\"“‘'(]*(?:he|she|it|they|this|that|these|those|such|his|her|its|their)\b")

# searched for in the lower-cased text, which takes half as long as a search that ignores case
_SMALL = {
    NUMBER_WORD: _NUMBER_WORD,
    QUANTITY: _QUANTITY,
    DATE: _DATE,
    REASON: _REASON,
    MEANS: _MEANS,
    DEFINITION: _DEFINING,
    NEGATION: _NEGATION,
    OPENS_WITH_PRONOUN: _PRONOUN,
}
_AS_WRITTEN = {NUMBER: _DIGITS, PLACE: _PLACE, LISTING: _LISTING}


@dataclass(frozen=True, slots=True)
class Facts:
    """A text and the codes of its words (`rag.text.tokens.code`); rarely needed facts are computed on demand."""

    text: str
    unique: frozenset[int]
    is_question: bool
    ends_with_colon: bool
    opens_with_pronoun: bool

    def holds(self, kind: int) -> bool:
        """Whether the text contains a kind of thing; ``kind`` is one bit of a note."""
        if kind in _SMALL:
            return _SMALL[kind].search(self.text.lower()) is not None
        return _AS_WRITTEN[kind].search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Noted:
    """What the index stores about some sentences, concatenated.

    ``codes`` uint32 (n_words,) are the codes of all their words, in order; ``ends`` int64 (n_sentences,) is where the
    codes of each sentence end; ``notes`` uint32 (n_sentences,).
    """

    codes: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.int64]
    notes: npt.NDArray[np.uint32]


# A cache of facts, because asking again about the same posts is common. A plain dict that is cleared when it is full
# costs less than one that tracks its oldest entry.
_KEPT = 4096
_kept: dict[str, Facts] = {}


def facts(text: str) -> Facts:
    """Everything about a text that does not depend on the question."""
    here = _kept.get(text)
    if here is None:
        if len(_kept) >= _KEPT:
            _kept.clear()
        opens_with_pronoun = _PRONOUN.match(text.lower()) is not None
        here = Facts(text, frozenset(codes(text)), _is_question(text), _ends_with_colon(text), opens_with_pronoun)
        _kept[text] = here
    return here


def numbers(text: str) -> frozenset[str]:
    """The numbers in a text, without trailing full stops and commas."""
    return frozenset(number.rstrip(".,") for number in _DIGITS.findall(text))


def name_stems(text: str) -> list[frozenset[str]]:
    """The stems of each name in a text."""
    return [frozenset(stems(name)) for name in _NAME.findall(text)]


def note(text: str) -> int:
    """The kinds of things that a sentence contains and its number of words, as one number below 2**32."""
    found = IS_QUESTION * _is_question(text) | ENDS_WITH_COLON * _ends_with_colon(text)
    for bits, where in ((_SMALL, text.lower()), (_AS_WRITTEN, text)):
        for bit, pattern in bits.items():
            if pattern.search(where):
                found |= bit
    return found | min(len(text.split()), _MOST_WORDS) << _WORDS_FROM


def word_count(note: int) -> int:
    """The number of words that a note records."""
    return note >> _WORDS_FROM


def noted(texts: Sequence[str]) -> Noted:
    """What an index stores about these sentences."""
    import numpy as np

    found = [codes(text) for text in texts]
    return Noted(
        np.array([number for row in found for number in row], dtype=np.uint32),
        np.cumsum([len(row) for row in found], dtype=np.int64),
        np.array([note(text) for text in texts], dtype=np.uint32),
    )


def joined_notes(several: Sequence[Noted]) -> Noted:
    """The notes of several groups of sentences, joined in order."""
    import numpy as np

    sizes = [len(one.codes) for one in several]
    ends = [one.ends + before for one, before in zip(several, accumulate(sizes, initial=0), strict=False)]
    codes, notes = [one.codes for one in several], [one.notes for one in several]
    return Noted(np.concatenate(codes), np.concatenate(ends), np.concatenate(notes))


def _is_question(text: str) -> bool:
    return text.rstrip(' \t\n"”’)').endswith("?")


def _ends_with_colon(text: str) -> bool:
    return text.rstrip().endswith(":")
