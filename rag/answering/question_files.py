"""Question files in, answer files back: one row for every row, in order, and a bad row never spoils the others."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from rag.errors import InputError, QuestionError
from rag.loading.encodings import decode
from rag.records import Answer, Location, QuestionRow, Quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = [
    "MAX_QUESTION_CHARACTERS",
    "QUESTION_ENDINGS",
    "answer_from_dict",
    "check_question",
    "read_answers",
    "read_questions",
]

# The longest of nearly 5,000 questions looked at has 182 characters; what is fifty times longer is a pasted text.
MAX_QUESTION_CHARACTERS = 10_000

# How much of a row that cannot be asked is repeated in the output, so that a person recognises it.
_SHOWN_CHARACTERS = 200

_LARGEST_NUMBER = (
    1e9  # scores are a handful of units; what is beyond this, or not a number at all, was not written here
)

# what `pullquote batch` also writes, for people to read
_FOR_PEOPLE = frozenset({".csv", ".md"})

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
            "this ending is not one of a questions file",
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


def check_question(question: object) -> str:
    """Give the question without white space at its ends.

    Raises:
        QuestionError: it is not text, empty, too long, or holds half a character.

    """
    if not isinstance(question, str):
        raise QuestionError("the question is not text", got=_kind(question))
    bare = question.strip()
    if not bare:
        raise QuestionError("the question is empty")
    if len(bare) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            "the question is too long", expected=f"at most {MAX_QUESTION_CHARACTERS:,} characters", got=f"{len(bare):,}"
        )
    if not _is_whole(bare):
        raise QuestionError("the question holds half a character (a lone surrogate)")
    return bare


def _text_rows(data: bytes) -> Iterator[QuestionRow | Answer]:
    for number, line in enumerate(_lines(decode(data)[0]), 1):
        if line.strip():
            yield _row(number, None, line, None)


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
            yield _bad(str(number), line, QuestionError(f"line {number} is not JSON in UTF-8"))
            continue
        if isinstance(row, dict):
            yield _row(number, row.get("id"), row.get("question"), row.get("history"))
        else:
            got = _kind(row)
            yield _bad(str(number), line, QuestionError(f"line {number} is not a JSON object", got=got))


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
            yield _bad(str(at), lines[start].strip(), QuestionError(f"line {at} is not a row of the table: {error}"))
            continue
        at = start + reader.line_num
        number = start + 1
        if len(cells) > len(header):
            problem = QuestionError(f"line {number} has too many cells", expected=str(len(header)), got=str(len(cells)))
            yield _bad(str(number), lines[start].strip(), problem)
            continue
        row = dict(zip(header, cells, strict=False))
        yield _row(number, row.get("id") or None, row.get("question", ""), _cell_history(row.get("history", "")))


def _header(line: str) -> tuple[str, list[str]]:
    """Find the delimiter that makes ``question`` a column name, and the column names."""
    for delimiter in (",", ";", "\t"):
        header = [name.strip().casefold() for name in next(csv.reader([line], delimiter=delimiter))]
        if "question" in header:
            # with one column there is nothing to delimit: a comma is part of the question
            return (delimiter if len(header) > 1 else "\x1f"), header
    raise InputError(
        "the first line names no column `question`",
        expected="a header such as id,question",
        got=_shorten(line.strip()),
    )


def _cell_history(cell: str) -> object:
    """Read the history in a table's cell: a JSON list, or one earlier question a line."""
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return [line for line in cell.splitlines() if line.strip()]


def _row(number: int, id_: object, question: object, history: object) -> QuestionRow | Answer:
    row_id = str(number)
    try:
        row_id = _row_id(id_) or row_id
        return QuestionRow(row_id, check_question(question), _history(history))
    except QuestionError as error:
        shown = question if isinstance(question, str) else ""
        return _bad(row_id, shown, QuestionError(f"line {number}: {error}"))


def _row_id(id_: object) -> str | None:
    if id_ is None:
        return None
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise QuestionError("the id is neither text nor a whole number", got=_kind(id_))
    return _whole(str(id_))


def _history(history: object) -> tuple[str, ...]:
    if history is None:
        return ()
    if not isinstance(history, list):
        raise QuestionError("the history is not a list of earlier questions", got=_kind(history))
    return tuple(check_question(turn) for turn in history)


