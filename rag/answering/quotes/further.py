"""Follow-ups that ask for more of the previous answer, quotes or posts: "More", "Explain", "List the others"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.quotes.quoting import QUOTE_GAP
from rag.records import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import PostMatch, Quote

__all__ = ["LISTED", "SHOWN", "asked_before", "asks_more", "further", "further_posts", "nothing_further", "posts_from"]

# quotes of an answer
SHOWN = 3

# posts of a list that are shown at once; the page has the others in a fold
LISTED = 12

_SOME = r"(?:some\s+|any\s+)?"
_MORE = re.compile(
    rf"^\W*(?:(?:and|ok|okay|please)\W+)?(?:(?:please\s+)?(?:tell|show|give|list)\s+(?:me\s+|us\s+)?{_SOME}more(?:\s+please)?"
    rf"|{_SOME}more(?:\s+(?:please|quotes|answers|of\s+(?:them|these|those|that)))?|go\s+on|continue"
    r"|(?:(?:can|could)\s+you\s+)?(?:please\s+)?(?:explain|elaborate)(?:\s+(?:on\s+)?(?:that|this|it))?(?:\s+further)?"
    r"(?:\s+please)?|(?:(?:any|some)\s+)?(?:more|further)\s+details?(?:\s+please)?|in\s+more\s+detail"
    r"|what\s+do\s+you\s+mean|what\s+(?:do|does|did)\s+(?:you|he|she|it|they)\s+mean\s+by\s+(?:that|this|it)"
    r"|(?:(?:is|are)\s+there\s+)?(?:any|some)thing\s+(?:else|more)|what\s+else(?:\s+is\s+there)?"
    rf"|(?:(?:is|are)\s+there\s+)?{_SOME}(?:more|others?)"
    r"|(?:(?:list|show|name|give)\s+(?:me\s+)?|(?:what|which|who)\s+(?:is|are)\s+)?the\s+(?:others?|rest))\W*$",
    re.IGNORECASE,
)


def asks_more(question: str) -> bool:
    """Whether a follow-up asks for more about the same, and for nothing in particular.

    >>> asks_more("Anything else?"), asks_more("Explain"), asks_more("Who else?"), asks_more("Tell me more about tea")
    (True, True, False, False)
    """
    return _MORE.match(question) is not None


def asked_before(history: Sequence[str]) -> tuple[int, Sequence[str], str]:
    """How often more has been asked for already, the questions before the one that it is asked of, and that one.

    >>> asked_before(["Who is Ada?", "Who pays for care?", "More"])
    (1, ['Who is Ada?'], 'Who pays for care?')
    """
    at = len(history) - 1
    while at > 0 and asks_more(history[at]):
        at -= 1
    return len(history) - 1 - at, history[:at], history[at]


def further(found: Sequence[Quote], page: int) -> list[Quote]:
    """The quotes of an answer that a request for more adds, the first request being ``page`` 1."""
    best = max((quote.score for quote in found), default=0.0)
    first = sum(quote.score >= best - QUOTE_GAP for quote in found[:SHOWN])
    start = first + SHOWN * (page - 1)
    return list(found[start : start + SHOWN])


def further_posts(whole: Answer, page: int) -> Answer:
    """What a request for more adds to a list of posts, the first request being ``page`` 1: all that were not shown."""
    start = LISTED * page
    rest = whole.posts[start:]
    if whole.status == "no_answer":
        return whole
    if not rest:
        return nothing_further(whole)
    best = [post.best for post in rest if post.best is not None]
    summary = posts_from(whole.summary or "", start, len(whole.posts))
    return replace(whole, posts=rest, quotes=tuple(best[:SHOWN]), summary=summary)


def posts_from(summary: str, start: int, end: int) -> str:
    """The summary of a list of posts of which only those in a range are given."""
    return f"{summary} {'This is post' if end - start == 1 else f'These are posts {start + 1:,} to'} {end:,}."


def nothing_further(whole: Answer) -> Answer:
    """The answer to a request for more of a list of posts that has been given to its end."""
    return replace(whole, posts=(), quotes=(), summary=f"There is nothing further to list. {whole.summary}")


def given(question: str, summary: str, posts: Sequence[PostMatch], quotes: Sequence[Quote] | None = None) -> Answer:
    """An answer with a list of posts; unless ``quotes`` are given, the best sentence of each of the first is quoted."""
    shown = [post.best for post in posts if post.best is not None][:SHOWN] if quotes is None else quotes
    return Answer(question, "answered", 1.0, "high", tuple(shown), posts=tuple(posts), summary=summary)
