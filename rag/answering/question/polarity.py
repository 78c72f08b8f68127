"""Negation in questions and sentences: "Who does not ...?" wants a sentence that denies it of somebody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["denied", "denies_somehow", "says_no", "wants_no"]

_NO = re.compile(
    r"\b(?:not|never|cannot|no\s+longer|no|none|nobody|neither|nor|without|unable|refus\w+|fail(?:s|ed)?\s+to)\b"
    r"|\b\w+n['’]t\b",
    re.IGNORECASE,
)
# what denies in other words: "only for iPhones", "they stopped", "except on Sundays"
_RESTRICTS = re.compile(
    r"\b(?:only|solely|exclusively|just|except\w*|exclud\w+|lack\w*|missing|instead|rather\s+than|unlike|against|few|little|hardly"
    r"|rarely|seldom|less|too\s+\w+|yet\s+to|stop\w*|ceas\w+|end(?:s|ed)?|ban\w*|forbid\w*|forbade|prohibit\w*|prevent\w*"
    r"|avoid\w*|reject\w*|oppos\w+|resist\w*|object\w*|den(?:y|ies|ied)|declin\w+|omit\w*|skip\w*|ignor\w+|miss(?:es|ed)?"
    r"|exempt\w*|free|impossible|un\w{4,}|in(?:complete|active|accessible|eligible|effective)\w*|but|although|despite|however)\b",
    re.IGNORECASE,
)
# only these make a question negative, and not within a name: "no-cost accounts", "the never type"
_ASKED_NO = re.compile(
    r"(?<!\bthe )(?<!\ban )(?<!\ba )"
    r"(?:\b(?:not|never|cannot|no\s+longer|nobody|none|neither|nor|no)\b(?!-)|\b\w+n['’]t\b)",
    re.IGNORECASE,
)
# "not only", "whether or not", "why not", "isn't it", "no one knows what" do not deny what is asked
_NO_DENIAL = re.compile(
    r"\bnot\s+only\b|\bwhether\s+or\s+not\b|\bif\s+not\b|\bwhy\s+(?:not|don['’]t\s+(?:we|you))\b|\bno\.?\s+\d"
    r"|,\s*(?:is|are|was|were|do|does|did|has|have|can|will|would)n['’]t\s+\w+\s*\?*$",
    re.IGNORECASE,
)
# "Is it not ...?", "Don't they ...?"
_EITHER = re.compile(r"^\W*(?:is|are|was|were|do|does|did|has|have|can|will|would|should)(?:n['’]t)?\b", re.IGNORECASE)
# "Why can't I ...?", "How does one who never ...?" ask for a reason or a way, which need not deny anything
_PRESUMED = re.compile(r"^\W*(?:and\s+|but\s+|so\s+)?(?:why|how)\b", re.IGNORECASE)
# the words after one of these say which thing is meant: "Who wrote to a man that did not answer?"
_CLAUSE = re.compile(r"\b(?:that|which|who|whom|whose|when|where|while|because|since|if|so)\b", re.IGNORECASE)
_ASKING = re.compile(r"\b(?:who|whom|whose|what|which|where|when)\b", re.IGNORECASE)
# most words between "not" and what it denies
_REACH = 4


def says_no(text: str) -> bool:
    """Whether a text denies something."""
    return _NO.search(_NO_DENIAL.sub(" ", text)) is not None


def denies_somehow(text: str) -> bool:
    """Whether a text denies or restricts something, in whatever words.

    >>> denies_somehow("It is open only on Sundays"), denies_somehow("It is open on Sundays")
    (True, False)
    """
    return says_no(text) or _RESTRICTS.search(text) is not None


def wants_no(question: str) -> bool:
    """Whether a question asks for a denial; "Is it not ...?" may get either answer, "Why not ...?" a reason.

    >>> wants_no("Who does not pay?"), wants_no("Who pays?"), wants_no("Who helps those who do not pay?")
    (True, False, False)
    """
    if _EITHER.match(question) or _PRESUMED.match(question):
        return False
    asking = _ASKING.search(question)
    asked = question if asking is None else _CLAUSE.split(question[asking.end() :], maxsplit=1)[0]
    return _ASKED_NO.search(_NO_DENIAL.sub(" ", asked)) is not None


def denied(text: str, roots: Collection[str], reach: int = _REACH) -> bool:
    """Whether a sentence denies one of some stems: it is among the ``reach`` words after the "not"."""
    plain = _NO_DENIAL.sub(" ", text)
    for match in _NO.finditer(plain):
        behind = [word for word in words(plain[match.end() :])[: reach * 2] if not is_stop(word)][:reach]
        if not frozenset(stem(behind)).isdisjoint(roots):
            return True
    return False
