"""Posts of ../shared/data that questions of ours are about, each as a text and as the page that is indexed."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tables import DataProblem, shared

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Source", "articles", "file_name", "post_rows"]

# paragraphs of an encyclopaedia article that are one text
_PARAGRAPHS = 6


@dataclass(frozen=True, slots=True)
class Source:
    """A post as ../shared/data has it; offsets count in ``text``. ``page`` is indexed, under the name ``file``."""

    file: str
    text: str
    page: str


def post_rows(file: str, key: str, text: str, wanted: Iterable[str]) -> dict[str, Source]:
    """Posts that are one row of a file each, by ``key``.

    Raises:
        DataProblem: the file is absent, or has no such row.

    """
    raw = shared(file).read_bytes()
    lines = (gzip.decompress(raw) if file.endswith(".gz") else raw).decode().split("\n")
    rows = {row[key]: row for row in map(json.loads, filter(None, lines))}
    found = {}
    for one in wanted:
        if one not in rows:
            raise DataProblem(f"{file} has no {key} {one!r}; the questions were written on another version of it.")
        row = rows[one]
        page = f"# {row['title'] or ''}\n\n{row[text].strip()}\n"
        found[one] = Source(file_name(one), row[text], page)
    return found


def articles(file: str, wanted: Iterable[str]) -> dict[str, Source]:
    """Six paragraphs each of encyclopaedia articles, by ``TITLE/N`` with the number of the first of them.

    Raises:
        DataProblem: the file is absent, or has no such article.

    """
    paragraphs: dict[str, dict[str, None]] = {}
    for row in map(json.loads, gzip.decompress(shared(file).read_bytes()).decode().splitlines()):
        paragraphs.setdefault(row["title"], {})[row["passage"]] = None
    found = {}
    for one in wanted:
        title, first = one.rsplit("/", maxsplit=1)
        text = "\n\n".join(list(paragraphs.get(title, ()))[int(first) : int(first) + _PARAGRAPHS])
        if not text:
            raise DataProblem(f"{file} has no article {one!r}; the questions were written on another version of it.")
        found[one] = Source(file_name(title), text, f"# {title.replace('_', ' ')}\n\n{text}\n")
    return found


def file_name(key: str) -> str:
    """Name of the page of a post."""
    last = key.rsplit("/", maxsplit=1)[-1].removesuffix(".md").removesuffix(".html")
    return re.sub(r"\W+", "-", last)[:60] + ".md"
