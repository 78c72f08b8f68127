"""Which one has the most or the fewest: a question for an extreme, and the sentence that compares numbers."""

from __future__ import annotations

import re

__all__ = ["asks_extreme", "compares_numbers"]

_WHICH = re.compile(r"^\W*(?:(?:in|at|on|of|for|from)\s+)?(?:which|what|who|where|whose)\b", re.IGNORECASE)
# not in "at least", "most of the", "the most recent", "the second largest"
_EXTREME = re.compile(
    r"\bthe\s+(?:(?:fewest|lowest|smallest|highest|largest|biggest|greatest)\b"
    r"|(?:most|least)\b(?!\s+(?:of|\w*(?:al|ant|ent|ing|ed|ive|ful|ous|able|ible|ic|ly))\b))",
    re.IGNORECASE,
)
# not a year
_NUMBER = re.compile(
    r"(?<![\w.,])(?!(?:1\d|20)\d\d(?![\d.,]\d|%))\d[\d.,]*"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|thirds?|quarters?|fifths?|none|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)
# what stands between two things that are told apart by their numbers
_AGAINST = re.compile(
    r"\b(?:versus|vs|against|whereas|while|compared\s+(?:to|with)|in\s+comparison\s+(?:to|with)|as\s+opposed\s+to"
    r"|followed\s+by|ahead\s+of)\b",
    re.IGNORECASE,
)


def asks_extreme(question: str) -> bool:
    """Whether a question asks which of several has the most or the fewest of something.

    >>> asks_extreme("Which mill has the fewest stones?"), asks_extreme("Which mill has at least two stones?")
    (True, False)
    """
    return _WHICH.match(question) is not None and _EXTREME.search(question) is not None


def compares_numbers(text: str) -> bool:
    """Whether a sentence of a text sets numbers of several things against each other.

    >>> compares_numbers("Only 2 mills in the north turn, versus 9 in the south."), compares_numbers("Two mills turn.")
    (True, False)
    """
    from rag.text.sentences import split  # needed only by a question for an extreme

    for one in split(text, ()):
        sentence = text[one.start : one.end]
        numbers = [found.start() for found in _NUMBER.finditer(sentence)]
        if any(numbers and numbers[0] < word.start() < numbers[-1] for word in _AGAINST.finditer(sentence)):
            return True
    return False
