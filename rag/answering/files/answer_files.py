"""Reads answers files: each line is an answer or an error; nothing in a file is trusted."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from rag.answering.files.question_rows import kind_of_value
from rag.errors import InputError, QuestionError
from rag.records import Answer, ListShown, Location, Passage, PostMatch, Quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["answer_from_dict", "read_answers"]

# real scores are a handful of units; a larger one was not written by this program
_LARGEST_NUMBER = 1e9
# an answer with its quotes takes some kilobytes; a list of all posts of a large heap, some megabytes
MAX_LINE_BYTES = 2**26

# other formats of `pullquote batch`, for people to read
_FOR_PEOPLE = frozenset({".csv", ".md"})


def read_answers(path: Path) -> Iterator[tuple[int, Answer | QuestionError]]:
    """Each line of an answers file with its number: an answer or an error; nothing in it is trusted.

    Raises:
        InputError: the file cannot be read, or its format has no locations to check.

    """
    if path.suffix.casefold() in _FOR_PEOPLE:
        raise InputError(
            "only answers with their locations can be checked",
            path=str(path),
            expected="a .jsonl file",
            got=path.suffix,
            remedy="Write it with: pullquote batch QUESTIONS --out ANSWERS.jsonl",
        )
    try:
        lines = path.open("rb")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=str(path)) from error
    with lines:
        for number, line in enumerate(iter(partial(lines.readline, MAX_LINE_BYTES + 1), b""), 1):
            if len(line) > MAX_LINE_BYTES:
                yield number, QuestionError("the line is longer than any answer, and nothing after it was read")
                return
            if not line.strip():
                continue
            try:
                yield number, answer_from_dict(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")))
            except QuestionError as error:
                yield number, error
            except (ValueError, RecursionError):
                yield number, QuestionError("the line is not JSON in UTF-8")


def answer_from_dict(shape: object) -> Answer:
    """Rebuild an answer that `Answer.to_dict` wrote.

    Raises:
        QuestionError: it does not have that shape; the message names the field.

    """
    row = _object(shape, "the answer")
    status = row.get("status")
    if status not in ("answered", "partial", "no_answer", "error"):
        raise QuestionError("`status` is not one of the four", got=kind_of_value(status))
    band = row.get("band")
    if band not in ("high", "medium", "low"):
        raise QuestionError("`band` is not one of the three", got=kind_of_value(band))
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
        posts=tuple(_post(item) for item in _list(row, "posts")),
        summary=_text_or_none(row, "summary"),
        understood=_text_or_none(row, "understood"),
        disagreement=_text_or_none(row, "disagreement"),
        read_as=_pairs(row, "read_as"),
        columns=_pairs(row, "columns"),
    )


def _post(shape: object) -> PostMatch:
    row = _object(shape, "a post")
    best = row.get("best")
    return PostMatch(
        post_id=_text(row, "post_id"),
        title=_text(row, "title"),
        author=_text_or_none(row, "author"),
        date=_text_or_none(row, "date"),
        times=_offset(row, "times"),
        locations=tuple(_location(item) for item in _list(row, "locations")),
        best=None if best is None else _quote(best),
        index=_text_or_none(row, "index"),
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
        post_date=_text_or_none(row, "post_date"),
        confidence=0.0 if row.get("confidence") is None else _number(row, "confidence"),
        label="answers" if row.get("label") == "answers" else "also related",
        header=None if row.get("header") is None else _passage(row["header"]),
        list=None if row.get("list") is None else _list_shown(row["list"]),
        index=_text_or_none(row, "index"),
    )


def _passage(shape: object) -> Passage:
    row = _object(shape, "a passage")
    return Passage(
        text=_text(row, "text"),
        start=_offset(row, "start"),
        end=_offset(row, "end"),
        locations=tuple(_location(item) for item in _list(row, "locations")),
    )


def _list_shown(shape: object) -> ListShown:
    row = _object(shape, "`list`")
    rest = tuple(_passage(item) for item in _list(row, "rest"))
    return ListShown(_offset(row, "shown"), _offset(row, "total"), rest)


def _location(shape: object) -> Location:
    row = _object(shape, "a location")
    return Location(
        file=_text(row, "file"),
        start=_offset(row, "start"),
        end=_offset(row, "end"),
        sha256=_text(row, "sha256"),
        text=_text_or_none(row, "text"),
        format="text" if row.get("format") is None else _text(row, "format"),
        record=_text_or_none(row, "record"),
        site=_text_or_none(row, "site"),
    )


def _object(shape: object, what: str) -> dict[str, object]:
    if not isinstance(shape, dict):
        raise QuestionError(f"{what} is not a JSON object", got=kind_of_value(shape))
    return {str(name): value for name, value in shape.items()}


def _text(row: dict[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise QuestionError(f"`{name}` is not text", got=kind_of_value(value))
    return value


def _text_or_none(row: dict[str, object], name: str) -> str | None:
    return None if row.get(name) is None else _text(row, name)


def _pairs(row: dict[str, object], name: str) -> tuple[tuple[str, str], ...]:
    if row.get(name) is None:
        return ()
    pairs = _object(row[name], f"`{name}`")
    return tuple((key, _text(pairs, key)) for key in pairs)


def _number(row: dict[str, object], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuestionError(f"`{name}` is not a number", got=kind_of_value(value))
    if not abs(value) <= _LARGEST_NUMBER:
        raise QuestionError(f"`{name}` is not a finite number")
    return float(value)


def _offset(row: dict[str, object], name: str) -> int:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise QuestionError(f"`{name}` is not a whole number", got=kind_of_value(value))
    return value


def _list(row: dict[str, object], name: str) -> list[object]:
    value = row.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise QuestionError(f"`{name}` is not a list", got=kind_of_value(value))
    return value
