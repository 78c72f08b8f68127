"""The lines of a web page that are in no post, with the reason for leaving them out."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from rag.records import LeftOut
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rag.extraction.judged_page import JudgedPage
    from rag.extraction.main_content import MainText

__all__ = ["left_out_of"]


def left_out_of(judged: JudgedPage, found: Iterable[tuple[MainText, str | None]]) -> tuple[LeftOut, ...]:
    """The lines in none of the texts found on a page; each text comes with its title, which is not left out."""
    texts, titles = [], set()
    for text, title in found:
        texts.append(text)
        titles.add(fold_key(title or ""))
    covered = set(_covered(judged, texts))
    return tuple(
        LeftOut(line.text, judged.reason(line))
        for number, line in enumerate(judged.tree.lines)
        if number not in covered and fold_key(line.text) not in titles
    )


def _covered(judged: JudgedPage, texts: Iterable[MainText]) -> Iterator[int]:
    for text in texts:
        cuts = [cut.start for cut in text.cuts]
        for number in range(judged.line_at(text.start), judged.line_at(text.end)):
            start = judged.tree.lines[number].start
            at = bisect_left(cuts, start + 1) - 1
            if at < 0 or start >= text.cuts[at].end:
                yield number
