"""Questions that compare two things: a quote that says what each is, and quotes about both together."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rag.answering.question.parts import band_of
from rag.answering.selection.definitions import Subject, explains
from rag.text.tokens import is_stop, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Answer, Quote

__all__ = [
    "announces",
    "compared",
    "has_contrast",
    "is_term",
    "mentions_side",
    "of_both",
    "overlap",
    "side_question",
    "sides_of",
    "sure_first",
    "without_article",
]

_BE = r"(?:is|are|was|were)"
# bounded, because a long text must not be matched again from each of its characters; a side has few words anyway
_ONE, _OTHER = r"(?P<one>\S(?:.{0,200}?\S)??)", r"(?P<other>\S(?:.{0,200}[^\s?.!])?)"
_END = r"[\s?.!]*+$"
_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:differences?|distinctions?|contrasts?|comparisons?)\s+between\s+{_ONE}\s+and\s+{_OTHER}{_END}",
        rf"^\W*+(?:please\s+)?(?:compare|contrast)\s+{_ONE}\s+(?:and|with|to|against|versus|vs\.?)\s+{_OTHER}{_END}",
        rf"^\W*+how\s+(?:do|does|did|{_BE})\s+{_ONE}\s+(?:differ|different)\s+from\s+{_OTHER}{_END}",
        rf"^\W*+how\s+(?:do|does|did)\s+{_ONE}\s+and\s+{_OTHER}\s+(?:differ|compare){_END}",
        rf"^\W*+how\s+(?:do|does|did)\s+{_ONE}\s+compare\s+(?:to|with|against)\s+{_OTHER}{_END}",
        rf"^\W*+{_ONE}\s+(?:vs\.?|versus)\s+{_OTHER}{_END}",
    )
)
_ARTICLE = re.compile(r"^(?:the|an?|using|both)\s+", re.IGNORECASE)
# "Quill 2.0"; only the last number may stand for it: "Quill 2.0 and 2.1"
_VERSION = re.compile(r"^(?P<name>\S.{0,60}?\s+(?:v(?:ersion)?\.?\s?)?)(?P<number>\d+(?:\.\d+)+)$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?:v\.?)?\d+(?:\.\d+)+$", re.IGNORECASE)
# a side is a name or a term
_MAX_WORDS = 6
# words of a sentence that distinguishes two things
_CONTRAST = re.compile(
    r"\b(?:differ(?:s|ed|ent|ently|ence|ences)?|distinct(?:ion|ions)?|distinguish\w*|unlike|whereas|than|unique|in\s+contrast"
    r"|on\s+the\s+other\s+hand)\b",
    re.IGNORECASE,
)
# what may come before an item of a list
_MARKS = " \t\xa0-–•*>"
# share of a side's words that such a sentence must have, and how plainly a line must explain a side (`definitions`)
_HALF, _PLAINLY = 0.5, 4.0
# quotes about both together, after those about each side
_MOST_TOGETHER = 2


def sides_of(question: str) -> tuple[str, str] | None:
    """The two things that a question compares; None if it compares nothing.

    >>> sides_of("What is the difference between a mill and a kiln?")
    ('mill', 'kiln')
    """
    text = " ".join(question.split())
    for form in _FORMS:
        if (found := form.search(text)) is not None:
            one, other = (without_article(found[name]) for name in ("one", "other"))
            if _NUMBER.match(other) and (version := _VERSION.match(one)) is not None:
                other = version["name"] + other.lstrip("vV.")
            if all(is_term(side) for side in (one, other)):
                return one, other
    return None


def without_article(side: str) -> str:
    """One of two things as it is named, without an article and quotation marks."""
    return _ARTICLE.sub("", side).strip(" \"'“”‘’,")


def is_term(side: str) -> bool:
    """Whether a text may be the name of a thing: a few words, not all of them grammar."""
    found = words(side)
    return 0 < len(found) <= _MAX_WORDS and not all(is_stop(word) for word in found)


def side_question(side: str) -> str:
    """The question about one side."""
    return f"What is new in {side}?" if _VERSION.match(side) else f"What is {side}?"


def announces(title: str, side: str) -> bool:
    """Whether a side is a version and the title of a post names it, so that the whole post is about it.

    >>> announces("Announcing Quill 2.0.1", "Quill 2.0"), announces("Announcing Quill 2.0.1", "Quill 2.1")
    (True, False)
    """
    return _VERSION.match(side) is not None and _has_words(title, side)


def compared(together: Answer, sides: Sequence[str], each: Sequence[Answer]) -> Answer:
    """One answer from the quotes about each side and about both; ``each`` has the answers about the sides.

    If the posts explain only one side, the answer is partial and names the missing one; if they explain neither, it is
    the answer to the question as asked.
    """
    firsts = {
        side: sure_first(answer, partial(mentions_side, side=side)) for side, answer in zip(sides, each, strict=True)
    }
    found = [quote for quote in firsts.values() if quote is not None]
    if not found:
        return together
    contrast = [quote for quote in together.quotes[:1] if _contrasts(quote, sides)]
    shown: list[Quote] = list(contrast)
    for quote in found:
        if not any(overlap(quote, other) for other in shown):
            shown.append(replace(quote, label="answers"))
    both = [quote for quote in together.quotes if all(mentions_side(quote, side) for side in sides)]
    for quote in both:
        if len(shown) < len(contrast) + len(found) + _MOST_TOGETHER and not any(
            overlap(quote, other) for other in shown
        ):
            shown.append(quote)
    missing = [side for side, quote in firsts.items() if quote is None]
    if missing and any(mentions_side(quote, missing[0]) for quote in both):
        missing = []
    reason = f"No sentence of these posts explains “{missing[0]}”." if missing else None
    return of_both(together, shown, min(quote.confidence for quote in contrast or found), reason)


def of_both(together: Answer, shown: Sequence[Quote], confidence: float, reason: str | None) -> Answer:
    """An answer with quotes about two things; with a ``reason``, it is partial, because the posts lack one of them."""
    return replace(
        together,
        status="partial" if reason else "answered",
        confidence=confidence,
        band=band_of(confidence),
        quotes=tuple(shown),
        closest=(),
        reason=reason,
        posts=(),
    )


def sure_first(answer: Answer, fits: Callable[[Quote], bool]) -> Quote | None:
    """The first quote of an answer that was given and fits."""
    if answer.status != "answered":
        return None
    return next((quote for quote in answer.quotes[:1] if fits(quote)), None)


def _contrasts(quote: Quote, sides: Sequence[str]) -> bool:
    """Whether one quote distinguishes two sides: it explains each of them, or mentions both and a difference."""
    lines = [line.lstrip(_MARKS) for line in quote.text.split("\n")]
    if all(any(explains(line, Subject(side, "what", exact=False)) >= _PLAINLY for line in lines) for side in sides):
        return True
    return has_contrast(quote.text, sides)


def has_contrast(text: str, sides: Sequence[str]) -> bool:
    """Whether a sentence of a text mentions two things and a difference.

    >>> has_contrast("Unlike mills, kilns need wood.", ("mills", "kilns"))
    True
    """
    from rag.text.sentences import split  # needed only by a question that compares

    sentences = [text[one.start : one.end] for one in split(text, ())]
    return any(_CONTRAST.search(one) and all(_share(one, side) >= _HALF for side in sides) for one in sentences)


def _share(sentence: str, side: str) -> float:
    """The share of a side's words that are in a sentence."""
    wanted = _content(side)
    return len(wanted & set(stems(sentence))) / len(wanted)


def _content(side: str) -> set[str]:
    found = words(side)
    return {root for word, root in zip(found, stem(found), strict=True) if not is_stop(word)}


def mentions_side(quote: Quote, side: str) -> bool:
    """Whether a quote has every content word of a side, or its post announces that."""
    return _has_words(quote.text, side) or announces(quote.post_title, side)


def _has_words(text: str, side: str) -> bool:
    """Whether a text has every content word of a side; "2.0.1" is also a 2.0."""
    held = set(stems(text))
    return all(
        root in held or (_NUMBER.match(root) and any(one.startswith(f"{root}.") for one in held))
        for root in _content(side)
    )


def overlap(one: Quote, other: Quote) -> bool:
    """Whether two quotes share a part of a post."""
    return one.post_id == other.post_id and one.start < other.end and other.start < one.end
