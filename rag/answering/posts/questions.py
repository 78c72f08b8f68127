"""Questions about the posts themselves: which, how many, by whom, when, and what one of them says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.posts.forms import HEAP, OLDEST, POSTS, PUBLISHED, SIGN, dated_forms, forms, number_of
from rag.answering.posts.phrasings import usual_phrasing
from rag.answering.question.post_dates import DateRange, find_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.answering.posts.forms import Wanted

__all__ = ["MAX_CHARACTERS", "SAID_ABOUT", "PostsQuestion", "names_posts", "read_posts_question"]

_BOUNDED_TOPIC = re.compile(
    rf"^\W*what\s+(?:do|did|does)\s+(?:the\s+)?{POSTS}\s+(?:say|tell|write|report)\s+(?:about|of|on)\s+(?P<about>.+?)\W*$",
    re.IGNORECASE,
)
# what was written, or what this blog said, about a thing; together with a date
_TOLD = re.compile(
    rf"^\W*what\s+(?:(?:was|were|is|are|has\s+been|have\s+been)\s+(?:said|told|reported|{PUBLISHED})"
    rf"|(?:did|do|does|have|has)\s+(?:{HEAP}|you|we|they)\s+(?:said|say|tell|told|write|written|post|posted|publish|report))"
    r"\s+(?:about|of|on)\s+(?P<about>.+?)\W*$",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"^(\W*(?:what|who|when|which))['’]s\b", re.IGNORECASE)
_SEVERAL = r"(?:(?:blog\s+)?posts|articles|entries)"
# how a question about what was said begins without its dates
SAID_ABOUT = "What is said about "
# longest question about posts
MAX_CHARACTERS = 300
_OLDEST = re.compile(OLDEST, re.IGNORECASE)
# "both Labour and UKIP", "my knee"
_BEFORE_SUBJECT = re.compile(r"^(?:both\s++(?=.+\sand\s)|(?:my|our)\s++)", re.IGNORECASE)
# what is left of "... and were written in 2016" without its date
_WRITTEN = re.compile(
    rf"(?<!\s)(?:(?:\s++and)?(?:\s++(?:that|which))?(?:\s++(?:was|were|is|are))?\s++{PUBLISHED}|\s++and)\W*+$",
    re.IGNORECASE,
)
_MENTIONING = re.compile(r"mention|nam|contain|refer|includ|use", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostsQuestion:
    """What is asked about the posts.

    ``about`` is a subject or the title of a post, with ``by_title`` only a title; with ``loosely`` a mention is enough;
    ``author`` is a name; ``source`` is a file, folder or site; ``dates`` restricts the posts; ``several`` is how many
    of the newest or oldest are wanted; with ``without`` the posts that do not mention the subject are; with ``said``
    what they say is wanted, not only which they are. ``page`` is how often more of the same answer has been asked for.
    """

    wanted: Wanted
    about: str = ""
    loosely: bool = False
    author: str = ""
    source: str = ""
    dates: DateRange | None = None
    by_title: bool = False
    several: int = 1
    without: bool = False
    said: bool = False
    page: int = 0


def read_posts_question(question: str, newest: Callable[[], str | None]) -> PostsQuestion | None:
    """Read a question about the posts themselves; None for any other.

    ``newest`` returns the date of the newest post.

    >>> read_posts_question("How many posts mention Drupal?", lambda: None).about
    'Drupal'
    """
    if len(question) > MAX_CHARACTERS:
        return None
    question = usual_phrasing(_CONTRACTED.sub(r"\1 is", question))
    ranged = find_range(question, newest)
    dates, rest = ranged if ranged is not None else (None, question)
    if dates is None and SIGN.search(question) is None:
        return None
    plain = [(question, forms())]
    for text, several in [(rest, forms() + dated_forms()), *plain] if dates is not None else plain:
        for wanted, form in several:
            found = form.match(text)
            if found is not None:
                return _asked(wanted, found, dates if text is not question or dates is None else None)
    return None


def names_posts(question: str, newest: Callable[[], str | None]) -> tuple[DateRange, str] | None:
    """Find the dates that restrict the posts of an ordinary question, and the question without them.

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
        return ranged[0], f"{SAID_ABOUT}{told['about']}?"
    if not re.search(
        rf"{_SEVERAL}(?:\s+(?:that|which|were|was|are|{PUBLISHED}))*\s+{words}|{words}\s+{_SEVERAL}\b",
        question,
        re.IGNORECASE,
    ):
        return None
    topic = _BOUNDED_TOPIC.match(ranged[1])
    if topic is not None:
        return ranged[0], f"{SAID_ABOUT}{topic['about']}?"
    rest = re.sub(rf"\b(?:in|according\s+to|from|of)\s+(?:the\s+)?{POSTS}\b", " ", ranged[1], flags=re.IGNORECASE)
    return ranged[0], " ".join(rest.split())


def _asked(wanted: Wanted, found: re.Match[str], dates: DateRange | None) -> PostsQuestion:
    groups = found.groupdict()
    mentioned, called, without = groups.get("mentioned"), groups.get("called"), groups.get("without")
    about = groups.get("about") or groups.get("about2") or groups.get("title") or mentioned or called or without or ""
    author = groups.get("author") or groups.get("author2") or ""
    if wanted == "newest" and _OLDEST.search(groups.get("order") or ""):
        wanted = "oldest"
    return PostsQuestion(
        wanted,
        _BEFORE_SUBJECT.sub("", (about if dates is None else _WRITTEN.sub("", about)).strip(" \t“”‘’\"'?!.,")),
        any((mentioned, without, groups.get("told"), _MENTIONING.match(groups.get("verb") or ""))),
        author.strip(" \t“”‘’\"'?!.,"),
        (groups.get("source") or "").strip(" \t“”‘’\"'?!.,"),
        dates,
        called is not None,
        number_of(groups.get("several") or groups.get("several2")),
        without is not None,
        groups.get("said") is not None,
    )
