"""Which one has the most or the fewest: a question for an extreme, and the sentence that compares numbers."""

from __future__ import annotations

import re

__all__ = ["asks_extreme", "compares_numbers"]

_WHICH = re.compile(r"^\W*(?:(?:in|at|on|of|for|from)\s+)?(?:which|what|who|where|whose)\b", re.IGNORECASE)
# not in "at least", "at most", "most of the", "is most important", "the second largest"
_EXTREME = re.compile(
    r"(?<!\bat )(?<!\bsecond )(?<!\bthird )\b(?:fewest|least|lowest|smallest|most|highest|largest|biggest|greatest)\b"
    r"(?!\s+(?:of\b|important\b|likely\s+reasons?\b))",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.])\d[\d.,]*|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|thirds?|quarters?|fifths?|none|hundred"
    r"|thousand|million|billion)\b",
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
        between = _AGAINST.search(sentence)
        if between and _NUMBER.search(sentence, 0, between.start()) and _NUMBER.search(sentence, between.end()):
            return True
    return False
