"""Tables of posts: one JSON object per line, a JSON array or export, or rows of cells; each value with its place.

Python's parsers report values without places. So rows are split by a scanner of our own, which the tests compare with
Python's parser.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.entries import Gathering
from rag.loading.exports.export_authors import Authors, authors_of
from rag.loading.exports.json_fields import (
    MARKDOWN_FIELDS,
    REVIEWS,
    SUMMARIES,
    TEXT_FIELDS,
    Value,
    fields_of,
    folded,
    text_field,
    title_beside,
)
from rag.loading.exports.json_records import Record, json_records
from rag.loading.front_matter import known_fields
from rag.loading.html.escapes import MARKED, unescape
from rag.loading.html.text import strip_markup
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.loading.parts import Entries, Mapped

__all__ = ["Record", "Records", "cells_of", "fields_of", "read_table"]

_WHITE = re.compile(r"[ \t\r\n]*")
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
_LINE_END = re.compile(r"\r\n?|\n")
_DELIMITERS = ",;\t"
# a line at the top of a text that is a heading of Markdown, or short and no sentence, with more text below it
_HEADED = re.compile(r"\s*(#{1,2} +)?(\S[^\r\n]{0,100})(?<![ \t])[ \t]*(?:\r\n?|\n)\s*(?=\S)")
_NO_TITLE = re.compile(r"[.,:;!?…]\W*$")
MAX_TITLE_WORDS = 12  # nine in ten titles of a blog have no more
_TRASHED = frozenset({"trashed", "istrashed", "deleted", "isdeleted"})
_IN_TRASH = "it is in the trash; restore it and export again to index it"
_MARKED_TITLE = re.compile(r"&#?\w+;|</\w")
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")  # in a tweet, which has no tags
_ADDRESSES = frozenset({"url", "link", "href", "address", "uri"})
_SAVE_PAGES = "Save the pages themselves to index them"
_DRAFT = "it is a draft; publish it and export again to index it"
# maximum length of a title, a list of authors or a date
MAX_FACT_CHARACTERS = 4_000
MAX_HEADER = 4_000


class Records:
    """The records of a table by their places, to find the one that contains an offset."""

    def __init__(self, text: str, format: str) -> None:  # noqa: A002 - the records name the field
        found = list(_records(text, format))
        self._starts = [record.start for record in found]
        self._names = [record.name for record in found]

    def at(self, offset: int) -> str | None:
        """The name of the record that contains an offset of the text."""
        number = bisect_right(self._starts, offset) - 1
        return self._names[number] if number >= 0 else None


def read_table(
    text: str,
    format: str,  # noqa: A002 - as above
    file: str,
    sha256: str,
    *,
    mended: bool = False,
    markdown: Callable[[str], Mapped] | None = None,
) -> Entries:
    """Read the posts of a table ("json" or "csv"); an unreadable record is reported, and the others are read.

    ``mended`` says that bytes that are not text were read as U+FFFD; a record with one is incomplete.
    ``markdown`` reads the fields that have Markdown by their name.

    Raises PageError if its first line names no column with texts.
    """
    gathering = Gathering(file, sha256, text, markdown=markdown)
    authors = authors_of(text) if format == "json" else Authors()
    links = 0
    for record in _records(text, format):
        if gathering.is_full():
            break
        if record.problem:
            gathering.leave_out(record.name, record.problem)
            continue
        if mended and "\ufffd" in text[record.start : max(value.end for value in record.values.values())]:
            gathering.leave_out(record.name, "it is not UTF-8")
            continue
        if format == "csv" and _is_link(text, record):
            links += 1
            continue
        _add(gathering, text, record, authors)
    if links:
        reason = f"{amount(links, 'row')} with an address but no text; {_SAVE_PAGES.lower()}"
        gathering.leave_out("", reason)
    entries = gathering.result()
    if links and not entries.posts:
        raise PageError("it lists addresses without texts", remedy=_SAVE_PAGES)
    return entries


def _is_link(text: str, record: Record) -> bool:
    """Whether a row has an address but nothing in any column that may contain a text."""
    named = {folded(name): text[value.start : value.end].strip() for name, value in record.values.items()}
    has_text = any(named.get(name) for name in (*TEXT_FIELDS, *SUMMARIES))
    return not has_text and any(named.get(name) for name in _ADDRESSES)


def _add(gathering: Gathering, text: str, record: Record, authors: Authors) -> None:
    """Add the post of a record, or report why it is not one."""
    fields = {name: _plain_value(text, value) for name, value in record.values.items()}
    facts = known_fields(fields)
    if facts.is_draft:
        gathering.leave_out(f"“{facts.title}”" if facts.title else record.name, _DRAFT)
        return
    if any(folded(name) in _TRASHED and value is True for name, value in fields.items()):
        gathering.leave_out(f"“{facts.title}”" if facts.title else record.name, _IN_TRASH)
        return
    held = text_field(text, record.values)
    if held is None:
        gathering.leave_out(record.name, "it has no field “text” or “html”")
        return
    field, value = held
    if not _string(text, value).strip():
        gathering.leave_out(record.name, "it has a title but no text" if facts.title else "it has no text")
        return
    is_markdown = field in MARKDOWN_FIELDS or (field == "text" and "richtext" in map(folded, fields))
    form = _format(text, value, field, is_markdown=is_markdown)
    sender = str(fields.get("from") or "") if fields.get("type") == "message" else ""  # in a channel
    title, start = facts.title or title_beside(text, record.values, value), value.start
    if title is None and (form in ("json", "json-parts", "csv", "text") or form.endswith("markdown")):
        title, start = _headed(text, value)
    gathering.add(
        record.name,
        (start, value.end),
        form,
        title=strip_markup(title) if title and _MARKED_TITLE.search(title) else title,
        author=None
        if field in REVIEWS
        else facts.author or authors.of(fields.get("id"), fields.get("author_id")) or sender or None,
        date=facts.date,
        record=record.name,
    )


def _headed(text: str, value: Value) -> tuple[str | None, int]:
    """The title with which a text begins that has no other, and the place of the text below it."""
    shown = unescape(text, value.format, value.start, value.end)
    found = _HEADED.match(shown.text)
    if found is None or not (found[1] or _may_be_title(found[2])):
        return None, value.start
    piece = next(piece for piece in shown.pieces if piece.start <= found.end() < piece.end)
    return found[2], piece.file_start + (found.end() - piece.start if piece.text is None else 0)


def _may_be_title(line: str) -> bool:
    """Whether a line is short and not a sentence."""
    return len(line.split()) <= MAX_TITLE_WORDS and _NO_TITLE.search(line) is None


def _plain_value(text: str, value: Value) -> object:
    """A short value in plain form: words, a number, a list or an object."""
    if value.format:
        return _string(text, value) if value.end - value.start <= MAX_FACT_CHARACTERS else None
    if value.end - value.start > MAX_FACT_CHARACTERS:
        return None
    try:
        return json.loads(text[value.start : value.end])
    except (ValueError, RecursionError):
        return None


def cells_of(text: str, at: int, delimiter: str) -> tuple[list[Value], int]:
    """The cells of the row that begins at an offset, and where the next row begins.

    Raises ValueError with the reason if its quotation marks do not make cells.
    """
    found: list[Value] = []
    plain = _plain(delimiter)
    while True:
        if text.startswith('"', at):
            match = _QUOTED.match(text, at)
            if match is None:
                raise ValueError("its quotation mark is never closed")
            found.append(Value(match.start(1), match.end(1), "csv"))
        else:
            match = plain.match(text, at)
            found.append(Value(at, match.end() if match else at, "text"))
        at = match.end() if match else at
        if text.startswith(delimiter, at):
            at += 1
            continue
        end = _LINE_END.match(text, at)
        if end is None and at < len(text):
            raise ValueError("characters follow its closing quotation mark")
        return found, end.end() if end else at


def _records(text: str, format: str) -> Iterator[Record]:  # noqa: A002 - as above
    return _rows(text) if format == "csv" else json_records(text)


def _rows(text: str) -> Iterator[Record]:
    at = _white(text, 0)
    if at == len(text):
        return
    delimiter, names, at = _header(text, at)
    line = 1 + _line_ends(text, 0, at)
    while at < len(text):
        start, name = at, f"line {line}"
        end = _LINE_END.match(text, at)
        if end is not None:  # an empty line
            at = end.end()
        else:
            try:
                cells, at = cells_of(text, start, delimiter)
                if len(cells) > len(names):
                    problem = f"it has {len(cells)} cells, and the first line names {len(names)} columns"
                    yield Record(name, start, {}, problem)
                else:
                    yield Record(name, start, dict(zip(names, cells, strict=False)))
            except ValueError as error:
                # the row swallowed what follows: its first line is given up, and reading continues with the next line;
                # a swallowed stretch ends at the next line with such a mark, so nothing is read more than twice
                end = _LINE_END.search(text, start)
                at = end.end() if end else len(text)
                yield Record(name, start, {}, str(error))
        line += _line_ends(text, start, at)


def _header(text: str, at: int) -> tuple[str, list[str], int]:
    """The delimiter that yields a column of texts, the names of the columns, and where the first row begins."""
    for delimiter in _DELIMITERS:
        try:
            cells, after = cells_of(text, at, delimiter)
        except ValueError:
            continue
        names = [_string(text, cell).strip().casefold() for cell in cells]
        if not set(TEXT_FIELDS).isdisjoint(map(folded, names)):
            # a single column has no delimiter: a comma is part of the text
            return (delimiter if len(names) > 1 else "\x1f"), names, after
    if any(_ADDRESSES & set(_cells_in(line)) for line in (text[at : at + MAX_HEADER].partition("\n")[0],)):
        raise PageError("it lists addresses without texts", remedy=_SAVE_PAGES)
    raise PageError(
        "its first line has no column “text” or “html”",
        expected="a header such as title,text,date",
        remedy="Name the columns in its first line",
    )


def _string(text: str, value: Value | None) -> str:
    """A value without escapes; empty if it is not text."""
    return unescape(text, value.format, value.start, value.end).text if value is not None and value.format else ""


def _format(text: str, value: Value, field: str, *, is_markdown: bool) -> str:
    """The format of a post's text in its value; a field that may contain either is HTML if it contains tags."""
    if is_markdown and value.format in ("json", "csv", "text"):
        return "markdown" if value.format == "text" else f"{value.format}-markdown"
    is_html = "html" in field or (field != "text" and MARKED.search(_string(text, value)) is not None)
    is_html = is_html or (field == "fulltext" and _ESCAPED.search(text, value.start, value.end) is not None)
    if not is_html or value.format in ("json-parts", "json-marked", "json-blocks"):
        return value.format
    return "html" if value.format == "text" else value.format + "-html"


def _cells_in(line: str) -> list[str]:
    return [cell.strip().strip('"').casefold() for cell in re.split(r"[,;\t]", line)]


def _plain(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf"[^{re.escape(delimiter)}\r\n]*+")


def _line_ends(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _white(text: str, at: int) -> int:
    match = _WHITE.match(text, at)
    return match.end() if match else at
