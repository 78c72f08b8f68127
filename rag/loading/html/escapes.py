"""Undoes the escapes of XML, JSON and tables and removes mark-up, keeping the location of every character.

A post in a feed, an export or a table is escaped, and the escaped text may be HTML. Reading it returns its text and,
through both steps, the characters of the file behind every stretch of it (``body``). ``plain_text`` does the same for
any stretch of a file, which is what proves a location.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.loading.html.escape_signs import ESCAPES
from rag.loading.html.shortcodes import without_shortcodes
from rag.loading.html.text import BLOCKS, render
from rag.loading.html.tokens import tokens_of
from rag.loading.parts import Mapped
from rag.records import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["BLOG_TEXT_BORDER", "MARKED", "WITH_SHORTCODES", "body", "compose", "is_html", "unescape"]


WITH_SHORTCODES = frozenset({"xml-shortcodes", "cdata-shortcodes"})

# between the two halves of a post in an export of labelled lines
BLOG_TEXT_BORDER = re.compile(r"^-----[ \t]*\r?\n(?:EXTENDED )?BODY:[ \t]*\r?\n", re.MULTILINE)
_BLANK_LINE = re.compile(r"(?<![ \t\r])[ \t\r]*+\n[ \t\r]*+\n\s*+")


# a text that contains such tags is HTML
MARKED = re.compile(
    r"</(?:a|b|blockquote|div|em|h[1-6]|i|li|p|span|strong|ul)\s*>|<br\s*/?>|\A\s*<(?:p|div|h[1-6]|ul|ol)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)


def unescape(raw: str, format: str, start: int = 0, end: int | None = None) -> Mapped:  # noqa: A002 - as above
    """``raw[start:end]`` with the escapes of its format undone; mark-up, if any, stays."""
    end = len(raw) if end is None else end
    found = ESCAPES[format](raw, start, end) if format in ESCAPES else iter(())
    return _mapped(raw, start, end, found)


def body(
    raw: str,
    start: int,
    end: int,
    format: str,  # noqa: A002 - as above
    markdown: Callable[[str], Mapped] | None = None,
) -> Mapped:
    """The readable text of a post at ``raw[start:end]``, without surrounding white space, and its locations.

    ``markdown`` reads Markdown, and is needed only for formats that have it.
    """
    outer = unescape(raw, format, start, end)
    if markdown is not None and format.endswith("markdown"):
        inner = markdown(outer.text)
    elif format == "blog_text":
        inner = _rendered(BLOG_TEXT_BORDER.sub(lambda found: f"<p{' ' * (len(found[0]) - 3)}>", outer.text))
    elif not is_html(format):
        return _bare(outer)
    else:
        inner = _rendered(without_shortcodes(outer.text) if format in WITH_SHORTCODES else outer.text)
    return _bare(Mapped(inner.text, compose(inner.pieces, outer.pieces, raw)))


def compose(inner: Sequence[Piece], outer: Sequence[Piece], raw: str) -> tuple[Piece, ...]:
    """Compose pieces: from a text to the unescaped file (``inner``), and from that to the file ``raw`` (``outer``).

    No escape stands for more than one character, so no piece of ``inner`` begins or ends inside an escape.
    """
    made: list[Piece] = []
    number = 0

    def place(at: int) -> int:
        """Where in the file the character ``at`` of the unescaped text is; moves on to its outer piece."""
        nonlocal number
        while number < len(outer) and outer[number].end <= at:
            number += 1
        if number == len(outer):
            return outer[-1].file_end
        piece = outer[number]
        return piece.file_start + (at - piece.start if piece.text is None else 0)

    for piece in inner:
        if piece.text is not None:
            first, last = place(piece.file_start), place(piece.file_end)
            _put(made, Piece(piece.start, piece.end, first, last, raw[first:last]))
            continue
        here, middle = piece.start, piece.file_start
        place(middle)
        while number < len(outer) and outer[number].start < piece.file_end:
            part = outer[number]
            stop = min(part.end, piece.file_end)
            shift = middle - part.start if part.text is None else 0
            last = part.file_start + stop - part.start if part.text is None else part.file_end
            _put(made, Piece(here, here + stop - middle, part.file_start + shift, last, part.text))
            here, middle = here + stop - middle, stop
            if stop < part.end:
                break
            number += 1
        # what shows no character, such as a comment, belongs to the piece before it
        while number < len(outer) and outer[number].start == outer[number].end == middle:
            _put(made, Piece(here, here, outer[number].file_start, outer[number].file_end, outer[number].text))
            number += 1
    return tuple(made)


def is_html(format: str) -> bool:  # noqa: A002 - as above
    """Whether the unescaped text of a format is HTML."""
    return format in {"html", "xml", "xml-twice", "cdata", "json-html", "csv-html", *WITH_SHORTCODES}


def _mapped(raw: str, start: int, end: int, found: Iterator[tuple[int, int, str]]) -> Mapped:
    """The text and pieces of ``raw[start:end]``, given where its escapes are and what each one means, if anything."""
    texts: list[str] = []
    pieces: list[Piece] = []
    length, here = 0, start
    for begin, stop, character in found:
        if here < begin:
            pieces.append(Piece(length, length + begin - here, here, begin))
            texts.append(raw[here:begin])
            length += begin - here
        pieces.append(Piece(length, length + len(character), begin, stop, raw[begin:stop]))
        texts.append(character)
        length += len(character)
        here = stop
    if here < end or not pieces:
        pieces.append(Piece(length, length + end - here, here, end))
        texts.append(raw[here:end])
    return Mapped("".join(texts), tuple(pieces))


def _put(made: list[Piece], piece: Piece) -> None:
    last = made[-1] if made else None
    if last is not None and last.text is None and piece.text is None:
        made[-1] = Piece(last.start, piece.end, last.file_start, piece.file_end)
    elif piece.start < piece.end or piece.file_start < piece.file_end:
        made.append(piece)


def _rendered(html: str) -> Mapped:
    """What HTML shows; outside paragraphs, blank lines separate blocks, as in the exports of writing tools."""
    text = ""
    pieces: list[Piece] = []
    for start, end in _sections(html):
        shown = render(html, start, end)
        if not shown.text:
            continue
        if pieces:
            gap = (pieces[-1].file_end, shown.pieces[0].file_start)
            pieces.append(Piece(len(text), len(text) + 2, *gap, html[gap[0] : gap[1]]))
            text += "\n\n"
        shift = len(text)
        pieces += [Piece(p.start + shift, p.end + shift, p.file_start, p.file_end, p.text) for p in shown.pieces]
        text += shown.text
    return Mapped(text, tuple(pieces))


def _sections(html: str) -> Iterator[tuple[int, int]]:
    """Spans between blank lines outside tags, paragraphs and preformatted text."""
    start = depth = 0
    paragraph = False
    for token in tokens_of(html):
        if token.name == "pre":
            depth = max(depth + (1 if token.kind == "open" else -1), 0)
        if token.name in BLOCKS:
            paragraph = token.kind == "open" and token.name == "p"
        elif token.kind == "text" and not depth and not paragraph:
            for match in _BLANK_LINE.finditer(html, token.start, token.end):
                yield start, match.start()
                start = match.end()
    yield start, len(html)


def _bare(mapped: Mapped) -> Mapped:
    """The text without white space at both ends."""
    text = mapped.text
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    pieces: list[Piece] = []
    for piece in mapped.pieces:
        low, high = max(piece.start, start), min(piece.end, end)
        if low > high or (low == high and (piece.text is None or not start < low < end)):
            continue
        if piece.text is None:
            shift = piece.file_start - piece.start
            pieces.append(Piece(low - start, high - start, low + shift, high + shift))
        else:
            pieces.append(Piece(low - start, high - start, piece.file_start, piece.file_end, piece.text))
    return Mapped(text[start:end], tuple(pieces))
