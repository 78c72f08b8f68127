"""Questions files in: one row for every row, in order, and a bad row never spoils the others."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from rag.answering.question_rows import bad_row, kind_of_value, read_row, shortened
from rag.errors import InputError, QuestionError
from rag.loading.encodings import decode
from rag.text.cells import unguard_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.records import Answer, QuestionRow

__all__ = ["QUESTION_ENDINGS", "read_questions"]

_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_questions(path: Path) -> list[QuestionRow | Answer]:
    """Every row of a ``.txt``, ``.csv`` or ``.jsonl`` file, in order.

    A row that cannot be asked is already its answer: status ``error`` and a reason that names the line. Rows without
    an id get the number of the line they begin on.

    Raises:
        InputError: the file cannot be read at all, has another ending, or is a table without a ``question`` column.

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
        return list(reader(path.read_bytes()))
    except OSError as error:
        raise _unreadable(path, error) from error
    except InputError as error:
        raise InputError(error.message, path=str(path), expected=error.expected, got=error.got) from error


def _text_rows(data: bytes) -> Iterator[QuestionRow | Answer]:
    for number, line in enumerate(_lines(decode(data)[0]), 1):
        if line.strip():
            yield read_row(number, None, line, None)


def _jsonl_rows(data: bytes) -> Iterator[QuestionRow | Answer]:
    if data.startswith(_WIDE_MARKS):
        data = decode(data)[0].encode("utf-8", "surrogatepass")
    for number, raw in enumerate(data.removeprefix(_MARK).splitlines(), 1):
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            continue
        try:
            row = json.loads(raw.decode("utf-8"))
        except (ValueError, RecursionError):
            yield bad_row(str(number), line, QuestionError(f"line {number} is not JSON in UTF-8"))
            continue
        if isinstance(row, dict):
            yield read_row(number, row.get("id"), row.get("question"), row.get("history"))
        else:
            got = kind_of_value(row)
            yield bad_row(str(number), line, QuestionError(f"line {number} is not a JSON object", got=got))


def _csv_rows(data: bytes) -> Iterator[QuestionRow | Answer]:
    # a reader that met a quotation mark without a partner has swallowed all that follows: one line is given up
    # as bad and reading goes on at the next
    lines = [line + "\n" for line in _lines(decode(data)[0])]
    at = next((number for number, line in enumerate(lines) if line.strip()), None)
    if at is None:
        return
    delimiter, header = _header(lines[at])
    at += 1
    while at < len(lines):
        start = at
        if not lines[start].strip():
            at += 1
            continue
        reader = csv.reader((lines[k] for k in range(start, len(lines))), delimiter=delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error as error:
            at = start + 1
            yield bad_row(str(at), lines[start].strip(), QuestionError(f"line {at} is not a row of the table: {error}"))
            continue
        at = start + reader.line_num
        number = start + 1
        if len(cells) > len(header):
            problem = QuestionError(f"line {number} has too many cells", expected=str(len(header)), got=str(len(cells)))
            yield bad_row(str(number), lines[start].strip(), problem)
            continue
        row = dict(zip(header, map(unguard_cell, cells), strict=False))
        yield read_row(number, row.get("id") or None, row.get("question", ""), _cell_history(row.get("history", "")))


def _header(line: str) -> tuple[str, list[str]]:
    """Find the delimiter that makes ``question`` a column name, and the column names."""
    for delimiter in (",", ";", "\t"):
        header = [name.strip().casefold() for name in next(csv.reader([line], delimiter=delimiter))]
        if "question" in header:
            # with one column there is nothing to delimit: a comma is part of the question
            return (delimiter if len(header) > 1 else "\x1f"), header
    raise InputError(
        "the first line has no column `question`",
        expected="a header such as id,question",
        got=shortened(line.strip()),
    )


def _cell_history(cell: str) -> object:
    """Read the history in a table's cell: a JSON list, or one earlier question a line."""
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return [line for line in cell.splitlines() if line.strip()]


QUESTION_ENDINGS: dict[str, Callable[[bytes], Iterator[QuestionRow | Answer]]] = {
    ".txt": _text_rows,
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
}


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {error.strerror or error}", path=str(path))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
