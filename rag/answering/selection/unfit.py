"""What speaks against a quote: it lacks what is asked for, or what it is asked of; or its post lacks a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.abbreviations import is_shortened
from rag.answering.question.directions import goes_the_other_way
from rag.answering.question.kinds import has_new_name
from rag.answering.question.measures import asked_measure, has_measure
from rag.answering.question.owned import asked_owned, asked_thing
from rag.answering.question.subjects import content_stems, phrases_of
from rag.text.annotations import DATE, NUMBER, NUMBER_WORD, facts
from rag.text.tokens import stems

if TYPE_CHECKING:
    from rag.answering.question.query import Query

__all__ = ["against"]

# Log odds that an answer loses. Of 212 questions over 600 posts, 11 got a quote that lacks what was asked for, or whose
# post lacks every word of a name; none was right, where 1.3 were predicted.
_UNFIT = 1.0
# The same if a measure is asked for and the quote has none of its kind, or if the quote does not speak of the thing
# of somebody whose attribute is asked for: it speaks of another, however sure the answer seems.
_OTHER = 4.5
# the same if the whole post lacks the noun of which an attribute is asked; it may have another word for it
_WITHOUT_THING = 2.0
_TIME = re.compile(
    r"\b(?:(?:minute|hour|day|night|week|month|quarter|year|decade|centur)(?:s|y|ies|ly)?|annual(?:ly)?|daily|now|soon|always"
    r"|never|recently|currently|before|after|until|when|whenever|once|since|during|while|(?:end|beginning|middle)\s+of"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:minutes?|hours?|days?|weeks?|months?|years?|few|fewer|several|many|most|all|no|not|never|every|each|once|twice|both"
    r"|single|only|majority|minority|double|triple|one)\b",
    re.IGNORECASE,
)
# a post that says "I" may be by the person that is named, whose name its text then never gives
_BY_SOMEBODY = re.compile(r"\b(?:I|[Mm]y|me|mine|myself)\b")
_OWNS = re.compile(r"['’]s?\s")
# words of a name that must be missing: one alone may be put in other words
_WORDS = 2


def against(query: Query, quote: str, post: str) -> float:
    """The log odds that an answer loses for what its quote, or the whole post with its title, lacks."""
    measure = asked_measure(query.text)
    if (measure is not None and not has_measure(quote, measure)) or _is_of_another(query, quote, post):
        return _OTHER
    thing = asked_thing(query.text) if measure is not None else None
    if thing is not None and thing not in stems(post):
        return _WITHOUT_THING
    here = facts(quote)
    if query.asked_for == "date" and not (here.holds(DATE) or _TIME.search(quote)):
        return _UNFIT
    if query.asked_for == "number" and not (here.holds(NUMBER) or here.holds(NUMBER_WORD) or _AMOUNT.search(quote)):
        return _UNFIT
    if not _knows_nothing(query, quote) or _BY_SOMEBODY.search(post):
        return 0.0
    return _UNFIT if _knows_nothing(query, post) else 0.0


def _is_of_another(query: Query, quote: str, post: str) -> bool:
    """Whether a quote lacks what an attribute is asked of, or tells of the other direction."""
    if goes_the_other_way(query.text, quote):
        return True
    owned = asked_owned(query.text)
    if owned is None:
        return False
    held = frozenset(stems(quote))
    return not owned.is_in(held, frozenset(stems(post))) or (owned.is_named and not has_new_name(query, quote))


def _knows_nothing(query: Query, text: str) -> bool:
    """Whether a name of the question has two words or more, and a text has none of them nor their initials."""
    wanted = {name: frozenset(content_stems(name)) for name in _names(query.text)}
    long = {name: roots for name, roots in wanted.items() if len(roots) >= _WORDS}
    if not long:
        return False
    held = frozenset(stems(text))
    return any(held.isdisjoint(roots) and not is_shortened(name, text) for name, roots in long.items())


def _names(question: str) -> list[str]:
    """The names of a question; what a name owns belongs to it: "Anna's Market"."""
    spans: list[tuple[int, int]] = []
    for phrase in phrases_of(question):
        if phrase.is_name and spans and _OWNS.fullmatch(question[spans[-1][1] : phrase.start]):
            spans[-1] = (spans[-1][0], phrase.end)
        elif phrase.is_name:
            spans.append((phrase.start, phrase.end))
    return [question[start:end] for start, end in spans]
