"""What a question asks for: its words and names, the kind of answer, its parts, and what it takes from earlier ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag.text.tokens import Word, is_stop, stem, words

__all__ = [
    "ASKING",
    "VERBS",
    "AskedFor",
    "Query",
    "is_name",
    "parts",
    "query",
    "query_after",
]

AskedFor = Literal["number", "date", "who", "where", "why", "how", "definition", "list", "yesno", "what"]

VERBS = r"is|are|was|were|do|does|did|can|could|should|would|will|has|have|had"
ASKING = r"who|whom|whose|what|when|where|why|which|how"
# "What went wrong when ...", "What did those who ...": a question word that only joins a clause here
_NOTHING_ASKED = rf"^(?:(?!\b(?:{ASKING})\b).)*"

_PATTERNS: dict[AskedFor, str] = {
    "number": r"""\bhow\ (?:many|much|long|big|large|far|old|tall|often|fast|slow|high|deep|wide|heavy|expensive|soon)\b
        | \b(?:what|which)\ (?:percent\w*|share|number|proportion|amount|size|cost|price|rate|fraction)\b
        | \bwhat\ (?:\w+\ ){0,8}(?:cost|costs)\b | \bat\ what\ (?:age|price|rate|speed)\b""",
    "date": rf"""{_NOTHING_ASKED}\bwhen\b | \bhow\ long\ ago\b | \bsince\ when\b
        | \b(?:what|which)\ (?:\w+\ )?(?:year|date|day|month|century|decade|time|season|weekday)\b""",
    "why": r"""\bwhy\b | \bhow\ come\b | \bfor\ what\ (?:reason|purpose)\b
        | \bwhat\ (?:is|was|are|were)\ the\ (?:reasons?|causes?|point|purpose)\b
        | \bwhat\ (?:causes?|caused|goes\ wrong|went\ wrong|makes|made)\b""",
    "who": rf"""{_NOTHING_ASKED}\bwho(?:m|se)?\b | \b(?:person|one|man|woman)\ who\b
        | \b(?:what|which)\ (?:(?!(?:{VERBS})\b)\w+\ )?(?:person|people|author|writer|man|woman)\b""",
    "where": rf"""{_NOTHING_ASKED}\bwhere\b
        | \b(?:what|which)\ (?:\w+\ )?(?:country|city|state|place|town|region|continent|location|venue)\b""",
    "list": r"""\b(?:what|which)\ (?:are|were)\ the\b | \blist\b
        | \bname\ (?:the|some|all|two|three|four|five)\b
        | \b(?:what|which)\ (?:are\ |were\ )?(?:the\ )?(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b
        | \b(?:what|which)\ (?:\w+\ )?(?:steps|reasons|kinds|types|sorts|ways|tips|lessons|conditions|examples)\b""",
    "how": r"""\bhow\b | \bin\ what\ (?:way|manner)\b | \bby\ what\b""",
    "yesno": r"""^\W*(?:(?:and|but|so)\ )?
        (?:is|are|was|were|am|do|does|did|can|could|should|would|will|has|have|had|may|must)\b""",
    "definition": r"""\bwhat(?:['’]s|\ is|\ are|\ was|\ were)\b | \bwhat\ does\ \w+\ (?:mean|stand\ for)\b
        | \bdefine\b""",
}
_KINDS = {kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE) for kind, pattern in _PATTERNS.items()}
# "..., and when did ...", "...? And what ...": a second question begins; a bare verb only after a comma
_BORDER = re.compile(
    rf"(?<!\?)\?++\s++(?=\S)|(?:[,;]\s*+|(?<!\s)\s++)(?:and|or|but)\s++(?:also\s++)?+"
    rf"(?=(?:in|on|at|by|to|for|from|with|of)?\s*(?:{ASKING})\b)"
    rf"|[,;]\s*(?:and|but)\s+(?=(?:{VERBS})\s)|(?<=\w)\.\s+(?=(?:{ASKING}|{VERBS})\s)",
    re.IGNORECASE,
)
# "..., when did ..., and who ...": of several, only the last has an "and". A comma before "which is" or "who was" may
# begin a clause, so those need a verb that only questions have.
_LISTED = re.compile(
    rf"[,;]\s+(?=(?:what|when|why|how)\b|(?:who|whom|where|which)\s+(?:do|does|did|can|could|should|would|will)\b"
    rf"|;\s+(?={ASKING}\b))",
    re.IGNORECASE,
)
# "List all.", "Name them." say how to answer the question before
_HOW_TO_SAY = re.compile(
    r"^\W*(?:please\s+)?(?:list|name|give|show|tell|explain|describe)(?:\s+(?:me|us|all|both|each|it|them|everything|please|in\s+detail))*\W*$",
    re.IGNORECASE,
)
# "(what we do and) how we feel": a statement, not a question
_CLAUSE = re.compile(rf"^(?:{ASKING})\s+(?:i|we|you|he|she|it|they)\b", re.IGNORECASE)
# "in what year (and by whom was it founded)": the verb comes later
_BEGUN = re.compile(r"^(?:in|on|at|by|to|for|from|with|of)\s+(?:what|which|whose)\s+\w+$", re.IGNORECASE)
# words of a request that are not a subject: "List all ...", "... in these posts?", "What does the note say?",
# "What does DPULO stand for?"
_COMMAND = re.compile(
    r"^\W*(?:please\s+)?((?:list|name|give|show|tell|describe|explain|define|compare|contrast)\b)"
    r"|^\W*what\s+(?:is|was|were)\s+(said)\s+about\b"
    r"|\b(?:these|your)\s+(?:saved\s+|blog\s+)?(posts|articles|pages|texts|entries)\b|\bthis\s+(blog|collection|archive)\b"
    r"|\bwhat\s+(?:do|does|did)\b.*\b(says?|mean|means|stand)\b(?=\s*(?:for|about|of|by)?\W*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index receives it.

    ``stems`` has its content words, each once, in order; ``pairs`` neighbouring stems of which one is content;
    ``names`` the stems of names and numbers; ``shown`` each content stem as written in the question. For a follow-up,
    ``earlier`` has the content stems of the previous question.
    """

    text: str
    asked_for: AskedFor
    stems: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    names: frozenset[str]
    every_stem: frozenset[str]
    shown: tuple[tuple[str, str], ...]
    earlier: tuple[str, ...] = ()


def query(question: str) -> Query:
    """Read a question.

    >>> query("When was Google incorporated?").asked_for
    'date'
    """
    found = words(question)
    stems = stem(found)
    asking = [match.span(match.lastindex or 0) for match in _COMMAND.finditer(question)]
    content = [
        (word, root)
        for word, root in zip(found, stems, strict=True)
        if not is_stop(word) and not any(start <= word.start < end for start, end in asking)
    ]
    if not content:
        content = list(zip(found, stems, strict=True))
    roots = tuple(dict.fromkeys(root for _, root in content))
    pairs = frozenset((a, b) for a, b in pairwise(stems) if a in roots or b in roots)
    shown: dict[str, str] = {}
    for word, root in content:
        shown.setdefault(root, question[word.start : word.end])
    names = frozenset(root for word, root in content if is_name(question, word))
    return Query(question, asked_for(question), roots, pairs, names, frozenset(stems), tuple(shown.items()))


def query_after(own: Query, earlier: str) -> Query:
    """A question that depends on another, whose words count too, but less."""
    return replace(own, earlier=tuple(root for root in query(earlier).stems if root not in own.stems))


def asked_for(question: str) -> AskedFor:
    """The kind of thing that would answer: the first kind whose words are in the question."""
    for kind, pattern in _KINDS.items():
        if pattern.search(question):
            return kind
    return "what"


def is_name(question: str, word: Word) -> bool:
    """Whether a word of a question is a name or a number: by its capital, unless it is the first word."""
    raw = question[word.start : word.end]
    if any(sign.isdigit() for sign in raw):
        return True
    first = not question[: word.start].strip(" \t\"'“‘(")
    if first:
        return len(raw) > 1 and raw.isupper()
    return raw[:1].isupper() or raw[:1] in "#@"


def parts(question: str) -> list[str]:
    """Split several questions asked at once; a single question stays whole.

    >>> parts("What is dark traffic, and when did Wikipedia move to HTTPS?")
    ['What is dark traffic?', 'when did Wikipedia move to HTTPS?']
    """
    text = question.strip()
    borders = [match.span() for match in _BORDER.finditer(text)]
    if borders:
        borders = sorted([*borders, *(match.span() for match in _LISTED.finditer(text))])
    starts = [0, *(end for _, end in borders)]
    ends = [*(start for start, _ in borders), len(text)]
    spans: list[tuple[int, int]] = []
    shortened = False
    for start, end in zip(starts, ends, strict=True):
        found = words(text[start:end])
        if spans and found and _HOW_TO_SAY.match(text[start:end]):
            shortened = True
            continue
        if spans and found and all(is_stop(word) for word in found):
            spans[-1] = (spans[-1][0], end)  # "... and how much" asks nothing without the words before it
        elif found:
            spans.append((start, end))
    pieces = [text[start:end].strip(" \t\n,;?.") for start, end in spans]
    asking = [piece for piece in pieces if _asks(piece)]
    if len(pieces) == 1 and shortened:
        return [f"{pieces[0]}?"]
    if len(pieces) < 2 or len(asking) < len(pieces) or all(is_stop(word) for word in words(pieces[0])):  # noqa: PLR2004
        return [question]
    # a title or saying in quotation marks stays whole
    if any(piece.count("“") != piece.count("”") or piece.count('"') % 2 for piece in pieces):
        return [question]
    if _BEGUN.search(pieces[0]) or any(_CLAUSE.search(piece) for piece in pieces):
        return [question]
    return [f"{piece}." if f"{piece}. " in text else f"{piece}?" for piece in pieces]


def _asks(piece: str) -> bool:
    return bool(re.search(rf"\b(?:{ASKING})\b|^(?:{VERBS})\b", piece, re.IGNORECASE) or _COMMAND.match(piece))
