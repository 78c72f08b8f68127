"""Documents of word processors (.docx, .odt): the text of their XML, with the place of every character in it.

The page's text is the XML member that contains the words; a location is a span of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rag.config import MAX_PAGE_BYTES
from rag.errors import PageError
from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.files.zip_files import UNPACKING, open_zip, read_member
from rag.loading.front_matter import date_in_name, title_of_name
from rag.loading.html.escapes import unescape
from rag.loading.html.tokens import read_attributes, tokens_of
from rag.loading.parts import Entries, Known
from rag.loading.pieces import PieceWriter
from rag.records import LeftOut, Piece, PostCopy
from rag.text.dates import Byline, day_of, read_byline, trailing_date
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["office_part", "read_office", "strip_office"]

_PARTS = ("word/document.xml", "content.xml")
_FACTS = ("docProps/core.xml", "meta.xml")
_NOTE_PARTS = ("word/footnotes.xml", "word/endnotes.xml")
_NOTE = re.compile(r"<(w:footnote|w:endnote|text:note-body)\b[^<>]*(?<!/)>")
MAX_NOTE_CHARACTERS = 20_000  # of mark-up; a note is a few sentences
MAX_CREDITS = 4  # paragraphs below a title: the author, the day, perhaps an office and a place
MAX_TITLE_WORDS = 22  # the longest of 2,500 blog titles looked at has 21
_BY = re.compile(r"by:?\s+", re.IGNORECASE)
# two to four words with capitals, between them perhaps "van" or "de la"
_NAME = re.compile(r"[^\W\d_a-z][\w.’'-]*+(?: (?:[a-z]{1,3} ){0,2}[^\W\d_a-z][\w.’'-]*+){1,3}")

_HYPHEN = "\u2011"  # at which no line ends
# what a tag inserts between two words; paragraphs end with their closing tag
_BORDERS = {
    "w:p": "\n\n", "text:p": "\n\n", "text:h": "\n\n", "text:list-item": "\n\n", "w:br": "\n", "w:cr": "\n",
    "text:line-break": "\n", "w:tab": "\t", "text:tab": "\t", "text:s": " ", "w:nobreakhyphen": _HYPHEN,
    "w:tbl": "\n\n", "table:table": "\n\n",
}  # fmt: skip
# what the end of a cell or row inserts, instead of what the end of the last paragraph in it would
_CELL_BORDERS = {"w:tc": "\t", "table:table-cell": "\t", "w:tr": "\n", "table:table-row": "\n"}
# elements whose words are not text of the document: deleted text, comments, fields, numbers of notes, metadata
_HIDDEN = frozenset(
    """
    w:deltext w:instrtext w:del w:movefrom mc:fallback office:annotation text:tracked-changes text:note-citation w:pict
    office:meta office:automatic-styles office:styles office:font-face-decls office:scripts text:table-of-content
    text:sequence-decls text:note
    """.split()  # noqa: SIM905
)
_WORDS = frozenset({"w:t", "m:t"})
_OFF = re.compile(r"w:val=[\"'](?:0|false|off)[\"']")
_TITLES = frozenset({"title", "heading1", "heading_20_1"})


class _Stretch(NamedTuple):
    """``source[start:end]`` are words, separated by ``before`` from those before; ``style`` is their paragraph's."""

    start: int
    end: int
    before: str
    style: str


def office_part(data: bytes) -> bytes:
    """The XML member with a document's words. Raises PageError if it is missing or damaged."""
    found = _member(data, _PARTS)
    if found is None:
        raise PageError("the document is damaged or locked, or contains no text", remedy="Save it again")
    return found


