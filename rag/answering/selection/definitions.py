"""Sentences that explain a thing: "X is a ...", "Long Form (LF)", "X, a ...", a glossary line.

"What is X?", "Who is X?", "What does X stand for?" or a bare name asks for such a sentence, and one that merely
mentions X, however often, is not an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.answering.question.abbreviations import EXPANDED, long_form_level, shortened
from rag.text.tokens import is_stop, words

__all__ = ["Subject", "explains", "names", "subject_of"]

Wish = Literal["what", "who", "does", "meaning"]

# a name or a term has few words; "What is the deadline for agencies to switch?" asks for a fact, not for a meaning
_MAX_WORDS = 5
_MAX_PLAIN_WORDS = 3
_MAX_BARE_WORDS = 3

_BE = r"(?:['’]s|\s+is|\s+are|\s+was|\s+were|s)"
# bounded, because a long text must not be matched again from each of its characters; a name has few words anyway
_SUBJECT = r"(?P<subject>\S(?:.{0,200}?\S)??)"
_END = r"[\s?.!]*+$"
_ASKING: tuple[tuple[Wish, str], ...] = (
    ("meaning", rf"^\W*+what\s+(?:does|do|did)\s+{_SUBJECT}\s+(?:stand\s+for|mean){_END}"),
    ("meaning", rf"^\W*+what\s+{_SUBJECT}\s+(?:stands\s+for|means?){_END}"),
    ("meaning", rf"^.*\b(?:meaning|definition|full\s+form|expansion|full\s+name)\s+of\s+{_SUBJECT}{_END}"),
    ("meaning", rf"^\W*+{_SUBJECT}\s+(?:stands?\s+for(?:\s+what)?|meaning|definition){_END}"),
    ("meaning", rf"^\W*+(?:please\s+)?(?:define|explain|spell\s+out)\s+{_SUBJECT}{_END}"),
    ("does", rf"^\W*+what\s+(?:does|do|did)\s+{_SUBJECT}\s+do{_END}"),
    ("who", rf"^\W*+who(?:{_BE})\s+{_SUBJECT}{_END}"),
    ("what", rf"^\W*+what(?:{_BE})\s+(?:meant\s+by\s+)?{_SUBJECT}{_END}"),
)
_PATTERNS = tuple((wish, re.compile(pattern, re.IGNORECASE)) for wish, pattern in _ASKING)
_ARTICLE = re.compile(r"^(?:(the)|an?)\s+", re.IGNORECASE)
_QUOTED = "\"'“”‘’«»"
# "What is it?", "Who is the author of ...?", "What is the latest ...?" name nothing to explain
_NOT_A_NAME = re.compile(
    r"\b(?:this|that|these|those|it|he|she|they|you|we|i|his|her|its|their|your|my|our|about|for|from|to|by|at|on|with"
    r"|is|are|was|were|does|do|did|who|what|when|where|why|how|which|latest|newest|first|last|best|most|there)\b",
    re.IGNORECASE,
)

# "was the subject of", "is the reason for" say what happened to a thing, not what it is
_NO_KIND = r"the\s+(?:subject|topic|focus|result|reason|case|same|only|next|last)"
# what may come before a definition
_INTRODUCED = (
    r"(?:In\s+(?:a\s+nutshell|short|essence|brief|general|(?:simple|plain)\s+(?:terms|words))"
    r"|(?:Simply|Briefly)\s+put|Put\s+simply|Basically|Essentially|Technically|Generally|Today|Now)"
)
# levels of how much a sentence is like an explanation; their differences are added to scores as log odds
_PLAIN, _WHOLE = 3.0, 5.0
# "is a library of ...", "is a place where ...": a kind and what distinguishes it
_TOLD_APART = 1.5
_HELD = 4.0
# "is also a key component" adds to an explanation given elsewhere
_ALSO = 1.0
# its long form explains an abbreviation in part
_EXPANDED_ONLY = 3.5


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question wants explained, as written in the question.

    ``exact``: its capitals count; ``role``: it is an office such as "the Harbour Master", and the question asks who
    holds it.
    """

    text: str
    wish: Wish
    exact: bool
    role: bool = False

    @property
    def is_abbreviation(self) -> bool:
        """Whether it may be short for a longer name."""
        return self.exact

    @property
    def is_person(self) -> bool:
        """Whether it is a person's full name: two words or more, each with a capital."""
        pieces = self.text.split()
        return self.wish == "who" and not self.role and len(pieces) > 1 and all(one[:1].isupper() for one in pieces)


