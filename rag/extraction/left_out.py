"""The lines of a web page that are in no post, with the reason for leaving them out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from rag.loading.html.hidden_text import has_notes_beside, is_beside
from rag.loading.html.text import BLOCKS, strip_markup
from rag.loading.html.tokens import read_attributes, tokens_of
from rag.records import LeftOut
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rag.extraction.judged_page import JudgedPage
    from rag.extraction.main_content import MainText

__all__ = ["left_out_of"]


def left_out_of(judged: JudgedPage, found: Iterable[tuple[MainText, str | None]]) -> tuple[LeftOut, ...]:
    """The lines in none of the texts found on a page; each text comes with its title, which is not left out.

    Notes that are shown beside a sentence are in none of the texts either.
    """
    texts, titles = [], set()
    for text, title in found:
        texts.append(text)
        titles.add(fold_key(title or ""))
    covered = set(_covered(judged, texts))
    lines = (
        LeftOut(line.text, judged.reason(line))
        for number, line in enumerate(judged.tree.lines)
        if number not in covered and fold_key(line.text) not in titles
    )
    return (*lines, *(LeftOut(note, "hidden") for note in _notes_beside(judged.tree.source)))


def _notes_beside(source: str) -> Iterator[str]:
    """The notes inside of sentences, which are shown beside them."""
    if not has_notes_beside(source):
        return
    depth, start, name = 0, 0, ""
    for token in tokens_of(source):
        if depth and token.name == name:
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
            if not depth and (text := strip_markup(source[start : token.start])):
                yield text
        elif not depth and token.kind == "open" and token.name not in BLOCKS:
            depth = int(is_beside(read_attributes(source[token.start : token.end])))
            start, name = token.end, token.name


def _covered(judged: JudgedPage, texts: Iterable[MainText]) -> Iterator[int]:
    for text in texts:
        cuts = [cut.start for cut in text.cuts]
        for number in range(judged.line_at(text.start), judged.line_at(text.end)):
            start = judged.tree.lines[number].start
            at = bisect_left(cuts, start + 1) - 1
            if at < 0 or start >= text.cuts[at].end:
                yield number
