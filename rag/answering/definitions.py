"""Sentences that explain a thing: "X is a ...", "Long Form (LF)", "X, a ...", a glossary line.

A question such as "What is X?", "Who is X?", "What does X stand for?" or a bare name asks for one of them, and a
sentence that merely mentions X, however often, is no answer to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.text.tokens import is_stop, words

__all__ = ["Subject", "explains", "names", "subject_of"]

Wish = Literal["what", "who", "does", "meaning"]

# a name or a term has few words; "What is the deadline for agencies to switch?" asks for a fact, not for a meaning
_MAX_WORDS = 5
_MAX_PLAIN_WORDS = 3
_MAX_BARE_WORDS = 3

_BE = r"(?:['’]s|\s+is|\s+are|\s+was|\s+were|s)"
# bounded: a name has few words, and a long text that is none must not be tried again from each of its characters
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
# "What is it?", "Who is the author of ...?", "What is the latest ...?" name nothing that could be explained
_NOT_A_NAME = re.compile(
    r"\b(?:this|that|these|those|it|he|she|they|you|we|i|his|her|its|their|your|my|our|about|for|from|to|by|at|on|with"
    r"|is|are|was|were|does|do|did|who|what|when|where|why|how|which|latest|newest|first|last|best|most|there)\b",
    re.IGNORECASE,
)

# "was the subject of", "is the reason for" tell what became of a thing, not what it is
_NO_KIND = r"the\s+(?:subject|topic|focus|result|reason|case|same|only|next|last)"
# what may stand before a definition
_INTRODUCED = (
    r"(?:In\s+(?:a\s+nutshell|short|essence|brief|general|(?:simple|plain)\s+(?:terms|words))"
    r"|(?:Simply|Briefly)\s+put|Put\s+simply|Basically|Essentially|Technically|Generally|Today|Now)"
)
# levels: how much like an explanation a sentence is; the difference of two is log odds that a ranking's scores gain
_PLAIN, _WHOLE = 3.0, 5.0
# "is a library of ...", "is a place where ...": a kind and what tells it apart
_TOLD_APART = 1.5
_EXPANDED, _HELD = 6.0, 4.0
# an abbreviation is half explained by its long form
_EXPANDED_ONLY = 3.5
_MIN_INITIALS = 2
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to", "a", "an", "at", "by", "with", "de", "&"})
_TOKEN = re.compile(r"[^\W_]\.(?:[^\W_]\.)+|[^\W_]+(?:['’][^\W_]+)?|&")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question wants explained, as the question writes it; ``exact``: its capitals count."""

    text: str
    wish: Wish
    exact: bool

    @property
    def is_abbreviation(self) -> bool:
        """Whether it may stand for a longer name."""
        return self.exact


