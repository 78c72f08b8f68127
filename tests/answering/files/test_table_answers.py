"""Tables of answers, read to be checked: nothing in them is trusted."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from rag.answering.files.reopened_pages import PagesOfFolder
from rag.answering.files.table_answers import answers_to_check
from rag.answering.verification import verify_answers
from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["id", "question", "status", "quote_1", "title_1", "post_id_1", "places_1"]
WORDS = "The first park was opened by two neighbours."
ROW = ["1", "Who?", "answered", WORDS, "A park", "p", "a; b.txt:0-44"]


def _problems(folder: Path, *rows: list[str], header: list[str] = HEADER) -> list[str]:
    """The failures of a table over a folder with one page."""
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages" / "a; b.txt").write_text(WORDS, encoding="utf-8")
    path = folder / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    pages = PagesOfFolder(folder / "pages")
    return [failure.problem for failure in verify_answers(answers_to_check(path, pages), pages).failures]


def test_quotes_of_a_table_hold_and_any_change_fails(tmp_path: Path) -> None:
    """Words, places, names and status: each changed cell is a failure in words, and none raises an error."""
    assert _problems(tmp_path, ROW, [*ROW[:6], "a; b.txt:0-44; a; b.txt:0-44"]) == []
    for at, cell in (
        (2, "certain"),
        (3, WORDS.replace("two", "ten")),
        (3, WORDS + " And more."),
        (6, "a; b.txt:1-44"),
        (6, "a; b.txt:0-400"),
        (6, "a; b.txt:44-0"),
        (6, "../a.csv:0-44"),
        (6, "gone.txt:0-44"),
        (6, "a; b.txt"),
        (6, ""),
        (6, "a; b.txt:0-" + "9" * 40),
    ):
        changed = [*ROW]
        changed[at] = cell
        assert _problems(tmp_path, ROW, changed), changed
    assert _problems(tmp_path, ROW[:4])


@pytest.mark.parametrize("data", [b"id,question\n1,Who?\n", b"", b"\xff\xfe\x00", b"{}"])
def test_what_is_not_a_table_of_answers_is_said(tmp_path: Path, data: bytes) -> None:
    """Other tables, other files: a sentence that names the file."""
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.csv"):
        list(answers_to_check(path, PagesOfFolder(tmp_path)))
