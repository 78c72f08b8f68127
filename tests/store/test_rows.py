"""Rows of an index as records."""

from __future__ import annotations

from rag.store.rows import copy_of


def test_a_copy_of_an_index_without_sites_has_none() -> None:
    """Such an index is read as it is; only a build adds the sites of pages."""
    row = (0, "a.html", "0" * 64, "html", "Wind", None, None, None, "[[0, 4, 9, 13, null]]")
    assert copy_of(row).site is None
    assert copy_of((*row, "Quay Weekly")).site == "Quay Weekly"
