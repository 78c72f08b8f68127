"""From pages to posts: where one ends and the next begins, with titles, dates and authors where the page tells them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.blocks import Block, cut_blocks, fold_key
from rag.chrome import is_caption, is_chrome
from rag.dates import read_byline, trailing_date
from rag.records import Page, Piece, PostCopy, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["divide"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|date|author)\s*:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_ITEM = re.compile(r"(?:[•◦▪‣*+-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_TITLE_LINE = re.compile(r"#\s+(?P<title>.*?)\s*#*")

MAX_TITLE_WORDS = 22  # the longest of 2,500 blog titles looked at has 21


def divide(pages: Sequence[Page]) -> list[PostCopy]:
    """Every copy of a post on every page, in the order of the pages.

    The pages are looked at together: what stands on several of them tells titles from sub-headings.
    """
    outlines = [_Outline(page, cut_blocks(page.text)) for page in pages]
    seen = Counter(key for outline in outlines for key in {fold_key(block.text) for block in outline.blocks})
    return [copy for outline in outlines for copy in _cut(outline, seen)]


@dataclass(frozen=True, slots=True)
class _Outline:
    page: Page
    blocks: list[Block]


def _cut(outline: _Outline, seen: Counter[str]) -> list[PostCopy]:
    page, blocks = outline.page, outline.blocks
    front = _FRONT_MATTER.match(page.text)
    if front:
        fields = {key.casefold(): value.strip("\"'") for key, value in _FIELD.findall(front.group(1))}
        body = [block for block in blocks if block.start >= front.end()]
        byline = read_byline(fields.get("date", "")[:10])
        title = fields.get("title")
        if title is not None:
            made = _copy(page, title, body, byline.date if byline else None, fields.get("author"))
            return [made] if made else []
        blocks = body
    marked = [number for number, block in enumerate(blocks) if _TITLE_LINE.fullmatch(block.text)]
    if marked and (page.file.casefold().endswith((".md", ".markdown")) or marked[0] == 0):
        starts = marked if marked[0] == 0 else [0, *marked]
    else:
        starts = _plain_starts(blocks, seen)
    copies = []
    for start, end in zip(starts, [*starts[1:], len(blocks)], strict=True):
        made = _segment(page, blocks[start:end])
        if made:
            copies.append(made)
    return copies


def _plain_starts(blocks: list[Block], seen: Counter[str]) -> list[int]:
    held = sum(block.nbsp and _could_be_title(block) for block in blocks) > 1
    scores = {
        number: _score(blocks, number, held=held) for number in range(len(blocks)) if _could_be_title(blocks[number])
    }
    starts = [number for number, score in scores.items() if score > 0]
    return starts if starts and starts[0] == 0 else [0, *starts]


def _could_be_title(block: Block) -> bool:
    line = block.text
    return (
        block.blank > 0
        and len(line.split()) <= MAX_TITLE_WORDS
        and line[-1] not in ".,;:"
        and not _ITEM.match(line)
        and not is_chrome(line)
        and not is_caption(line)
        and read_byline(line) is None
    )


def _score(blocks: list[Block], number: int, *, held: bool) -> float:
    block = blocks[number]
    after = blocks[number + 1] if number + 1 < len(blocks) else None
    before = blocks[number - 1] if number else None
    if after is None:
        return -1.0
    if read_byline(after.text):
        return 2.0
    score = -1.0
    if block.nbsp:
        score += 1.5
    elif held:
        score -= 0.5
    if trailing_date(block.text):
        score += 1.5
    if before is None or is_chrome(before.text):
        score += 1.0
    if block.blank > 1:
        score += 0.5
    return score


def _segment(page: Page, blocks: list[Block]) -> PostCopy | None:
    title = date = author = None
    rest = blocks
    first = blocks[0]
    marked = _TITLE_LINE.fullmatch(first.text)
    if marked:
        title, rest = marked.group("title"), blocks[1:]
    elif _could_be_title(first):
        title, rest = first.text, blocks[1:]
        dated = trailing_date(title)
        if dated:
            title, date = dated
    while rest:
        byline = read_byline(rest[0].text)
        if byline:
            date, author = date or byline.date, author or byline.author
        elif not is_chrome(rest[0].text):
            break
        rest = rest[1:]
    return _copy(page, title, rest, date, author)


def _copy(page: Page, title: str | None, blocks: list[Block], date: str | None, author: str | None) -> PostCopy | None:
    while blocks and (is_chrome(blocks[-1].text) or is_caption(blocks[-1].text)):
        blocks = blocks[:-1]
    while blocks and (is_chrome(blocks[0].text) or is_caption(blocks[0].text)):
        blocks = blocks[1:]
    if not blocks:
        return None
    start, end = blocks[0].start, blocks[-1].end
    chrome = tuple(
        Span(block.start - start, block.end - start)
        for block in blocks
        if is_chrome(block.text) or is_caption(block.text)
    )
    pieces = (Piece(0, end - start, start, end),)
    return PostCopy(page.file, page.sha256, page.text[start:end], pieces, title, author, date, chrome, page.format)
