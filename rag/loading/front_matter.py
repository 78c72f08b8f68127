"""What a note says about itself at its top: front matter in YAML, TOML or JSON, or lines such as "Title: ...".

Each is read by its own parser; where YAML is broken, as by a title with a colon in it, its lines are read one by one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.text.dates import day_of
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FrontMatter", "date_in_name", "known_fields", "read_front_matter", "title_of_name"]

# Front matter that has no end within this is none; the longest of 600 notes has 3,000 characters.
MAX_FRONT_MATTER = 64 * 1024

_TITLES = ("title", "full title", "headline", "subject", "book title", "name")
_DATES = (
    "date", "pubdate", "published", "publisheddate", "publishdate", "publishedat", "publicationdate", "datepublished",
    "posted", "datetime", "created", "createdat", "createddate", "datecreated", "saved", "updated", "lastmod",
    "modified", "highlightedat", "timestamp",
)  # fmt: skip
_AUTHORS = ("author", "authors", "by", "byline", "creator", "writer", "publishedby", "bookauthor")
_DRAFT_STATES = frozenset({"draft", "private", "unpublished"})

_YAML = re.compile(r"\s*---[ \t]*\r?\n(.*?)(?:\r\n|\r|\n)(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\s*\+\+\+[ \t]*\r?\n(.*?)(?:\r\n|\r|\n)\+\+\+[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_JSON_FENCE = re.compile(r"\s*;;;[ \t]*\r?\n(.*?)\n;;;[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_JSON = re.compile(r"\s*(?=\{[ \t\r\n]*\")")
_PANDOC = re.compile(r"%[ \t]*(?P<title>[^\r\n]+)(?:\r?\n%(?P<author>[^\r\n]*)(?:\r?\n%(?P<date>[^\r\n]*))?)?\r?\n")
_LABELLED = re.compile(r"(?:[A-Za-z][\w -]{0,30}:[ \t]+\S[^\r\n]*(?:\r\n|\n)){2,40}(?=\r?\n)")
_LINE = re.compile(r"^([A-Za-z][\w -]*?)[ \t]*:[ \t]*(\S.*?)[ \t\r]*$", re.MULTILINE)
_NAME_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_NAME_SEPARATORS = re.compile(r"[-_]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_CODE_NAME = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_KEY_MARKS = re.compile(r"[\s_-]+")
_WIKI = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What is known of a note; ``end`` is where its text begins in the source."""

    end: int = 0
    title: str | None = None
    author: str | None = None
    date: str | None = None
    is_draft: bool = False


def read_front_matter(source: str) -> FrontMatter:
    """The fields at the top of a note; without any where it has no front matter."""
    head = source[:MAX_FRONT_MATTER]
    for pattern, parse in ((_YAML, _yaml), (_TOML, _toml), (_JSON_FENCE, _json)):
        if match := pattern.match(head):
            fields = parse(match[1])
            return known_fields(fields, match.end()) if fields is not None else FrontMatter()
    if match := _JSON.match(head):
        try:
            fields, end = json.JSONDecoder().raw_decode(head, match.end())
        except (ValueError, RecursionError):
            return FrontMatter()
        return known_fields(fields, end) if isinstance(fields, dict) else FrontMatter()
    if match := _PANDOC.match(head):
        return known_fields({name: value or "" for name, value in match.groupdict().items()}, match.end())
    if match := _LABELLED.match(head):
        fields = dict(_LINE.findall(match[0]))
        if {"title", "date"} & {name.casefold() for name in fields}:
            return known_fields(fields, match.end())
    return FrontMatter()


def known_fields(fields: Mapping[str, object], end: int = 0) -> FrontMatter:
    """The title, author and date among some fields, under whichever of their usual names."""
    named = {_KEY_MARKS.sub("", str(name)).casefold(): value for name, value in fields.items()}
    titles = (named.get(_KEY_MARKS.sub("", name)) for name in _TITLES)
    title = next(filter(None, (_said(value) for value in titles if isinstance(value, (str, dict)))), None)
    author = next(filter(None, (_said(named.get(name)) for name in _AUTHORS)), None)
    date = next(filter(None, (_day(named.get(name)) for name in _DATES)), None)
    states = {_said(named.get(name)).casefold() for name in ("status", "state", "published", "visibility")}
    is_draft = _said(named.get("draft")).casefold() in ("true", "yes", "on", "1") or bool(states & _DRAFT_STATES)
    is_draft = is_draft or _said(named.get("published")).casefold() in ("false", "no")
    return FrontMatter(end, title, author, date, is_draft)


def title_of_name(name: str) -> str | None:
    """The title that a file's name tells: without ending and date; None where it is a number or a code.

    >>> title_of_name("2012-09-08-worn-chains.md"), title_of_name("Roof bees.md"), title_of_name("8f27b915dde63105.md")
    ('Worn chains', 'Roof bees', None)
    """
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    stem = stem if dot and stem and " " not in ending else name.rpartition("/")[2]
    bare = _NAME_DATE.sub("", stem, count=1).strip(" -_.,")
    if " " not in bare and _NAME_SEPARATORS.search(bare):
        bare = _NAME_SEPARATORS.sub(" ", bare)
        bare = bare[:1].upper() + bare[1:]
    bare = fold_white(bare)
    if not _WORD.search(bare) or _CODE_NAME.search(bare):
        return None
    return bare[:1].upper() + bare[1:] if bare.islower() else bare


def date_in_name(name: str) -> str | None:
    """The day in a file's name, as ``yyyy-mm-dd``.

    >>> date_in_name("2012-09-08-worn-chains.md")
    '2012-09-08'
    """
    match = _NAME_DATE.search(name.rpartition("/")[2])
    return day_of("-".join(match.groups())) if match else None


def _yaml(text: str) -> dict[str, object] | None:
    import yaml

    try:
        fields = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but strings, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError):
        fields = {name: value.strip("\"'") for name, value in _LINE.findall(text)}
    return fields if isinstance(fields, dict) and fields else None


def _toml(text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _json(text: str) -> dict[str, object]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _said(value: object) -> str:
    """A field's words: of a list its items with commas between them, of a mapping its name."""
    if isinstance(value, dict):
        return _said(next((value[key] for key in ("name", "title", "display_name") if key in value), ""))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if value is None:
        return ""
    return fold_white(_WIKI.sub(r"\1", str(value)))


def _day(value: object) -> str | None:
    said = _said(value).strip("<>[]")  # Org writes days in brackets
    return day_of(said) if said else None