def read_office(text: str, file: str, sha256: str, source: bytes) -> Entries:
    """The document as one post; ``source`` are the bytes of its file, which contain its title, author and day."""
    stretches = list(_stretches(text))
    known = _facts(source)
    title, byline, rest = _head(text, stretches, known.author)
    writer = PieceWriter(text)
    for one in rest:
        writer.add(one.before, unescape(text, "xml", one.start, one.end))
    if not writer.text.strip():
        return Entries((), ())
    pieces = writer.pieces
    if rest and rest[0] is not stretches[0]:
        head = stretches[0].start, pieces[0].file_start
        pieces = (Piece(0, 0, *head, text[head[0] : head[1]]), *pieces)
    title = (title or known.title or title_of_name(file) or "")[:MAX_TITLE_CHARACTERS].rstrip() or None
    author, date = byline.author or known.author, byline.date or known.date or date_in_name(file)
    left_out = tuple(LeftOut(note, "hidden") for note in _notes(text, source))
    copy = PostCopy(file, sha256, writer.text, pieces, title, author, date, format="office", left_out=left_out)
    return Entries((copy,), ())


def _paragraph_end(stretches: list[_Stretch]) -> int:
    """The number of stretches of the first paragraph."""
    borders = (number for number, one in enumerate(stretches) if number and "\n" in one.before)
    return next(borders, len(stretches))


def _head(text: str, stretches: list[_Stretch], known: str | None) -> tuple[str | None, Byline, list[_Stretch]]:
    """The title, author and day with which a document begins, and the stretches without them.

    A short first paragraph without a style for titles is the title if author or day are below it.
    """
    none = Byline(None, None)
    if not stretches:
        return None, none, stretches
    end = _paragraph_end(stretches)
    title, rest = _said(text, stretches[:end]), stretches[end:]
    byline, body = _credits(text, rest, known)
    if stretches[0].style in _TITLES:
        return title, byline, body
    if byline == none or not _may_be_title(title) or read_byline(title) is not None:
        return None, none, stretches
    return title, byline, body


def _may_be_title(said: str) -> bool:
    return 0 < len(said.split()) <= MAX_TITLE_WORDS and said[-1] not in ".!:;,"


def _credits(text: str, stretches: list[_Stretch], known: str | None) -> tuple[Byline, list[_Stretch]]:
    """Author and day in the paragraphs below a title, and the stretches without those; properties name an office.

    A subtitle above them stays. A name alone is the author's above a day, or if it is ``known`` from the properties.
    """
    author = date = None
    above = stretches[: _paragraph_end(stretches)] if stretches and stretches[0].style == "subtitle" else []
    rest = stretches[len(above) :]
    for _ in range(MAX_CREDITS):
        end = _paragraph_end(rest)
        found = _credit(text, rest[:end], rest[end:], known) if rest else None
        if found is None:
            break
        author, date = author or found.author, date or found.date
        rest = rest[end:]
    return Byline(date, author), [*above, *rest]


def _credit(text: str, line: list[_Stretch], below: list[_Stretch], known: str | None) -> Byline | None:
    """Author or day in one paragraph, given what is below it; None if it is none."""
    said, style = _said(text, line), line[0].style
    if style == "author":
        return Byline(None, _BY.sub("", said))
    if style == "date":
        return Byline(day_of(said), None)
    byline = read_byline(said)
    if byline is not None:
        return byline
    signed = trailing_date(said)
    if signed is not None and _NAME.fullmatch(signed[0]):
        return Byline(signed[1], signed[0])
    after = read_byline(_said(text, below[: _paragraph_end(below)]))
    is_dated = after is not None and (after.date is not None or after.author is None)
    return Byline(None, said) if _NAME.fullmatch(said) and (is_dated or said == known) else None


def _notes(text: str, source: bytes) -> Iterator[str]:
    """The notes of a document, which are apart from its text or inside of its sentences and no part of either."""
    for part in (text, *(_decoded(_member(source, (name,))) for name in _NOTE_PARTS)):
        at = 0
        while (note := _NOTE.search(part, at)) and (end := part.find(f"</{note[1]}>", note.end())) >= 0:
            at = end
            if end - note.end() <= MAX_NOTE_CHARACTERS and (said := fold_white(strip_office(part[note.end() : end]))):
                yield said


