"""What was marked in a book, as e-readers export it as a web page: each passage under the title of its book."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.loading.entries import Gathering
from rag.loading.exports.clippings import in_order
from rag.loading.html.text import strip_markup

if TYPE_CHECKING:
    from rag.loading.parts import Entries

__all__ = ["is_notebook", "read_notebook"]


def _named(name: str) -> re.Pattern[str]:
    """The content of an element of this class up to the next block; the exports close them with wrong tags."""
    inside = r"(?P<text>[^<]*+(?:<(?!/?(?:div|h[1-6])\b)[^<]*+)*+)"
    return re.compile(rf"<(?:div|h[1-6])\s+class\s*=\s*[\"']{name}[\"']\s*>{inside}", re.IGNORECASE)


_BOOK, _AUTHORS, _NOTE = _named("bookTitle"), _named("authors"), _named("noteText")
HEAD_CHARACTERS = 64 * 1024  # styles are above the title


def is_notebook(text: str) -> bool:
    """Whether a web page is such an export."""
    return _BOOK.search(text, 0, HEAD_CHARACTERS) is not None and _NOTE.search(text) is not None


def read_notebook(text: str, file: str, sha256: str) -> Entries:
    """Read the passages and notes; the headings that say where they are in the book are no text."""
    gathering = Gathering(file, sha256, text)
    book, authors = (form.search(text, 0, HEAD_CHARACTERS) for form in (_BOOK, _AUTHORS))
    for number, note in enumerate(_NOTE.finditer(text), 1):
        gathering.add(
            f"passage {number}",
            note.span("text"),
            "html",
            title=strip_markup(book["text"]) if book else None,
            author=in_order(strip_markup(authors["text"])) if authors else None,
        )
        if gathering.is_full():
            break
    return gathering.result()
