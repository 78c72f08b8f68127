"""Answers to check, from either kind of file; what a table lacks is read from the pages."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, get_args

from rag.answering.files.answer_files import read_answers
from rag.answering.files.question_rows import whole_file
from rag.errors import InputError, PageError, QuestionError
from rag.loading.formats import PAGE_FORMATS
from rag.loading.proof import says
from rag.records import Answer, Location, Quote, Status
from rag.text.cells import unguard_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.answering.files.reopened_pages import Pages
    from rag.records import Post

__all__ = ["answers_to_check"]

_COLUMNS = frozenset({"id", "question", "status", "quote_1", "places_1"})
_PLACE = re.compile(r"(.+?):(\d{1,15})-(\d{1,15})(?:; |\Z)", re.DOTALL)


def answers_to_check(
    path: Path, pages: Pages, post_of: Callable[[str], Post] | None = None
) -> Iterator[tuple[int, Answer | QuestionError]]:
    """Each row of a file that `batch` wrote, ``.jsonl`` or ``.csv``, with its number: an answer or an error.

    A table has no hashes, so its quotes are checked against the pages as they are now.

    Raises:
        InputError: the file cannot be read, or is not a file of answers.

    """
    if path.suffix.casefold() != ".csv":
        yield from read_answers(path)
        return
    try:
        text = whole_file(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", path=str(path)) from error
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if not set(table.fieldnames or ()) >= _COLUMNS:
            raise InputError("not a table of answers", path=str(path), expected="a .csv file from pullquote batch")
        for row in table:
            cells = {name: unguard_cell(cell) for name, cell in row.items() if name and isinstance(cell, str)}
            try:
                yield table.line_num, _answer(cells, pages, post_of)
            except QuestionError as error:
                yield table.line_num, error
    except csv.Error as error:
        yield table.line_num, QuestionError(f"not a row of a table: {error}")


def _answer(cells: dict[str, str], pages: Pages, post_of: Callable[[str], Post] | None) -> Answer:
    status = next((one for one in get_args(Status) if one == cells.get("status")), None)
    if status is None:
        raise QuestionError("`status` is not one of the four", got=cells.get("status", "nothing"))
    numbers = [name.removeprefix("quote_") for name in cells if re.fullmatch(r"quote_\d+", name)]
    quotes = [_quote(cells, f"quote_{one}", f"_{one}", "", pages, post_of) for one in numbers if cells[f"quote_{one}"]]
    closest = [_quote(cells, "closest", "", "closest_", pages, post_of)] if cells.get("closest") else []
    return Answer(
        cells.get("question", ""), status, 0.0, "low", tuple(quotes), closest=tuple(closest), id=cells.get("id", "")
    )


def _quote(
    cells: dict[str, str],
    column: str,
    after: str,
    before: str,
    pages: Pages,
    post_of: Callable[[str], Post] | None,
) -> Quote:
    text, post_id = cells[column], cells.get(f"{before}post_id{after}", "")
    places = cells.get(f"{before}places{after}", "")
    found: list[re.Match[str]] = []
    while (at := found[-1].end() if found else 0) < len(places):
        place = _PLACE.match(places, at)
        if place is None:
            raise QuestionError(f"`{before}places{after}` is not a list of file:start-end")
        found.append(place)
    locations = tuple(_location(text, one[1], int(one[2]), int(one[3]), pages) for one in found)
    start = _start(text, post_id, post_of)
    return Quote(text, post_id, cells.get(f"{before}title{after}", ""), 0.0, start, start + len(text), locations)


def _start(text: str, post_id: str, post_of: Callable[[str], Post] | None) -> int:
    """Where the post has these words; 0 if it does not, which the check then reports."""
    try:
        return max(post_of(post_id).text.find(text), 0) if post_of is not None else 0
    except InputError:
        return 0


def _location(quote: str, file: str, start: int, end: int, pages: Pages) -> Location:
    try:
        page = pages.page(file)
    except PageError:
        return Location(file, start, end, "")  # the check reports the reason
    if not 0 <= start < end <= len(page.text):
        return Location(file, start, end, page.sha256)
    there = page.text[start:end]
    form = next((one for one in PAGE_FORMATS.get(page.format, ()) if says(there, quote, one)), page.format)
    return Location(file, start, end, page.sha256, there, form, page.record_at(start))
