"""The records of a JSON file with their places: one object per line, an array, or a list inside an export.

Python's own parser reads each value and reports where it ends.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.exports.json_fields import (
    PASSAGES,
    SUMMARIES,
    Value,
    behind,
    fields_at,
    fields_of,
    folded,
    in_locales,
    items_in,
    skip_white,
    text_field,
)
from rag.loading.files.file_types import ACCOUNT_ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Record", "json_records"]

# Exports nest their posts in a few objects and lists: {"db": [{"data": {"posts": [...]}}]} is five levels.
MAX_NESTED = 6

# lists of what was thrown away, beside the list of what was not
_TRASH = frozenset({"trashednotes", "trashedposts", "trashed", "trash", "deletednotes", "deletedposts", "deleted"})
_IN_TRASH = "it is in the trash; restore it and export again to index it"

# the records of an account archive that are posts, and the parts of the archive that have them
_TWEETS = frozenset({"tweet", "notetweet"})
_PARTS_WITH_TWEETS = re.compile(r"(?:note_?|community_?)?tweets?(?:_\d+_\d+)?")
_NO_TWEETS = "it is about the account and has none of its posts"
# where records of Facebook and Instagram have their objects: the names of the words and of the moment in them
_HOLDERS = {"data": ("post", "timestamp"), "media": ("title", "creation_timestamp")}
_BOOKMARK = frozenset({"href", "description", "extended"})  # of Pinboard
_DOING = re.compile(r"(\S[^\n\"\\]{1,60}?) (?:updated|shared|posted|added|wrote|published|is|was)\b")
_TITLES = frozenset({"title", "headline", "subject"})
# of the text that passages are of
_BOOK_TITLES = frozenset({"booktitle", "fulltitle", "name", "posttitle"})
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its name, its place, and its values by name, or its problem."""

    name: str
    start: int
    values: dict[str, Value]
    problem: str = ""


def json_records(text: str) -> Iterator[Record]:
    """The records of a JSON file, in order. Raises PageError for a part of an account archive that has no posts."""
    script = ACCOUNT_ARCHIVE.match(text)
    if script is not None:
        if not _PARTS_WITH_TWEETS.fullmatch(script["part"].casefold()):
            raise PageError(_NO_TWEETS)
        yield from (_tweet(text, record) for record in _array(text, script.end()))
    elif text.startswith("[", skip_white(text, 0)):
        yield from _array(text)
    elif _is_one_object(text):
        yield from _nested(text)
    else:
        yield from _objects(text)


def _is_one_object(text: str) -> bool:
    """Whether the file is one object rather than one object per line; a single post on one line is both."""
    try:
        _, end = _DECODER.raw_decode(text, skip_white(text, 0))
    except (ValueError, RecursionError):
        return False
    if skip_white(text, end) < len(text):
        return False
    if "\n" in text.strip():
        return True
    fields = fields_at(text, skip_white(text, 0), end)
    held = text_field(text, fields)
    return held is None or (held[0] in PASSAGES and not _is_of_post(held, fields))


def _nested(text: str) -> Iterator[Record]:
    """The posts in one object: the object itself, or the objects of the lists in it."""
    start = skip_white(text, 0)
    found = [Record("", at, fields) for at, fields in _posts_in(text, start, 0)]
    trash = sorted(_trash_in(text, start))
    if not found and "\n" not in text.strip():
        yield from _objects(text)
    elif not found:
        yield Record("record 1", start, fields_at(text, start, len(text.rstrip())))
    for number, record in enumerate(found, 1):
        thrown_away = any(low <= record.start < high for low, high in trash)
        yield Record(f"record {number}", record.start, record.values, _IN_TRASH if thrown_away else "")


