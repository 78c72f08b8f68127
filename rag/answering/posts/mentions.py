"""Every sentence about a thing, whatever form or name it uses, post by post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.answering.question.surnames import by_surname
from rag.answering.question.word_lookup import posts_with
from rag.answering.quotes.summaries import quote_of
from rag.records import PostMatch, Span
from rag.text.tokens import is_stop, runs, stem, words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.records import Post, Quote, Sentence
    from rag.store.protocols import Snapshot
    from rag.text.tokens import Word

__all__ = [
    "Mentions",
    "PostMentions",
    "find_mentions",
    "in_one_sentence",
    "match_of",
    "mentions_in",
    "names_in",
    "spoken_of_in_more",
]

# letters by which the lengths of two forms of a word may differ: "procure" and "procurement"
_MOST_ENDING = 4
_ABBREVIATION = re.compile(r"\s{0,2}\(\s?(?:the\s)?[“\"‘']?([A-Za-z][\w.&-]{1,14})[”\"’']?\s?\)")
_LONG_FORM = (
    r"((?:[A-Z][\w’'&-]{0,40}+\s{1,4}+(?:(?:of|the|and|for|on|in|to|&)\s{1,4}+){0,2}){1,8}[A-Z]?[\w’'-]{1,40}+)"
    r"\s{0,4}+\(\s?(?:the\s)?[“\"‘']?%s[”\"’']?\s?\)"
)
# most characters between the bracket of such a form and the short name
_BRACKET_ROOM = len("( the “")


@dataclass(frozen=True, slots=True)
class PostMentions:
    """A post and its sentences about a thing, in order."""

    post: Post
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """What posts say about a thing: its names, and the posts that mention it, oldest first, undated ones last."""

    subject: str
    names: tuple[str, ...]
    posts: tuple[PostMentions, ...]

    @property
    def count(self) -> int:
        """The number of sentences about it."""
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
    """Every sentence about a subject, for a person also by surname; ``among`` restricts the post ids."""
    posts = _posts(store, [subject], among)
    names = [subject, *_other_names(subject, posts)]
    if len(names) > 1:
        posts = _posts(store, names, among)
    alone = by_surname(store, subject, (post.post_id for post in posts if _is_named(post, names)))
    known = {post.post_id for post in posts}
    others = [post_id for post_id in alone if post_id not in known and (among is None or post_id in among)]
    posts += store.posts(others).values()
    rows = store.sentences([post.post_id for post in posts])
    found = [
        PostMentions(
            post, mentions_in(post, [row for _, row in rows[post.post_id]], names, alone.get(post.post_id, ()))
        )
        for post in posts
    ]
    kept = [one for one in found if one.quotes or any(names_in(one.post.title, name) for name in names)]
    kept.sort(key=lambda one: (one.post.date is None, one.post.date or "", one.post.title))
    return Mentions(subject, tuple(names), tuple(kept))


def _is_named(post: Post, names: Sequence[str]) -> bool:
    return any(names_in(f"{post.title}\n{post.text}", name) for name in names)


def spoken_of_in_more(store: Snapshot, subject: str, most: int) -> bool:
    """Whether more than this many posts mention a subject by this name; the search stops as soon as they do."""
    ids = posts_with(store, stem(_words_of(subject)))
    speaking, left = 0, len(ids)
    while speaking <= most < speaking + left:
        some = ids[len(ids) - left :][: most + 1]
        bodies, rows = store.bodies(some), store.sentences(some)
        for post_id in some:
            body = bodies[post_id]
            texts = (body.text[row.start : row.end] for _, row in rows[post_id] if row.kind in ("sentence", "item"))
            speaking += bool(names_in(body.title, subject)) or any(names_in(text, subject) for text in texts)
        left -= len(some)
    return speaking > most


def mentions_in(
    post: Post, rows: Sequence[Sentence], names: Sequence[str], also: Sequence[Span] = ()
) -> tuple[Quote, ...]:
    """The sentences of a post that contain one of some names, in any form, or one of the other spans given."""
    quotes = []
    for row in rows:
        if row.kind not in ("sentence", "item"):
            continue
        text = post.text[row.start : row.end]
        spans = [span for name in names for span in names_in(text, name)]
        here = (span for span in also if row.start <= span.start and span.end <= row.end)
        spans += [Span(span.start - row.start, span.end - row.start) for span in here]
        if spans:
            quotes.append(quote_of(post, row.start, row.end, tuple(spans)))
    return tuple(quotes)


def in_one_sentence(store: Snapshot, subject: str, among: Collection[str]) -> list[PostMentions]:
    """The posts with every word of a subject in one sentence, or in the title, but not side by side; most first."""
    roots = frozenset(stem([word for word in words(subject) if not is_stop(word)]))
    if len(roots) < 2:  # noqa: PLR2004 - one word is always beside itself
        return []
    found = []
    posts = store.posts([post_id for post_id in posts_with(store, list(roots)) if post_id in among])
    rows = store.sentences(list(posts))
    for post_id, post in posts.items():
        quotes = []
        for _, row in rows[post_id]:
            read = words(post.text[row.start : row.end]) if row.kind in ("sentence", "item") else []
            held = stem(read)
            if roots.issubset(held):
                of_it = [Span(word.start, word.end) for word, root in zip(read, held, strict=True) if root in roots]
                quotes.append(quote_of(post, row.start, row.end, tuple(of_it)))
        if quotes or roots.issubset(stem(words(post.title))):
            found.append(PostMentions(post, tuple(quotes)))
    return sorted(found, key=lambda one: (-len(one.quotes), one.post.date is None, one.post.title))


def match_of(one: PostMentions, best: Quote | None = None) -> PostMatch:
    """A post as listed in the answer to a question about posts."""
    post = one.post
    # a lead-in says nothing without its list
    whole = next((quote for quote in one.quotes if not quote.text.rstrip().endswith(":")), None)
    chosen = best or whole or (one.quotes[0] if one.quotes else None)
    return PostMatch(post.post_id, post.title, post.author, post.date, len(one.quotes), post.locations(), chosen)


def _posts(store: Snapshot, names: Sequence[str], among: Collection[str] | None) -> list[Post]:
    forms = [stem(_words_of(name)) for name in names]
    ids = dict.fromkeys(post_id for form in forms if form for post_id in posts_with(store, form))
    found = store.posts([post_id for post_id in ids if among is None or post_id in among])
    return [found[post_id] for post_id in ids if post_id in found]


@lru_cache(maxsize=64)
def _words_of(name: str) -> tuple[Word, ...]:
    """The words of a name, without articles before it."""
    read = words(name)
    while len(read) > 1 and is_stop(read[0]) and not name[read[0].start : read[0].end].isupper():
        read = read[1:]
    return tuple(read)


def names_in(text: str, name: str) -> list[Span]:
    """Where a text contains a name, in any form: "hypothecated" for "hypothecation", "mills" for "mill"."""
    wanted = _words_of(name)
    return [
        Span(start, end)
        for start, end in runs(text, stem(wanted))
        if all(
            _is_form(text, start + here.start, here.text, one.text, named=name[one.start].isupper())
            for here, one in zip(words(text[start:end]), wanted, strict=False)
        )
    ]


def _is_form(text: str, at: int, here: str, wanted: str, *, named: bool) -> bool:
    """Whether the word ``at`` a position of a text is a form of a wanted one with the same stem.

    "Access" is not a form of "accessibility", and neither is the "Commission" of a name one of "commissioning".
    ``named``: the wanted word has a capital.
    """
    if abs(len(here) - len(wanted)) > _MOST_ENDING:
        return False
    if named or here.rstrip("s") == wanted.rstrip("s") or not text[at].isupper():
        return True
    before = text[:at].rstrip(" “‘\"'(*•–-")
    return not before or before[-1] in ".!?:\n" or text.istitle()


def _other_names(subject: str, posts: Sequence[Post]) -> list[str]:
    """Other names that the posts give a subject: "Long Form (LF)", found from either of the two."""
    found: dict[str, int] = {}
    name = subject.strip()
    several = len(words(subject)) > 1  # one word has no initials
    for post in posts:
        for span in names_in(post.text, subject) if several else ():
            after = _ABBREVIATION.match(post.text, span.end)
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
    """Whether a name may be in brackets, as after its long form; checking is cheaper than compiling a pattern."""
    at = text.find(name) if name else -1
    while at >= 0:
        if "(" in text[max(at - _BRACKET_ROOM, 0) : at]:
            return True
        at = text.find(name, at + 1)
    return False


def _abbreviates(short: str, long: str) -> bool:
    """Whether the letters of a short name are the initials of the long one."""
    letters = "".join(letter for letter in short if letter.isalpha()).lower()
    initials = "".join(word.text[0] for word in words(long))
    content = "".join(word.text[0] for word in words(long) if not is_stop(word))
    return len(letters) > 1 and letters in (initials, content)


def _long_form(text: str, short: str) -> str | None:
    """The words at the end of a text whose initials are the letters of a short name."""
    read = words(text)
    for at in range(len(read) - 1, -1, -1):
        rest = text[read[at].start :]
        if _abbreviates(short, rest) and not is_stop(read[at]):
            return rest.strip()
    return None