def subject_of(question: str) -> Subject | None:
    """What a question wants explained; None if it asks for something else.

    >>> subject_of("What does WMO stand for?").text
    'WMO'
    """
    text = " ".join(question.split())
    for wish, pattern in _PATTERNS:
        if (found := pattern.match(text)) is not None:
            return _named(found["subject"], wish, question)
    bare = text.strip(" .?!" + _QUOTED)
    content = words(bare)
    if content and len(content) <= _MAX_BARE_WORDS and not any(is_stop(word) for word in content):
        return _named(bare, "what", question)
    return None


def _named(subject: str, wish: Wish, question: str) -> Subject | None:
    bare = subject.strip(" ,.:;?!" + _QUOTED)
    article = _ARTICLE.match(bare)
    name = _ARTICLE.sub("", bare).strip(" " + _QUOTED)
    content = words(name)
    capitals = name[:1].isupper() or any(sign.isdigit() for sign in name)
    most = _MAX_WORDS if capitals else _MAX_PLAIN_WORDS
    if not content or len(content) > most or _NOT_A_NAME.search(name) or all(is_stop(word) for word in content):
        return None
    if wish == "who" and article is None and not capitals:
        return None  # "Who is speaking?"
    definite = article is not None and article[1] is not None
    if definite and not capitals and (len(content) > 1 or wish == "who"):
        return None  # "the record price", "the mayor": a fact, not a meaning
    exact = name.isupper() and len(name) > 1 and not question.isupper() and any(sign.isalpha() for sign in name)
    return Subject(name, wish, exact, role=definite and wish == "who")


def explains(text: str, subject: Subject) -> float:
    """How plainly a sentence explains a subject: 0.0 not at all, about 3.0 in passing, 5.0 or more plainly."""
    if text.rstrip(' "”’)').endswith("?"):
        return 0.0
    long_form = long_form_level(text, subject.text) if subject.is_abbreviation else 0.0
    if subject.wish == "meaning" and subject.is_abbreviation and long_form:
        return long_form
    spelt_out = long_form >= EXPANDED
    level = 0.0
    if _beginning(subject).search(text) is not None:
        several = {text, shortened(text, subject.text)} if spelt_out else {text}
        level = max((value for one in several for value, form in _forms(subject) if form.search(one)), default=0.0)
        if level and _also(subject).search(text) is not None:
            level -= _ALSO
        if level and any(map(_apart(subject).search, several)):
            level += _TOLD_APART
    if spelt_out:
        level = max(level + _TOLD_APART, _EXPANDED_ONLY) if level else _EXPANDED_ONLY
    # saying what a thing is does not say what its letters stand for
    return level / 4 if subject.wish == "meaning" and subject.is_abbreviation else level


def names(text: str, subject: Subject) -> bool:
    """Whether a sentence names a subject, even as part of another word: "WEA-enabled"."""
    pattern = rf"(?<!\w){re.escape(subject.text)}(?:s|es)?(?!\w)"
    return re.search(pattern, text, re.NOFLAG if subject.exact else re.IGNORECASE) is not None


@lru_cache(maxsize=64)
def _beginning(subject: Subject) -> re.Pattern[str]:
    """The first word of the name, a cheap first test: the forms take milliseconds to compile, and few texts have it."""
    return re.compile(re.escape(subject.text.split()[0]), re.NOFLAG if subject.exact else re.IGNORECASE)


