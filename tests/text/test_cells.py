"""Table cells for spreadsheets."""

from __future__ import annotations

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from rag.text.cells import guard_cell, unguard_cell

_STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


_TEXTS = st.text(st.sampled_from("'=+-@\t\r\n a1\uff1d,;\")"), max_size=8) | st.text(max_size=20)


@given(_TEXTS)
def test_no_cell_is_a_formula_and_each_is_read_back(text: str) -> None:
    """For any text, through a table and back."""
    guarded = guard_cell(text)
    assert guarded[:1] not in set(_STARTS)
    assert unguard_cell(guarded) == text
    file = io.StringIO(newline="")
    csv.writer(file).writerow([guarded, "x"])
    assert next(csv.reader(io.StringIO(file.getvalue(), newline="")))[0] == guarded


@given(st.lists(_TEXTS, min_size=1, max_size=3))
def test_no_cell_is_a_formula_where_semicolons_separate_cells(texts: list[str]) -> None:
    """There, a line of the file is not cut at commas, and a quotation mark after one does not hold a cell together."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow(["q1", *map(guard_cell, texts)])
    assert [unguard_cell(cell) for cell in next(csv.reader(io.StringIO(file.getvalue(), newline="")))[1:]] == texts
    for cell in re.split(r"[;\t\r\n]", file.getvalue()):
        shown = cell.lstrip('"')
        assert not shown.startswith(tuple(_STARTS)) or shown.startswith("-)"), cell


def test_ordinary_cells_stay_as_they_are() -> None:
    """Numbers in text, words and apostrophes are not changed."""
    for text in ("a=1", "1-2", "'tis", "''", "", "(+1)", "so be it ;-)", "a; b", "one\ntwo"):
        assert guard_cell(text) == text
        assert unguard_cell(text) == text
