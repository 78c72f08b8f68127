"""Pages with metadata from elsewhere: mails, chapters of an e-book, posts of an export with a table.

The whole page is one post, without the boilerplate of a site. A mail has a few lines of its own: a preview, a link to
read it in a browser, and the reason why the reader receives it. These are not part of its text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.escapes import body
from rag.loading.front_matter import date_in_name, title_of_name
from rag.loading.html_text import render, strip_markup
from rag.loading.html_tokens import VOID, read_attributes, tokens_of
from rag.loading.parts import Entries, Known
from rag.loading.pieces import pieces_within
from rag.records import PostCopy, Span
from rag.text.dates import read_byline
from rag.text.lines import cut_blocks, fold_key
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.loading.decoding import DecodedPage
    from rag.records import Piece
    from rag.text.lines import Block
__all__ = ["read_known_page"]

LINES_AT_TOP = 8  # lines above a mail's text among which its own lines are searched for
MAX_WORDS_BELOW = 60  # lines below the end of a mail, such as an address or a legal notice, are no longer

_HEADING = re.compile(r"<h[1-3]\b[^<>]*+>((?:(?!<h[1-3]\b).)*?)</h[1-3]\s*+>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]*+>((?:(?!<title\b).)*?)</title\s*+>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"view (?:this |the |it )?(?:e-?mail |message |post |newsletter )?"
    r"(?:in|on) (?:your |a |the )?(?:web )?(?:browser|web|site)"
    r"|(?:view|read|open) (?:it |this )?online|read in app|forwarded this|trouble (?:viewing|reading)|no images\?",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"unsubscribe|(?:update|manage|change) (?:your )?(?:e-?mail )?(?:preferences|subscription|settings)"
    r"|you(?:'re|’re| are)? (?:receiv|getting|get this|subscribed)|you received this|why (?:am i|did i) (?:get|receiv)"
    r"|copyright (?:©|\(c\))?\s*\d{4}|© ?\d{4}|all rights reserved|(?:our )?mailing address|want to change how you"
    r"|no longer wish to receive|opt[- ]out|add us to your address book|view (?:this |it )?in (?:your )?browser"
    r"|sent (?:to|from) \S+@",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s*")


def read_known_page(page: DecodedPage, file: str, sha256: str) -> Entries:
    """The page as one post, with the known title, author and day, or its own."""
    known = page.known or Known()
    if page.format == "html":
        text, pieces = _shown(page.text, in_mail=known.in_mail)
    else:
        mapped = body(page.text, 0, len(page.text), "text")
        text, pieces = mapped.text, mapped.pieces
    headings = [strip_markup(found) for found in _HEADING.findall(page.text)] if page.format == "html" else []
    named = _TITLE.search(page.text) if page.format == "html" else None
    title = known.title or next(filter(None, headings), None) or (strip_markup(named[1]) if named else None)
    start, end, byline = _ends(text, title, in_mail=known.in_mail)
    text, pieces = text[start:end], pieces_within(pieces, start, end)
    if not text.strip():
        return Entries((), ())
    title = fold_white(title or title_of_name(file) or "")[:MAX_TITLE_CHARACTERS].rstrip() or None
    author, date = byline
    copy = PostCopy(
        file,
        sha256,
        text,
        pieces,
        title,
        known.author or author,
        known.date or date or date_in_name(file),
        format=page.format,
    )
    return Entries((copy,), ())


def _shown(source: str, *, in_mail: bool) -> tuple[str, tuple[Piece, ...]]:
    rendered = render(source, cuts=list(_unseen(source)) if in_mail else ())
    return rendered.text, rendered.pieces


def _unseen(source: str) -> Iterator[Span]:
    """The elements that a mail hides, such as the preview shown next to the subject in a list of mails."""
    depth, start, name = 0, 0, ""
    for token in tokens_of(source):
        if token.kind == "open" and token.name not in VOID:
            if depth:
                depth += token.name == name
            else:
                attributes = read_attributes(source[token.start : token.end])
                if "hidden" in attributes or _UNSEEN.search(attributes.get("style", "")):
                    depth, start, name = 1, token.start, token.name
        elif token.kind == "close" and depth and token.name == name:
            depth -= 1
            if not depth:
                yield Span(start, token.end)


def _ends(text: str, title: str | None, *, in_mail: bool) -> tuple[int, int, tuple[str | None, str | None]]:
    """Where the text of a page begins and ends, and the author and day below its title."""
    lines = cut_blocks(text)
    first, last = 0, len(lines)
    author = date = None
    key = fold_key(title or "")
    while first < last:
        line = lines[first].text
        byline = read_byline(line) if first else None
        if not (fold_key(line) == key or byline is not None or (in_mail and _ABOVE.search(line) and _is_short(line))):
            break
        if byline is not None:
            author, date = author or byline.author, date or byline.date
        first += 1
    if in_mail:
        first = max([first, *(at + 1 for at in range(min(LINES_AT_TOP, last)) if _is_title_or_above(lines[at], key))])
        last = _end_of_mail(lines, first)
    if first >= last:
        return 0, len(text), (author, date)
    return lines[first].start, lines[last - 1].end, (author, date)


def _is_title_or_above(line: Block, key: str) -> bool:
    return _is_short(line.text) and (fold_key(line.text) == key != "" or _ABOVE.search(line.text) is not None)


def _is_short(line: str) -> bool:
    return len(line.split()) <= MAX_WORDS_BELOW // 3


def _end_of_mail(lines: Sequence[Block], first: int) -> int:
    """The number of lines before the one that says why the reader receives the mail; only short lines follow that."""
    last = len(lines)
    for at in range(len(lines) - 1, first, -1):
        line = lines[at].text
        if len(line.split()) > MAX_WORDS_BELOW:
            break
        if _BELOW.search(line) or _SIGNATURE.fullmatch(line):
            last = at
    return last