@lru_cache(maxsize=64)
def _forms(subject: Subject) -> tuple[tuple[float, re.Pattern[str]], ...]:
    """The patterns of an explanation, each with its level."""
    name, lead = _name(subject), _lead(subject)
    be = r"(?:is|are|was|were|ha(?:s|ve)\s+been)"
    adverb = r"(?:\w+ly\s+|also\s+|now\s+|still\s+)?"
    kind = rf"(?!{_NO_KIND}\b)(?:an?|the|one\s+of|what|when|where|how|our|any)\b"
    forms = [
        (_WHOLE, rf"{lead}(?:,[^,]{{1,60}},)?\s+{be}\s+{adverb}{kind}"),
        (_HELD, rf"{lead}\s+{be}\s+(?!not\b)(?-i:[A-Z])\w+\s+\w+"),
        (_PLAIN, rf"{name}\s+{be}\s+{adverb}{kind}"),
        # "... articles about coppicing. It is a way to ..."
        (_PLAIN, rf"{name}[”\"’')]*(?:\s+\w+){{0,2}}[.!]\s+(?:This|These|It|They)\s+{be}\s+{kind}"),
        # "Dry docks are deep basins that ..."
        (
            _HELD,
            rf"{lead}\s+are\s+{adverb}(?!not\b|in\b|on\b|at\b)(?:[a-z-]+\s+){{1,3}}(?:that|which|for|of|used|to)\b",
        ),
        (
            _WHOLE,
            rf"{lead}\s+(?:means?|refers?\s+to|stands?\s+for|describes|consists?\s+of|(?:can\s+be|is)\s+defined)\b",
        ),
        (_WHOLE, rf"\bdefin\w+\s+(?:\w+\s+){{0,3}}[“\"‘']?{name}[”\"’']?\s+(?:as|is|means)\b"),
        (
            _HELD,
            rf"\b(?:(?:known|referred\s+to)\s+as|called|termed|dubbed|(?:nick)?named)\s+(?:the\s+|an?\s+)?[“\"‘']?{name}",
        ),
        (
            _HELD,
            rf"{name}[)”\"’']*\s*(?:,|[–—]|\s-)\s*[“\"‘']?(?:an?|the|one\s+of|our|which\s+(?:is|are|was|were|means))\s",
        ),
    ]
    if subject.wish == "who":
        # "Ada Moss: a clerk at the quay", but not "Ada Moss: Tell me about the quay"
        forms.append(
            (_HELD, rf"{lead}\s*(?::|[–—]|\s-)\s+(?:(?:an?|the|our)\b|(?-i:[a-z])|(?:[\w-]+\s+){{1,4}}(?:at|of|for)\s)")
        )
        forms += _who_forms(name, role=subject.role)
    else:
        forms.append((_HELD, rf"{lead}\s*(?::|[–—]|\s-)\s+(?=\w)"))
        tail = r"(?:\s+(?:(?-i:[A-Z])\w+|app|tool|site|website|program|service|system|project|platform|team))?"
        verb = r"(?:also\s+|now\s+)?(?!(?:is|was|has|does|says|goes|as|its|this)\b)(?:lets?|allows?|[a-z]{3,}(?<!s)s)\b"
        most = _WHOLE if subject.wish == "does" else _PLAIN
        forms += [
            (most, rf"{lead}{tail}\s+{verb}"),
            (most - 1, rf"{name}{tail}\s+{verb}"),
        ]
    flags = re.NOFLAG if subject.exact else re.IGNORECASE
    return tuple((level, re.compile(pattern, flags)) for level, pattern in forms)


