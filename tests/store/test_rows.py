"""Rows of an index as records."""

from __future__ import annotations

import contextlib
import sqlite3

from rag.store.database import OLDER_SCHEMAS, SCHEMA, entry_rows
from rag.store.rows import copy_of, entry_of


def test_a_copy_of_an_index_without_sites_has_none() -> None:
    """Such an index is read as it is; only a build adds the sites of pages."""
    row = (0, "a.html", "0" * 64, "html", "Wind", None, None, None, "[[0, 4, 9, 13, null]]")
    assert copy_of(row).site is None
    assert copy_of((*row, "Quay Weekly")).site == "Quay Weekly"


def test_a_list_of_posts_is_made_without_their_texts() -> None:
    """Each post comes with its length and the places of its copies, with sites if the index has any."""
    posts = [
        (0, "a" * 16, "Wind", None, "2014-10-27", "It blew é", "[]", "[]"),
        (1, "b" * 16, "Rain", "Ann", None, "", "[]", '[["a", "1", "2"]]'),
    ]
    for schema, site in ((SCHEMA, "Quay Weekly"), (OLDER_SCHEMAS[0], None)):
        with contextlib.closing(sqlite3.connect(":memory:")) as database:
            database.executescript(schema)
            database.executemany("INSERT INTO posts VALUES (?,?,?,?,?,?,?,?)", posts)
            database.execute("INSERT INTO copies (post, file, pieces) VALUES (0, 'a.html', '[]')")
            if site is not None:
                database.execute("UPDATE copies SET site = ?", [site])
            wind, rain = map(entry_of, entry_rows(database.execute))
        assert (wind.title, wind.chars, wind.versions, wind.copies) == ("Wind", 9, False, (("a.html", site),))
        assert (rain.author, rain.date, rain.chars, rain.versions, rain.copies) == ("Ann", None, 0, True, ())
        assert wind.source == (site or "a.html")
