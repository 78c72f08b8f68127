"""Questions about the answer before them: which post it is from, when that was written, and by whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from rag.answering.posts.authors import written_by
from rag.answering.posts.mentions import PostMentions, match_of
from rag.answering.posts.wording import counted_posts
from rag.answering.quotes.further import SHOWN, given
from rag.answering.quotes.summaries import credit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Answer, Post, Quote
    from rag.store.protocols import Snapshot

__all__ = ["about_citation", "asked_of_citation", "without_citations"]

Asked = Literal["post", "date", "author"]

# A question about an answer consists of these words only, so that it can be about nothing else.
_POST = frozenset({"post", "article", "entry", "page", "file", "document", "source", "sources"})
_SHOWN = frozenset({"that", "this", "these", "those", "quote", "quotes", "answer", "sentence", "information"}) | _POST
_WRITING = frozenset({"wrote", "written", "write", "posted", "published", "publish", "author", "writer", "by"})
_SAYING = frozenset({"say", "says", "said", "stated", "mention", "mentioned", "quoted", "taken", "from"}) | _WRITING
_HOLDING = frozenset(
    {"true", "valid", "current", "correct", "accurate", "right", "case", "hold", "holds", "apply", "date"}
)
_GRAMMAR = frozenset({
    "a", "and", "are", "blog", "but", "did", "do", "does", "exactly", "he", "how", "in", "is", "it", "of", "ok", "old",
    "outdated", "please", "recent", "s", "she", "so", "still", "the", "then", "they", "to", "up", "was", "were", "what",
    "when", "where", "which", "who", "whom", "you", "your",
})  # fmt: skip
_ALL = _SHOWN | _SAYING | _HOLDING | _GRAMMAR
# "What does the report say?", "Who wrote that?": the report
_WRITTEN = re.compile(
    r"\b(?:report|book|stud(?:y|ies)|paper|letter|guide|law|bill|act|memo|novel|story|essay|poem|song|manual|playbook|polic(?:y|ies))s?\b",
    re.IGNORECASE,
)
_LINKS = frozenset({"and", "but", "so", "ok", "then"})
_IT = re.compile(r"\b(?:it|they|them)\b", re.IGNORECASE)
_ONE = re.compile(r"\bit\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# words of the longest question about an answer: "And in which post exactly did the author say that?"
_MAX_WORDS = 12


def asked_of_citation(question: str) -> Asked | None:
    """What a follow-up asks about the answer before it; None if it asks something else.

    "It" may be the thing that the answer is about, so only "that", "this" or "the post" are the answer.

    >>> asked_of_citation("When was that written?"), asked_of_citation("When was it written?")
    ('date', None)
    """
    said = [word.lower() for word in _WORD.findall(question)]
    while said and said[0] in _LINKS:
        del said[0]
    known = frozenset(said)
    if not said or len(said) > _MAX_WORDS or not known <= _ALL:
        return None
    if "still" in known and known & _HOLDING and known & (_SHOWN | {"it"}):
        return "date"
    if not known & _SHOWN:
        return "author" if known & {"author", "writer"} and "who" in known else None
    return _kind_of(said, known)


def _kind_of(said: Sequence[str], known: frozenset[str]) -> Asked | None:
    """What a question in these words asks about the answer that it points to."""
    opening = said[1] if said[0] in ("in", "from") and len(said) > 1 else said[0]
    if opening in ("when", "how") or {"outdated", "date"} & known:
        dated = {"outdated", "date"} & known or (known & (_POST | {"information"}) and {"old", "recent"} & known)
        return "date" if dated or (opening == "when" and known & (_SAYING | _POST)) else None
    if known & {"who", "whom"}:
        return "author" if known & _WRITING else None
    if opening == "where":
        return "post" if known & _SAYING else None
    if opening in ("which", "what"):
        noun = said[said.index(opening) + 1 :]
        is_asked = next((word for word in noun if word != "blog"), "") in _POST
        return "post" if is_asked or known & {"source", "sources"} else None  # "What is the source?"
    return "post" if known & {"source", "sources"} else None  # "Your sources, please"


def without_citations(history: Sequence[str]) -> list[str]:
    """Earlier questions without those about an answer, after which the same is spoken of as before."""
    return [turn for at, turn in enumerate(history) if not at or _asked_after(turn, history[:at]) is None]


def _asked_after(question: str, history: Sequence[str]) -> Asked | None:
    """What is asked about an answer; after another such question "it" is the answer, too."""
    asked = asked_of_citation(question)
    if asked is None and len(history) > 1 and asked_of_citation(history[-1]) is not None:
        return asked_of_citation(_IT.sub("that", question))
    return asked


def about_citation(
    question: str, history: Sequence[str], store: Snapshot, answer_before: Callable[[], Answer]
) -> Answer | None:
    """What is asked about the previous answer; None if nothing is, or if there was no answer.

    After an answer about posts, "it" or "they" are the posts: "Who wrote them?".
    """
    pointing = _asked_after(question, history)
    asked = pointing or asked_of_citation(_IT.sub("that", question))
    if asked is None or (pointing == "author" and _WRITTEN.search(history[-1]) and not _names_post(question)):
        return None
    before = answer_before()
    listed = before.posts if before.summary is not None else ()
    if pointing is None and (not listed or (len(listed) > 1 and _ONE.search(question))):
        return None
    cited: dict[str, Quote | None] = {post.post_id: post.best for post in listed}
    for quote in () if listed else before.quotes:
        cited.setdefault(quote.post_id, quote)
    if not cited:
        return None
    posts = store.posts(list(cited))
    best = cited | {post_id: line for post_id in cited if asked == "author" and (line := credit(store, post_id))}
    several = [posts[post_id] for post_id in cited]
    if asked == "author" and len(several) > SHOWN:
        known = sum(post.author is None and best[post.post_id] is not cited[post.post_id] for post in several)
        said = f"{counted_posts(len(several))}{written_by([post.author for post in several], known)}".rstrip(".")
    elif asked == "post":
        said = f"This is from {' and '.join(f'“{post.title}”' for post in several)}"
    else:
        said = "; ".join(_said(asked, post, credited=best[post.post_id] is not cited[post.post_id]) for post in several)
    matches = tuple(match_of(PostMentions(post, ()), best[post.post_id]) for post in several)
    return given(question, f"{said}.", matches)


def _names_post(question: str) -> bool:
    return not _POST.isdisjoint(word.lower() for word in _WORD.findall(question))


def _said(asked: Asked, post: Post, *, credited: bool) -> str:
    """When a post was written, or by whom; ``credited`` if a sentence of it says so."""
    if asked == "date":
        return f"“{post.title}” {f'is dated {post.date}' if post.date else 'has no date'}"
    if post.author:
        return f"“{post.title}” is by {post.author}"
    return f"“{post.title}” {'says' if credited else 'does not say'} who wrote it"
