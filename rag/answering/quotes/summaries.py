"""A post in its own words: its central sentences, its first one, and the line that says who wrote it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.quotes.locations import locate
from rag.records import Quote, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Post, Sentence
    from rag.store.protocols import Snapshot

__all__ = ["carrying_sentences", "credit", "first_sentence", "quote_of"]

# sentences of a summary
_CARRYING = 4
# words of such a sentence; shorter ones say too little, longer ones cannot be read at a glance
_MIN_WORDS, _MAX_WORDS = 8, 50
# bonus for early sentences on top of their similarity to the post: posts say early what they are about
_EARLY = 0.1
_CREDIT = re.compile(
    r"\b(?:(?:posted|published|written|authored|contributed|reported|prepared)\b.{0,80}?\bby\b"
    r"|guest\s+(?:post|blog)|this\s+(?:post|article|blog)\b.{0,60}?\bby\b)|^\W*by:?\s+(?-i:[A-Z])",
    re.IGNORECASE,
)


def carrying_sentences(store: Snapshot, post_id: str, page: int = 0) -> list[Quote]:
    """The sentences of a post most similar to the whole, in the order of the post; those of later pages are less so."""
    import numpy as np

    post = store.posts([post_id])[post_id]
    rows = [row for _, row in store.sentences([post_id])[post_id]]
    vectors = store.sentence_vectors_of([post_id])[post_id].astype(np.float32)
    places = [place for place, row in enumerate(rows) if _tells(post, row)]
    if not places:
        first = first_sentence(post, rows)
        return [first] if first is not None and not page else []
    middle = vectors[places].mean(axis=0)
    near = vectors[places] @ middle / (np.linalg.norm(vectors[places], axis=1) * np.linalg.norm(middle) + 1e-9)
    scores = {
        place: float(one) - _EARLY * at / len(places) for at, (place, one) in enumerate(zip(places, near, strict=True))
    }
    best = sorted(places, key=lambda place: -scores[place])[_CARRYING * page : _CARRYING * (page + 1)]
    return [quote_of(post, rows[place].start, rows[place].end) for place in sorted(best)]


def first_sentence(post: Post, rows: Sequence[Sentence]) -> Quote | None:
    """The first sentence of a post with content."""
    telling = [row for row in rows if _tells(post, row)] or [row for row in rows if row.kind == "sentence"]
    return quote_of(post, telling[0].start, telling[0].end) if telling else None


def credit(store: Snapshot, post_id: str) -> Quote | None:
    """The sentence of a post that says who wrote it, which is usually at the end."""
    post = store.posts([post_id])[post_id]
    for _, row in reversed(store.sentences([post_id])[post_id]):
        if row.kind in ("sentence", "item") and _CREDIT.search(post.text[row.start : row.end]):
            return quote_of(post, row.start, row.end)
    return None


def quote_of(post: Post, start: int, end: int, covered: tuple[Span, ...] = ()) -> Quote:
    """A span of a post as a quote that was not ranked for a question."""
    return Quote(
        text=post.text[start:end],
        post_id=post.post_id,
        post_title=post.title,
        score=0.0,
        start=start,
        end=end,
        locations=locate(post, start, end),
        post_date=post.date,
        chunk=Span(start, end),
        covered=covered,
    )


def _tells(post: Post, row: Sentence) -> bool:
    text = post.text[row.start : row.end]
    size = len(text.split())
    return row.kind == "sentence" and _MIN_WORDS <= size <= _MAX_WORDS and not text.rstrip().endswith(("?", ":"))
