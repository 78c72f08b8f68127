"""A post as one row of the list, with the words that were searched for in their context."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from ui.views.citations import Ref
from ui.views.html import Markup, escape, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Post

__all__ = ["origin", "places_of", "post_row", "snippet"]

# Characters of a snippet: two lines at desk width.
SNIPPET_CHARS = 220

# Characters before the first match, to show it in its sentence.
LEAD_CHARS = 70

# Words of a search that are marked in an open post. Chosen: more than a reader steps through.
MAX_MARKED = 500

_WHITE = re.compile(r"\s+")


def origin(post: Post) -> list[str]:
    """Who wrote a post and for which site, as far as its pages say; the file only for a post without a title."""
    site = next((copy.site for copy in post.copies if copy.site), None)
    named = [name for name in dict.fromkeys((post.author, site)) if name]
    return named if named or post.title else [post.source]


def places_of(post: Post, words: Sequence[str]) -> Iterator[Ref]:
    """Where the words of a search are in a post, up to the number that is marked."""
    found = _pattern(words).finditer(post.text) if words else iter(())
    return (_at(post, one) for one in islice(found, MAX_MARKED))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)


def post_row(post: Post, words: Sequence[str] = ()) -> Markup:
    """The row; with ``words`` its link opens the post at the first of them, otherwise at its beginning."""
    pattern = _pattern(words)
    first = pattern.search(post.text) if words else None
    ref = Ref(post.post_id) if first is None else _at(post, first)
    pages = len({copy.file for copy in post.copies})
    facts = [
        post.date,
        *origin(post),
        amount(len(post.text.split()), "word"),
        amount(pages, "page"),
    ]
    title = post.title or "Untitled post"
    return join(
        [
            tag(
                "a",
                _with_marks(title, pattern) if words else title,
                href=ref.href,
                class_="cite-link post-title",
                dir="auto",
            ),
            tag("p", join([fact for fact in facts if fact], " · "), class_="post-facts"),
            tag("p", snippet(post.text, pattern if words else None), class_="post-snippet", dir="auto"),
        ]
    )


def _at(post: Post, found: re.Match[str]) -> Ref:
    return Ref(post.post_id, found.start(), found.end(), found.start(), found.end())


def snippet(text: str, pattern: re.Pattern[str] | None = None) -> Markup:
    """The text around the first match, with matches marked; the beginning if there is none."""
    found = pattern.search(text) if pattern is not None else None
    start = 0 if found is None else max(found.start() - LEAD_CHARS, 0)
    if start:  # from the beginning of a word
        start = text.find(" ", start, found.start() if found is not None else None) + 1 or start
    end = start + SNIPPET_CHARS
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + SNIPPET_CHARS // 2)
    shown = _WHITE.sub(" ", text[start:end]).strip()
    words = _with_marks(shown, pattern) if pattern is not None else escape(shown)
    return join(["… " if start else None, words, " …" if end < len(text) else None])


def _with_marks(text: str, pattern: re.Pattern[str]) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in pattern.finditer(text):
        parts += [escape(text[at : found.start()]), tag("mark", found[0])]
        at = found.end()
    return join([*parts, escape(text[at:])])
