"""A file of questions as dropped on the page: which column has the questions, and what else is in the rows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.files.question_files import read_questions
from rag.errors import InputError
from rag.loading.files.encodings import decode
from rag.text.cells import guard_cell
from ui.services.temp_files import new_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.records import Answer, QuestionRow

__all__ = ["QuestionTable", "add_columns", "read_question_table"]

# The columns that `pullquote batch` reads; the others are kept.
_READ = ("id", "question", "history")

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The rows to ask, the columns of the table they came from, and for each row its other cells by column.

    ``column`` is the one with the questions; "" if the file is not a table or the column must be chosen.
    """

    rows: tuple[QuestionRow | Answer, ...] = ()
    columns: tuple[str, ...] = ()
    column: str = ""
    others: tuple[dict[str, str], ...] = ()


def read_question_table(path: Path, column: str = "") -> QuestionTable:
    """Read a file of questions; ``column`` names the one with the questions if it is not called "question".

    Raises:
        InputError: the file cannot be read, or has no such column.

    """
    if path.suffix.casefold() != ".csv":
        return QuestionTable(tuple(read_questions(path)))
    header, cells = _cells(path)
    names = {name.strip().casefold(): name for name in header}
    chosen = column if column in header else names.get("question", "")
    if not chosen:
        return QuestionTable(columns=tuple(header))
    others = tuple(
        {name: row[name] for name in header if name != chosen and name.casefold() not in _READ} for row in cells
    )
    asked = read_questions(
        path if chosen.strip().casefold() == "question" else _renamed(cells, chosen, names.get("id"))
    )
    kept = others if len(asked) == len(others) else ()
    return QuestionTable(tuple(asked), tuple(header), chosen, kept)


def _cells(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The column names and the rows that are not blank."""
    try:
        text = decode(path.read_bytes())[0].removeprefix("\ufeff")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path.name) from error
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return [], []
    header = rows[0] if rows else []
    width = len(header)
    return header, [dict(zip(header, [*row, *[""] * width], strict=False)) for row in rows[1:]]


def _renamed(cells: Sequence[dict[str, str]], column: str, id_column: str | None) -> Path:
    """The same questions in a file of the standard format."""
    path = new_file("questions.jsonl")
    lines = []
    for number, row in enumerate(cells, 1):
        asked = {"id": row.get(id_column or "") or str(number), "question": row[column]}
        lines.append(json.dumps(asked, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def add_columns(path: Path, others: Sequence[dict[str, str]]) -> None:
    """Append the other cells of the questions to the rows of a table of answers."""
    names = [name for name in others[0] if name] if others else []
    if not names:
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*rows[0], *map(guard_cell, names)])
        for row, cells in zip(rows[1:], others, strict=False):
            table.writerow([*row, *(guard_cell(cells[name]) for name in names)])
