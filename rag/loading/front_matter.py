"""The metadata at the top of a note: front matter in YAML, TOML or JSON, or lines such as "Title: ...".

Each has its own parser; if YAML is broken, for instance by a colon in a title, its lines are read one by one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from rag.text.dates import day_of
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FrontMatter", "date_in_name", "facts_below", "known_fields", "read_front_matter", "title_of_name"]

# Front matter must end within this many characters; the longest in 600 notes has 3,000.
MAX_FRONT_MATTER = 64 * 1024
MAX_DEPTH = 20  # nesting of lists and mappings; notes have two or three levels

_TITLES = ("title", "full title", "headline", "subject", "book title", "post title", "name")
_DATES = (
    "date", "pubdate", "published", "publisheddate", "publishdate", "publishedat", "publicationdate", "datepublished",
    "posted", "datetime", "created", "createdat", "createddate", "creationdate", "datecreated", "createdtime",
    "time", "saved", "updated", "lastmod", "modified", "highlightedat", "timestamp", "postdate", "createdtimestampusec",
    "usereditedtimestampusec", "createdutc", "createtime", "watcheddate", "dateread", "dateadded",
)  # fmt: skip
_AUTHORS = (
    "author", "authors", "by", "byline", "creator", "writer", "publishedby", "bookauthor", "authorname", "postauthor",
)  # fmt: skip
_GROUPS = ("taxonomies", "params", "extra", "document")  # fields that contain others
_DRAFT_STATES = frozenset({"draft", "private", "unpublished"})

_YAML = re.compile(r"\s*---[ \t]*\r?\n(.*?)(?:\r\n|\r|\n)(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\s*\+\+\+[ \t]*\r?\n(.*?)(?:\r\n|\r|\n)\+\+\+[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
# front matter that names its language, as Eleventy and others have it
_NAMED = re.compile(
    r"\s*---(js|javascript|json5?|toml|ya?ml)[ \t]*\r?\n(.*?)(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_JSON_FENCE = re.compile(r"\s*;;;[ \t]*\r?\n(.*?)\n;;;[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_JSON = re.compile(r"\s*(?=\{[ \t\r\n]*\")")
_EXPORTED = re.compile(r"\s*(?:import\s[^\n]*\n\s*)*export\s+const\s+\w+\s*=\s*(\{.*?^\})", re.DOTALL | re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*[\"']?(\w+)[\"']?[ \t]*:[ \t]*[\"'`](.*?)[\"'`][ \t]*+(?:,[ \t]*+)?$", re.MULTILINE)
_MORE = r"[^\r\n]*+(?:\r?\n[ \t]++[^\s][^\r\n]*+)*+"  # the rest of a line, and those that continue it
_BY = re.compile(r"^by:?\s+", re.IGNORECASE)
_PANDOC = re.compile(rf"%[ \t]*+(?P<title>\S{_MORE})(?:\r?\n%(?P<author>{_MORE})(?:\r?\n%(?P<date>[^\r\n]*+))?)?\r?\n")
_LABELLED = re.compile(rf"(?:[A-Za-z][\w -]{{0,30}}:[ \t]+\S{_MORE}(?:\r\n|\n)){{2,40}}(?=\r?\n)")
_CONTINUED = re.compile(r"\r?\n[ \t]++(?=\S)")
_BETWEEN_AUTHORS = re.compile(r"[;\n]")
# what Joplin writes below each note, folder, tag and file that it exports
_ITEM_FACTS = re.compile(
    r"(?:\A|\n)\n?(id: [0-9a-f]{32}\r?\n(?:(?!id:|type_:)[a-z_]++:[^\r\n]*+\r?\n)*+type_: (\d+))\s*+\Z"
)
_NOTE_TYPE = "1"
# YAML without its first line of dashes, as Hexo allows
_UNOPENED = re.compile(
    r"\s*((?:[A-Za-z][\w-]*:[^\r\n]*\r?\n)(?:(?:[A-Za-z][\w-]*:|[ \t]|-[ \t])[^\r\n]*\r?\n){1,60})"
    r"---[ \t]*(?:\r\n|\r|\n|\Z)"
)
# lines of properties in Logseq's style: "title:: Ferry times"
_PROPERTIES = re.compile(r"(?:[A-Za-z][\w-]{0,40}::[ \t][^\r\n]*(?:\r\n|\r|\n|\Z)){1,40}")
_PROPERTY = re.compile(r"^([A-Za-z][\w-]{0,40})::[ \t]+([^\r\n]*)", re.MULTILINE)
_COMMENTED = re.compile(r"\s*<!--[ \t]*\r?\n(?:[ \t]*\.\.[ \t]+[\w-]+:[^\r\n]*\r?\n)+[ \t]*-->")
_COMMENTED_LINE = re.compile(r"^[ \t]*\.\.[ \t]+([\w-]+):[ \t]*+((?:[^\r\n]*[^ \t\r\n])?)[ \t\r]*$", re.MULTILINE)
_LINE = re.compile(r"^([A-Za-z](?:[\w -]*[\w-])?)[ \t]*:[ \t]*(\S(?:.*[^ \t\r\n])?)[ \t\r]*$", re.MULTILINE)
_NAME_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)")
_FOLDER_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)/([01]\d)/([0-3]\d)(?=/|\Z)")
_INDEX_NAMES = frozenset({"index", "_index", "post", "default"})  # of a post in a folder of its own
_BUNDLE = ".textbundle"  # a folder with one note and its pictures
_NAME_SEPARATORS = re.compile(r"[-_]+")
# names given by programs; such files have another title inside
_GENERIC = re.compile(
    r"(?:page|post|note|new note|file|document|doc|untitled|export|download|saved|text|image|archive|blog|article|mail)"
    r"[ \d()]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_CODE_NAME = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_NOTION_CODE = re.compile(r" [0-9a-f]{32}\Z")  # behind the name of every page that Notion exports
_KEY_MARKS = re.compile(r"[\s_-]+")
_BRACKET = re.compile(r"[\[\]{}]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_WIKI = re.compile(r"\[\[(?:[^\[\]|]*+\|)?([^\[\]]*+)\]\]")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The metadata of a note; its text begins at ``end`` in the source."""

    end: int = 0
    title: str | None = None
    author: str | None = None
    date: str | None = None
    is_draft: bool = False


