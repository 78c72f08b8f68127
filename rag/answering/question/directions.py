"""From where and to where something moves: "moved from A to B" does not say when anybody moved to A."""

from __future__ import annotations

import re

__all__ = ["goes_the_other_way"]

_MOVED = (
    r"\b(?:mov(?:e[sd]?|ing)|switch(?:e[sd]|ing)?|migrat(?:e[sd]?|ing|ion)|chang(?:e[sd]?|ing)|convert(?:s|ed|ing)?|relocat(?:e[sd]?|ing)"
    r"|transfer(?:s|red|ring)?|transition(?:s|ed|ing)?|go|goes|went|gone|came|come|fl(?:y|ew|own)|travel(?:s|l?ed)?|upgrad(?:e[sd]?|ing))\b"
)
# of names alone, because "from" and "to" join many other things
_ASKED = re.compile(rf"(?i:{_MOVED})(?:\s[\w-]{{1,20}}){{0,3}}?\s(?P<way>to|from)\s(?:the\s)?(?P<name>[A-Z][\w.-]*)")
_OTHER = {"to": "from", "from": "to"}


def goes_the_other_way(question: str, text: str) -> bool:
    """Whether something moves in a text from the place to which it moves in the question, or to the one it leaves.

    >>> goes_the_other_way("When did we move to Tern?", "We moved from Tern to Weir.")
    True
    """
    asked = _ASKED.search(question)
    if asked is None:
        return False
    said = {
        way: re.search(rf"\b{way}\s(?:the\s)?{re.escape(asked['name'])}\b", text) is not None for way in ("to", "from")
    }
    return said[_OTHER[asked["way"]]] and not said[asked["way"]]