def _trash_in(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the lists of what was thrown away are in an export, begin and end."""
    _, end = _DECODER.raw_decode(text, start)
    for name, value in fields_at(text, start, end).items():
        if folded(name) in _TRASH and text.startswith("[", value.start):
            yield value.start, value.end


def _posts_in(text: str, start: int, depth: int) -> Iterator[tuple[int, dict[str, Value]]]:
    """Place and fields of every object with a text at or below an offset."""
    if depth > MAX_NESTED:
        return
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return
    if text.startswith("{", start):
        yield from _in_object(text, start, end, depth)
    for at, _ in items_in(text, start):
        if text.startswith(("{", "["), at):
            yield from _posts_in(text, at, depth + 1)


def _in_object(text: str, start: int, end: int, depth: int) -> Iterator[tuple[int, dict[str, Value]]]:
    """Place and fields of the posts in an object: in each of its languages, the object itself, or those below it."""
    fields = fields_at(text, start, end)
    if translations := in_locales(text, fields):
        yield from translations
        return
    held = text_field(text, fields)
    if held is not None and not _is_of_post(held, fields):
        held = None
    if held is not None and (depth > 0 or held[0] not in SUMMARIES):
        yield start, fields
        return
    # a whole export may have a description of its own
    below = list(_posts_below(text, fields, held, depth))
    yield from below
    if held is not None and not below:
        yield start, fields


def _is_of_post(held: tuple[str, Value], fields: dict[str, Value]) -> bool:
    """Whether a text is a post's: other things may have "content" too, and tags and people have descriptions."""
    names = frozenset(map(folded, fields))
    if held[0] in SUMMARIES:
        return not _TITLES.isdisjoint(names)
    if held[0] in PASSAGES and any(folded(name) == held[0] and not value.format for name, value in fields.items()):
        return not (_TITLES | _BOOK_TITLES).isdisjoint(names)
    return bool(held[1].format) or "title" in map(folded, fields)


def _posts_below(
    text: str, fields: dict[str, Value], held: tuple[str, Value] | None, depth: int
) -> Iterator[tuple[int, dict[str, Value]]]:
    for value in fields.values():
        has_text = held is not None and value.start <= held[1].start < value.end
        if not value.format and not has_text and text.startswith(("{", "["), value.start):
            yield from _posts_in(text, value.start, depth + 1)


def _objects(text: str) -> Iterator[Record]:
    start = number = 0
    while start < len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if line.strip():
            yield _object(line, f"line {number}", start)
        start = end + 1


def _object(line: str, name: str, start: int) -> Record:
    try:
        return Record(name, start, fields_of(line, start))
    except RecursionError:
        return Record(name, start, {}, "it is nested too deeply to be a post")
    except ValueError:
        is_object = line.lstrip().startswith("{")
        return Record(name, start, {}, "its JSON is broken or incomplete" if is_object else "it is not a JSON object")


def _tweet(text: str, record: Record) -> Record:
    """The post in a record of an account archive."""
    held = next((value for name, value in record.values.items() if folded(name) in _TWEETS), None)
    if held is None:
        return record
    return Record(record.name, record.start, fields_at(text, held.start, held.end), record.problem)


def _status(text: str, record: Record) -> Record:
    """The post in a record that a social network exports, which has its words one level down; else the record."""
    held = next((name for name in _HOLDERS if name in record.values and not record.values[name].format), None)
    if record.values.keys() >= _BOOKMARK:  # its title is called its description
        called = {"title" if name == "description" else name: value for name, value in record.values.items()}
        return Record(record.name, record.start, called, record.problem)
    if held is None or text_field(text, record.values) is not None:
        return record
    under, beside = _HOLDERS[held]
    inner = [fields_at(text, at, end) for at, end in items_in(text, record.values[held].start)]
    own = {} if held == "data" else record.values
    words = next((one[under] for one in (own, *inner) if under in one and _is_said(one[under])), None)
    moment = next((one[beside] for one in (record.values, *inner) if beside in one), None)
    if words is None or moment is None:
        return record
    values = {"text": words, "timestamp": moment}
    doing = record.values.get("title")
    named = _DOING.match(text, doing.start, doing.end) if held == "data" and doing is not None else None
    if named is not None:
        values["author"] = Value(*named.span(1), "json")
    return Record(record.name, record.start, values)


def _is_said(value: Value) -> bool:
    return bool(value.format) and value.start < value.end


def _item(text: str, start: int, end: int, name: str) -> Iterator[Record]:
    """The record that is an item of a list, or the records in it if it has no text of its own."""
    record = _status(text, _object(text[start:end], name, start))
    inside = [] if record.problem or text_field(text, record.values) else list(_posts_in(text, start, 0))
    if not inside:
        yield record
    for number, (at, fields) in enumerate(inside, 1):
        yield Record(f"{name}, {number}", at, fields)


def _array(text: str, start: int = 0) -> Iterator[Record]:
    at = behind(text, start, "[")
    number = 0
    while not text.startswith("]", at):
        number += 1
        name = f"record {number}"
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield Record(name, at, {}, "its JSON is broken or incomplete, and the rest was not read")
            return
        yield from _item(text, at, end, name)
        at = skip_white(text, end)
        if not text.startswith(",", at):
            break
        at = skip_white(text, at + 1)
