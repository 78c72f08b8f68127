"""Files that describe others: those of e-books, and of exports with a table of their posts, packed or not.

What such a file says (title, author and day) is added to each member. Members without text of their own, such as the
table of contents of an e-book, are left out.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rag.loading.front_matter import known_fields
from rag.loading.html.text import strip_markup
from rag.loading.html.tokens import read_attributes, tokens_of
from rag.loading.parts import Known
from rag.text.dates import day_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from rag.loading.parts import Member

__all__ = ["Export", "chapters", "exported", "is_table"]

_WEB = (".html", ".htm", ".xhtml")
_NO_CHAPTERS = frozenset({"nav", "toc", "cover", "titlepage", "copyright"})
_TABLE = re.compile(r"(?:^|/)(?:posts\.csv|metadata_\d+_to_\d+\.json)\Z")
_NUMBERED = re.compile(r"(\d{3,})(?:\.|\Z)")
# the file that lists the pages of a packed crawl (WACZ), whose other tables may repeat the texts of the pages
_CRAWLED = re.compile(r"archive/[^/]+\.warc(?:\.gz)?\Z")
_ACCOUNT = "profile/profile.html"  # in an export of a person's whole account
_DRAFT = "it is a draft; publish it and export again to index it"


def chapters(members: Iterable[Member]) -> Iterator[Member]:
    """The chapters of an e-book (EPUB) in their order, each with the book's author and day.

    A chapter without a heading is called as in the table of contents; one that is not listed there goes on from the one
    before it.
    """
    held = {member.name: member for member in members}
    package = next((name for name in sorted(held) if name.endswith(".opf")), None)
    if package is None:
        yield from held.values()
        return
    source = held[package].data.decode("utf-8", "replace")
    paths, contents, known = _package(source, posixpath.dirname(package))
    labels: dict[str, str] = {}
    for path in contents:
        if path in held:
            labels = labels or dict(_labels(held[path].data.decode("utf-8", "replace"), posixpath.dirname(path)))
    label = None
    for path in paths or sorted(name for name in held if name.endswith(_WEB)):
        label = labels.get(path, label)
        if path in held:
            yield replace(held[path], known=replace(known, label=label))
    yield from (member for member in held.values() if member.reason)


def _labels(source: str, folder: str) -> Iterator[tuple[str, str]]:
    """The files that a table of contents leads to, each with the first of its titles there."""
    seen: set[str] = set()
    label: list[str] = []
    target = ""
    in_list = True
    for token in tokens_of(source):
        tag = source[token.start : token.end]
        attributes = read_attributes(tag) if token.kind == "open" else {}
        if token.name == "nav" and token.kind == "open":
            in_list = attributes.get("epub:type", "toc") == "toc"
        elif token.kind == "text":
            label.append(tag)
        elif token.name in ("a", "text") and token.kind == "open":
            label, target = [], attributes.get("href", "")
        elif (token.name == "a" and token.kind == "close") or (token.name == "content" and token.kind == "open"):
            address = unquote(attributes.get("src", target).partition("#")[0])
            path = posixpath.normpath(posixpath.join(folder, address))
            if in_list and address and path not in seen and (said := strip_markup("".join(label))):
                seen.add(path)
                yield path, said
            label = []


def _package(source: str, folder: str) -> tuple[list[str], list[str], Known]:
    """Where an e-book's chapters and its tables of contents are, and what its package says about the book."""
    items: dict[str, str] = {}
    contents: list[str] = []
    order: list[str] = []
    said: dict[str, str] = {}
    inside = ""
    for token in tokens_of(source):
        tag = source[token.start : token.end]
        if token.kind == "open" and token.name in ("item", "opf:item"):
            attributes = read_attributes(tag)
            path = posixpath.normpath(posixpath.join(folder, unquote(attributes.get("href", ""))))
            properties = attributes.get("properties", "").split()
            if "nav" in properties or path.endswith(".ncx"):
                contents.append(path)
            elif attributes.get("id", "").casefold() not in _NO_CHAPTERS:
                items[attributes.get("id", "")] = path
        elif token.kind == "open" and token.name in ("itemref", "opf:itemref"):
            order.append(read_attributes(tag).get("idref", ""))
        elif token.kind in ("open", "close"):
            inside = token.name if token.kind == "open" else ""
        elif inside in ("dc:creator", "dc:date") and tag.strip():
            said.setdefault(inside, strip_markup(tag))
    known = Known(None, said.get("dc:creator"), day_of(said.get("dc:date", "")), of_whole=True)
    return [items[name] for name in order if name in items], contents, known


