"""Patterns of questions about the posts themselves: which posts, how many, by whom, when, what one says."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

__all__ = [
    "HEAP",
    "NEWEST",
    "NUMBER",
    "OLDEST",
    "POSTS",
    "PUBLISHED",
    "SIGN",
    "Wanted",
    "dated_forms",
    "forms",
    "number_of",
]

Wanted = Literal["list", "count", "newest", "oldest", "date", "author", "heap", "says", "authors", "writers"]

POSTS = r"(?:(?:blog\s+)?(?:posts?|articles?|entry|entries|write-?ups?|essays?)|blogs?\s+posts?)"
_SPEAK = (
    r"(?:(?:(?:that|which|who)\s+)?(?:(?:is|are|was|were|do|does|did|have|has|had|can|also)\s+)*"
    r"(?:written\s+|(?P<told>said|told|reported|known)\s+)?(?P<verb>about|on|regarding|concerning|mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|nam(?:e|es|ed|ing)"
    r"|(?:talk|speak|write|say\s+(?:something|anything)|wrote|written)(?:s|ing)?\s+(?:about|of|on)|tell(?:s)?\s+(?:of|about)"
    r"|cover(?:s|ed|ing)?|deal(?:s|t|ing)?\s+with|refer(?:s|red|ring)?\s+to|contain(?:s|ing)?|include(?:s)?|use(?:s)?)\s+)"
)
_ALL = r"(?:all\s+)?(?:of\s+)?(?:the\s+|your\s+|these\s+)?"
_SHOW = (
    r"(?:(?:please\s+)?(?:list|show|find|give|name|tell)(?:\s+me)?\s+(?:about\s+)?|which\s+|what\s+"
    r"|(?:are|is)\s+there\s+(?:any|a|an)?\s*|do\s+(?:you|we|i)\s+have\s+(?:any|a|an)?\s*|do(?:es)?\s+any\s+(?:of\s+)?|any\s+)?"
)
PUBLISHED = r"(?:posted|published|written|blogged|released|put\s+up)"
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER = rf"(?:\d{{1,2}}|{'|'.join(_NUMBERS)})"
NEWEST = r"latest|newest|most\s+recent|last"
OLDEST = r"first|oldest|earliest"
_ORDER = rf"(?:(?P<several>{NUMBER})\s+)?(?P<order>{NEWEST}|{OLDEST})(?:\s+(?P<several2>{NUMBER}))?"
HEAP = (
    r"(?:(?:this|these|the|your|all)\s+)+(?:(?:blog|saved|whole)\s+)?"
    r"(?:heap|blog|collection|index|archive|posts?|pages|site|articles|library|texts)"
)
_SAVED = r"(?:(?:(?:that|which)\s+)?(?:are|is|were|was|come|came)\s+)?(?:saved\s+)?(?:from|in|on)\s+(?:the\s+)?"
_QUOTED = r"[“\"‘'](?P<title>[^”\"]{2,}?)[”\"’']"

_FORM_TEXTS: tuple[tuple[Wanted, str], ...] = (
    # "this" with no topic before it is the heap
    ("heap", rf"what\s+(?:is|are)\s+(?:{HEAP}|(?:all\s+)?(?:this|these))\s+(?:all\s+)?about"),
    (
        "heap",
        (
            rf"what\s+(?:topics|subjects|themes|things)\s+(?:do|does|are|is)\s+{HEAP}\s+(?:cover|about|discuss"
            rf"|deal\s+with|treat)(?:ed)?"
        ),
    ),
    (
        "heap",
        (
            rf"what\s+(?:topics|subjects|themes)\s+(?:are|is)\s+(?:covered|discussed|treated)(?:\s+(?:in"
            rf"|by)\s+{HEAP})?"
        ),
    ),
    ("heap", rf"what\s+(?:do|does)\s+{HEAP}\s+(?:cover|(?:talk|write|speak)\s+about|deal\s+with|contain|hold)"),
    (
        "heap",
        (
            r"what\s+can\s+(?:i|we)\s+ask(?:\s+(?:you|here|about))?|what(?:['’]s|\s+is)\s+in\s+(?:here|this\s+"
            r"(?:heap|index|collection))"
        ),
    ),
    (
        "authors",
        (
            rf"(?:how\s+many|which|what|who\s+are(?:\s+all)?\s+the)\s+(?:different\s+)?(?:authors|writers"
            rf"|bloggers|contributors)(?:\s+(?:are\s+there|are\s+(?:in|of)\s+{HEAP}|wrote\s+{HEAP}"
            rf"|of\s+{HEAP}))?"
        ),
    ),
    (
        "authors",
        (
            rf"(?:who|(?:which|what)\s+(?:author|writer|blogger|contributor))\s+(?:has\s+)?(?:wrote|writes|written"
            rf"|published|posted)\s+(?:the\s+)?most(?:\s+(?:often|{POSTS}))?"
        ),
    ),
    (
        "count",
        (
            rf"(?:how\s+many|(?:what\s+is\s+)?the\s+number\s+of|count(?:\s+the)?)\s+(?:of\s+(?:the|these|your|my|our)\s+)?{POSTS}\s+"
            rf"(?:are\s+(?:there\s+)?)?{_SPEAK}(?P<about>.+)"
        ),
    ),
    (
        "count",
        (
            rf"(?:how\s+many|count(?:\s+the)?)\s+(?:of\s+(?:the|these|your|my|our)\s+)?{POSTS}(?:\s+(?:are\s+there|do\s+(?:you|we|i)\s+have|(?:were"
            rf"|are|was)\s+{PUBLISHED}|exist|in\s+{HEAP}|are\s+in\s+{HEAP}))*"
        ),
    ),
    (
        "count",
        (
            rf"how\s+many\s+{POSTS}\s+(?:did\s+(?P<author>.+?)\s+(?:write|publish|post)|(?:(?:are|were)\s+)?"
            rf"(?:written\s+)?by\s+(?P<author2>.+))"
        ),
    ),
    (
        "newest",
        (
            rf"(?:what(?:['’]s|\s+is|\s+was|\s+are|\s+were)?|which|show|find|give|name|when\s+was)?(?:\s+me)?"
            rf"(?:\s+is|\s+was)?\s*(?:the\s+)?{_ORDER}\s+{POSTS}(?:\s+{_SPEAK}(?P<about>.+)"
            rf"|\s+by\s+(?P<author>.+))?(?:\s+{PUBLISHED})?"
        ),
    ),
    ("newest", rf"which\s+{POSTS}\s+(?:is|was)\s+the\s+{_ORDER}(?:\s+(?:one\s+)?{_SPEAK}(?P<about>.+))?"),
    (
        "oldest",
        (
            rf"when\s+(?:did|was)\s+(?:{HEAP}|we|they|i|you|anyone|(?P<about>.+?))\s+first\s+(?:mention(?:ed)?"
            rf"|discuss(?:ed)?|(?:write|written|talk|talked)\s+about)(?:\s+(?P<about2>.+?))?"
            rf"(?:\s+in\s+{HEAP})?"
        ),
    ),
    (
        "date",
        (
            rf"(?:when|(?:on|in)\s+(?:what|which)\s+(?:date|day|month|year)|what\s+(?:date|day))\s+(?:was|is"
            rf"|were)\s+(?:the\s+)?(?:{POSTS}\s+(?:{_SPEAK}|called\s+|titled\s+|named\s+)?(?P<about>.+?)"
            rf"|(?P<about2>.+?)\s+{POSTS})\s+(?:first\s+)?{PUBLISHED}"
        ),
    ),
    (
        "date",
        (
            rf"(?:when|(?:on|in)\s+(?:what|which)\s+(?:date|day|month|year)|what\s+(?:date|day))\s+(?:was"
            rf"|is)\s+{_QUOTED}\s+(?:first\s+)?{PUBLISHED}"
        ),
    ),
    (
        "date",
        (
            rf"what\s+is\s+the\s+(?:publication\s+)?date\s+of\s+(?:the\s+)?(?:{POSTS}\s+(?:{_SPEAK}|called\s+"
            rf"|titled\s+)?(?P<about>.+)|(?P<about2>.+?)\s+{POSTS})"
        ),
    ),
    (
        "author",
        (
            rf"who\s+(?:wrote|authored|published|posted)\s+(?:the\s+)?(?:{POSTS}\s+(?:{_SPEAK}|called\s+"
            rf"|titled\s+|named\s+)?(?P<about>.+)|(?P<about2>.+?)\s+{POSTS})"
        ),
    ),
    (
        "author",
        (
            rf"who\s+(?:wrote|authored)\s+{_QUOTED}|who\s+(?:is|was|are)\s+the\s+(?:authors?|writers?)\s+of\s+"
            rf"(?:the\s+)?(?:{POSTS}\s+(?:{_SPEAK}|called\s+|titled\s+)?)?(?P<about>.+?)(?:\s+{POSTS})?"
        ),
    ),
    (
        "says",
        (
            rf"what\s+(?:is|was|does|did)\s+(?:the\s+)?(?:{POSTS}\s+(?:called\s+|titled\s+|named\s+"
            rf"|{_SPEAK})?(?P<about>.+?)|(?P<about2>.+?)\s+{POSTS})\s+(?:all\s+)?(?:about|say|argue|claim"
            rf"|cover|conclude)(?:\s+in\s+short)?"
        ),
    ),
    (
        "says",
        (
            rf"what\s+(?:is|does)\s+{_QUOTED}\s+(?:about|say|argue|cover)|(?:summari[sz]e|sum\s+up"
            rf"|give\s+me\s+the\s+gist\s+of)\s+(?:the\s+)?(?:{POSTS}\s+(?:called\s+|titled\s+|named\s+"
            rf"|{_SPEAK})?)?(?P<about>.+?)(?:\s+{POSTS})?"
        ),
    ),
    (
        "list",
        rf"{_SHOW}{_ALL}{POSTS}\s+(?:written\s+)?by\s+(?P<author>\S+(?:\s\S+){{0,3}}?)\s+(?:about|on)\s+(?P<about>.+)",
    ),
    ("list", rf"{_SHOW}{_ALL}{POSTS}\s+{_SPEAK}(?P<about>.+)"),
    (
        "list",
        (
            r"(?:(?:please\s+)?(?:list|show|find|give)(?:\s+me)?\s+|(?:is|are)\s+there\s+|do\s+(?:you|we|i)\s+have\s+)?"
            rf"(?P<said>anything|something|everything)\s+(?:(?:in|from)\s+{HEAP}\s+)?{_SPEAK}(?P<about>.+)"
        ),
    ),
    (
        "list",
        (
            rf"(?:in\s+)?(?:which|what)\s+{POSTS}\s+(?:is|are|was|were)\s+(?P<mentioned>.+?)\s+(?:mentioned|discussed"
            rf"|named|covered|talked\s+about|written\s+about)"
        ),
    ),
    (
        "count",
        (
            rf"how\s+(?:often|many\s+times)\s+(?:is|are|was|were)\s+(?P<mentioned>.+?)\s+(?:mentioned|named|discussed)"
            rf"(?:\s+(?:in|by)\s+{HEAP})?"
        ),
    ),
    (
        "count",
        (
            rf"how\s+(?:often|many\s+times)\s+(?:do|does)\s+(?:{HEAP}|you|we|they)\s+(?:mention|name|discuss)\s+"
            rf"(?P<mentioned>.+)"
        ),
    ),
    (
        "list",
        (
            rf"(?:{_SHOW}(?:everything|anything|all)|{_SHOW}{_ALL}{POSTS})\s+(?:(?:that|which)\s+)?(?:(?:was"
            rf"|were|is|are)\s+)?(?:{PUBLISHED}\s+)?by\s+(?P<author>.+)"
        ),
    ),
    (
        "list",
        (
            rf"(?:which|what)\s+(?:{POSTS}\s+)?did\s+(?P<author>[A-Z].+?)\s+(?:write|publish|post|blog)"
            rf"(?:\s+about\s+(?P<about>.+))?"
        ),
    ),
    (
        "list",
        (
            rf"{_SHOW}{_ALL}{POSTS}\s+(?:(?:that|which)\s+)?(?:(?:do|does|did)(?:\s+not|n['’]t)|never)\s+"
            rf"(?:mention|name|discuss|cover|contain|(?:talk|write|speak)\s+(?:about|of))\s+(?P<without>.+)"
        ),
    ),
    (
        "authors",
        r"(?:please\s+)?(?:list|show|name|give)(?:\s+me)?\s+(?:all\s+)?(?:of\s+)?(?:the\s+)?(?:authors|writers|bloggers)",
    ),
    (
        "writers",
        (
            r"(?:who(?:\s+else)?|(?:which|what)\s+(?:authors?|writers?|bloggers?|contributors?|people))\s+(?:(?:has|have|had)\s+)?"
            r"(?:ever\s+)?(?:wr(?:ote|ites?|itten)|blog(?:s|ged)?|post(?:s|ed)?|publish(?:es|ed)?)\s+"
            r"(?:anything\s+|something\s+|posts?\s+|articles?\s+)?(?:about|on|regarding|concerning)\s+(?P<about>.+)"
        ),
    ),
    # a title without quotation marks
    (
        "date",
        (
            r"(?:when|(?:on|in)\s+(?:what|which)\s+(?:date|day|month|year)|what\s+(?:date|day))\s+(?:was|is|were)\s+"
            r"(?P<called>.+?)\s+(?:first\s+)?(?:posted|published|written|blogged)"
        ),
    ),
    ("author", r"who\s+(?:wrote|authored|posted|published)\s+(?P<called>.+)"),
    ("says", r"what\s+(?:is|was|does|did)\s+(?P<called>.+?)\s+(?:all\s+)?(?:about|say|argue|claim|conclude)"),
    ("count", rf"how\s+many\s+{POSTS}\s+{_SAVED}(?P<source>.+)"),
    ("list", rf"{_SHOW}{_ALL}{POSTS}\s+{_SAVED}(?P<source>.+)"),
)
# these ask for posts only with a date: "What was posted in May 2016?"
_DATED_TEXTS: tuple[tuple[Wanted, str], ...] = (
    (
        "list",
        (
            rf"(?:what|which\s+{POSTS}|{_SHOW}(?:everything|anything|all|what))\s+(?:(?:that|which)\s+)?(?:"
            rf"(?:was|were|is|has\s+been|have\s+been|came\s+out)\s*)*(?:{PUBLISHED})?"
        ),
    ),
    (
        "list",
        (
            rf"(?:what|which)\s+(?:was|were)\s+{_ALL}{POSTS}|{_SHOW}{_ALL}{POSTS}(?:\s+(?:are|were|that|was"
            rf"|there|{PUBLISHED}))*"
        ),
    ),
    ("list", r"(?:(?:please\s+)?(?:list|show|find|give)(?:\s+me)?\s+)?(?:everything|anything|all)"),
    ("list", rf"what\s+{PUBLISHED}|what\s+did\s+(?:{HEAP}|you|we|they)\s+(?:publish|post|write)"),
)


def _compiled(texts: tuple[tuple[Wanted, str], ...]) -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    return tuple((wanted, re.compile(rf"^\W*(?:{text})\W*$", re.IGNORECASE)) for wanted, text in texts)


# Each form of `_FORM_TEXTS` has one of these words, so a question without them need not wait 20 ms until all forms are
# compiled. The tests check it with their questions.
SIGN = re.compile(
    r"post|articl|entr|wr[io]t|essay|blog|heap|collection|index|archive|pages?\b|site|librar|text|topic|subject|theme"
    r"|author|contributor|\bask\b|in\s+here|publish|releas|put\s+up|mention|discuss|talk|about|\bsay|argu|claim|cover"
    r"|conclu|summar|sum\s+up|gist|everything|anything|something|\ball\b",
    re.IGNORECASE,
)


@cache
def forms() -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    """What a question wants to know about posts, with the pattern of such a question."""
    return _compiled(_FORM_TEXTS)


@cache
def dated_forms() -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    """The same for questions that ask about posts only with a date."""
    return _compiled(_DATED_TEXTS)


def number_of(said: str | None) -> int:
    """The number that ``NUMBER`` found; 1 if none was said."""
    if said is None:
        return 1
    return int(said) if said.isdigit() else _NUMBERS.index(said.lower()) + 2
