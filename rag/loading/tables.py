"""Tables of posts: a JSON object a line, a JSON array, or rows of cells; every value with its place in the file.

The parsers that come with Python give values and no places. JSON is still read by that parser, value by value, which
tells where each ends; the rows of a table are cut by a scanner that is held against Python's own in the tests.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.entries import Entries, Gathering, day_of
from rag.loading.escapes import unescape

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Record", "Records", "cells_of", "fields_of", "read_table"]

_WHITE = re.compile(r"[ \t\r\n]*")
_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
_LINE_END = re.compile(r"\r\n?|\n")
_DELIMITERS = ",;\t"
_TEXTS = ("html", "text")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a record: its place in the file and how it stands there; "" where it is no text but a number."""

    start: int
    end: int
    format: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record: what it is called, where it stands, and its values by name, or what is wrong with it."""

    name: str
    start: int
    values: dict[str, Value]
    problem: str = ""


class Records:
    """The records of a table by their places, to tell in which one an offset is."""

    def __init__(self, text: str, format: str) -> None:  # noqa: A002 - the records name the field
        found = list(_records(text, format))
        self._starts = [record.start for record in found]
        self._names = [record.name for record in found]

    def at(self, offset: int) -> str | None:
        """The name of the record that an offset of the text is in."""
        number = bisect_right(self._starts, offset) - 1
        return self._names[number] if number >= 0 else None


def read_table(text: str, format: str, file: str, sha256: str, *, mended: bool = False) -> Entries:  # noqa: A002
    """Read the posts of a table ("json" or "csv"); a record that cannot be read is named and the others go on.

    ``mended`` says that bytes that are no text were read as U+FFFD: a record that has one is not whole.

    Raises PageError when its first line names no column with texts.
    """
    gathering = Gathering(file, sha256, text)
    for record in _records(text, format):
        if gathering.is_full():
            break
        if record.problem:
            gathering.leave_out(record.name, record.problem)
            continue
        if mended and "\ufffd" in text[record.start : max(value.end for value in record.values.values())]:
            gathering.leave_out(record.name, "it is not UTF-8")
            continue
        values = {name.strip().casefold(): value for name, value in record.values.items()}
        held = next((name for name in _TEXTS if _string(text, values.get(name)).strip()), None)
        if held is None:
            fields = [name for name in _TEXTS if name in values]
            titled = _string(text, values.get("title")).strip()
            missing = "it has a title but no text" if titled else "it has no text"
            gathering.leave_out(record.name, missing if fields else "it has no field “text” or “html”")
            continue
        value = values[held]
        gathering.add(
            record.name,
            (value.start, value.end),
            _format(value, held),
            title=_string(text, values.get("title")),
            author=_string(text, values.get("author")),
            date=_date(text, values.get("date")),
            record=record.name,
        )
    return gathering.result()


def fields_of(line: str, shift: int = 0) -> dict[str, Value]:
    """The values of a JSON object, with their places moved on by ``shift``.

    Raises ValueError when it is none, RecursionError when it is nested too deep to be one.
    """
    found: dict[str, Value] = {}
    at = _after(line, 0, "{")
    more = not line.startswith("}", at)
    at = at if more else at + 1
    while more:
        if not line.startswith('"', at):
            raise ValueError("a name is missing")
        name, at = _DECODER.raw_decode(line, at)
        start = _after(line, at, ":")
        _, at = _DECODER.raw_decode(line, start)
        quoted = line[start] == '"'
        found[name] = Value(start + quoted + shift, at - quoted + shift, "json" if quoted else "")
        at = _white(line, at)
        more = line.startswith(",", at)
        at = _after(line, at, "," if more else "}")
    if at < len(line):
        raise ValueError("something follows the object")
    return found


def cells_of(text: str, at: int, delimiter: str) -> tuple[list[Value], int]:
    """The cells of the row that begins at an offset, and where the next row begins.

    Raises ValueError with the reason when its quotation marks make no cells.
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
    if format == "csv":
        return _rows(text)
    return _array(text) if text.startswith("[", _white(text, 0)) else _objects(text)


def _objects(text: str) -> Iterator[Record]:
    start = number = 0
    while start < len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if line.strip():
            yield _object(line, f"line {number}", start)
        start = end + 1


def _object(line: str, name: str, start: int) -> Record:
    try:
        return Record(name, start, fields_of(line, start))
    except RecursionError:
        return Record(name, start, {}, "it is nested too deep to be a post")
    except ValueError:
        is_object = line.lstrip().startswith("{")
        return Record(name, start, {}, "it is not whole JSON" if is_object else "it is not a JSON object")


def _array(text: str) -> Iterator[Record]:
    at = _after(text, 0, "[")
    number = 0
    while not text.startswith("]", at):
        number += 1
        name = f"record {number}"
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield Record(name, at, {}, "it is not whole JSON, and what follows it is not read")
            return
        yield _object(text[at:end], name, at)
        at = _white(text, end)
        if not text.startswith(",", at):
            break
        at = _white(text, at + 1)


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
                # what follows was swallowed: this line is given up, and reading goes on at the next; what is swallowed
                # ends at the next line with such a mark, so that nothing is read more than twice
                end = _LINE_END.search(text, start)
                at = end.end() if end else len(text)
                yield Record(name, start, {}, str(error))
        line += _line_ends(text, start, at)


def _header(text: str, at: int) -> tuple[str, list[str], int]:
    """The delimiter that makes a column of texts, the names of the columns, and where the first row begins."""
    for delimiter in _DELIMITERS:
        try:
            cells, after = cells_of(text, at, delimiter)
        except ValueError:
            continue
        names = [_string(text, cell).strip().casefold() for cell in cells]
        if not set(_TEXTS).isdisjoint(names):
            # with one column there is nothing to delimit: a comma is part of the text
            return (delimiter if len(names) > 1 else "\x1f"), names, after
    raise PageError(
        "its first line names no column “text” or “html”",
        expected="a header such as title,text,date",
        remedy="Name the columns in its first line",
    )


def _string(text: str, value: Value | None) -> str:
    """What a value says, without escapes; nothing where it is no text."""
    return unescape(text, value.format, value.start, value.end).text if value is not None and value.format else ""


def _date(text: str, value: Value | None) -> str | None:
    if value is None:
        return None
    return day_of(_string(text, value) if value.format else text[value.start : value.end])


def _format(value: Value, field: str) -> str:
    if field == "text":
        return value.format
    return "html" if value.format == "text" else value.format + "-html"


def _plain(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf"[^{re.escape(delimiter)}\r\n]*+")


def _line_ends(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _white(text: str, at: int) -> int:
    match = _WHITE.match(text, at)
    return match.end() if match else at


def _after(text: str, at: int, sign: str) -> int:
    """Past a sign that has to stand here and the white space around it; raises ValueError when it does not."""
    at = _white(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"“{sign}” is missing")
    return _white(text, at + len(sign))
