"""Questions which of two things is older, bigger or first: a quote for each of the two, not a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from rag.answering.selection.comparison import is_term, mentions_side, of_both, overlap, sure_first, without_article
from rag.text.annotations import DATE, NUMBER, NUMBER_WORD, facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.records import Answer, Quote

__all__ = ["Choice", "choice_of", "chosen"]

_WHICH, _BREAK = r"(?P<which>which|who|what)", r"(?:[,:;]|\ [–—-])"
_LAST = r"[^,:;?.! ]"
_THAN = r"(?:(?:more|less) \w{1,30}|\w{1,30}er) than|\w{1,30} (?:before|after|(?:earlier|later) than)"
# Of a question with single spaces: which is older, A or B; which of A and B is older; A or B: which is older; is A
# older than B. All parts are bounded, because a long text must not be matched again from each of its characters.
_FORMS = tuple(
    re.compile(rf"^\W*+{pattern}[ ?.!]*+$", re.IGNORECASE)
    for pattern in (
        rf"{_WHICH} (?P<asked>[^,:;?]{{2,100}}?){_BREAK} (?P<pair>[^,:;?]{{3,200}}{_LAST})",
        rf"{_WHICH} of (?P<pair>[^,:;?]{{3,200}}?) (?P<asked>(?:is|are|was|were|has|have|had|came) [^,:;?.!]{{2,100}})",
        rf"(?:between |of )?(?P<pair>[^,:;?]{{3,200}}?){_BREAK} {_WHICH} (?P<asked>[^,:;?.!]{{2,100}})",
        rf"(?P<which>is|are|was|were) (?P<one>[^,:;?]{{1,100}}?) (?P<asked>{_THAN}) (?P<other>[^,:;?]{{0,100}}{_LAST})",
    )
)
_PAIR = re.compile(r" (?:or|and) ", re.IGNORECASE)
_COMPARES = re.compile(
    r"\b(?:more|less|fewer|most|least|first|last|better|worse|best|worst|before|after|[a-z]{2,}(?:er|est))\b",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:old|new|young|earl|lat)(?:i?er|i?est)\b|\b(?:first|last|sooner|before|after|(?:more|most|less|least)\s+recent\w*)\b",
    re.IGNORECASE,
)
# "is bigger", "is more expensive"
_MEASURE = re.compile(
    r"(?:^|\b(?:is|are|was|were)\s+(?:the\s+)?)(?P<how>(?:more|less)\s+\w+|\w+er)(?:\s+than)?$", re.IGNORECASE
)
# quotes shown besides those of the two things
_MOST = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """Two things of which one is asked for; ``by`` says what the answer about each must have.

    ``questions`` are those about each of them.
    """

    sides: tuple[str, str]
    questions: tuple[str, str]
    by: Literal["date", "number", "words"]


def choice_of(question: str) -> Choice | None:
    """Read a question which of two things is more; None for any other.

    >>> choice_of("Which is older, Ruby or Python?").questions[1]
    'When was Python founded, started or released?'
    """
    text = " ".join(question.split())
    for found in filter(None, (form.search(text) for form in _FORMS)):
        groups = found.groupdict()
        named = _PAIR.split(groups["pair"], maxsplit=1) if "pair" in groups else [groups["one"], groups["other"]]
        sides = [without_article(side) for side in named]
        if len(sides) > 1 and all(map(is_term, sides)) and _COMPARES.search(groups["asked"]):
            return _about(groups["which"].lower(), groups["asked"], (sides[0], sides[1]), (named[0], named[1]))
    return None


def _about(who: str, asked: str, sides: tuple[str, str], named: tuple[str, str]) -> Choice:
    """What is asked about two things, ``named`` as in the question; ``who`` is its first word."""
    if _AGE.search(asked):
        begun = "born" if who == "who" else "founded, started or released"
        return Choice(sides, (f"When was {named[0]} {begun}?", f"When was {named[1]} {begun}?"), "date")
    if (measure := _MEASURE.search(asked)) is not None:
        how = f"How much {measure['how']} is"
        return Choice(sides, (f"{how} {named[0]}?", f"{how} {named[1]}?"), "number")
    return Choice(sides, (f"{named[0]} {asked}?", f"{named[1]} {asked}?"), "words")


def chosen(question: str, together: Answer, ask: Callable[[str], Answer]) -> Answer:
    """The answer to a question which of two things is more, with a quote about each; others stay as they are.

    ``together`` is the answer to the question as asked, which stays if its first quote is about both; ``ask`` answers
    a question about one of the two.
    """
    choice = choice_of(question)
    if choice is None or any(all(mentions_side(quote, side) for side in choice.sides) for quote in together.quotes[:1]):
        return together
    firsts = {
        side: sure_first(ask(own), partial(_tells, choice, side))
        for side, own in zip(choice.sides, choice.questions, strict=True)
    }
    found = [quote for quote in firsts.values() if quote is not None]
    if not found:
        return replace(together, posts=())  # words like "older" are in posts about anything
    shown: list[Quote] = []
    for quote in [*(replace(one, label="answers") for one in found), *together.quotes]:
        if len(shown) < _MOST and not any(overlap(quote, other) for other in shown):
            shown.append(quote)
    missing = [side for side in firsts if not any(_tells(choice, side, quote) for quote in shown)]
    reason = f"No sentence of these posts tells this of “{missing[0]}”." if missing else None
    return of_both(together, shown, min(quote.confidence for quote in found), reason)


def _tells(choice: Choice, side: str, quote: Quote) -> bool:
    """Whether a quote is about a side and has a date or a number, if one is needed."""
    here = facts(quote.text)
    if choice.by == "date" and not here.holds(DATE):
        return False
    if choice.by == "number" and not (here.holds(NUMBER) or here.holds(NUMBER_WORD)):
        return False
    return mentions_side(quote, side)
