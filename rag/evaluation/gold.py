"""Gold questions: what is asked, and which words of the pages answer it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.files.question_rows import whole_file
from rag.errors import InputError
from rag.records import QuestionRow

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["GoldPart", "GoldRow", "gold_row", "read_gold"]

_SHAPE = '{"id": "q1", "question": "...", "answerable": true, "evidence": ["exact words of a page"]}'


@dataclass(frozen=True, slots=True)
class GoldPart:
    """What a right quote has: one of the ``evidence`` texts, and a location in one of ``files`` if any are named."""

    evidence: tuple[str, ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One question with its known answer; its quotes are compared with ``wanted``.

    If a question has several ``parts``, they have the evidence. ``history`` contains the earlier questions of the
    conversation, oldest first. ``kind`` and ``paraphrased`` are only used to group the figures.
    """

    id: str
    question: str
    answerable: bool
    wanted: GoldPart = GoldPart(())
    parts: tuple[GoldPart, ...] = ()
    history: tuple[str, ...] = ()
    kind: str | None = None
    paraphrased: bool | None = None

    def asked(self) -> QuestionRow:
        """The question without its answer, to ask an index."""
        return QuestionRow(self.id, self.question, self.history)


def read_gold(path: Path) -> list[GoldRow]:
    """Every row of a ``.jsonl`` file of gold questions, in order.

    Raises:
        InputError: the file cannot be read or has no questions, or a row does not have the expected shape; the message
            names the line and what is expected there.

    """
    try:
        text = whole_file(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is not text in UTF-8", path=str(path), remedy="Save it again as UTF-8") from error
    rows: list[GoldRow] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            shape: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError("the line is not JSON", path=where, expected=_SHAPE) from error
        row = gold_row(shape, where)
        if row.id in first_line:
            raise InputError(
                f"the id {row.id!r} is already on line {first_line[row.id]}",
                path=where,
                expected="one row for each id",
            )
        first_line[row.id] = number
        rows.append(row)
    if not rows:
        raise InputError("the file contains no questions", path=str(path), expected=f"on each line {_SHAPE}")
    return rows


def gold_row(shape: object, where: str) -> GoldRow:
    """The row described by a JSON object of a gold file; ``where`` names it in errors.

    Raises:
        InputError: the object does not have the expected shape.

    """
    row = _object(shape, where, "the line", _SHAPE)
    id_ = row.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int) or id_ == "":
        raise _wrong(where, "`id`", "text or a whole number", id_)
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise _wrong(where, "`question`", "the question's words", question)
    answerable = row.get("answerable")
    if not isinstance(answerable, bool):
        raise _wrong(where, "`answerable`", "true or false", answerable)
    history = row.get("history")
    kind, paraphrased = row.get("kind"), row.get("paraphrased")
    if kind is not None and not isinstance(kind, str):
        raise _wrong(where, "`kind`", "text", kind)
    if paraphrased is not None and not isinstance(paraphrased, bool):
        raise _wrong(where, "`paraphrased`", "true or false", paraphrased)
    parts = row.get("parts") or []
    if not isinstance(parts, list):
        raise _wrong(where, "`parts`", "a list of objects with `evidence`", parts)
    several = tuple(
        _wanted(
            _object(part, where, f"part {number}", '{"evidence": ["..."]}'), where, f" of part {number}", needed=True
        )
        for number, part in enumerate(parts, 1)
    )
    return GoldRow(
        id=str(id_),
        question=question,
        answerable=answerable,
        wanted=_wanted(row, where, "", needed=answerable and not several),
        parts=several,
        history=() if history is None else _texts(history, where, "`history`", "a list of the earlier questions"),
        kind=kind or None,
        paraphrased=paraphrased,
    )


def _wanted(row: dict[str, object], where: str, whose: str, *, needed: bool) -> GoldPart:
    evidence = row.get("evidence")
    expected = "a list of exact texts of the pages, any of which answers"
    found = () if evidence is None else _texts(evidence, where, f"`evidence`{whose}", expected)
    if needed and not found:
        raise _wrong(where, f"`evidence`{whose}", expected + "; an answerable question needs one", evidence)
    files = row.get("files") or ([row["file"]] if row.get("file") else [])
    return GoldPart(found, _texts(files, where, f"`files`{whose}", "a list of file names"))


def _texts(value: object, where: str, what: str, expected: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(where, what, expected, value)
    found = []
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise _wrong(where, what, expected + ", none of them empty", item)
        found.append(item)
    return tuple(found)


def _object(value: object, where: str, what: str, expected: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(where, what, expected, value)
    return {str(name): item for name, item in value.items()}


def _wrong(where: str, what: str, expected: str, got: object) -> InputError:
    shown = "nothing" if got is None else json.dumps(got, ensure_ascii=False)
    return InputError(
        f"{what} is not as expected",
        path=where,
        expected=expected,
        got=shown if len(shown) <= 80 else shown[:79] + "…",  # noqa: PLR2004 - enough to find the place in the line
    )
