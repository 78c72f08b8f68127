"""Rows of an index's tables as records; a folder's database and a server have the same rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.records import (
    Change,
    Copy,
    Dropped,
    Merge,
    PageEntry,
    Piece,
    Post,
    PostEntry,
    Sentence,
    SkippedPage,
    Span,
    Variant,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PostText",
    "Row",
    "copy_of",
    "dropped_of",
    "entry_of",
    "merge_of",
    "page_of",
    "post_of",
    "post_text_of",
    "sentence_of",
    "skipped_of",
]

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PostText:
    """A post without its locations: what ranking reads."""

    title: str
    date: str | None
    text: str


def page_of(row: Row) -> PageEntry:
    """A row of ``pages``."""
    return PageEntry(*map(str, row))


def skipped_of(row: Row) -> SkippedPage:
    """A row of ``skipped``."""
    file, reason = map(str, row)
    return SkippedPage(file, reason)


def merge_of(row: Row) -> Merge:
    """A row of ``merges``."""
    *fields, changes = row
    differences = tuple(Change(*change) for change in json.loads(str(changes)))
    return Merge(*fields, differences)  # type: ignore[arg-type, call-arg]


def dropped_of(row: Row) -> Dropped:
    """A row of ``dropped``."""
    return Dropped(*row)  # type: ignore[arg-type]


def post_text_of(row: Row) -> PostText:
    """A row of ``posts`` without its locations."""
    _, _, title, _, date, text, *_ = row
    return PostText(str(title), _text(date), str(text))


def post_of(row: Row, copies: Sequence[Copy]) -> Post:
    """A row of ``posts`` with its copies, in order."""
    _, post_id, title, author, date, text, chrome, variants = row
    return Post(
        str(post_id),
        str(title),
        str(text),
        tuple(copies),
        _text(author),
        _text(date),
        tuple(Span(start, end) for start, end in json.loads(str(chrome))),
        tuple(Variant(*variant) for variant in json.loads(str(variants))),
    )


def entry_of(row: Sequence[object]) -> PostEntry:
    """A row of `rag.store.database.entry_rows`."""
    *fields, versions, places = row
    copies = tuple((file, site) for file, site in places)  # type: ignore[attr-defined]
    return PostEntry(*fields, bool(versions), copies)  # type: ignore[arg-type, call-arg]


def copy_of(row: Row) -> Copy:
    """A row of ``copies``; in indexes built before sites were stored, it has no site."""
    _, file, digest, form, title, author, date, record, pieces, *site = row
    return Copy(
        str(file),
        str(digest),
        tuple(Piece(*piece) for piece in json.loads(str(pieces))),
        _text(title),
        _text(author),
        _text(date),
        str(form),
        _text(record),
        _text(site[0]) if site else None,
    )


def sentence_of(post_id: str, row: Row) -> tuple[int, Sentence]:
    """A row of ``sentences``: the row of its vector, and the sentence."""
    place, _, *fields = row
    return place, Sentence(post_id, *fields)  # type: ignore[arg-type, return-value]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
