"""Exports of Movable Type and TypePad: posts as labelled lines, with rows of dashes between their parts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from rag.loading.entries import Gathering
from rag.text.dates import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.loading.parts import Entries

__all__ = ["read_blog_text"]

_POST_END = re.compile(r"^--------[ \t]*\r?$\n?", re.MULTILINE)
_PART_END = re.compile(r"^-----[ \t]*\r?$\n?", re.MULTILINE)
_LABEL = re.compile(r"([A-Z][A-Z ]{2,20}):[ \t]*([^\r\n]*)\r?\n?")
_DATES = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")
_UNPUBLISHED = "it is a draft; publish it and export again to index it"


def read_blog_text(text: str, file: str, sha256: str) -> Entries:
    """Read the posts of an export; drafts are reported, and comments are left out."""
    gathering = Gathering(file, sha256, text)
    for start, end in _between(_POST_END, text, 0, len(text)):
        if text[start:end].strip() and not gathering.is_full():
            _add(gathering, text, start, end)
    return gathering.result()


def _between(border: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in border.finditer(text, start, end):
        yield start, found.start()
        start = found.end()
    yield start, end


def _add(gathering: Gathering, text: str, start: int, end: int) -> None:
    parts = list(_between(_PART_END, text, start, end))
    fields = {found[1]: found[2].strip() for found in _LABEL.finditer(text, *parts[0])}
    spans = {}
    for low, high in parts[1:]:
        label = _LABEL.match(text, low, high)
        if label and label[1] not in spans:
            spans[label[1]] = (label.end(), high)
    title = fields.get("TITLE", "")
    name = f"“{title}”" if title else f"the post at character {start:,}"
    if fields.get("STATUS", "Publish").casefold() not in ("publish", "published", ""):
        gathering.leave_out(name, _UNPUBLISHED)
        return
    halves = [
        spans[label] for label in ("BODY", "EXTENDED BODY") if label in spans and text[slice(*spans[label])].strip()
    ]
    span = (halves[0][0], halves[-1][1]) if halves else (end, end)
    gathering.add(name, span, "blog_text", title=title, author=fields.get("AUTHOR"), date=_day(fields.get("DATE", "")))


def _day(text: str) -> str | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 - the export names no time zone
        except ValueError:
            continue
    return day_of(text)
