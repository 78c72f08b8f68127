"""The items of the lists of a post, whose lines are indented when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rag.text.sentences import SentenceCut

__all__ = ["Item", "items_of"]

# How far the lines of an item are indented, in em: for a sign, for each character of a number, and for each space
# before either. By the width of characters in common fonts.
SIGN_EM, DIGIT_EM, SPACE_EM = 1.1, 0.55, 0.3


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: whole lines from ``start`` to ``end``, with a marker and white space before ``words``."""

    start: int
    words: int
    end: int

    def hang(self, text: str) -> str:
        """How far its lines are indented, as a length of CSS."""
        marker = text[self.start : self.words]
        sign = marker.strip()
        width = DIGIT_EM * (len(sign) + 1) if any(map(str.isalnum, sign)) else SIGN_EM
        return f"{width + SPACE_EM * (len(marker) - len(marker.lstrip())):.2f}em"


def items_of(text: str, cuts: Sequence[SentenceCut], breaks: Collection[int]) -> Iterator[Item]:
    """The items of lists that begin with a marker at the beginning of a line, each to the end of its last line."""
    for place, first in enumerate(cuts):
        start = text.rfind("\n", 0, max(first.marker_start, 0)) + 1
        if first.kind != "item" or first.marker_start < 0 or text[start : first.marker_start].strip():
            continue
        last = place
        while last + 1 < len(cuts) and _goes_on(text, cuts[last], cuts[last + 1], breaks):
            last += 1
        end = text.find("\n", cuts[last].end)
        yield Item(start, first.start, end if end >= 0 else len(text))


def _goes_on(text: str, cut: SentenceCut, following: SentenceCut, breaks: Collection[int]) -> bool:
    """Whether the next sentence is of the same item: on the same line, or after a break that only fits a width."""
    if following.kind != "item" or following.marker_start >= 0 or following.paragraph != cut.paragraph:
        return False
    return all(text[at] != "\n" or at in breaks for at in range(cut.end, following.start))
