"""What the characters of a file say: the escapes of XML, JSON and tables undone, mark-up taken off, places kept.

A post in a feed, an export or a table stands there escaped, and what is escaped may be HTML. Reading gives its text
and, through both steps, for every stretch of it the very characters of the file (``body``); ``plain_text`` undoes the
same for any stretch of a file, which is what proves a location.

    text       the words stand there as they are
    html       mark-up stands right there (web pages, Atom's xhtml)
    xml        HTML escaped as XML text: ``&lt;p&gt;``
    cdata      HTML inside a CDATA section
    json       plain text in a JSON string
    json-html  HTML in a JSON string
    csv        plain text in a quoted cell of a table
    csv-html   HTML in a quoted cell of a table
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.loading.html_text import BLOCKS, render, strip_markup
from rag.loading.html_tokens import tokens_of
from rag.records import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["PAGE_FORMATS", "Mapped", "body", "compose", "plain_text", "unescape"]

# the formats that places in a page of each format can have; an answers file that names another is not believed
PAGE_FORMATS: dict[str, frozenset[str]] = {
    "text": frozenset({"text"}),
    "html": frozenset({"html"}),
    "xml": frozenset({"text", "html", "xml", "cdata"}),
    "json": frozenset({"json", "json-html"}),
    "csv": frozenset({"text", "html", "csv", "csv-html"}),
}

_FORMATS = frozenset(name for names in PAGE_FORMATS.values() for name in names)

_XML = re.compile(r"<!\[CDATA\[|<!--|<\?|&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
_JSON = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]", re.DOTALL)
_JSON_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_XML_NAMES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_QUOTES = re.compile('""')

_OPEN, _CLOSE = "<![CDATA[", "]]>"
_UNKNOWN = "\ufffd"  # stands for half a character (a lone surrogate) and for a number that no character has
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

_BLANK_LINE = re.compile(r"[ \t\r]*\n[ \t\r]*\n\s*")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A text and the gapless pieces that map it to the file it was read from."""

    text: str
    pieces: tuple[Piece, ...]


def plain_text(raw: str, format: str) -> str:  # noqa: A002 - the records name the field
    r"""The words that a stretch of a file says in a format: escapes undone, tags stripped, entities decoded.

    Raises InputError when there is no such format.

    >>> plain_text("A caf\\u00e9 &amp; <b>bar</b>", "json-html")
    'A café & bar'
    """
    if format not in _FORMATS:
        raise InputError("there is no such format", expected=" or ".join(sorted(_FORMATS)), got=format)
    if format in _ESCAPES:
        raw = unescape(raw, format).text
    return strip_markup(raw) if _is_html(format) else raw


def unescape(raw: str, format: str, start: int = 0, end: int | None = None) -> Mapped:  # noqa: A002 - as above
    """``raw[start:end]`` with the escapes of its format undone; its mark-up, where it has any, is left."""
    end = len(raw) if end is None else end
    found = _ESCAPES[format](raw, start, end) if format in _ESCAPES else iter(())
    return _mapped(raw, start, end, found)


def body(raw: str, start: int, end: int, format: str) -> Mapped:  # noqa: A002 - as above
    """The readable text of a post that stands at ``raw[start:end]``, without white space around it, and its places."""
    outer = unescape(raw, format, start, end)
    if not _is_html(format):
        return _bare(outer)
    inner = _rendered(outer.text)
    return _bare(Mapped(inner.text, compose(inner.pieces, outer.pieces, raw)))


def compose(inner: Sequence[Piece], outer: Sequence[Piece], raw: str) -> tuple[Piece, ...]:
    """Pieces from a text to the file, given those from it to what was unescaped, and from that to the file ``raw``.

    No escape stands for more than one character, so that no piece of ``inner`` begins or ends inside of one.
    """
    made: list[Piece] = []
    number = 0

    def place(at: int) -> int:
        """Where in the file the unescaped text's character ``at`` is; moves on to its outer piece."""
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
        # what stands there without a character, such as a comment, goes with what is before it
        while number < len(outer) and outer[number].start == outer[number].end == middle:
            _put(made, Piece(here, here, outer[number].file_start, outer[number].file_end, outer[number].text))
            number += 1
    return tuple(made)


def _is_html(format: str) -> bool:  # noqa: A002 - as above
    return format in {"html", "xml", "cdata", "json-html", "csv-html"}


def _xml_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    close = raw.find(_CLOSE, start, end)  # before any opening it ends a section that began before this stretch
    return _sections_and_escapes(raw, start, end, inside=close >= 0 and raw.find(_OPEN, start, close) < 0)


def _cdata_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    return _sections_and_escapes(raw, start, end, inside=True)


def _sections_and_escapes(raw: str, start: int, end: int, *, inside: bool) -> Iterator[tuple[int, int, str]]:
    at = start
    endless: set[str] = set()  # comments and instructions that are never closed are looked for once
    while True:
        if inside:
            close = raw.find(_CLOSE, at, end)
            if close < 0:
                return
            at = close + len(_CLOSE)
            inside = False
            yield close, at, ""
            continue
        match = _XML.search(raw, at, end)
        if match is None:
            return
        at = match.end()
        if match[1]:
            character = _entity(match[1])
            if character is not None:
                yield match.start(), at, character
        elif match.group() == _OPEN:
            inside = True
            yield match.start(), at, ""
        else:
            closing = "-->" if match.group() == "<!--" else "?>"
            close = -1 if closing in endless else raw.find(closing, at, end)
            if close < 0:
                endless.add(closing)
                continue
            at = close + len(closing)
            yield match.start(), at, ""


def _entity(name: str) -> str | None:
    if name[0] == "#":
        number = int(name.lstrip("#xX"), 16) if name[1] in "xX" else int(name.lstrip("#"))
        good = 0 < number <= _LAST_CHARACTER and number not in _SURROGATES
        return chr(number) if good else _UNKNOWN
    named = _XML_NAMES.get(name) or html5.get(name + ";")
    return named if named is not None and len(named) == 1 else None


def _json_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _JSON.finditer(raw, start, end):
        token = match.group()
        if token[1] != "u":
            character = _JSON_LETTERS.get(token[1], token[1])
        elif len(token) > len("\\u0000"):
            character = chr(0x10000 + ((int(token[2:6], 16) - 0xD800) << 10) + int(token[8:], 16) - 0xDC00)
        else:
            number = int(token.removeprefix("\\u"), 16)
            character = _UNKNOWN if number in _SURROGATES else chr(number)
        yield match.start(), match.end(), character


def _csv_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _QUOTES.finditer(raw, start, end):
        yield match.start(), match.end(), '"'


_ESCAPES: dict[str, Callable[[str, int, int], Iterator[tuple[int, int, str]]]] = {
    "xml": _xml_escapes,
    "cdata": _cdata_escapes,
    "json": _json_escapes,
    "json-html": _json_escapes,
    "csv": _csv_escapes,
    "csv-html": _csv_escapes,
}


def _mapped(raw: str, start: int, end: int, found: Iterator[tuple[int, int, str]]) -> Mapped:
    """The text and pieces of ``raw[start:end]``, given its escapes: where each stands and its character, or none."""
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
    """What HTML shows; blank lines outside of paragraphs part them, as writing tools have it in their exports."""
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
    """Spans between blank lines that stand outside of tags, paragraphs and preformatted text."""
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
    """Without the white space at both ends."""
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
