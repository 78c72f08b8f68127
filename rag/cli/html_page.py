"""The template of every HTML report, and its tables: one self-contained page that loads nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["render_page", "table"]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def render_page(title: str, style: str, body: str) -> str:
    """A complete page; ``title``, ``style`` and ``body`` are HTML."""
    return _PAGE.format(title=title, style=style, body=body)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, wordy: bool = False) -> str:
    """A table with names aligned left and numbers right; with ``wordy``, the last column is text."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = [
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    ]
    opening = '<table class="wordy">' if wordy else "<table>"
    return f'<div class="wide">{opening}<thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
