"""What a file is, told by its content first and by its ending second."""

from __future__ import annotations

import re
from typing import Literal

__all__ = [
    "COLUMNS",
    "ENDINGS",
    "HEAD_BYTES",
    "FileType",
    "declared_encoding",
    "ending_of",
    "file_type_of",
    "kinds_taken",
]

FileType = Literal["text", "html", "mhtml", "xml", "json", "csv", "zip"]

ENDINGS: dict[str, FileType] = {
    "": "text",
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".markdown": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".xml": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".zip": "zip",
}

# the columns of a table of posts, or the fields of its records; one of the first two is needed
COLUMNS = ("text", "html", "title", "date", "author", "url", "id")

# A page's doctype, root element and declared encoding stand in its first bytes, but some begin with a long comment.
HEAD_BYTES = 16 * 1024

_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MIME = re.compile(r"(?:From |[A-Za-z][\w-]*:)[^\n]*\n")
_MIME_TYPE = re.compile(
    r"^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)", re.IGNORECASE | re.MULTILINE
)
_PROLOG = re.compile(
    r"(?:\s++|<\?[^>]*+>|<!--(?:[^-]++|-(?!->))*+-->|<!doctype[^>\[]*+(?:\[[^\]]*+\]\s*+)?+>)*+", re.IGNORECASE
)
_DOCTYPE_HTML = re.compile(r"<!doctype\s+html", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*+)(?::([\w.-]++))?+[\s/>]")
_TAG = re.compile(
    r"</?(?:a|article|b|blockquote|body|br|div|em|font|form|h[1-6]|head|hr|html|i|img|li|link|main|meta|ol|p|pre|script|"
    r"section|span|strong|style|table|td|title|tr|ul)(?:\s[^<>]*+)?+/?>",
    re.IGNORECASE,
)
_RECORD = re.compile(r"\{\s*+\"(?:[^\"\\]++|\\.)*+\"\s*+:", re.DOTALL)
_POST_FIELD = re.compile(r"\"(?:text|html|title)\"\s*:")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf"})
_HTML_ROOTS = frozenset({"html", "head", "body"})
_META = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)


def ending_of(name: str) -> str:
    """The ending of a file's name in small letters with its dot, or nothing."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return f".{ending.casefold()}" if stem and dot and ending else ""


def kinds_taken() -> str:
    """All endings that are read, for a person."""
    return ", ".join(sorted(ending for ending in ENDINGS if ending))


def file_type_of(head: bytes, name: str) -> FileType | None:
    """What the file is whose first ``HEAD_BYTES`` and name these are; None where neither is of a kind that is read.

    >>> file_type_of(b"<!doctype html><title>Hello</title>", "page.txt")
    'html'
    """
    ending = ending_of(name)
    by_ending = ENDINGS.get(ending)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip" if by_ending is not None else None
    text = _readable(head)
    if _is_mime(text):
        return "mhtml"
    marked = _marked(text, by_ending)
    if marked is not None or by_ending is None:
        return marked
    if _is_json(text, by_ending):
        return "json"
    if by_ending == "csv" or _is_table(text):
        return "csv"
    return "text"


def declared_encoding(head: bytes) -> str | None:
    """The encoding that a web page or XML file names in its first bytes."""
    match = _XML_DECLARATION.match(head) or _META.search(head)
    return match[1].decode("ascii") if match else None


def _readable(head: bytes) -> str:
    """The first characters, good enough to see Latin letters and signs."""
    wide = _WIDE.get(head[:2])
    if wide is None and head[1:2] == b"\x00" and head[:1] not in (b"", b"\x00"):
        wide = "utf-16-le"
    elif wide is None and head[:1] == b"\x00" and head[1:2] not in (b"", b"\x00"):
        wide = "utf-16-be"
    if wide is not None:
        return head[: len(head) // 2 * 2].decode(wide, "replace").lstrip("\ufeff\x00 \t\r\n")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip()


def _is_mime(text: str) -> bool:
    if not _MIME.match(text):
        return False
    headers = text.replace("\r\n", "\n").partition("\n\n")[0]
    return _MIME_TYPE.search(headers) is not None and "mime-version" in headers.casefold()


def _marked(text: str, by_ending: FileType | None) -> FileType | None:
    """Whether it is a web page or a feed; what is marked up otherwise is known by its ending alone."""
    prolog = _PROLOG.match(text)
    at = prolog.end() if prolog else 0
    root = _ROOT.match(text, at)
    name = (root[2] or root[1]).casefold() if root else ""
    if name in _FEED_ROOTS:
        return "xml"
    if name in _HTML_ROOTS or _DOCTYPE_HTML.search(text, 0, at):
        return "html"
    if by_ending in ("html", "mhtml") and _TAG.search(text):
        return "html"
    if by_ending == "xml" and text.startswith("<"):
        return "xml"
    return None


def _is_json(text: str, by_ending: FileType) -> bool:
    first = text.lstrip("[ \t\r\n") if text.startswith("[") else text
    record = _RECORD.match(first)
    if by_ending == "json":
        return record is not None or re.search(r"^\s*\{\s*\"", text, re.MULTILINE) is not None or text[:1] in "[{"
    return record is not None and _POST_FIELD.search(first) is not None


def _is_table(text: str) -> bool:
    """Whether the first line names nothing but columns of a table of posts."""
    line = text.partition("\n")[0].strip().casefold()
    for delimiter in ",;\t":
        names = [cell.strip().strip('"') for cell in line.split(delimiter)]
        if len(names) > 1 and all(name in COLUMNS for name in names):
            return not set(COLUMNS[:2]).isdisjoint(names)
    return False
