"""Follow-ups in the words in which most people put them: "How come?" is "Why?", "Who by?" is "By whom?"."""

from __future__ import annotations

import re

from rag.answering.question.query import ASKING, VERBS

__all__ = ["reworded"]

_KINDS = {
    "numbers": "numbers", "figures": "numbers", "statistics": "numbers", "stats": "numbers", "metrics": "numbers",
    "dates": "dates", "date": "dates", "names": "names", "prices": "prices", "costs": "costs",
    "results": "results", "quotes": "quotes",
}  # fmt: skip
_ANY = re.compile(
    r"^\W*(?:(?:and|but|so)\s+)?(?:(?:are|is)\s+there\s+|(?:do\s+(?:you|they)\s+)?(?:have|give)\s+)?(?:any|some)\s+"
    rf"(?:actual\s+|exact\s+|concrete\s+|hard\s+)?(?P<kind>{'|'.join(_KINDS)})\W*$",
    re.IGNORECASE,
)
_FORMS: tuple[tuple[str, str], ...] = (
    (r"(?:how\s+come|what\s+for|for\s+what\s+reason|for\s+what\s+purpose|why\s+though|why\s+is\s+this\s+so)", "Why?"),
    (r"who\s+(?:by|for|to|with)", "{last} whom?"),
    (r"where\s+from", "From where?"),
    (r"(?:the\s+)?(?:(?:dis)?advantages|pros|cons|drawbacks|downsides|upsides|benefits|risks)", "And the {side}?"),
    (r"since\s+when\s+(?:exactly|then)", "Since when?"),
)
_PATTERNS = tuple((re.compile(rf"^\W*(?:(?:and|but|so)\s+)?{form}\W*$", re.IGNORECASE), text) for form, text in _FORMS)
# "Wrong, FBOpen", "not that one, FBOpen", "I asked about FBOpen": something else was meant
_RETRACTED = re.compile(
    r"^\W*(?:(?:no|nope|wrong|sorry|actually|(?:no\W+)?not\s+(?:that|this|it|him|her)(?:\s+one)?)\s*+[,.;:–—-]\s*+(?:but\s++)?+"
    rf"(?!i\b|{ASKING}\b|{VERBS}\b)|(?:(?:no|nope|wrong|sorry|actually)\W+)?i\s+(?:asked|ask|am\s+asking|said|wanted)\s+(?:about\s+)?"
    rf"(?!{ASKING}\b))(?P<thing>[^,?]{{2,60}}?)\W*$",
    re.IGNORECASE,
)
# "the other one": of which only the answer knows
_OTHER = re.compile(r"^(?:the\s+)?(?:other|first|second|third|last)\b|^(?:it|that|this|really|yes|no)$", re.IGNORECASE)
_SHORTER = re.compile(
    r"^\W*(?:in\s+(?:short|brief|a\s+nutshell|one\s+sentence|a\s+few\s+words)|(?:shorter|briefly)(?:\s+please)?|tl\W?dr"
    r"|(?:please\s+)?(?:summari[sz]e|sum\s+(?:it|that|this)\s+up)(?:\s+(?:please|it|that|this))?)\W*$",
    re.IGNORECASE,
)


def reworded(question: str) -> str:
    """A follow-up in the words in which most people put it; any other question as it is.

    >>> reworded("How come?"), reworded("any figures?"), reworded("not that one, FBOpen")
    ('Why?', 'What numbers are given for it?', 'I meant FBOpen')
    """
    for form, text in _PATTERNS:
        if (found := form.match(question)) is not None:
            last = found[0].strip(" ?.!").split()[-1]
            return text.format(last=last.capitalize(), side=last)
    if (some := _ANY.match(question)) is not None:
        return f"What {_KINDS[some['kind'].lower()]} are given for it?"
    if _SHORTER.match(question):
        return "Summarize it"
    retracted = _RETRACTED.match(question)
    if retracted is not None and not _OTHER.match(retracted["thing"]):
        return f"I meant {retracted['thing']}"
    return question