def read_front_matter(source: str) -> FrontMatter:
    """The fields at the top of a note; empty if it has no front matter."""
    head = source[:MAX_FRONT_MATTER]
    for pattern, parse in ((_YAML, _yaml), (_TOML, _toml), (_JSON_FENCE, _json)):
        if match := pattern.match(head):
            fields = parse(match[1])
            return known_fields(fields, match.end()) if fields is not None else FrontMatter()
    for read in (_named, _exported, _braces, _titled_lines):
        found = read(head)
        if found is not None:
            return known_fields(*found)
    return FrontMatter()


def _named(head: str) -> tuple[dict[str, object], int] | None:
    """The fields of front matter in the language that its first line names; of JavaScript, those that are texts."""
    match = _NAMED.match(head)
    if match is None:
        return None
    if match[1] == "toml":
        fields = _toml(match[2])
    elif match[1].startswith("y"):
        fields = _yaml(match[2]) or {}
    else:
        fields = _json(match[2]) or dict(_QUOTED.findall(match[2]))
    return (fields, match.end()) if fields else None


def _exported(head: str) -> tuple[dict[str, object], int] | None:
    """The fields of an object that MDX exports; the object itself stays, because it is code."""
    match = _EXPORTED.match(head)
    return (dict(_QUOTED.findall(match[1])), 0) if match else None


def _braces(head: str) -> tuple[dict[str, object], int] | None:
    """The fields of a JSON object above the text."""
    match = _JSON.match(head)
    try:
        fields, end = json.JSONDecoder().raw_decode(head, match.end()) if match else (None, 0)
    except (ValueError, RecursionError):
        return None
    return (fields, end) if isinstance(fields, dict) else None


def _titled_lines(head: str) -> tuple[dict[str, object], int] | None:
    """The fields of Pandoc's title block, or of labelled lines as in Pelican and Nikola."""
    if match := _COMMENTED.match(head):
        return dict(_COMMENTED_LINE.findall(match[0])), match.end()
    if match := _PANDOC.match(head):
        found = {name: value.strip() for name, value in match.groupdict("").items()}
        return {**found, "author": _BETWEEN_AUTHORS.split(found["author"])}, match.end()
    if match := _PROPERTIES.match(head):
        return dict(_PROPERTY.findall(match[0])), match.end()
    if (match := _UNOPENED.match(head)) and (named := _yaml(match[1])) and "title" in named:
        return named, match.end()
    match = _LABELLED.match(head)
    fields = dict(_LINE.findall(_CONTINUED.sub(" ", match[0]))) if match else {}
    return (fields, match.end()) if match and {"title", "date"} & {name.casefold() for name in fields} else None


def facts_below(source: str) -> FrontMatter | None:
    """What a notes program says below a note that it exports, or None; the note's text ends at ``end``.

    What is no note is marked as a draft. The first line of the text is its title.
    """
    match = _ITEM_FACTS.search(source, max(len(source) - MAX_FRONT_MATTER, 0))
    if match is None:
        return None
    fields = dict(_LINE.findall(match[1]))
    known = known_fields({name: fields.get(name, "") for name in ("author", "user_created_time", "created_time")})
    return FrontMatter(match.start(), None, known.author, known.date, is_draft=match[2] != _NOTE_TYPE)