def _bad(row_id: str, shown: str, error: QuestionError) -> Answer:
    return Answer(_whole(_shorten(shown)), "error", 0.0, "low", reason=str(error), id=row_id)


QUESTION_ENDINGS: dict[str, Callable[[bytes], Iterator[QuestionRow | Answer]]] = {
    ".txt": _text_rows,
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
}


def read_answers(path: Path) -> Iterator[tuple[int, Answer | QuestionError]]:
    """Each line of an answers file with its number, or what is wrong with it; nothing in it is trusted.

    Raises:
        InputError: the file cannot be read, or is one of the forms of answers that keep no places to prove.

    """
    if path.suffix.casefold() in _FOR_PEOPLE:
        raise InputError(
            "answers are proven in the form that keeps every place",
            path=str(path),
            expected="a .jsonl file",
            got=path.suffix,
            remedy="Write it with: pullquote batch QUESTIONS --out ANSWERS.jsonl",
        )
    try:
        lines = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield number, answer_from_dict(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")))
            except QuestionError as error:
                yield number, error
            except (ValueError, RecursionError):
                yield number, QuestionError("the line is not JSON in UTF-8")


def answer_from_dict(shape: object) -> Answer:
    """Rebuild the answer that `Answer.to_dict` wrote.

    Raises:
        QuestionError: it is not of that shape; the message names the field.

    """
    row = _object(shape, "the answer")
    status = row.get("status")
    if status not in ("answered", "partial", "no_answer", "error"):
        raise QuestionError("`status` is not one of the four", got=_kind(status))
    band = row.get("band")
    if band not in ("high", "medium", "low"):
        raise QuestionError("`band` is not one of the three", got=_kind(band))
    reason = row.get("reason")
    return Answer(
        question=_text(row, "question"),
        status=status,
        confidence=_number(row, "confidence"),
        band=band,
        quotes=tuple(_quote(item) for item in _list(row, "quotes")),
        closest=tuple(_quote(item) for item in _list(row, "closest")),
        reason=None if reason is None else _text(row, "reason"),
        id=_text(row, "id"),
        parts=tuple(answer_from_dict(part) for part in _list(row, "parts")),
    )


def _quote(shape: object) -> Quote:
    row = _object(shape, "a quote")
    return Quote(
        text=_text(row, "text"),
        post_id=_text(row, "post_id"),
        post_title=_text(row, "post_title"),
        score=_number(row, "score"),
        start=_offset(row, "start"),
        end=_offset(row, "end"),
        locations=tuple(_location(item) for item in _list(row, "locations")),
    )


def _location(shape: object) -> Location:
    row = _object(shape, "a location")
    text = row.get("text")
    return Location(
        file=_text(row, "file"),
        start=_offset(row, "start"),
        end=_offset(row, "end"),
        sha256=_text(row, "sha256"),
        text=None if text is None else _text(row, "text"),
        format="text" if row.get("format") is None else _text(row, "format"),
        record=None if row.get("record") is None else _text(row, "record"),
    )


def _object(shape: object, what: str) -> dict[str, object]:
    if not isinstance(shape, dict):
        raise QuestionError(f"{what} is not a JSON object", got=_kind(shape))
    return {str(name): value for name, value in shape.items()}


def _text(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise QuestionError(f"`{name}` is not text", got=_kind(value))
    return value


def _number(row: dict[str, object], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuestionError(f"`{name}` is not a number", got=_kind(value))
    if not abs(value) <= _LARGEST_NUMBER:
        raise QuestionError(f"`{name}` is not a number that a score or a confidence can be")
    return float(value)


def _offset(row: dict[str, object], name: str) -> int:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise QuestionError(f"`{name}` is not a whole number", got=_kind(value))
    return value


def _list(row: dict[str, object], name: str) -> list[object]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise QuestionError(f"`{name}` is not a list", got=_kind(value))
    return value


def _kind(value: object) -> str:
    names = {str: "text", int: "a number", float: "a number", bool: "true or false", list: "a list", dict: "an object"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {error.strerror or error}", path=str(path))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _whole(text: str) -> str:
    return text if _is_whole(text) else text.encode("utf-8", "replace").decode("utf-8")
