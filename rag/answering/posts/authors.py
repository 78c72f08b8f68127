"""Who wrote the posts, or those about a thing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rag.answering.posts.mentions import match_of
from rag.answering.posts.wording import counted_posts
from rag.answering.question.parts import refusal
from rag.answering.quotes.further import given, nothing_further
from rag.answering.quotes.summaries import credit
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.posts.mentions import PostMentions
    from rag.records import Answer, PostEntry
    from rag.store.protocols import Snapshot

__all__ = ["authors", "writers"]

# authors named in a sentence
_NAMED = 12
# share of the posts that must name an author for authors to be counted
_MIN_NAMED = 0.5
# posts without an author in which the line that says who wrote them is looked for, which reads each of them
_CREDITED = 100


def authors(question: str, entries: Sequence[PostEntry], page: int) -> Answer:
    """The authors of some posts, those of most posts first; ``page`` is how often more have been asked for."""
    named = Counter(one.author for one in entries if one.author)
    every = len(entries)
    if sum(named.values()) < _MIN_NAMED * max(every, 1):
        counted = f"{sum(named.values()):,} of {counted_posts(every)}"
        return refusal(question, f"Only {counted} name an author, so authors cannot be counted.")
    start = _NAMED * page
    some = ", ".join(f"{name} ({times})" for name, times in named.most_common()[start : start + _NAMED])
    if not some:
        return nothing_further(given(question, f"{amount(len(named), 'author')}.", ()))
    left = len(named) - start - _NAMED
    others = "; the next are" if start else ""
    return given(
        question, f"{amount(len(named), 'author')}{others}: {some}{f', and {left} more' if left > 0 else ''}.", ()
    )


def writers(question: str, about: str, store: Snapshot, found: Sequence[PostMentions]) -> Answer:
    """The posts about a thing and who wrote them, in the byline or in a line of the text."""
    unsigned = [one.post.post_id for one in found if one.post.author is None]
    found_lines = {post_id: credit(store, post_id) for post_id in unsigned[:_CREDITED]}
    lines = {post_id: line for post_id, line in found_lines.items() if line is not None}
    said = written_by([one.post.author for one in found], len(lines))
    summary = f"{counted_posts(len(found), 'is about', 'are about')} {about}{said}"
    return given(question, summary, tuple(match_of(one, lines.get(one.post.post_id)) for one in found))


def written_by(authors: Sequence[str | None], known: int = 0) -> str:
    """Who wrote some posts, to follow their number, those of most posts first; ``known`` more say it in their text.

    >>> written_by(["Ada Moss", None, "Bo Reed", "Ada Moss"])
    ', by Ada Moss (2) and Bo Reed. 1 post names no author.'
    """
    times = Counter(author for author in authors if author)
    several = [f"{name} ({count})" if count > 1 else name for name, count in times.most_common(_NAMED)]
    if more := len(times) - len(several):
        several.append(f"{more} others")
    named = f", by {', '.join(several[:-1])}{' and ' * (len(several) > 1)}{several[-1]}" if several else ""
    known_ = f" {counted_posts(known, 'says', 'say')} in the text who wrote it." if known else ""
    nameless = len(authors) - sum(times.values()) - known
    if nameless == len(authors):
        return ". It names no author." if nameless == 1 else ". None of them names an author."
    return f"{named}.{known_}" + (f" {counted_posts(nameless, 'names', 'name')} no author." if nameless else "")