def _decoded(data: bytes | None) -> str:
    return "" if data is None else data.decode("utf-8", "replace")


def strip_office(raw: str) -> str:
    """The words of a stretch of a document's XML, as ``read_office`` reads them."""
    writer = PieceWriter(raw)
    for one in _stretches(raw):
        writer.add(one.before, unescape(raw, "xml", one.start, one.end))
    return writer.text


def _stretches(source: str) -> Iterator[_Stretch]:
    """The words of a document in order; the source may begin and end anywhere outside a tag."""
    hidden = 0
    is_vanished = False  # what a writer marked as hidden, up to the end of its run
    border = style = ""
    in_words = True  # a stretch of Word's XML may begin inside such an element; in other formats all text is words
    is_word = "w:" in source
    for token in tokens_of(source):
        if token.kind in ("open", "close"):
            single = source[token.end - 2] == "/"
            in_words = in_words and not is_word
            is_vanished = _is_vanished(source[token.start : token.end], token.name, before=is_vanished)
            if token.name in _HIDDEN and not single:
                hidden = max(hidden + (1 if token.kind == "open" else -1), 0)
            if token.name in _WORDS:
                in_words = not single and token.kind == "open"
            if token.kind == "open":
                style = _style(source[token.start : token.end], token.name, style)
            if hidden or (token.kind == "open" and not single):
                continue  # a paragraph of a note does not part the sentence that the note is in
            if token.name in _CELL_BORDERS:
                border = _CELL_BORDERS[token.name]
            else:
                border = _wider(border, _BORDERS.get(token.name, ""))
        elif token.kind == "text" and in_words and not (hidden or is_vanished):
            if source[token.start : token.end].strip():
                yield _Stretch(token.start, token.end, border, style)
                border = ""
            else:
                border = border or " "


def _is_vanished(tag: str, name: str, *, before: bool) -> bool:
    """Whether words behind a tag are hidden, which lasts to the end of their run."""
    if name == "w:vanish":
        return _OFF.search(tag) is None
    return before and name != "w:r"


def _wider(one: str, other: str) -> str:
    order = ("", _HYPHEN, " ", "\t", "\n", "\n\n")
    return max(one, other, key=order.index)


def _style(tag: str, name: str, before: str) -> str:
    if name == "w:p":
        return ""
    if name in ("w:pstyle", "text:p", "text:h"):
        attributes = read_attributes(tag)
        called = attributes.get("w:val") or attributes.get("text:style-name") or ""
        return "heading1" if attributes.get("text:outline-level") == "1" else called.casefold()
    return before


def _said(text: str, stretches: list[_Stretch]) -> str:
    return fold_white("".join(one.before + unescape(text, "xml", one.start, one.end).text for one in stretches))


def _facts(source: bytes) -> Known:
    """Title, author and date from the document's properties."""
    data = _member(source, _FACTS)
    if data is None:
        return Known()
    found = {}
    text = data.decode("utf-8", "replace")
    for name in ("dc:title", "dc:creator", "meta:initial-creator", "dcterms:created", "meta:creation-date", "dc:date"):
        match = re.search(rf"<{name}(?:\s[^<>]*)?>([^<]*)</{name}>", text)
        if match:
            found[name] = fold_white(unescape(match[1], "xml").text)
    author = found.get("dc:creator") or found.get("meta:initial-creator")
    dates = ("dcterms:created", "meta:creation-date", "dc:date")
    return Known(found.get("dc:title"), author, next((day_of(found[name]) for name in dates if name in found), None))


def _member(data: bytes, names: tuple[str, ...]) -> bytes | None:
    try:
        with open_zip(data) as opened:
            held = opened.namelist()
            for name in names:
                if name in held and opened.getinfo(name).file_size <= MAX_PAGE_BYTES:
                    return read_member(opened, opened.getinfo(name))
    except (PageError, *UNPACKING):
        return None
    return None
