"""Reads questions files: one row for every row, in order; a bad row does not affect the others."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rag.answering.files.question_rows import bad_row, kind_of_value, read_row, shortened, whole_file
from rag.errors import InputError, QuestionError
from rag.loading.files.encodings import decode
from rag.text.cells import unguard_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.records import Answer, QuestionRow

__all__ = ["QUESTION_ENDINGS", "read_questions"]

_QUESTION = "question"
# the columns with a meaning besides the question
_OWN = frozenset({"id", "history"})
# "sep=;" as the first line of a table
_SEPARATOR = re.compile(r"sep=(.)", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_questions(path: Path, column: str | None = None) -> list[QuestionRow | Answer]:
    """Every row of a ``.txt``, ``.csv``, ``.tsv`` or ``.jsonl`` file, in order.

    ``column`` names the column of the questions, "question" by default; case does not matter, and all other columns,
    the id and the history are kept. A row that cannot be asked becomes its own answer, with status ``error`` and a
    reason that names the line. Rows without an id get the number of their first line.

    Raises:
        InputError: the file cannot be read, has another ending, or is a table without that column.

    """
    reader = QUESTION_ENDINGS.get(path.suffix.casefold())
    if reader is None:
        raise InputError(
            "questions cannot be read from a file with this ending",
            path=str(path),
            expected=" or ".join(QUESTION_ENDINGS),
            got=path.suffix or "no ending",
        )
    try:
        return list(reader(whole_file(path), (column or _QUESTION).strip().casefold()))
    except OSError as error:
        raise _unreadable(path, error) from error
    except InputError as error:
        raise InputError(error.message, path=str(path), expected=error.expected, got=error.got) from error


def _text_rows(data: bytes, _: str) -> Iterator[QuestionRow | Answer]:
    for number, line in enumerate(_lines(decode(data)[0]), 1):
        if line.strip():
            yield read_row(number, None, line, None)


def _jsonl_rows(data: bytes, column: str) -> Iterator[QuestionRow | Answer]:
    if data.startswith(_WIDE_MARKS):
        data = decode(data)[0].encode("utf-8", "surrogatepass")
    for number, raw in enumerate(data.removeprefix(_MARK).splitlines(), 1):
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            continue
        try:
            shape = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError):
            yield bad_row(str(number), line, QuestionError(f"line {number} is not JSON in UTF-8"))
            continue
        if isinstance(shape, dict):
            row = {str(name).strip().casefold(): value for name, value in shape.items()}
            more = tuple(
                (str(name), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
                for name, value in shape.items()
                if str(name).strip().casefold() not in {column, *_OWN}
            )
            yield read_row(number, row.get("id"), row.get(column), row.get("history"), more)
        else:
            got = kind_of_value(shape)
            yield bad_row(str(number), line, QuestionError(f"line {number} is not a JSON object", got=got))


def _csv_rows(data: bytes, column: str) -> Iterator[QuestionRow | Answer]:
    yield from _table_rows(data, column, (",", ";", "\t"))


def _tsv_rows(data: bytes, column: str) -> Iterator[QuestionRow | Answer]:
    yield from _table_rows(data, column, ("\t",))


def _table_rows(data: bytes, column: str, delimiters: tuple[str, ...]) -> Iterator[QuestionRow | Answer]:
    # after an unpaired quotation mark the reader has consumed the rest of the file: one line is reported as bad, and
    # reading continues at the next
    lines = [line + "\n" for line in _lines(decode(data)[0])]
    at = next((number for number, line in enumerate(lines) if line.strip()), None)
    if at is None:
        return
    separator = _SEPARATOR.fullmatch(lines[at].strip(" \r\n"))
    if separator is not None:  # spreadsheets may write such a line before the header
        delimiters, at = (separator[1],), at + 1
    table = _QuestionTable.of(lines[at] if at < len(lines) else "", delimiters, column)
    at += 1
    while at < len(lines):
        start = at
        if not lines[start].strip():
            at += 1
            continue
        reader = csv.reader((lines[k] for k in range(start, len(lines))), delimiter=table.delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            at = start + 1
            yield bad_row(str(at), lines[start].strip(), QuestionError(f"line {at} is not a row of the table: {error}"))
            continue
        at = start + reader.line_num
        yield table.row(start + 1, [unguard_cell(cell) for cell in cells], lines[start].strip())


@dataclass(frozen=True, slots=True)
class _QuestionTable:
    """The columns of a table of questions: their names as written, and their roles."""

    delimiter: str
    names: tuple[str, ...]
    question: int

    @classmethod
    def of(cls, line: str, delimiters: tuple[str, ...], column: str) -> Self:
        """Find the delimiter with which the header has the question's column."""
        for delimiter in delimiters:
            names = tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter), []))
            folded = [name.casefold() for name in names]
            if column in folded:
                # with a single column there are no delimiters: a comma is part of the question
                return cls(delimiter if len(names) > 1 else "\x1f", names, folded.index(column))
        raise InputError(
            f"the first line has no column `{column}`",
            expected="a header such as id,question",
            got=shortened(line.strip()),
        )

    def row(self, number: int, cells: list[str], line: str) -> QuestionRow | Answer:
        """Read a row; if a stray delimiter makes one cell too many, the id is still right."""
        surplus = len(cells) - len(self.names)
        if surplus > 0:
            place = self._place("id")
            row_id = cells[place if place < self.question else place + surplus] if place >= 0 else ""
            problem = QuestionError(
                f"line {number} has too many cells", expected=str(len(self.names)), got=str(len(cells))
            )
            return bad_row(row_id.strip() or str(number), line, problem)
        row = {name.casefold(): cell for name, cell in zip(self.names, cells, strict=False)}
        more = tuple(
            (name, cell)
            for place, (name, cell) in enumerate(zip(self.names, cells, strict=False))
            if place != self.question and name.casefold() not in _OWN
        )
        question = cells[self.question] if self.question < len(cells) else ""
        return read_row(number, row.get("id") or None, question, _cell_history(row.get("history", "")), more)

    def _place(self, name: str) -> int:
        return next((place for place, one in enumerate(self.names) if one.casefold() == name), -1)


def _cell_history(cell: str) -> object:
    """Read the history from a cell: a JSON list, or one earlier question per line."""
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return [line for line in cell.splitlines() if line.strip()]


QUESTION_ENDINGS: dict[str, Callable[[bytes, str], Iterator[QuestionRow | Answer]]] = {
    ".txt": _text_rows,
    ".csv": _csv_rows,
    ".tsv": _tsv_rows,
    ".jsonl": _jsonl_rows,
}


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {error.strerror or error}", path=str(path))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
