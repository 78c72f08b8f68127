"""Every sentence that speaks of a thing, whatever form or name of it, post by post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.summaries import quote_of
from rag.answering.word_lookup import posts_with
from rag.records import PostMatch, Span
from rag.text.tokens import is_stop, runs, stem, words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.records import Post, Quote, Sentence
    from rag.store.protocols import Snapshot

__all__ = ["Mentions", "PostMentions", "find_mentions", "match_of", "mentions_in", "spoken_of_in_more"]

_ABBREVIATION = re.compile(r"\s{0,2}\(\s?(?:the\s)?[“\"‘']?([A-Za-z][\w.&-]{1,14})[”\"’']?\s?\)")
_LONG_FORM = (
    r"((?:[A-Z][\w’'&-]{0,40}+\s{1,4}+(?:(?:of|the|and|for|on|in|to|&)\s{1,4}+){0,2}){1,8}[A-Z]?[\w’'-]{1,40}+)"
    r"\s{0,4}+\(\s?(?:the\s)?[“\"‘']?%s[”\"’']?\s?\)"
)
# characters from the bracket of such a form to the short name, at most
_BRACKET_ROOM = len("( the “")


@dataclass(frozen=True, slots=True)
class PostMentions:
    """A post and its sentences that speak of a thing, in order."""

    post: Post
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """What posts say about a thing: its names, and the posts that speak of it, oldest first, undated ones last."""

    subject: str
    names: tuple[str, ...]
    posts: tuple[PostMentions, ...]

    @property
    def count(self) -> int:
        """How many sentences speak of it."""
        return sum(len(one.quotes) for one in self.posts)

    def to_dict(self) -> dict[str, object]:
        """The shape that `pullquote about --json` prints."""
        return {
            "about": self.subject,
            "names": list(self.names),
            "sentences": self.count,
            "posts": [
                {
                    "post_id": one.post.post_id,
                    "title": one.post.title,
                    "author": one.post.author,
                    "date": one.post.date,
                    "quotes": [quote.to_dict() for quote in one.quotes],
                }
                for one in self.posts
            ],
        }


def find_mentions(store: Snapshot, subject: str, among: Collection[str] | None = None) -> Mentions:
    """Every sentence that speaks of a subject; ``among`` restricts the post ids."""
    roots = _roots(subject)
    posts = _posts(store, [roots], among)
    names = _other_names(subject, roots, posts)
    forms = [roots, *map(_roots, names)]
    if names:
        posts = _posts(store, forms, among)
    rows = store.sentences([post.post_id for post in posts])
    found = [PostMentions(post, mentions_in(post, [row for _, row in rows[post.post_id]], forms)) for post in posts]
    kept = [one for one in found if one.quotes or any(_holds(one.post.title, form) for form in forms)]
    kept.sort(key=lambda one: (one.post.date is None, one.post.date or "", one.post.title))
    return Mentions(subject, (subject, *names), tuple(kept))


def spoken_of_in_more(store: Snapshot, subject: str, most: int) -> bool:
    """Whether more than so many posts speak of a subject under this name; it looks no further than it has to."""
    form = _roots(subject)
    ids = posts_with(store, form)
    speaking, left = 0, len(ids)
    while speaking <= most < speaking + left:
        some = ids[len(ids) - left :][: most + 1]
        bodies, rows = store.bodies(some), store.sentences(some)
        for post_id in some:
            body = bodies[post_id]
            texts = (body.text[row.start : row.end] for _, row in rows[post_id] if row.kind in ("sentence", "item"))
            speaking += _holds(body.title, form) or any(_holds(text, form) for text in texts)
        left -= len(some)
    return speaking > most


def mentions_in(post: Post, rows: Sequence[Sentence], forms: Sequence[Sequence[str]]) -> tuple[Quote, ...]:
    """The sentences of a post that hold one of some runs of stems."""
    quotes = []
    for row in rows:
        if row.kind not in ("sentence", "item"):
            continue
        text = post.text[row.start : row.end]
        spans = [Span(*span) for form in forms for span in runs(text, form)]
        if spans:
            quotes.append(quote_of(post, row.start, row.end, tuple(spans)))
    return tuple(quotes)


def match_of(one: PostMentions, best: Quote | None = None) -> PostMatch:
    """A post as the answer to a question about posts lists it."""
    post = one.post
    chosen = best or (one.quotes[0] if one.quotes else None)
    return PostMatch(post.post_id, post.title, post.author, post.date, len(one.quotes), post.locations(), chosen)


def _posts(store: Snapshot, forms: Sequence[Sequence[str]], among: Collection[str] | None) -> list[Post]:
    ids = dict.fromkeys(post_id for form in forms if form for post_id in posts_with(store, form))
    found = store.posts([post_id for post_id in ids if among is None or post_id in among])
    return [found[post_id] for post_id in ids if post_id in found]


def _roots(subject: str) -> list[str]:
    """The stems of a subject, without articles before it."""
    read = words(subject)
    while len(read) > 1 and is_stop(read[0]) and not subject[read[0].start : read[0].end].isupper():
        read = read[1:]
    return stem(read)


def _holds(text: str, form: Sequence[str]) -> bool:
    return bool(runs(text, form))


def _other_names(subject: str, roots: Sequence[str], posts: Sequence[Post]) -> list[str]:
    """Names that the posts themselves give a subject: "Long Form (LF)", told from either of the two."""
    found: dict[str, int] = {}
    name = subject.strip()
    shortened = roots if len(words(subject)) > 1 else ()  # one word has no initials
    for post in posts:
        for _, end in runs(post.text, shortened):
            after = _ABBREVIATION.match(post.text, end)
            if after is not None and _abbreviates(after[1], subject):
                found[after[1]] = found.get(after[1], 0) + 1
        if not _in_brackets(post.text, name):
            continue
        for match in re.finditer(_LONG_FORM % re.escape(name), post.text):
            full = _long_form(match[1], subject)
            if full is not None:
                found[full] = found.get(full, 0) + 1
    return sorted(found, key=lambda name: (-found[name], name))


def _in_brackets(text: str, name: str) -> bool:
    """Whether a name may stand in brackets, as behind its long form; to look is cheaper than to compile a pattern."""
    at = text.find(name) if name else -1
    while at >= 0:
        if "(" in text[max(at - _BRACKET_ROOM, 0) : at]:
            return True
        at = text.find(name, at + 1)
    return False


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short name are those that the words of the long one begin with."""
    letters = "".join(letter for letter in short if letter.isalpha()).lower()
    initials = "".join(word.text[0] for word in words(long))
    content = "".join(word.text[0] for word in words(long) if not is_stop(word))
    return len(letters) > 1 and letters in (initials, content)


def _long_form(text: str, short: str) -> str | None:
    """The end of a text whose words begin with the letters of a short name."""
    read = words(text)
    for at in range(len(read) - 1, -1, -1):
        rest = text[read[at].start :]
        if _abbreviates(short, rest) and not is_stop(read[at]):
            return rest.strip()
    return None
