"""Pages without names for their posts: each emphasised title beside a day begins one."""

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


FLAT = {
    "day below": "<h3>Title {n}</h3><p><i>January {n}, 2003</i></p><p>{text}</p><p>More of {n}.</p>",
    "day above": "<h2>January {n}, 2003</h2><h3>Title {n}</h3><p>{text}</p><p>More of {n}.</p>",
    "bold": "<p><b>Title {n}</b><br>January {n}, 2003</p><p>{text}</p><p>More of {n}.</p><hr>",
}


@pytest.mark.parametrize("kind", FLAT)
def test_each_dated_title_begins_a_post(kind: str) -> None:
    """Outside of tables, too."""
    texts = "".join(FLAT[kind].format(n=day, text=TEXT.format(day)) for day in (2, 5, 7))
    copies = divide([make_page(f"<title>Foxes</title><h1>Foxes</h1>{texts}", "a.html", "html")])
    assert [(one.title, one.date, " ".join(one.text.split())) for one in copies] == [
        (f"Title {day}", f"2003-01-0{day}", f"{TEXT.format(day)} More of {day}.") for day in (2, 5, 7)
    ]


def test_dated_titles_that_begin_no_post() -> None:
    """Two of them, days in disorder, titles that look like the text, events, sections of an article, and comments."""
    plain = "<tr><td>Title {n}</td><td>January {n}, 2003</td></tr><tr><td>{text}</td></tr>"
    for row, days in ((ROWS["above"], (7, 5)), (ROWS["above"], (5, 7, 2)), (plain, (7, 5, 2))):
        assert len(_posts(row, days)) == 1
    assert len(_posts(ROWS["above"], (7, 5, 2), "<meta property='og:type' content='article'>")) == 1
    events = "".join(FLAT["day below"].format(n=day, text=TEXT.format(day)) for day in (2, 2, 5, 7))
    texts = "".join(FLAT["day below"].format(n=day, text=TEXT.format(day)) for day in (2, 5, 7))
    above = f"<p>{TEXT.format(0)}</p><p>{TEXT.format(1)}</p>"
    for source in (f"<article><h1>Foxes</h1>{texts}</article>", f"<h1>Foxes</h1>{above}{texts}", events):
        assert len(divide([make_page(source, "a.html", "html")])) == 1
