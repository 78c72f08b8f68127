"""The fields of a JSON object with their places, and which of them has the text of a post."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rag.loading.html.escape_signs import ANNOTATED, MARKED_PASSAGES, block_texts, text_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MARKDOWN_FIELDS",
    "PASSAGES",
    "REVIEWS",
    "SUMMARIES",
    "TEXT_FIELDS",
    "Value",
    "behind",
    "fields_at",
    "fields_of",
    "folded",
    "in_locales",
    "items_in",
    "skip_white",
    "text_field",
    "title_beside",
]

# the names under which the text of a post is found, the fullest first; under the last ones it is only the beginning of
# the text if there is another field
TEXT_FIELDS = (
    "html", "contenthtml", "bodyhtml", "htmlcontent", "content", "body", "text", "contenttext", "article",
    "postcontent", "articlebody", "fulltext", "plaintext", "textcontent", "contents", "markdown", "highlight",
    "selftext", "children", "listcontent", "mobiledoc", "lexical", "highlights", "annotations", "selection",
    "contentmarkdown", "bodymarkdown", "review", "myreview", "extended", "blocks",
)  # fmt: skip
# those of them that have Markdown
MARKDOWN_FIELDS = frozenset({"markdown", "contentmarkdown", "bodymarkdown"})
# the text of somebody who is not the author of what the record is about
REVIEWS = frozenset({"review", "myreview"})
SUMMARIES = ("summary", "description", "excerpt")
# lists of passages, each apart from the others
PASSAGES = frozenset({"highlights", "annotations"})
_DOCUMENTS = frozenset({"mobiledoc", "lexical"})  # of block editors, as JSON inside a string
_INNER = ("content", "value", "html", "text", "rendered")
_DOCUMENT = re.compile(
    r'\{\s*(?:"(?:data|version)"\s*:\s*(?:\{\s*\}|\d+)\s*,\s*)?'
    r'(?:"ops"\s*:\s*\[|"nodeType"\s*:\s*"document"|"type"\s*:\s*"doc")'
)
_LOCALE = re.compile(
    r"[a-z]{2,3}[-_](?:[A-Z]{2}|[A-Z][a-z]{3}|\d{3})|ar|bg|ca|cs|cy|da|de|el|en|es|et|fi|fr|he|hi|hr|hu|it|ja|ko|lt|lv|nb|nl"
    r"|nn|pl|pt|ro|ru|sk|sl|sr|sv|th|tr|uk|vi|zh"
)
MAX_LOCALES = 50  # languages of a record
_TRANSLATED = re.compile(r'\{\s*"[a-z]{2,3}(?:[-_]\w{2,4})?"\s*:')
_WHITE = re.compile(r"[ \t\r\n]*")
_KEY_MARKS = re.compile(r"[\s_-]+")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a record: its place in the file and its raw text, which is "" for a number."""

    start: int
    end: int
    format: str


def folded(name: str) -> str:
    """A field's name in the form used for comparison: lower case, without spaces, dashes and underscores."""
    return _KEY_MARKS.sub("", name).casefold()


def text_field(text: str, values: dict[str, Value]) -> tuple[str, Value] | None:
    """The field with the text of a post, and its value, which may be empty; None if there is none.

    If a value is an object, its fields are searched too, because feed readers export their texts one level down.
    """
    named = {folded(name): value for name, value in values.items()}
    marked = _marked(text, named)
    if marked is not None:
        return "text", marked
    empty = None
    for name in (*TEXT_FIELDS, *SUMMARIES):
        value = named.get(name)
        if value is not None and not value.format and text.startswith(("{", "["), value.start):
            parts = _parts(text, value)
            passages = list(text_parts(text, value.start + 1, value.end, ANNOTATED)) if name in PASSAGES else []
            parts = parts or _parts_of_document(text, value)
            whole = (_texts(passages, "json-marked") if len(passages) > 1 else _texts(parts, "json-parts")) or value
            value = whole if len(parts) > 1 else _inner(text, value) or whole
        elif value is not None and name in _DOCUMENTS:
            value = _texts(list(block_texts(text, value.start, value.end)), "json-blocks")
        if value is None:
            continue
        if value.format and text[value.start : value.end].strip():
            return name, value
        empty = empty or ((name, value) if name not in SUMMARIES else None)
    return empty


def _marked(text: str, named: dict[str, Value]) -> Value | None:
    """What was marked in a page, and said about it, in an annotation; None if the record is none."""
    target, own = named.get("target"), named.get("text")
    if target is None or target.format:
        return None
    places = list(text_parts(text, target.start + 1, target.end, MARKED_PASSAGES))
    if places and own is not None and own.format and own.start < own.end:
        places = sorted([*places, (own.start, own.end)])
    return _texts(places, "json-marked" if len(places) > 1 else "json")