def subject_of(question: str) -> Subject | None:
    """Tell what a question wants explained; None where it asks for something else.

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
    definite = article is not None and article[1] is not None
    if definite and not capitals and (len(content) > 1 or wish == "who"):
        return None  # "the record price", "the mayor": a fact, not a meaning
    exact = name.isupper() and len(name) > 1 and not question.isupper() and any(sign.isalpha() for sign in name)
    return Subject(name, wish, exact)


def explains(text: str, subject: Subject) -> float:
    """Tell how plainly a sentence explains a subject: 0.0 not at all, about 3.0 in passing, 5.0 and more plainly."""
    if text.rstrip(' "”’)').endswith("?"):
        return 0.0
    long_form = _long_form(text, subject)
    if subject.wish == "meaning" and subject.is_abbreviation and long_form:
        return long_form
    spelt_out = long_form >= _EXPANDED
    level = 0.0
    if _beginning(subject).search(text) is not None:
        level = max((value for value, pattern in _forms(subject) if pattern.search(text)), default=0.0)
    if level and _apart(subject).search(text):
        level += _TOLD_APART
    if spelt_out:
        level = max(level + _TOLD_APART, _EXPANDED_ONLY) if level else _EXPANDED_ONLY
    # what a thing is does not say what its letters stand for
    return level / 2 if subject.wish == "meaning" and subject.is_abbreviation else level


def names(text: str, subject: Subject) -> bool:
    """Tell whether a sentence names a subject, be it as part of another word: "WEA-enabled"."""
    pattern = rf"(?<!\w){re.escape(subject.text)}(?:s|es)?(?!\w)"
    return re.search(pattern, text, re.NOFLAG if subject.exact else re.IGNORECASE) is not None


@lru_cache(maxsize=64)
def _beginning(subject: Subject) -> re.Pattern[str]:
    """The first word of the name, which every form has: forms take milliseconds to compile, and few texts name it."""
    return re.compile(re.escape(subject.text.split()[0]), re.NOFLAG if subject.exact else re.IGNORECASE)


@lru_cache(maxsize=64)
def _forms(subject: Subject) -> tuple[tuple[float, re.Pattern[str]], ...]:
    """The forms of an explanation, each with its level."""
    name, lead = _name(subject), _lead(subject)
    be = r"(?:is|are|was|were)"
    adverb = r"(?:\w+ly\s+|also\s+|now\s+|still\s+)?"
    kind = rf"(?!{_NO_KIND}\b)(?:an?|the|one\s+of|what|when|where|how|our|any)\b"
    forms = [
        (_WHOLE, rf"{lead}(?:,[^,]{{1,60}},)?\s+{be}\s+{adverb}{kind}"),
        (_HELD, rf"{lead}\s+{be}\s+(?!not\b)(?-i:[A-Z])\w+\s+\w+"),
        (_PLAIN, rf"{name}\s+{be}\s+{adverb}{kind}"),
        (
            _WHOLE,
            rf"{lead}\s+(?:means?|refers?\s+to|stands?\s+for|describes|consists?\s+of|(?:can\s+be|is)\s+defined)\b",
        ),
        (_WHOLE, rf"\bdefin\w+\s+(?:\w+\s+){{0,3}}[“\"‘']?{name}[”\"’']?\s+(?:as|is|means)\b"),
        (_HELD, rf"\b(?:(?:known|referred\s+to)\s+as|called|termed|dubbed|named)\s+(?:the\s+|an?\s+)?[“\"‘']?{name}"),
        (
            _HELD,
            rf"{name}[)”\"’']*\s*(?:,|[–—]|\s-)\s*[“\"‘']?(?:an?|the|one\s+of|our|which\s+(?:is|are|was|were|means))\s",
        ),
        (_HELD, rf"{lead}\s*(?::|[–—]|\s-)\s+(?=\w)"),
    ]
    if subject.wish == "who":
        role = r"[^,.;]{0,60}?\b(?:at|of|for|in|with|from|and)\b"
        forms += [
            (_HELD, rf"{name},\s+(?!and\b|or\b|who\b)[^\W\d_]{role}"),
            (_PLAIN, rf"{name},?\s+who\s+(?:is|was|leads?|led|runs?|ran|works?|worked|\w+s)\b"),
            (_PLAIN, rf"\b(?:the|an?|our|my|his|her)\s+[^,.;]{{3,60}},\s+{name}\b"),
            (_PLAIN, rf"{name}\s+\([^)]{{4,}}\)"),
        ]
    else:
        tail = r"(?:\s+(?:(?-i:[A-Z])\w+|app|tool|site|website|program|service|system|project|platform|team))?"
        verb = r"(?:also\s+|now\s+)?(?!(?:is|was|has|does|says|goes|as|its|this)\b)(?:lets?|allows?|[a-z]{3,}(?<!s)s)\b"
        most = _WHOLE if subject.wish == "does" else _PLAIN
        forms += [
            (most, rf"{lead}{tail}\s+{verb}"),
            (most - 1, rf"{name}{tail}\s+{verb}"),
        ]
    flags = re.NOFLAG if subject.exact else re.IGNORECASE
    return tuple((level, re.compile(pattern, flags)) for level, pattern in forms)


@lru_cache(maxsize=64)
def _apart(subject: Subject) -> re.Pattern[str]:
    tells = r"(?:of|that|which|to|for|where|who|whose|designed|used|by|from|at)"
    return re.compile(
        rf"{_name(subject)}[^.;]{{0,40}}?(?:\b(?:is|are|was|were)|,)\s+(?:\w+ly\s+|also\s+)?[“\"]?(?:an?|the|one\s+of)\s+"
        rf"(?:[^\s,.;]+\s+){{1,5}}{tells}\b",
        re.NOFLAG if subject.exact else re.IGNORECASE,
    )


def _name(subject: Subject) -> str:
    """A pattern of the subject's name; its words may be parted by a hyphen, the last may stand in the plural."""
    pieces = r"[\s-]+".join(re.escape(piece) for piece in subject.text.split())
    return rf"(?<![\w.-]){pieces}(?:s|es)?(?![\w-])"


def _lead(subject: Subject) -> str:
    """A pattern of the subject as the first words of a sentence, its short or long form in brackets behind it."""
    opening = rf"(?:^|[.!?:•]\s|\n)[\s“\"‘'*(]{{0,20}}+(?:{_INTRODUCED},\s+)?(?:(?:the|a|an|our|The|A|An|Our)\s+)?"
    return rf"{opening}{_name(subject)}[”\"’']?(?:\s*\([^)]*\))?[”\"’']?"


def _long_form(text: str, subject: Subject) -> float:
    """Tell how plainly a sentence gives the words that an abbreviation stands for."""
    initials = [sign.casefold() for sign in subject.text if sign.isalpha()]
    if not subject.is_abbreviation or len(initials) < _MIN_INITIALS:
        return 0.0
    here = names(text, subject)
    short = re.escape(subject.text)
    behind = re.compile(rf"[”\"’']?(?:\s+[\d.]+)?\s*(?:[(\[]|,\s*(?:or\s+)?)[“\"‘']?{short}\b")
    before = re.compile(rf"{short}s?\s*(?:[(\[:=,–—-]|stands\s+for|means)\s*(?:the\s+)?[“\"‘']?$")
    for start, end in _runs(text, initials):
        if text[start:end] == subject.text:
            continue
        if behind.match(text, end) or before.search(text[:start]):
            return _EXPANDED
        if here:
            return _HELD
    return 0.0


def _runs(text: str, initials: list[str]) -> list[tuple[int, int]]:
    """Spans of words whose first letters are these, small words between them passed over; one word is none."""
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    found = []
    for place, (first, start, _) in enumerate(tokens):
        if first[:1].casefold() != initials[0] or not first[:1].isupper():
            continue
        at, left, end, used = place, initials, start, 0
        while left and at < len(tokens):
            token, _, stop = tokens[at]
            letters = [sign.casefold() for sign in token if sign.isalpha()]
            if "." in token and left[: len(letters)] == letters:
                left = left[len(letters) :]
            elif letters[:1] == left[:1]:
                left = left[1:]
            elif token.casefold() not in _SMALL or not used:
                break
            at, end, used = at + 1, stop, used + 1
        if not left and used >= _MIN_INITIALS:
            found.append((start, end))
    return found
