"""Makers of pages, posts, copies, quotes and answers for the tests: each takes only what its test is about."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag import build_index, open_index
from rag.records import Answer, Copy, Location, Page, Piece, Post, PostCopy, Quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.records import Span, Variant

__all__ = ["SHA", "index_of", "make_answer", "make_copy", "make_page", "make_post", "make_post_copy", "make_quote"]

SHA = "0" * 64  # any hash will do, because no file is opened


def make_page(text: str, file: str = "page.txt", kind: str = "text") -> Page:
    """A page with the hash of its text."""
    return Page(file, text, hashlib.sha256(text.encode()).hexdigest(), "utf-8", kind)


def make_copy(text: str, file: str = "a.txt", *, at: int = 0) -> Copy:
    """A place where a whole text is unchanged, from ``at`` in the file."""
    return Copy(file, SHA, (Piece(0, len(text), at, at + len(text)),))


def make_post_copy(
    file: str, *paragraphs: str, title: str | None = "A title", at: int = 7, chrome: tuple[Span, ...] = ()
) -> PostCopy:
    """A post as one page has it, its paragraphs separated by blank lines."""
    text = "\n\n".join(paragraphs)
    return PostCopy(file, SHA, text, (Piece(0, len(text), at, at + len(text)),), title, chrome=chrome)


def make_post(
    text: str = "words",
    *copies: Copy,
    title: str = "A title",
    post_id: str = "p1",
    chrome: tuple[Span, ...] = (),
    variants: tuple[Variant, ...] = (),
) -> Post:
    """A post of a text."""
    return Post(post_id, title, text, copies, chrome=chrome, variants=variants)


def make_quote(
    words: str,
    text: str | None = None,
    *files: str,
    title: str = "A title",
    post_id: str = "p1",
    start: int | None = None,
) -> Quote:
    """Words of a text with their place in each file; the text is that of the post and of each file."""
    begin = start if start is not None else (text or words).find(words)
    end = begin + len(words)
    places = tuple(Location(file, begin, end, SHA) for file in files or ("a.txt",))
    return Quote(words, post_id, title, 1.0, begin, end, places)


def make_answer(
    *quotes: Quote,
    question: str = "?",
    confidence: float = 0.9,
    closest: tuple[Quote, ...] = (),
    reason: str | None = None,
    id: str = "",  # noqa: A002 - the field's name
) -> Answer:
    """An answer with these quotes, or a refusal without any."""
    if quotes:
        return Answer(question, "answered", confidence, "high", quotes, id=id)
    return Answer(question, "no_answer", confidence, "low", closest=closest, reason=reason, id=id)


@contextmanager
def index_of(texts: Mapping[str, str], folder: Path) -> Iterator[Index]:
    """An open index of pages, given as text by file name; pages and index are put into a folder."""
    pages = folder / "pages"
    pages.mkdir()
    for name, text in texts.items():
        (pages / name).write_text(text, encoding="utf-8")
    build_index([pages], into=folder / "index")
    with open_index(folder / "index") as index:
        yield index
