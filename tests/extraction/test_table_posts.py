"""Old pages laid out by tables: each row with a title and a day begins a post."""

from __future__ import annotations

import pytest
from makers import make_page

from rag.extraction.posts import divide

TEXT = "Text {}. The quick brown fox jumps over the lazy dog, and then it goes home again to sleep."

ROWS = {
    "above": "<tr><td><font size=+1><b>Title {n}</b></font><br><small>January {n}, 2003</small></td></tr>"
    "<tr><td>{text}<br><br>More of {n}.</td></tr>",
    "beside": "<tr><td>January {n}, 2003</td><td><h3>Title {n}</h3><p>{text}</p><p>More of {n}.</p></td></tr>",
    "behind": "<tr><td><b>Title {n}</b></td><td>January {n}, 2003</td></tr><tr><td>{text}<p>More of {n}.</td></tr>",
}


def _posts(row: str, days: tuple[int, ...], head: str = "") -> list[tuple[str | None, str | None, str]]:
    rows = "".join(row.format(n=day, text=TEXT.format(day)) for day in days)
    source = f"<title>Foxes</title>{head}<table><tr><td>Foxes</td></tr></table><table>{rows}</table>"
    return [(one.title, one.date, " ".join(one.text.split())) for one in divide([make_page(source, "a.html", "html")])]


@pytest.mark.parametrize("kind", ROWS)
def test_each_row_is_a_post(kind: str) -> None:
    """With its own title and day, whichever of them comes first."""
    assert _posts(ROWS[kind], (7, 5, 2)) == [
        (f"Title {day}", f"2003-01-0{day}", f"{TEXT.format(day)} More of {day}.") for day in (7, 5, 2)
    ]


def test_rows_that_are_no_posts() -> None:
    """Two of them, days in disorder, titles that look like the text, and tables of an article."""
    plain = "<tr><td>Title {n}</td><td>January {n}, 2003</td></tr><tr><td>{text}</td></tr>"
    article = "<meta property='og:type' content='article'>"
    for row, days, head in ((ROWS["above"], (7, 5), ""), (ROWS["above"], (5, 7, 2), ""), (plain, (7, 5, 2), "")):
        assert len(_posts(row, days, head)) == 1
    assert len(_posts(ROWS["above"], (7, 5, 2), article)) == 1
