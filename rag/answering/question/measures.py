"""Whether a text has the measure that a question asks for: an age, a height, a weight or a price."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["asked_measure", "has_measure"]

Measure = Literal["age", "length", "weight", "money"]
_Unit = Literal["age", "length", "weight", "money", "none"]

_ASKED: dict[Measure, re.Pattern[str]] = {
    "age": re.compile(r"\bhow\s+old\b|\bwhat\s+age\b", re.IGNORECASE),
    "length": re.compile(r"\bhow\s+(?:tall|wide|deep|thick)\b", re.IGNORECASE),
    "weight": re.compile(r"\bhow\s+heavy\b|\bhow\s+much\b.*\bweighs?\b", re.IGNORECASE),
    "money": re.compile(r"\bhow\s+(?:expensive\b|much\s+(?:do|does|did)\b.*\bcosts?\W*$)", re.IGNORECASE),
}
# what gives such a measure without a number
_IN_WORDS: dict[Measure, re.Pattern[str]] = {
    "age": re.compile(
        r"\b(?:old(?:er|est)?|ages?|aged|young(?:er|est)?|born|birth\w*|new|newer|recent(?:ly)?|century|centuries|teen\w*"
        r"|since|founded|established|begun|began)\b",
        re.IGNORECASE,
    ),
    "length": re.compile(
        r"\b(?:tall\w*|high\w*|heights?|wid(?:e|er|th)s?|deep\w*|depths?|thick\w*|long|length|size[ds]?|storeys?|stories|floors?)\b",
        re.IGNORECASE,
    ),
    "weight": re.compile(r"\b(?:heav\w+|light(?:er|weight)?|weigh\w*|loads?)\b", re.IGNORECASE),
    "money": re.compile(
        r"\b(?:free|gratis|cheap\w*|expensive|pric\w+|fees?|charges?d?|paid|pays?|worth|budget\w*|afford\w*|nothing|included"
        r"|donations?|complimentary|savings?|saved?|subsidi\w+|funded|discount\w*|cents?)\b",
        re.IGNORECASE,
    ),
}
_WORDS = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion"
)
_NUMBER = re.compile(
    rf"(?P<sign>[$€£¥])?\s?(?<![\w.,])(?:\d[\d.,]*|\b(?:{_WORDS})\b)(?:[\s-](?:{_WORDS})\b)*\s*-?\s*(?P<unit>[$€£¥%°]|[a-zA-Z]+)?",
    re.IGNORECASE,
)
_UNITS: dict[_Unit, re.Pattern[str]] = {
    "age": re.compile(r"(?:day|week|month|year|yr|decade|centur)(?:s|y|ies)?", re.IGNORECASE),
    "length": re.compile(
        r"(?:mm|cm|m|km|ft|in|(?:milli|centi|kilo)?met(?:er|re)s?|inch(?:es)?|foot|feet|yards?|miles?|stor(?:ey|y|eys|ies)|floors?)",
        re.IGNORECASE,
    ),
    "weight": re.compile(
        r"(?:mg|g|kg|kilos?|lbs?|oz|t|(?:milli|kilo)?gram(?:me)?s?|pounds?|ounces?|stones?|ton(?:ne)?s?)", re.IGNORECASE
    ),
    "money": re.compile(
        r"(?:[$€£¥]|k|m|bn|usd|eur|gbp|chf|dollars?|euros?|pounds?|cents?|pence|yen|yuan|rupees?|francs?|kron\w+|pesos?|bucks|quid)",
        re.IGNORECASE,
    ),
    # a number alone may be any measure: "She is 81 and cooks", "about 40 a head"
    "none": re.compile(
        r"(?:an?|[abc]|bce?|ce|ad|and|or|but|per|to|at|for|when|if|in|on|of|each|is|was|by|from|with|as|now|the|who)",
        re.IGNORECASE,
    ),
}


def asked_measure(question: str) -> Measure | None:
    """The measure that a question asks for; None if it asks for none of these.

    >>> asked_measure("How old is the mill?"), asked_measure("How many mills are there?")
    ('age', None)
    """
    return next((measure for measure, pattern in _ASKED.items() if pattern.search(question)), None)


def has_measure(text: str, measure: Measure) -> bool:
    """Whether a text may give a measure: in words, or by a number with its unit or with none.

    >>> has_measure("Mrs Tern is 81 and cooks.", "age"), has_measure("It stayed above three degrees.", "age")
    (True, False)
    """
    if _IN_WORDS[measure].search(text):
        return True
    for found in _NUMBER.finditer(text):
        unit = found["unit"]
        if found["sign"]:
            if measure == "money":
                return True
        elif unit is None or _UNITS["none"].fullmatch(unit) or _UNITS[measure].fullmatch(unit):
            return True
    return False
