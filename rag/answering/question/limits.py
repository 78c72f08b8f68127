"""Whether an amount is enough or allowed: a question with an amount, and the sentence that gives the limit."""

from __future__ import annotations

import re

__all__ = ["asked_amount", "gives_limit"]

_UNIT = r"(?P<unit>[%°€$£]|[a-z]{1,20}(?:/[a-z]{1,10})?)"
_AMOUNT = re.compile(rf"(?:(?P<money>[€$£])\s?)?(?<![\w.])\d[\d,]*(?:\.\d+)?\s?(?:-\s?)?{_UNIT}?(?!\w)", re.IGNORECASE)
_JUDGES = re.compile(
    r"\b(?:enough|sufficient|adequate|allowed|permitted|acceptable|ok|okay|legal|eligible|qualif(?:y|ies)"
    r"|too\s+(?:low|high|much|little|many|few|slow|fast|small|big|large|long|short|old|young|late|early|cold|hot|heavy|light))\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(r"^\W*(?:is|are|was|were|do|does|did|can|could|may|will|would)\b", re.IGNORECASE)
_BOUND = (
    r"(?:at\s+(?:least|most)|(?:no|not)\s+(?:more|less|fewer|later|earlier|longer|older|younger)\s+than|(?:more|less|fewer|over|under)\s+than"
    r"|up\s+to|minimum|maximum|min\.?|max\.?|limit(?:ed)?|requires?|required|needs?|must|only|from|below|above|between|under|over"
    r"|or\s+(?:more|less|fewer|older|younger|above|below|higher|lower))"
)
_BOUNDED = re.compile(rf"\b{_BOUND}\b", re.IGNORECASE)
# characters between a bound and its amount: "at least an average of 5 m/s"
_NEAR = 40


def asked_amount(question: str) -> str | None:
    """The unit of the amount of which a question asks whether it will do; None if it asks something else.

    >>> asked_amount("Is 4.9 m/s of wind enough?"), asked_amount("How much wind is enough?")
    ('m/s', None)
    """
    if not _YES_NO.match(question) or not _JUDGES.search(question):
        return None
    return next((unit for one in _AMOUNT.finditer(question) if (unit := _unit(one))), None)


def gives_limit(text: str, unit: str) -> bool:
    """Whether a sentence gives a limit in a unit.

    >>> gives_limit("It needs a wind of at least 5 m/s.", "m/s"), gives_limit("It made 300 kWh.", "m/s")
    (True, False)
    """
    for one in _AMOUNT.finditer(text):
        around = text[max(one.start() - _NEAR, 0) : one.end() + _NEAR // 2]
        if _unit(one) == unit and _BOUNDED.search(around):
            return True
    return False


def _unit(amount: re.Match[str]) -> str:
    """The unit of an amount in small letters, one of several as of one: "days" is "day"."""
    unit = (amount["money"] or amount["unit"] or "").lower()
    return unit if len(unit) < len("mms") or "/" in unit else unit.removesuffix("s")
