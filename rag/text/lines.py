"""A page's text as blocks: its non-blank lines, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Block", "cut_blocks", "fold_key"]

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_FOLD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Block:
    """One non-blank line: ``text[start:end]`` of the page, without white space around it.

    ``blank`` is the number of blank lines before it. ``nbsp`` says whether a non-breaking space joins the last words.
    """

    start: int
    end: int
    text: str
    blank: int
    nbsp: bool


def cut_blocks(text: str) -> list[Block]:
    """The non-blank lines of a page, in order."""
    blocks: list[Block] = []
    last_end = 0
    for match in _LINE.finditer(text):
        line = match.group()
        bare = line.strip()
        if not bare:
            continue
        start = match.start() + len(line) - len(line.lstrip())
        end = start + len(bare)
        gap = text[last_end:start]
        breaks = gap.count("\n") or gap.count("\r") or len(gap.splitlines()) - 1
        words = bare.rsplit(None, 1) if " " in bare else bare.split("\xa0")
        nbsp = "\xa0" in bare[-40:] and len(words) > 1 and bare[len(bare) - len(words[-1]) - 1] == "\xa0"
        blocks.append(Block(start, end, " ".join(bare.split()), max(breaks - 1, 0) if blocks else 1, nbsp))
        last_end = end
    return blocks


def fold_key(text: str) -> str:
    """Letters and digits only, case folded: equal for texts that differ only in spacing, quotes and punctuation."""
    return _FOLD.sub("", text).casefold()
