"""What belongs to somebody, of which a question asks one attribute: "How old is Petra's router?"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answering.question.subjects import content_stems

__all__ = ["Owned", "asked_owned", "asked_thing"]

_WORD = r"(?!(?:of|for|in|at|on|to|by|with|from)\b)[^\W\d_][\w.-]*+"
# "the old mill's", or "my" where an author whom a question names is asked
_OWNER = rf"(?:(?:my|our|your|his|her|its|their)|(?:the\s+)?{_WORD}(?:\s{_WORD}){{0,3}}['’]s?)\s+"
_PART = r"\w++(?:-\w++)*+"
_THING = rf"(?P<thing>{_PART}(?:\s{_PART}){{0,2}}?)"
_ATTRIBUTE = (
    r"(?:how\s+(?:old|tall|wide|deep|thick|heavy|long|big|large|high|fast|expensive)\s+(?:is|are|was|were)"
    r"|(?:what|which)\s+(?:colou?r|size|brand|make|model|breed|age|height|weight|length|width)\s+(?:is|are|was|were)"
    r"|how\s+much\s+(?:do|does|did)(?=.*\b(?:cost|weigh)\W*$))\s+"
)
# somebody who is related to a person
_RELATIVE = (
    r"(?:ex-?)?(?:husband|wife|spouse|partner|boyfriend|girlfriend|fiancée?|mother|father|mum|mom|dad|parents?|sons?|daughters?"
    r"|child|children|kids?|brothers?|sisters?|uncle|aunt|cousin|niece|nephew|grand(?:mother|father|son|daughter)|dog|cat|boss"
    r"|landlord|neighbou?r|assistant)(?:-in-law)?"
)
_FORMS = (
    re.compile(rf"^\W*{_ATTRIBUTE}{_OWNER}{_THING}(?:\s+(?:cost|weigh))?\W*$", re.IGNORECASE),
    re.compile(
        rf"^\W*(?:(?:who(?:['’]s|\s+(?:is|are|was|were))|what(?:['’]s|\s+is|\s+was|\s+are)\s+the\s+names?\s+of)\s+{_OWNER}"
        rf"(?P<thing>{_RELATIVE})|what(?:['’]s|\s+is|\s+was|\s+are)\s+{_OWNER}"
        rf"(?P<named>{_RELATIVE})(?:['’]s\s+name|\s+called))\W*$",
        re.IGNORECASE,
    ),
)
_OF_THING = re.compile(rf"^\W*{_ATTRIBUTE}(?:the|this|that)\s+{_THING}(?:\s+(?:cost|weigh))?\W*$", re.IGNORECASE)
# what a text may say instead of "husband" or "wife"
_MARRIED = frozenset(content_stems("husband wife spouse partner married marriage wedding"))


@dataclass(frozen=True, slots=True)
class Owned:
    """The stems of a thing that somebody owns, ``main`` that of its noun, and whether it is a person to be named."""

    stems: frozenset[str]
    main: str
    is_named: bool

    def is_in(self, quote: frozenset[str], post: frozenset[str]) -> bool:
        """Whether a quote speaks of the thing, given its stems and those of its post.

        A word beside the noun need not be in it if the post does not have it either.
        """
        if self.main in _MARRIED:
            return not quote.isdisjoint(_MARRIED)
        return self.main in quote and (self.stems & post) <= quote


def asked_owned(question: str) -> Owned | None:
    """What is owned in a question for an attribute of it; None in any other.

    >>> sorted(asked_owned("How tall is Ada's oak door?").stems), asked_owned("How tall is the door?")
    (['door', 'oak'], None)
    """
    for form in _FORMS:
        if (found := form.match(question)) is not None:
            groups = found.groupdict()
            stems = content_stems(groups["thing"] or groups["named"])
            return Owned(frozenset(stems), stems[-1], form is not _FORMS[0]) if stems else None
    return None


def asked_thing(question: str) -> str | None:
    """The stem of the noun of which a question asks an attribute; None in any other.

    >>> asked_thing("How tall is the old door?"), asked_thing("Who built the door?")
    ('door', None)
    """
    found = _OF_THING.match(question)
    stems = content_stems(found["thing"]) if found is not None else ()
    return stems[-1] if stems else None
