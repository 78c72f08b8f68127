"""Table cells for spreadsheets."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from rag.text.cells import guard_cell, unguard_cell

_STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@given(st.text(st.sampled_from("'=+-@\t\r\n a1\uff1d,\""), max_size=8) | st.text(max_size=20))
def test_no_cell_is_a_formula_and_each_is_read_back(text: str) -> None:
    """For any text, through a table and back."""
    guarded = guard_cell(text)
    assert guarded[:1] not in set(_STARTS)
    assert unguard_cell(guarded) == text
    file = io.StringIO(newline="")
    csv.writer(file).writerow([guarded, "x"])
    assert next(csv.reader(io.StringIO(file.getvalue(), newline="")))[0] == guarded


def test_ordinary_cells_stay_as_they_are() -> None:
    """Numbers in text, words and apostrophes are not changed."""
    for text in ("a=1", "1-2", "'tis", "''", "", "(+1)"):
        assert guard_cell(text) == text
        assert unguard_cell(text) == text