def _parts(text: str, value: Value) -> list[tuple[int, int]]:
    """The strings of a list that make up a text, as chats and the blocks of some editors are exported."""
    return list(text_parts(text, value.start + 1, value.end)) if text.startswith("[", value.start) else []


def _parts_of_document(text: str, value: Value) -> list[tuple[int, int]]:
    """The texts of an editor's document that is an object: ProseMirror's, Quill's or Contentful's."""
    is_document = _DOCUMENT.match(text, value.start) is not None
    return list(text_parts(text, value.start + 1, value.end)) if is_document else []


def in_locales(text: str, fields: dict[str, Value]) -> list[tuple[int, dict[str, Value]]]:
    """The fields of a record in each of its languages, if values are objects such as {"en-US": ..., "de": ...}.

    Returns where its text is in each, and its fields.

    A field that is not in a language is as in the first one, but for that with the text. Empty for other records, and
    for those without text or with a file, such as pictures.
    """
    if "file" in fields:
        return []
    translated = {name: inner for name, value in fields.items() if (inner := _translations(text, value))}
    names = dict.fromkeys(locale for inner in translated.values() for locale in inner)
    found: dict[int, dict[str, Value]] = {}  # by the place of the text
    for locale in islice(names, MAX_LOCALES):
        own = {name: inner.get(locale) or next(iter(inner.values())) for name, inner in translated.items()}
        held = text_field(text, {**fields, **own})
        if held is not None and held[1].format:
            found.setdefault(held[1].start, {**fields, **own})
    return list(found.items())


def _translations(text: str, value: Value) -> dict[str, Value]:
    """The values of an object whose names are all languages; empty for any other value."""
    if value.format or not _TRANSLATED.match(text, value.start):
        return {}
    inner = fields_at(text, value.start, value.end)
    return inner if all(map(_LOCALE.fullmatch, inner)) else {}


def _texts(places: list[tuple[int, int]], form: str) -> Value | None:
    """The value from the first of these texts to the last."""
    return Value(places[0][0], places[-1][1], form) if places else None


def title_beside(text: str, values: dict[str, Value], held: Value) -> str | None:
    """The title in the object that has the text of a record, if the record itself has none."""
    around = (one for one in values.values() if not one.format and one.start < held.start < one.end)
    outer = next((one for one in around if text.startswith("{", one.start)), None)
    title = fields_at(text, outer.start, outer.end).get("title") if outer is not None else None
    return json.loads(f'"{text[title.start : title.end]}"') if title is not None and title.format else None


def _inner(text: str, value: Value) -> Value | None:
    """The text in an object or in the first object of a list."""
    start = value.start
    if text.startswith("[", start):
        start = skip_white(text, start + 1)
        if not text.startswith("{", start):
            return None
    try:
        _, end = _DECODER.raw_decode(text, start)
        fields = fields_of(text[start:end], start)
    except (ValueError, RecursionError):
        return None
    return next((fields[name] for name in _INNER if name in fields and fields[name].format), None)


def fields_of(line: str, shift: int = 0) -> dict[str, Value]:
    """The values of a JSON object, with ``shift`` added to their places.

    Raises ValueError if it is not valid, RecursionError if it is nested too deeply.
    """
    found: dict[str, Value] = {}
    at = behind(line, 0, "{")
    more = not line.startswith("}", at)
    at = at if more else at + 1
    while more:
        if not line.startswith('"', at):
            raise ValueError("a name is missing")
        name, at = _DECODER.raw_decode(line, at)
        start = behind(line, at, ":")
        _, at = _DECODER.raw_decode(line, start)
        quoted = line[start] == '"'
        found[name] = Value(start + quoted + shift, at - quoted + shift, "json" if quoted else "")
        at = skip_white(line, at)
        more = line.startswith(",", at)
        at = behind(line, at, "," if more else "}")
    if at < len(line):
        raise ValueError("something follows the object")
    return found


def fields_at(text: str, start: int, end: int) -> dict[str, Value]:
    """The values of the JSON object ``text[start:end]``; none if it is not valid or nested too deeply."""
    try:
        return fields_of(text[start:end], start)
    except (ValueError, RecursionError):
        return {}


def items_in(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each item of a valid JSON list begins and ends; nothing if there is no list at ``start``."""
    at = skip_white(text, start + 1) if text.startswith("[", start) else len(text)
    while at < len(text) and not text.startswith("]", at):
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = skip_white(text, end)
        at = skip_white(text, at + 1) if text.startswith(",", at) else len(text)


def skip_white(text: str, at: int) -> int:
    """The offset of the first character from ``at`` on that is no white space."""
    match = _WHITE.match(text, at)
    return match.end() if match else at


def behind(text: str, at: int, sign: str) -> int:
    """Skip an expected character and the white space around it; raises ValueError if it is missing."""
    at = skip_white(text, at)
    if not text.startswith(sign, at):
        raise ValueError(f"“{sign}” is missing")
    return skip_white(text, at + len(sign))
