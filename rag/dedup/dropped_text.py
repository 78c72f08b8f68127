"""What of the pages is in no post or is never quoted: menus, frames, share buttons, captions; all of it, counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.records import Dropped
from rag.text.lines import fold_key
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import DroppedKind, Page, Post, PostCopy, Span

__all__ = ["left_over"]


@dataclass(slots=True)
class _Count:
    times: int = 0
    files: set[str] = field(default_factory=set)


def left_over(pages: Sequence[Page], copies: Sequence[PostCopy], posts: Sequence[Post]) -> list[Dropped]:
    """Every line of the pages that no answer can quote, the most frequent first.

    A web page's lines outside posts are those that reading it left out; other pages with mark-up or records have none,
    for what stands there is mark-up.
    """
    of_page: dict[str, list[PostCopy]] = defaultdict(list)
    for copy in copies:
        of_page[copy.file].append(copy)
    counts: dict[tuple[str, DroppedKind], _Count] = defaultdict(_Count)
    for page in pages:
        for text, kind in _lines(page, of_page[page.file]):
            count = counts[text, kind]
            count.times += 1
            count.files.add(page.file)
    known = set(counts)
    for post in posts:  # captions that only the comparison of copies has shown
        for line in _spanned(post.text, post.chrome):
            if (line, "inside") not in known:
                counts[line, "inside"].times += 1
                counts[line, "inside"].files.add(post.copies[0].file)
    rows = [
        Dropped(text, kind, count.times, len(count.files), min(count.files)) for (text, kind), count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row.pages, -row.times, row.kind, row.text))


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
        if first.start == first.end and first.text is not None:  # the title and what stands between it and the text
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
