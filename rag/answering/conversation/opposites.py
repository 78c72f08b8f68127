"""Follow-ups that turn a question round or set something beside it: "Why not?", "And against?", "vs Drupal?"."""

from __future__ import annotations

import re

from rag.answering.question.query import VERBS
from rag.answering.question.subjects import phrases_of

__all__ = ["beside", "on_side", "why_not"]

_OPENING = re.compile(rf"^\W*(?P<verb>{VERBS})\s+", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"(?:i|we|you|he|she|it|they|there|this|that|any(?:one|body)|every(?:one|body)|people)\b", re.IGNORECASE
)
_ARTICLE = re.compile(r"(?:the|an?|all|any|some|my|your|our|his|her|its|their|this|that|these|those)\s+", re.IGNORECASE)
_BEING = frozenset({"is", "are", "was", "were"})
_NEGATED = re.compile(r"\b(?:not|never|cannot)\b|n['’]t\b", re.IGNORECASE)
# "compare with Drupal", "compared to Drupal?", "vs Drupal?", "the difference to Drupal?"
_BESIDE = re.compile(
    r"^\W*(?:(?:and|but|so|please)\s+)*(?:(?:compare|contrast)\s+(?:to|with|against)"
    r"|(?P<same>(?:as\s+)?(?:compared|opposed|in\s+comparison)\s+(?:to|with))|(?:vs\.?|versus)|(?:what(?:['’]s|\s+is)\s+)?(?:the\s+)?difference\s+(?:to|from|with))\s++"
    r"(?P<other>[^?]{1,80}?)\W*$",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\b(?P<what>arguments?|cases?|reasons?|points|evidence)\s+(?:for|against|in\s+favou?r\s+of)\b", re.IGNORECASE
)
_QUALITIES = re.compile(
    r"\b(?:pros|cons|(?:dis)?advantages?|benefits?|drawbacks?|upsides?|downsides?|merits|strengths|weaknesses)"
    r"(?:\s+(?:and|or)\s+\w+)?\s+(?:of|to|in)\s++(?P<thing>[^?]*\w)\W*$",
    re.IGNORECASE,
)


def why_not(earlier: str) -> str | None:
    """Why what the previous question asks about is not so; None if that cannot be put in its words.

    >>> why_not("Does the Harrow Weir app cost money?"), why_not("Who built it?")
    ('Why does the Harrow Weir app not cost money?', None)
    """
    opening = _OPENING.match(earlier)
    if opening is None:
        return None
    verb, whole = opening["verb"].lower(), earlier.rstrip("?. ")
    if _NEGATED.search(whole):
        return f"Why {verb} {whole[opening.end() :]}?"
    end = _end_of_subject(verb, whole, opening.end())
    return None if not end or end >= len(whole) else f"Why {verb} {whole[opening.end() : end]} not{whole[end:]}?"


def _end_of_subject(verb: str, question: str, start: int) -> int:
    """Where the subject that begins behind the first verb of a question ends; 0 if that is not plain."""
    if (somebody := _SOMEBODY.match(question, start)) is not None:
        return somebody.end()
    article = _ARTICLE.match(question, start)
    start = article.end() if article is not None else start
    first = next((one for one in phrases_of(question) if one.start == start), None)
    if first is None:
        return 0
    if first.end == len(question) and verb in _BEING and " " in first.text:
        return question.rindex(" ")  # "the mill closed"
    return first.end


def beside(question: str, thing: str | None, earlier: str) -> str | None:
    """A comparison of what was asked about with what a follow-up sets beside it; None if it compares nothing.

    >>> beside("vs Drupal?", "Federalist", "What is Federalist?")
    'Compare Federalist with Drupal'
    """
    found = _BESIDE.match(question)
    if found is None:
        return None
    if found["same"] is not None or thing is None:
        return f"{earlier.rstrip('?. ')}, compared with {found['other']}?"
    return f"Compare {thing} with {found['other']}"


def on_side(side: str, thing: str | None, earlier: str) -> str:
    """What speaks for or against what was asked about; ``side`` is the one that a follow-up names.

    >>> on_side("against", None, "What are the arguments for a levy?"), on_side("for", None, "Should we build it?")
    ('What are the arguments against a levy?', 'Should we build it, and what are the arguments for that?')
    """
    joined = "against" if side.lower() == "against" else "for"
    if (weighed := _WEIGHED.search(earlier)) is not None:
        return f"{earlier[: weighed.start()]}{weighed['what']} {joined}{earlier[weighed.end() :]}"
    if (quality := _QUALITIES.search(earlier)) is not None:
        thing = quality["thing"]
    if thing is not None:
        return f"What are the arguments {joined} {thing}?"
    return f"{earlier.rstrip('?. ')}, and what are the arguments {joined} that?"