@dataclass(frozen=True, slots=True)
class Export:
    """What an export says about its pages.

    ``known`` maps the number or name that begins the names of pages to what is known of them and whether they are
    drafts. ``is_account`` says that the export is of a whole account, of which posts are only a part.
    """

    known: Mapping[str, tuple[Known, bool]]
    is_account: bool = False

    @classmethod
    def of(cls, tables: Iterable[Member], names: Collection[str]) -> Export:
        """Read the tables of an export whose pages have these names; rows about other pages are ignored."""
        known: dict[str, tuple[Known, bool]] = {}
        for table in tables:
            known.update(_facts(table))
        pages = {identity for name in names if name.endswith(_WEB) for identity in _identities(name)}
        account = any(name.endswith(_ACCOUNT) for name in names)
        return cls({identity: one for identity, one in known.items() if identity in pages}, account)

    def known_of(self, name: str) -> tuple[Known | None, str]:
        """What is known of a page besides its text, and why it is left out, or ""."""
        if not name.endswith(_WEB):
            return None, ""
        if self.is_account:
            return None, _account_reason(name)
        found = next((self.known[one] for one in _identities(name) if one in self.known), None)
        return (None, "") if found is None else (found[0], _DRAFT if found[1] else "")


def exported(members: Iterable[Member]) -> Iterator[Member]:
    """The members of an archive, with what the table of an export says about them.

    Of a packed crawl, only the crawled pages are included.
    """
    held = list(members)
    if any(_CRAWLED.match(member.name) for member in held):
        held = [member for member in held if _CRAWLED.match(member.name) or member.reason]
    tables = [member for member in held if is_table(member.name) and not member.reason]
    export = Export.of(tables, [member.name for member in held])
    for member in held:
        if export.known and member in tables:
            continue
        known, reason = export.known_of(member.name)
        if reason:
            yield replace(member, data=b"", reason=reason)
        else:
            yield member if known is None else replace(member, known=known)


def is_table(name: str) -> bool:
    """Whether a file's name is one of a table that describes the pages of an export."""
    return _TABLE.search(name) is not None


def _identities(name: str) -> Iterator[str]:
    """The keys by which a table may name a page: the number that begins its name, or the name without its ending."""
    name = posixpath.basename(name)
    number = _NUMBERED.match(name)
    if number:
        yield number[1]
    yield posixpath.splitext(name)[0]


def _account_reason(name: str) -> str:
    """Why a page of a whole-account export is not a post."""
    folder, _, file = name.rpartition("/")
    if posixpath.basename(folder) != "posts":
        return "it describes the exported account and is not a post"
    return _DRAFT if file.startswith("draft_") else ""


def _facts(table: Member) -> Iterator[tuple[str, tuple[Known, bool]]]:
    """What a table says, keyed by the number or name with which the names of pages begin."""
    text = table.data.decode("utf-8-sig", "replace")
    rows: Iterable[object]
    try:
        rows = list(csv.DictReader(io.StringIO(text, None))) if table.name.endswith(".csv") else json.loads(text)
    except (csv.Error, ValueError, RecursionError):
        return
    for row in rows if not isinstance(rows, dict) else ():
        if not isinstance(row, dict):
            continue
        facts = known_fields({str(name): value for name, value in row.items() if name is not None and value})
        identity = str(row.get("post_id") or row.get("slug") or "").partition(".")[0]
        published = str(row.get("is_published", "true")).casefold() in ("true", "1", "yes", "")
        if identity:
            yield (
                identity,
                (Known(facts.title, facts.author, facts.date or day_of(str(row.get("post_date", "")))), not published),
            )