def known_fields(fields: Mapping[str, object], end: int = 0) -> FrontMatter:
    """The title, author and date among some fields, under any of their usual names."""
    every = [*(pair for name in _GROUPS for pair in _pairs(fields.get(name))), *fields.items()]
    named = {_KEY_MARKS.sub("", str(name)).casefold(): value for name, value in every}
    titles = (named.get(_KEY_MARKS.sub("", name)) for name in _TITLES)
    titles = (value[0] if isinstance(value, list) and len(value) == 1 else value for value in titles)
    title = next(filter(None, (_said(value) for value in titles if isinstance(value, (str, dict)))), None)
    authors = (named.get(name) for name in _AUTHORS)
    author = next(filter(None, (_said(value) for value in authors if isinstance(value, (str, list, dict)))), None)
    author = _BY.sub("", author) if author else None
    date = next(filter(None, (_day(named.get(name)) for name in _DATES)), None)
    states = {_said(named.get(name)).casefold() for name in ("status", "state", "published", "visibility")}
    is_draft = _said(named.get("draft")).casefold() in ("true", "yes", "on", "1") or bool(states & _DRAFT_STATES)
    is_draft = is_draft or _said(named.get("published")).casefold() in ("false", "no")
    return FrontMatter(end, title, author, date, is_draft)


def _pairs(value: object) -> list[tuple[object, object]]:
    return list(value.items()) if isinstance(value, dict) else []


def title_of_name(name: str) -> str | None:
    """The title in a file's name, without ending and date; None if the name is a number or a code.

    >>> title_of_name("2012-09-08-worn-chains.md"), title_of_name("Roof bees.md"), title_of_name("8f27b915dde63105.md")
    ('Worn chains', 'Roof bees', None)
    """
    folder, _, file = name.rpartition("/")
    stem, dot, ending = file.rpartition(".")
    stem = stem if dot and stem and " " not in ending else file
    stem = _NOTION_CODE.sub("", stem.removesuffix(".excalidraw"))
    if folder and (stem.casefold() in _INDEX_NAMES or folder.endswith(_BUNDLE)):
        stem = folder.rpartition("/")[2].removesuffix(_BUNDLE)
    bare = _NAME_DATE.sub("", stem, count=1).strip(" -_.,")
    if not bare and _NAME_DATE.search(stem):
        return stem  # a daily note
    if " " not in bare and _NAME_SEPARATORS.search(bare):
        bare = _NAME_SEPARATORS.sub(" ", bare)
        bare = bare[:1].upper() + bare[1:]
    bare = fold_white(bare)
    is_words = _WORD.search(bare) and not _CODE_NAME.search(bare) and not _GENERIC.fullmatch(bare)
    return bare if is_words else None


def date_in_name(name: str) -> str | None:
    """The day in a file's name or the names of its folders, as ``yyyy-mm-dd``.

    >>> date_in_name("2012-09-08-worn-chains.md"), date_in_name("blog/2012/09/08/chains.md")
    ('2012-09-08', '2012-09-08')
    """
    folder, _, file = name.rpartition("/")
    match = _NAME_DATE.search(file) or _NAME_DATE.search(folder.rpartition("/")[2]) or _FOLDER_DATE.search(folder)
    return day_of("-".join(match.groups())) if match else None


def _yaml(text: str) -> dict[str, object] | None:
    import yaml

    try:
        # above this depth, the parser reads the outer brackets again for each inner one
        fields = yaml.load(text, Loader=yaml.BaseLoader) if _depth(text) <= MAX_DEPTH else None  # noqa: S506 - it makes nothing but strings, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError):
        fields = None
    if fields is None:
        fields = {name: value.strip("\"'") for name, value in _LINE.findall(text)}
    return fields if isinstance(fields, dict) and fields else None


def _depth(text: str) -> int:
    """The maximum number of brackets that are open at once."""
    depth = most = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


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
    """A field as text: the items of a list separated by commas, or the name in a mapping."""
    if isinstance(value, dict):
        return _said(next((value[key] for key in ("name", "title", "display_name", "rendered") if key in value), ""))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_said, value)))
    if value is None:
        return ""
    said = _WIKI.sub(r"\1", str(value))
    return fold_white(_ENTITY.sub(lambda found: unescape(found[0]), said))


def _day(value: object) -> str | None:
    said = _said(value).strip("<>[]")  # Org writes days in brackets
    return day_of(said) if said else None