def _who_forms(name: str, *, role: bool) -> list[tuple[float, str]]:
    """Patterns of a sentence that says who somebody is, or who holds an office."""
    person = r"(?-i:[A-Z])[\w’'-]+\s+(?-i:[A-Z])"
    if role:
        return [(_HELD, rf"{name},?\s+{person}"), (_HELD, rf"{person}[\w’'-]+,\s+(?:the\s+)?{name}")]
    part = r"[^,.;]{0,60}?\b(?:at|of|for|in|with|from|and)\b"
    title = r"(?:the|an?|our|my|his|her|their)"
    inside = r"(?:(?!(?:of|by|with|and|to|for|from|in|on|at|than|that|as)\b)[\w’'-]+\s+)"
    auxiliary = r"(?:(?:has|had|also|now|currently|who)\s+){0,2}"
    # what somebody is known for; a sentence with another verb still explains if it has one of the other forms
    did = (
        r"(?:leads?|led|runs?|ran|works?|worked|serves?|served|heads?|headed|founded|directs?|directed|manages?|managed"
        r"|chairs?|chaired|wrote|writes|invented|started|created|built|joins?|joined|teaches|taught|studie[sd]|oversees|oversaw"
        r"|edits?|edited|designs?|designed|develops?|developed|owns?|owned|represents?|represented|became|won)"
    )
    # "Ada Moss, Harbour Master, Tern Island": most offices end like this, as surnames rarely do
    office = r"(?-i:[A-Z])\w+(?:er|or|ist|yst|ent|ant|ian)|Chief|Head|Lead|Secretary|Fellow"
    return [
        (_HELD, rf"{name},\s+(?!and\b|or\b|who\b)[^\W\d_]{part}"),
        (_PLAIN, rf"{name},\s+(?:(?-i:[A-Z])[\w’'&-]+\s+){{0,4}}(?:{office})\b"),
        (_HELD, rf"{name}\s+(?:at|of|from|with)\s+(?:the\s+)?(?-i:[A-Z])"),
        (_PLAIN, rf"{name},?\s+who\s+(?:is|was|leads?|led|runs?|ran|works?|worked|\w+s)\b"),
        (_PLAIN, rf"{name}\s+{auxiliary}{did}\b"),
        (_PLAIN, rf"\b{title}\s+[^,.;]{{3,60}},\s+{name}\b"),
        (_PLAIN, rf"\b{title}\s+{inside}{{1,6}}{name}\b"),  # "my former colleague Ada Moss"
        (_PLAIN, rf"{name}\*?\s+\([^)]{{4,}}\)"),
    ]


@lru_cache(maxsize=64)
def _also(subject: Subject) -> re.Pattern[str]:
    flags = re.NOFLAG if subject.exact else re.IGNORECASE
    return re.compile(rf"{_name(subject)}\s+(?:is|are|was|were)\s+also\b", flags)


@lru_cache(maxsize=64)
def _apart(subject: Subject) -> re.Pattern[str]:
    tells = r"(?:of|that|which|to|for|where|who|whose|designed|used|by|from|at)"
    return re.compile(
        rf"{_name(subject)}[^.;]{{0,40}}?(?:\b(?:is|are|was|were)|,)\s+(?:\w+ly\s+|also\s+)?[“\"]?(?:an?|the|one\s+of)\s+"
        rf"(?:[^\s,.;]+\s+){{1,5}}{tells}\b",
        re.NOFLAG if subject.exact else re.IGNORECASE,
    )


def _name(subject: Subject) -> str:
    """A pattern of the subject's name; its words may be joined by hyphens, and the last may be in the plural."""
    pieces = r"[\s-]+".join(re.escape(piece) for piece in subject.text.split())
    return rf"(?<![\w.-]){pieces}(?:s|es)?(?![\w-])"


def _lead(subject: Subject) -> str:
    """A pattern of the subject at the start of a sentence, with its short or long form in brackets after it."""
    opening = rf"(?:^|[.!?:•]\s|\n)[\s“\"‘'*(]{{0,20}}+(?:{_INTRODUCED},\s+)?(?:(?:the|a|an|our|The|A|An|Our)\s+)?"
    return rf"{opening}{_name(subject)}[”\"’']?(?:\s*\([^)]*\))?[”\"’']?"
