"""One row of a questions file: a question that can be asked, or an answer that says why it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import InputError, QuestionError
from rag.records import Answer, QuestionRow

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MAX_QUESTION_CHARACTERS",
    "bad_row",
    "check_question",
    "kind_of_value",
    "read_row",
    "shortened",
    "whole_file",
]

# The longest of nearly 5,000 questions has 182 characters; a text fifty times longer was pasted by mistake.
MAX_QUESTION_CHARACTERS = 10_000

# Bytes of a file of questions or a table of answers, which are read as a whole: a million rows of a thousand bytes.
MAX_FILE_BYTES = 1_000_000_000

# How much of an invalid row is repeated in the output, so that a person recognises it.
_SHOWN_CHARACTERS = 200


def whole_file(path: Path) -> bytes:
    """The bytes of a file; raises OSError if it cannot be read.

    Raises:
        InputError: it is too large to be read as a whole, or never ends.

    """
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            "the file is too large", path=str(path), expected=f"at most {MAX_FILE_BYTES // 1_000_000:,} MB"
        )
    return data


def check_question(question: object) -> str:
    """The question without white space at its ends.

    Raises:
        QuestionError: it is not text, is empty or too long, or contains half a character.

    """
    if not isinstance(question, str):
        raise QuestionError("the question is not text", got=kind_of_value(question))
    bare = question.strip()
    if not bare:
        raise QuestionError("the question is empty", remedy="Ask something.")
    if len(bare) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            "the question is too long", expected=f"at most {MAX_QUESTION_CHARACTERS:,} characters", got=f"{len(bare):,}"
        )
    if not _is_whole(bare):
        raise QuestionError("the question contains half a character (a lone surrogate)")
    return bare


def read_row(
    number: int,
    id_: object,
    question: object,
    history: object,
    columns: tuple[tuple[str, str], ...] = (),
) -> QuestionRow | Answer:
    """A row from the values in a file; an invalid one is its own answer, with a reason that names the line."""
    row_id = str(number)
    try:
        row_id = _row_id(id_) or row_id
        return QuestionRow(row_id, check_question(question), _history(history), columns)
    except QuestionError as error:
        shown = question if isinstance(question, str) else ""
        return bad_row(row_id, shown, QuestionError(f"line {number}: {error}"), columns)


def _row_id(id_: object) -> str | None:
    if id_ is None:
        return None
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise QuestionError("the id is neither text nor a whole number", got=kind_of_value(id_))
    return _whole(str(id_))


def _history(history: object) -> tuple[str, ...]:
    if history is None:
        return ()
    if not isinstance(history, list):
        raise QuestionError("the history is not a list of earlier questions", got=kind_of_value(history))
    return tuple(check_question(turn) for turn in history)


def bad_row(row_id: str, shown: str, error: QuestionError, columns: tuple[tuple[str, str], ...] = ()) -> Answer:
    """The answer to an invalid row; ``shown`` is its text in the file."""
    return Answer(_whole(shortened(shown)), "error", 0.0, "low", reason=str(error), id=row_id, columns=columns)


def kind_of_value(value: object) -> str:
    """The type of a value, in words."""
    names = {str: "text", int: "a number", float: "a number", bool: "true or false", list: "a list", dict: "an object"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def shortened(text: str) -> str:
    """The beginning of a text, enough to recognise it."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _whole(text: str) -> str:
    return text if _is_whole(text) else text.encode("utf-8", "replace").decode("utf-8")
