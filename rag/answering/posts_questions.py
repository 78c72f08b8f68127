"""Questions about the posts themselves: which, how many, whose, from when, what one of them says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from rag.answering.post_dates import DateRange, find_range

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_CHARACTERS", "PostsQuestion", "names_posts", "read_posts_question"]

Wanted = Literal["list", "count", "newest", "oldest", "date", "author", "heap", "says", "authors"]

_POSTS = r"(?:(?:blog\s+)?(?:posts?|articles?|entry|entries|write-?ups?|essays?)|blogs?\s+posts?)"
_SPEAK = (
    r"(?:(?:(?:that|which|who)\s+)?(?:(?:is|are|was|were|do|does|did|have|has|had|can|also)\s+)*"
    r"(?:written\s+)?(?P<verb>about|on|regarding|concerning|mention(?:s|ed|ing)?|discuss(?:es|ed|ing)?|nam(?:e|es|ed|ing)"
    r"|(?:talk|speak|write|say\s+(?:something|anything)|wrote|written)(?:s|ing)?\s+(?:about|of|on)|tell(?:s)?\s+(?:of|about)"
    r"|cover(?:s|ed|ing)?|deal(?:s|t|ing)?\s+with|refer(?:s|red|ring)?\s+to|contain(?:s|ing)?|include(?:s)?|use(?:s)?)\s+)"
)
_ALL = r"(?:all\s+)?(?:of\s+)?(?:the\s+|your\s+|these\s+)?"
_SHOW = (
    r"(?:(?:please\s+)?(?:list|show|find|give|name|tell)(?:\s+me)?\s+(?:about\s+)?|which\s+|what\s+"
    r"|(?:are|is)\s+there\s+(?:any|a|an)?\s*|do\s+(?:you|we)\s+have\s+(?:any|a|an)?\s*|do(?:es)?\s+any\s+(?:of\s+)?|any\s+)?"
)
_PUBLISHED = r"(?:posted|published|written|blogged|released|put\s+up)"
_ORDER = r"(?P<order>latest|newest|most\s+recent|last|first|oldest|earliest)"
_HEAP = (
    r"(?:(?:this|these|the|your|all)\s+)+(?:(?:blog|saved|whole)\s+)?"
    r"(?:heap|blog|collection|index|archive|posts?|pages|site|articles|library|texts)"
)
_SAVED = r"(?:(?:(?:that|which)\s+)?(?:are|is|were|was|come|came)\s+)?(?:saved\s+)?(?:from|in|on)\s+(?:the\s+)?"
_QUOTED = r"[“\"‘'](?P<title>[^”\"]{2,}?)[”\"’']"

_FORM_TEXTS: tuple[tuple[Wanted, str], ...] = (
    ("heap", rf"what\s+(?:is|are)\s+{_HEAP}\s+(?:all\s+)?about"),
    (
        "heap",
        (
            rf"what\s+(?:topics|subjects|themes|things)\s+(?:do|does|are|is)\s+{_HEAP}\s+(?:cover|about|discuss"
            rf"|deal\s+with|treat)(?:ed)?"
        ),
    ),
    (
        "heap",
        (
            rf"what\s+(?:topics|subjects|themes)\s+(?:are|is)\s+(?:covered|discussed|treated)(?:\s+(?:in"
            rf"|by)\s+{_HEAP})?"
        ),
    ),
    ("heap", rf"what\s+(?:do|does)\s+{_HEAP}\s+(?:cover|(?:talk|write|speak)\s+about|deal\s+with|contain|hold)"),
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
            rf"|bloggers|contributors)(?:\s+(?:are\s+there|are\s+(?:in|of)\s+{_HEAP}|wrote\s+{_HEAP}"
            rf"|of\s+{_HEAP}))?"
        ),
    ),
    (
        "count",
        (
            rf"(?:how\s+many|(?:what\s+is\s+)?the\s+number\s+of|count(?:\s+the)?)\s+(?:of\s+the\s+)?{_POSTS}\s+"
            rf"(?:are\s+(?:there\s+)?)?{_SPEAK}(?P<about>.+)"
        ),
    ),
    (
        "count",
        (
            rf"(?:how\s+many|count(?:\s+the)?)\s+{_POSTS}(?:\s+(?:are\s+there|do\s+(?:you|we)\s+have|(?:were"
            rf"|are|was)\s+{_PUBLISHED}|exist|in\s+{_HEAP}|are\s+in\s+{_HEAP}))*"
        ),
    ),
    (
        "count",
        (
            rf"how\s+many\s+{_POSTS}\s+(?:did\s+(?P<author>.+?)\s+(?:write|publish|post)|(?:(?:are|were)\s+)?"
            rf"(?:written\s+)?by\s+(?P<author2>.+))"
        ),
    ),
    (
        "newest",
        (
            rf"(?:what(?:['’]s|\s+is|\s+was|\s+are|\s+were)?|which|show|find|give|name|when\s+was)?(?:\s+me)?"
            rf"(?:\s+is|\s+was)?\s*(?:the\s+)?{_ORDER}\s+{_POSTS}(?:\s+{_SPEAK}(?P<about>.+)"
            rf"|\s+by\s+(?P<author>.+))?(?:\s+{_PUBLISHED})?"
        ),
    ),
    ("newest", rf"which\s+{_POSTS}\s+(?:is|was)\s+the\s+{_ORDER}(?:\s+(?:one\s+)?{_SPEAK}(?P<about>.+))?"),
    (
        "oldest",
        (
            rf"when\s+(?:did|was)\s+(?:{_HEAP}|we|they|anyone|(?P<about>.+?))\s+first\s+(?:mention(?:ed)?"
            rf"|discuss(?:ed)?|(?:write|written|talk|talked)\s+about)(?:\s+(?P<about2>.+?))?"
            rf"(?:\s+in\s+{_HEAP})?"
        ),
    ),
    (
        "date",
        (
            rf"(?:when|(?:on|in)\s+(?:what|which)\s+(?:date|day|month|year)|what\s+(?:date|day))\s+(?:was|is"
            rf"|were)\s+(?:the\s+)?(?:{_POSTS}\s+(?:{_SPEAK}|called\s+|titled\s+|named\s+)?(?P<about>.+?)"
            rf"|(?P<about2>.+?)\s+{_POSTS})\s+(?:first\s+)?{_PUBLISHED}"
        ),
    ),
    (
        "date",
        (
            rf"(?:when|(?:on|in)\s+(?:what|which)\s+(?:date|day|month|year)|what\s+(?:date|day))\s+(?:was"
            rf"|is)\s+{_QUOTED}\s+(?:first\s+)?{_PUBLISHED}"
        ),
    ),
    (
        "date",
        (
            rf"what\s+is\s+the\s+(?:publication\s+)?date\s+of\s+(?:the\s+)?(?:{_POSTS}\s+(?:{_SPEAK}|called\s+"
            rf"|titled\s+)?(?P<about>.+)|(?P<about2>.+?)\s+{_POSTS})"
        ),
    ),
    (
        "author",
        (
            rf"who\s+(?:wrote|authored|published|posted)\s+(?:the\s+)?(?:{_POSTS}\s+(?:{_SPEAK}|called\s+"
            rf"|titled\s+|named\s+)?(?P<about>.+)|(?P<about2>.+?)\s+{_POSTS})"
        ),
    ),
    (
        "author",
        (
            rf"who\s+(?:wrote|authored)\s+{_QUOTED}|who\s+(?:is|was|are)\s+the\s+(?:authors?|writers?)\s+of\s+"
            rf"(?:the\s+)?(?:{_POSTS}\s+(?:{_SPEAK}|called\s+|titled\s+)?)?(?P<about>.+?)(?:\s+{_POSTS})?"
        ),
    ),
    (
        "says",
        (
            rf"what\s+(?:is|was|does|did)\s+(?:the\s+)?(?:{_POSTS}\s+(?:called\s+|titled\s+|named\s+"
            rf"|{_SPEAK})?(?P<about>.+?)|(?P<about2>.+?)\s+{_POSTS})\s+(?:all\s+)?(?:about|say|argue|claim"
            rf"|cover|conclude)(?:\s+in\s+short)?"
        ),
    ),
    (
        "says",
        (
            rf"what\s+(?:is|does)\s+{_QUOTED}\s+(?:about|say|argue|cover)|(?:summari[sz]e|sum\s+up"
            rf"|give\s+me\s+the\s+gist\s+of)\s+(?:the\s+)?(?:{_POSTS}\s+(?:called\s+|titled\s+|named\s+"
            rf"|{_SPEAK})?)?(?P<about>.+?)(?:\s+{_POSTS})?"
        ),
    ),
    ("list", rf"{_SHOW}{_ALL}{_POSTS}\s+{_SPEAK}(?P<about>.+)"),
    (
        "list",
        (
            rf"(?:{_SHOW}(?:everything|anything|all)|{_SHOW}{_ALL}{_POSTS})\s+(?:(?:that|which)\s+)?(?:(?:was"
            rf"|were|is|are)\s+)?(?:{_PUBLISHED}\s+)?by\s+(?P<author>.+)"
        ),
    ),
    (
        "list",
        (
            rf"(?:which|what)\s+(?:{_POSTS}\s+)?did\s+(?P<author>[A-Z].+?)\s+(?:write|publish|post|blog)"
            rf"(?:\s+about\s+(?P<about>.+))?"
        ),
    ),
    ("count", rf"how\s+many\s+{_POSTS}\s+{_SAVED}(?P<source>.+)"),
    ("list", rf"{_SHOW}{_ALL}{_POSTS}\s+{_SAVED}(?P<source>.+)"),
)
# these ask for posts only where a date goes with them: "What was posted in May 2016?"
_DATED_TEXTS: tuple[tuple[Wanted, str], ...] = (
    (
        "list",
        (
            rf"(?:what|which\s+{_POSTS}|{_SHOW}(?:everything|anything|all|what))\s+(?:(?:that|which)\s+)?(?:"
            rf"(?:was|were|is|has\s+been|have\s+been|came\s+out)\s*)*(?:{_PUBLISHED})?"
        ),
    ),
    (
        "list",
        (
            rf"(?:what|which)\s+(?:was|were)\s+{_ALL}{_POSTS}|{_SHOW}{_ALL}{_POSTS}(?:\s+(?:are|were|that|was"
            rf"|there|{_PUBLISHED}))*"
        ),
    ),
    ("list", rf"what\s+{_PUBLISHED}|what\s+did\s+(?:{_HEAP}|you|we|they)\s+(?:publish|post|write)"),
)


def _compiled(texts: tuple[tuple[Wanted, str], ...]) -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    return tuple((wanted, re.compile(rf"^\W*(?:{text})\W*$", re.IGNORECASE)) for wanted, text in texts)


# Each form of `_FORM_TEXTS` holds one of these; a question that holds none need not wait until all are compiled, which
# takes 20 ms. The questions of the tests are read through it.
_SIGN = re.compile(
    r"post|articl|entr|wr[io]t|essay|blog|heap|collection|index|archive|pages?\b|site|librar|text|topic|subject|theme"
    r"|author|contributor|\bask\b|in\s+here|publish|releas|put\s+up|mention|discuss|talk|about|\bsay|argu|claim|cover"
    r"|conclu|summar|sum\s+up|gist|everything|anything|\ball\b",
    re.IGNORECASE,
)


@cache
def _forms() -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    return _compiled(_FORM_TEXTS)


@cache
def _dated() -> tuple[tuple[Wanted, re.Pattern[str]], ...]:
    return _compiled(_DATED_TEXTS)


_BOUNDED_TOPIC = re.compile(
    rf"^\W*what\s+(?:do|did|does)\s+(?:the\s+)?{_POSTS}\s+(?:say|tell|write|report)\s+(?:about|of|on)\s+(?P<about>.+?)\W*$",
    re.IGNORECASE,
)
# what was written about a thing, what this blog said about it; a date goes with it
_TOLD = re.compile(
    rf"^\W*what\s+(?:(?:was|were|is|are|has\s+been|have\s+been)\s+(?:said|told|reported|{_PUBLISHED})"
    rf"|(?:did|do|does|have|has)\s+(?:{_HEAP}|you|we|they)\s+(?:said|say|tell|told|write|written|post|posted|publish|report))"
    r"\s+(?:about|of|on)\s+(?P<about>.+?)\W*$",
    re.IGNORECASE,
)
_SEVERAL = r"(?:(?:blog\s+)?posts|articles|entries)"
# no question about posts is longer
MAX_CHARACTERS = 300
_OLDEST = re.compile(r"first|oldest|earliest", re.IGNORECASE)
_MENTIONING = re.compile(r"mention|nam|contain|refer|includ|use", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostsQuestion:
    """What is asked about the posts.

    ``about`` is a subject or the title of a post; ``loosely`` where a mention will do; ``author`` a name; ``source``
    a file, folder or site; ``dates`` bound the posts.
    """

    wanted: Wanted
    about: str = ""
    loosely: bool = False
    author: str = ""
    source: str = ""
    dates: DateRange | None = None


def read_posts_question(question: str, newest: Callable[[], str | None]) -> PostsQuestion | None:
    """Read a question about the posts themselves; None for any other.

    ``newest`` gives the date of the newest post.

    >>> read_posts_question("How many posts mention Drupal?", lambda: None).about
    'Drupal'
    """
    if len(question) > MAX_CHARACTERS:
        return None
    ranged = find_range(question, newest)
    dates, rest = ranged if ranged is not None else (None, question)
    if dates is None and _SIGN.search(question) is None:
        return None
    forms = [(rest, _forms() + _dated()), (question, _forms())] if dates is not None else [(question, _forms())]
    for text, several in forms:
        for wanted, form in several:
            found = form.match(text)
            if found is not None:
                return _asked(wanted, found, dates if text is not question or dates is None else None)
    return None


def names_posts(question: str, newest: Callable[[], str | None]) -> tuple[DateRange, str] | None:
    """Find the dates that bound the posts of an ordinary question, and the question without them.

    >>> names_posts("What did posts before 2013 say about mobile sites?", lambda: None)[1]
    'What is said about mobile sites?'
    """
    if len(question) > MAX_CHARACTERS:
        return None
    ranged = find_range(question, newest)
    if ranged is None:
        return None
    words = re.escape(ranged[0].words)
    if (told := _TOLD.search(ranged[1])) is not None and ranged[0].is_time:
        return ranged[0], f"What is said about {told['about']}?"
    if not re.search(
        rf"{_SEVERAL}(?:\s+(?:that|which|were|was|are|{_PUBLISHED}))*\s+{words}|{words}\s+{_SEVERAL}\b",
        question,
        re.IGNORECASE,
    ):
        return None
    topic = _BOUNDED_TOPIC.match(ranged[1])
    if topic is not None:
        return ranged[0], f"What is said about {topic['about']}?"
    rest = re.sub(rf"\b(?:in|according\s+to|from|of)\s+(?:the\s+)?{_POSTS}\b", " ", ranged[1], flags=re.IGNORECASE)
    return ranged[0], " ".join(rest.split())


def _asked(wanted: Wanted, found: re.Match[str], dates: DateRange | None) -> PostsQuestion:
    groups = found.groupdict()
    about = groups.get("about") or groups.get("about2") or groups.get("title") or ""
    author = groups.get("author") or groups.get("author2") or ""
    if wanted == "newest" and _OLDEST.search(groups.get("order") or ""):
        wanted = "oldest"
    return PostsQuestion(
        wanted,
        about.strip(" \t“”‘’\"'?!.,"),
        bool(_MENTIONING.match(groups.get("verb") or "")),
        author.strip(" \t“”‘’\"'?!.,"),
        (groups.get("source") or "").strip(" \t“”‘’\"'?!.,"),
        dates,
    )
