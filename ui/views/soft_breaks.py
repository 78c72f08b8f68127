"""Joins lines that were only broken to fit a width, for display; every character of the text stays."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from ui.views.html import Markup, escape, join, tag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["flowed", "soft_breaks"]

# A shorter line was not broken to fit a width. An estimate: four words.
MIN_LINE_CHARS = 20

# In text broken to fit a width, this share of the continued lines begins with a lower-case letter.
MIN_SHARE = 0.5

# The beginning of an item, a row, a quotation or code, which does not continue a sentence.
_ITEM = re.compile(r"[\s>|#•·‣–—*+-]|\(?[0-9a-zA-Z]{1,3}[.)]\s")
_ENDED = (".", "!", "?", ":", ";")


def soft_breaks(text: str) -> frozenset[int]:
    r"""The offsets of line breaks within a sentence, where its line was full.

    >>> sorted(soft_breaks("An API is a way for programs\nto share what they have.\n- one\n- two"))
    [28]
    """
    return frozenset(at for block in _blocks(text) for at in _of_block(text, block))


def _blocks(text: str) -> Iterator[list[tuple[int, int]]]:
    """The lines between empty lines, each as its start and end."""
    block: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            block.append((at, at + len(line)))
        else:
            yield block
            block = []
        at += len(line) + 1
    yield block


def _of_block(text: str, block: list[tuple[int, int]]) -> list[int]:
    found: list[tuple[int, bool]] = []
    for (start, end), (following, _) in pairwise(block):
        if end - start >= MIN_LINE_CHARS and not _ITEM.match(text, following):
            found.append((end, text[following].islower() and not text[start:end].rstrip().endswith(_ENDED)))
    going_on = sum(goes_on for _, goes_on in found)
    return [end for end, _ in found] if found and going_on >= MIN_SHARE * len(found) else []


def flowed(text: str, low: int, high: int, breaks: Collection[int]) -> Markup:
    """Part of a text as HTML, with the line breaks at some offsets shown as spaces."""
    parts: list[Markup] = []
    for at in sorted(one for one in breaks if low <= one < high):
        parts += [escape(text[low:at]), tag("span", "\n", class_="soft")]
        low = at + 1
    return join([*parts, escape(text[low:high])])
