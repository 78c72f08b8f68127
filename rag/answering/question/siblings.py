"""Things of a kind, of which a question asks one and a post gives others: iPhone and Android, Monday and Friday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rag.text.tokens import is_stop, stem, words

__all__ = ["Sibling", "asked_sibling", "says_of_siblings"]

Kind = Literal["platform", "day", "language", "browser"]

# Closed lists: a member that is missing only means that its question is answered as any other.
_KINDS: dict[Kind, str] = {
    "platform": (
        r"i-?phones?|i-?pads?|i-?pods?(?:\s+touch)?|ios|ipados|androids?|blackberry|black\s+berry|windows(?:\s+phones?)?"
        r"|macs?|macos|mac\s+os|os\s+x|linux|symbian|chromebooks?|kindles?|apple(?:\s+devices?)?"
    ),
    "day": (
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|every\s+day|daily|seven\s+days|7\s+days|24/7"
    ),
    "language": (
        r"english|spanish|french|german|italian|portuguese|chinese|mandarin|cantonese|japanese|korean|vietnamese|arabic"
        r"|hebrew|russian|polish|dutch|greek|turkish|hindi|urdu|bengali|tagalog|creole|welsh|swedish|danish|norwegian"
        r"|finnish|czech|hungarian|ukrainian|persian|farsi|swahili|latin|bilingual|multilingual"
    ),
    "browser": r"chrome|firefox|safari|internet\s+explorer|edge|opera|netscape",
}
_PATTERNS = {kind: re.compile(rf"(?<!\w)(?:{members})(?!\w)", re.IGNORECASE) for kind, members in _KINDS.items()}
_YES_NO = re.compile(r"^\W*(?:is|are|was|were|do|does|did|can|could|may|will|would|has|have)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:on|for|in|with|under|an|any|using|onto|support|supports)\s+(?:(?:the|my|an?|your)\s+)?$", re.IGNORECASE
)
# what is said of a member: that the thing is there for it
_THERE = re.compile(
    r"\b(?:availab\w+|works?|working|worked|runs?|running|ran|download\w*|supports?|supported|compatible|installed|offered|released"
    r"|launched|developed|built|made|designed|published|open(?:s|ed)?|closed|hours|held|translat\w+|speaks?|spoken|written"
    r"|version|versions|app\s+store|marketplace|google\s+play|use[ds]?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sibling:
    """The ``member`` of a kind that a question names, and the stems of what it asks of it."""

    kind: Kind
    member: str
    asked: frozenset[str]


def asked_sibling(question: str) -> Sibling | None:
    """The thing of a kind about which a yes-or-no question asks; None if it is about none.

    >>> asked_sibling("Does the Weir app work on iPhones?").kind
    'platform'
    """
    if not _YES_NO.match(question):
        return None
    for kind, pattern in _PATTERNS.items():
        found = next((one for one in pattern.finditer(question) if _BEFORE.search(question[: one.start()])), None)
        if found is not None:
            rest = question[: found.start()] + question[found.end() :]
            read = words(rest)
            roots = (root for word, root in zip(read, stem(read), strict=True) if not is_stop(word))
            return Sibling(kind, found[0], frozenset(roots))
    return None


def says_of_siblings(text: str, kind: Kind) -> bool:
    """Whether a sentence says for which things of a kind something is there.

    >>> says_of_siblings("The app is available for Android devices.", "platform")
    True
    """
    return _PATTERNS[kind].search(text) is not None and _THERE.search(text) is not None
