"""Counts the text of the pages that is in no post or never quoted: menus, frames, share buttons, captions."""

from __future__ import annotations

import sqlite3
from collections import Counter
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from rag.records import Dropped
from rag.spools import Spools, beside
from rag.text.lines import fold_key
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from rag.records import DroppedKind, Page, Post, PostCopy, Span
    from rag.spools import Spool

__all__ = ["dropped_lines", "left_over"]


_SCHEMA = """
CREATE TABLE lines (text TEXT, kind TEXT, times INTEGER, pages INTEGER, file TEXT, PRIMARY KEY (text, kind))
    WITHOUT ROWID;
"""
_ADD = """
INSERT INTO lines VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE
    SET times = times + excluded.times, pages = pages + excluded.pages, file = min(file, excluded.file)
"""
_ALL = "SELECT text, kind, times, pages, file FROM lines ORDER BY pages DESC, times DESC, kind, text"
# bytes per line while counting in memory, before lines go into the table; and the number of looked-up lines that are
# cached
_LINE_BYTES, _KEPT = 1000, 4096


def left_over(pages: Iterable[Page], copies: Iterable[PostCopy], posts: Iterable[Post]) -> list[Dropped]:
    """Every line of the pages that no answer can quote, as `dropped_lines` counts them."""
    with Spools() as spools:
        return list(dropped_lines(pages, copies, posts, spools))


def dropped_lines(
    pages: Iterable[Page], copies: Iterable[PostCopy], posts: Iterable[Post], spools: Spools
) -> Spool[Dropped]:
    """Every line of the pages that is never quoted, the most frequent first; copies are in the order of the pages.

    The lines of a web page outside posts are those that reading it left out; other pages with mark-up or records have
    none, because their text outside posts is mark-up. Lines are counted in a table on disk.
    """
    counts = _Counts(spools)
    for page, here in beside(pages, copies, attrgetter("file"), attrgetter("file")):
        counts.add(page.file, Counter(_lines(page, here)))
    counts.flush()
    captions: dict[str, tuple[list[str], set[str]]] = {}  # found only by comparing copies
    for post in posts:
        for line in _spanned(post.text, post.chrome):
            if not counts.has(line):
                times, files = captions.setdefault(line, ([], set()))
                times.append("")
                files.add(post.copies[0].file)
    counts.add_captions(captions)
    found = spools.spool(Dropped)
    for dropped in counts.rows():
        found.append(dropped)
    return found


class _Counts:
    """How often each line occurs, on how many pages, and the first of these by name."""

    def __init__(self, spools: Spools) -> None:
        self._table = sqlite3.connect("", isolation_level=None)  # a temporary file, which SQLite deletes
        spools.call_at_end(self._table.close)
        self._table.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + _SCHEMA)
        self._counts: dict[tuple[str, DroppedKind], tuple[int, int, str]] = {}
        self._together = spools.room_for(_LINE_BYTES)
        self.has = lru_cache(maxsize=_KEPT)(self._has)

    def add(self, file: str, lines: Mapping[tuple[str, DroppedKind], int]) -> None:
        """Add the lines of a page."""
        for line, times in lines.items():
            before, pages, first = self._counts.get(line, (0, 0, file))
            self._counts[line] = before + times, pages + 1, min(first, file)
        if len(self._counts) > self._together:
            self.flush()

    def flush(self) -> None:
        """Move the counts into the table."""
        self._table.executemany(_ADD, ((*line, *count) for line, count in sorted(self._counts.items())))
        self._counts = {}

    def _has(self, line: str) -> bool:
        """Whether a line is skipped inside posts."""
        found = self._table.execute("SELECT 1 FROM lines WHERE text = ? AND kind = 'inside'", (line,))
        return found.fetchone() is not None

    def add_captions(self, captions: Mapping[str, tuple[Sequence[str], Collection[str]]]) -> None:
        """Add lines that are skipped, with a mark for each occurrence and the pages of their posts."""
        rows = ((line, "inside", len(times), len(files), min(files)) for line, (times, files) in captions.items())
        self._table.executemany(_ADD, rows)

    def rows(self) -> Iterator[Dropped]:
        """All lines, the most frequent first."""
        return (Dropped(*row) for row in self._table.execute(_ALL))


def _lines(page: Page, copies: Sequence[PostCopy]) -> Iterator[tuple[str, DroppedKind]]:
    for copy in copies:
        for line in _spanned(copy.text, copy.chrome):
            yield line, "inside"
        yield from ((line.text, line.kind) for line in copy.left_out)
    if page.format != "text":
        return
    at = 0
    for copy in sorted(copies, key=lambda copy: copy.pieces[0].file_start):
        first, *_, last = copy.pieces[0], *copy.pieces
        for line in _folded(page.text[at : first.file_start]):
            yield line, "outside"
        if first.start == first.end and first.text is not None:  # the title, and the lines between it and the text
            title = fold_key(copy.title or "")
            for line in _folded(first.text):
                if not title or title not in fold_key(line):
                    yield line, "outside"
        at = max(at, last.file_end)
    for line in _folded(page.text[at:]):
        yield line, "outside"


def _spanned(text: str, spans: Sequence[Span]) -> Iterator[str]:
    for span in spans:
        yield from _folded(text[span.start : span.end])


def _folded(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if folded := fold_white(line):
            yield folded
