"""Who may take part: "Can anyone attend?", "Who can use it?" ask for a sentence that says for whom something is."""

from __future__ import annotations

import re

__all__ = ["asks_who_may", "says_who_may"]

_TAKE_PART = (
    r"(?:apply|attend|buy|come|contribute|enrol+|enter|join|participate|register|sign\s+up|take\s+part|use|visit|vote)"
)
_ASKS = re.compile(
    r"^\W*(?:and\s+|but\s+|so\s+)?(?:"
    r"who\s+(?:can|may|could|should|is\s+(?:allowed|able|eligible|permitted|welcome|invited)|are\s+(?:allowed|eligible|invited))"
    r"\s+(?!(?:i|we)\b)"
    r"|(?:can|may|could|should|must|is|are)\s+(?:only\s+|just\s+)?(?:anyone|anybody|everyone|everybody|people\s+(?:from|outside|without)"
    r"|(?:(?:the|members\s+of\s+the)\s+)?(?:general\s+)?public)\b"
    rf"|(?:can|may)\s+(?:i|we|you)\s+(?:still\s+|also\s+)?{_TAKE_PART}\b"
    r"|(?:is|are|was|were)\s++\S(?:[^?]{0,80}\S)?\s++(?:open\s++to|(?:only|just)\s++for)\s)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:anyone|anybody|everyone|everybody|whoever)\b|\bwelcome\s+(?:to|at|from)\b|\bopen\s+(?:to|for)\b"
    r"|\b(?:eligible|invited|entitled|required)\s+to\b|\b(?:limited|restricted|available)\s+(?:only\s+)?to\b"
    r"|\bif\s+you(?:['’]re|\s+are|['’]d|\s+would)?\s+(?:interested|like|want|wish)\b|\bregardless\s+of\b"
    r"|\b(?:only|all|any)\s+(?:[\w’'-]+\s+){1,8}?(?:can|may|must|are\s+(?:welcome|invited|eligible|allowed))\b",
    re.IGNORECASE,
)


def asks_who_may(question: str) -> bool:
    """Whether a question asks who may do something, or whether somebody may.

    >>> asks_who_may("Can anyone attend?"), asks_who_may("Who can use it?"), asks_who_may("Who can I ask?")
    (True, True, False)
    """
    return _ASKS.match(question) is not None


def says_who_may(text: str) -> bool:
    """Whether a text says for whom something is.

    >>> says_who_may("All members are welcome to join."), says_who_may("The mill is closed.")
    (True, False)
    """
    return _SAYS.search(text) is not None
