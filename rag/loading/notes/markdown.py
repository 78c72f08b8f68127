"""Posts in Markdown: a note is one post, unless it has several front matters or headings with a date line below."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.front_matter import (
    FrontMatter,
    date_in_name,
    facts_below,
    known_fields,
    read_front_matter,
    title_of_name,
)
from rag.loading.notes.markdown_text import join_blocks, read_blocks
from rag.loading.parts import Entries
from rag.records import Piece, PostCopy, SkippedPage
from rag.text.dates import guest_named, read_byline, title_and_date, trailing_date
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.loading.notes.markdown_text import MarkdownBlock

__all__ = ["read_markdown"]

MIN_DATED = 2  # first-level headings with a date line make a file a journal of several posts
# the first lines of a front matter in the middle of a file
_FURTHER = re.compile(r"^---[ \t]*\r?\n(?=[A-Za-z][\w-]*:[ \t])", re.MULTILINE)
_DRAFT = "it is marked as a draft; remove the mark to index it"
_NO_NOTE = "it describes a folder, tag or file of the notes program and is not a note"
_FIELD = re.compile(r"•\s*([A-Za-z][A-Za-z ]{0,20}):\s+(\S.*)")
_PROPERTY = re.compile(r"([A-Za-z][A-Za-z ]{0,20}):\s+(\S[^\n]*)")
_FACTS = frozenset(
    {
        "author", "full title", "title", "url", "category", "tags", "source", "source url", "published", "created",
        "created at", "created time", "updated", "updated at", "last edited time", "date", "summary",
    }
)  # fmt: skip
MIN_FACTS = 2
MAX_FURTHER = 4_000  # characters of a front matter that is not the first one
MAX_ABOVE_TITLE = 2  # blocks: the address of the page, a category
MAX_SHORT_WORDS = 14  # as for headings of texts; of 600 blog posts' lines without final punctuation, 93% are no longer


@dataclass(frozen=True, slots=True)
class _Section:
    """The blocks of one post; ``heading`` is that of its title, which is not part of its text."""

    heading: MarkdownBlock | None
    blocks: Sequence[MarkdownBlock]


def read_markdown(text: str, file: str, sha256: str) -> Entries:
    """The posts of a note, and the parts that are left out, with the reason.

    The title of a note is the one in its front matter, else its first first-level heading, else the file's name.
    """
    starts = _joined(text)
    if starts:
        return _posts_joined(text, file, sha256, starts)
    below = facts_below(text)
    front = read_front_matter(text) if below is None else replace(below, title=text.split("\n", 1)[0].strip())
    if front.is_draft:
        return Entries((), (SkippedPage(file, _DRAFT if below is None else _NO_NOTE),))
    if below is None:
        blocks = read_blocks(text, front.end, mdx=file.casefold().endswith(".mdx"))
    else:  # its first line is its title
        blocks = read_blocks(text[: below.end], min(text.find("\n") + 1, below.end))
    sections = list(_journal(blocks))
    copies = []
    for section in sections if sections and front.title is None else [_note(blocks, front)]:
        copy = _post(text, file, sha256, section, front, alone=not sections)
        if copy is not None:
            copies.append(copy)
    return Entries(tuple(copies), ())


def _joined(text: str) -> list[int]:
    """Where the posts of a file begin that has several, each below its own front matter; empty for a single note."""
    if not _FURTHER.match(text.lstrip("\ufeff")) or len(_FURTHER.findall(text)) < MIN_DATED:
        return []
    code = [(block.start, block.end) for block in read_blocks(text) if block.is_code]
    found = []
    for further in _FURTHER.finditer(text):
        front = read_front_matter(text[further.start() : further.start() + MAX_FURTHER])
        is_shown = any(start <= further.start() < end for start, end in code)
        if front.title and (front.date or front.author) and not is_shown:
            found.append(further.start())
    return found if len(found) >= MIN_DATED else []


def _posts_joined(text: str, file: str, sha256: str, starts: Sequence[int]) -> Entries:
    """The posts of a file that has several front matters, the first one at its top."""
    copies, left_out = [], []
    for start, end in pairwise([*starts, len(text)]):
        front = read_front_matter(text[start:end])
        if front.is_draft:
            left_out.append(SkippedPage(f"{file}, “{front.title}”", _DRAFT))
            continue
        blocks = read_blocks(text[:end], start + front.end, mdx=file.casefold().endswith(".mdx"))
        copy = _post(text, file, sha256, _note(blocks, front), front, alone=True)
        if copy is not None:
            copies.append(copy)
    return Entries(tuple(copies), tuple(left_out))


def _journal(blocks: Sequence[MarkdownBlock]) -> Iterator[_Section]:
    """The posts of a file whose first-level headings have date lines; empty if it is a single note."""
    titles = [at for at, block in enumerate(blocks) if block.level == 1]
    dated = [at for at in titles if _has_date_below(blocks, at)]
    if len(dated) < MIN_DATED or dated[0] != titles[0]:
        return
    if dated[0] > 0:
        yield _Section(None, blocks[: dated[0]])
    for at, end in zip(dated, [*dated[1:], len(blocks)], strict=True):
        yield _Section(blocks[at], blocks[at + 1 : end])


def _has_date_below(blocks: Sequence[MarkdownBlock], at: int) -> bool:
    if trailing_date(blocks[at].text) is not None:
        return True
    below = blocks[at + 1] if at + 1 < len(blocks) else None
    byline = read_byline(below.text) if below is not None and not below.level else None
    return byline is not None and byline.date is not None


def _note(blocks: Sequence[MarkdownBlock], front: FrontMatter) -> _Section:
    """The single post of a note, without the heading of its title if that is the first block."""
    first = blocks[0] if blocks else None
    if first is not None and first.level and (first.level == 1 or fold_key(first.text) == fold_key(front.title or "")):
        is_title = front.title is None or fold_key(front.title) == fold_key(first.text)
        if is_title:
            return _Section(first, blocks[1:])
    at = _title_below(blocks) if front.title is None else None
    return _Section(None, blocks) if at is None else _Section(blocks[at], [*blocks[:at], *blocks[at + 1 :]])


def _title_below(blocks: Sequence[MarkdownBlock]) -> int | None:
    """The number of a title that is no heading at the top, but one below a link or two, or a line above a date line."""
    titles = [at for at, block in enumerate(blocks) if block.level == 1]
    above = blocks[: titles[0]] if titles else []
    if len(titles) == 1 and len(above) <= MAX_ABOVE_TITLE and all(map(_is_short, above)):
        return titles[0]
    if len(blocks) > 1 and not titles and _is_short(blocks[0]) and read_byline(blocks[0].text) is None:
        byline = None if blocks[1].level else read_byline(blocks[1].text)
        return 0 if byline is not None and byline.date is not None else None
    return None


def _is_short(block: MarkdownBlock) -> bool:
    """Whether a block is no sentence: a link, a name, a title."""
    text = block.text
    return not block.level and not block.is_code and len(text.split()) <= MAX_SHORT_WORDS and text[-1:] not in ".!?:;"


def _post(text: str, file: str, sha256: str, section: _Section, front: FrontMatter, *, alone: bool) -> PostCopy | None:
    blocks = list(section.blocks)
    heading = section.heading
    title = heading.text if heading is not None else None
    date: str | None = None
    below = read_byline(blocks[0].text) if blocks and not blocks[0].level else None
    if title is not None and not (below is not None and below.date):
        title, date = title_and_date(title)
    author: str | None = None
    while blocks and not blocks[0].level and (byline := read_byline(blocks[0].text)) is not None:
        date, author = date or byline.date, author or byline.author
        blocks.pop(0)
    facts, blocks = _facts(text, blocks)
    shown, pieces = join_blocks(text, blocks)
    if not shown.strip():
        return None
    if alone:
        title = front.title or facts.title or title or title_of_name(file)
        date = front.date or facts.date or date or date_in_name(file)
        author = front.author or facts.author or author
    author = guest_named([block.text for block in blocks]) or author
    head = heading.start if heading is not None else pieces[0].file_start
    if head < pieces[0].file_start:  # the title and the lines below it are in the location but not in the text
        start = pieces[0].file_start
        pieces = (Piece(0, 0, head, start, text[head:start]), *pieces)
    title = title[:MAX_TITLE_CHARACTERS].rstrip() if title else None
    return PostCopy(file, sha256, shown, pieces, title, author, date, format="markdown")


def _properties(text: str, block: MarkdownBlock) -> dict[str, object]:
    """The properties of a database's page as Notion exports them, a line each, where a block is nothing else."""
    lines = text[block.start : block.end].strip().splitlines()
    found = [_PROPERTY.fullmatch(line.strip()) for line in lines]
    return {one[1].strip().casefold(): one[2] for one in found if one} if all(found) and not block.level else {}


def _facts(text: str, blocks: list[MarkdownBlock]) -> tuple[FrontMatter, list[MarkdownBlock]]:
    """The metadata in a list at the top of a saved article, and the blocks without that list."""
    at = 1 if blocks and blocks[0].level else 0
    found = _properties(text, blocks[at]) if at < len(blocks) else {}
    end = at + bool(found)
    while end < len(blocks) and (field := _FIELD.fullmatch(blocks[end].text)):
        found[field[1].strip().casefold()] = field[2]
        end += 1
    if len(_FACTS & found.keys()) < MIN_FACTS:
        return FrontMatter(), blocks
    return known_fields({**found, "title": found.get("full title", found.get("title"))}), blocks[end:]
