"""The type of a file: its content decides, or its ending if the content leaves it open."""

from __future__ import annotations

import re
from typing import Literal

__all__ = [
    "ACCOUNT_ARCHIVE",
    "CLIPPING_END",
    "COLUMNS",
    "CONTAINERS",
    "ENDINGS",
    "HEAD_BYTES",
    "FileType",
    "declared_encoding",
    "ending_of",
    "file_type_of",
    "kinds_taken",
]

FileType = Literal[
    "text", "markdown", "markup", "html", "mhtml", "mail", "mailbox", "xml", "json", "csv", "blog_text", "clippings",
    "office", "pdf", "webarchive", "zip", "epub", "gzip", "tar", "warc",
]  # fmt: skip

# files that contain other files, each of which is a page of its own
CONTAINERS: frozenset[FileType] = frozenset({"zip", "epub", "gzip", "tar", "warc", "mailbox"})

_ENDINGS_OF: dict[FileType, str] = {
    "text": ".txt .text",
    "markdown": ".md .markdown .mkd .mdown .mdx .qmd .rmd",
    "markup": ".rst .rest .org .adoc .asciidoc .textile .wiki .tid .gmi .gemini",
    "html": ".html .htm .xhtml .xht .shtml",
    "mhtml": ".mhtml .mht",
    "mail": ".eml .emlx",
    "mailbox": ".mbox .mbx",
    "xml": ".xml .rss .atom .rdf .enex .opml",
    "json": ".jsonl .ndjson .json",
    "csv": ".csv .tsv",
    "office": ".docx .docm .odt",
    "pdf": ".pdf",
    "webarchive": ".webarchive",
    "zip": ".zip .maff .htz .wacz .textpack .bear2bk",
    "epub": ".epub",
    "gzip": ".gz .tgz",
    "tar": ".tar",
    "warc": ".warc",
}
ENDINGS: dict[str, FileType] = {ending: kind for kind, endings in _ENDINGS_OF.items() for ending in endings.split()}
ENDINGS[""] = "text"

# the columns of a table of posts, or the fields of its records; one of the first two is required
COLUMNS = ("text", "html", "title", "date", "author", "url", "id")

# A page's doctype, root element and declared encoding are near its beginning, but some begin with a long comment.
HEAD_BYTES = 16 * 1024

# types whose files begin with bytes that no other type begins with
_SIGNATURES: tuple[tuple[bytes, FileType], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"%PDF-", "pdf"),
    (b"WARC/", "warc"),
    (b"bplist00", "webarchive"),
)
_ZIPPED: dict[bytes, FileType] = {
    b"mimetypeapplication/epub+zip": "epub",
    b"mimetypeapplication/vnd.oasis.opendocument.text": "office",
}
_TAR = slice(257, 262)
_RTF = b"{\\rtf"
_ZIP_SIGNS = (b"PK\x03\x04", b"PK\x05\x06")
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_HEADER = re.compile(r"(?:From |>?From -|[A-Za-z][\w-]*:)[^\n]*\n")
_MAILBOX = re.compile(r"From (?:-|\S+|\"[^\"\n]*\"\S*)\s(?=[^\n]*\d\d:\d\d)[^\n]*+\n(?:>?[A-Za-z][\w-]*:)")
_MIME_TYPE = re.compile(
    r"^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)", re.IGNORECASE | re.MULTILINE
)
# headers that a mail has but a saved web page (MHTML) does not have
_OF_MAIL = re.compile(
    r"^(?:to|received|message-id|delivered-to|return-path|list-unsubscribe|list-id|reply-to):",
    re.IGNORECASE | re.MULTILINE,
)
_SENDER = re.compile(r"^(?:from|subject):", re.IGNORECASE | re.MULTILINE)
# the headers of a mail that was saved as a text
_FACT = re.compile(r"^(from|subject|date):[ \t]*\S", re.IGNORECASE | re.MULTILINE)
_SAVED_MAIL = frozenset({"from", "subject", "date"})
_BLOG_TEXT = re.compile(
    r"(?:[A-Z][A-Z ]{2,20}:[^\n]*\n\s*+){2,40}-----[ \t]*\n(?:BODY|EXTENDED BODY|EXCERPT|KEYWORDS):"
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
# a file of the archive that Twitter gives a person: records in a script
ACCOUNT_ARCHIVE = re.compile(r"\s*+(?:window\.YTD|Grailbird\.data)\.(?P<part>\w++)(?:\.part\d+)?\s*+=\s*+(?=\[)")
# a book, a line that says what was marked in it, an empty line; e-readers write such records behind each other
_CLIPPINGS = re.compile(r"[^\r\n]{1,500}(?:\r\n?|\n)- [^\r\n]{1,300}\|[^\r\n]{1,300}(?:\r\n?|\n){2}")
CLIPPING_END = re.compile(r"^={10}[ \t]*\r?$", re.MULTILINE)
_POST_FIELD = re.compile(r"\"(?:text|html|title)\"\s*:")
_OPENING = re.compile(
    r"<(?:article|blockquote|body|center|div|figure|h[1-6]|header|main|ol|p|section|table|ul)(?:\s[^<>]*+)?+>",
    re.IGNORECASE,
)
_FRONT_MATTER = re.compile(r"(?:---|\+\+\+)[ \t]*\r?\n\s*(?:#[^\n]*\n\s*)*[\w\"'-][^\n:=]{0,60}[:=]")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "en-export", "livejournal", "opml"})
_HTML_ROOTS = frozenset({"html", "head", "body"})
_META = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case with its dot, or an empty string."""
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    return f".{ending.casefold()}" if stem and dot and ending else ""


def kinds_taken() -> str:
    """All supported endings, as a list for a person."""
    return ", ".join(sorted(ending for ending in ENDINGS if ending))


def file_type_of(head: bytes, name: str) -> FileType | None:
    """The type of a file with this name and these first ``HEAD_BYTES``, or None if it is not supported.

    >>> file_type_of(b"<!doctype html><title>Hello</title>", "page.txt")
    'html'
    """
    by_ending = ENDINGS.get(ending_of(name))
    packed = _packed(head, by_ending)
    if packed is not None or head.startswith((*_ZIP_SIGNS, _RTF)):
        return packed
    text = _readable(head)
    if ACCOUNT_ARCHIVE.match(text):
        return "json"
    return _mail_type(text, by_ending) or _text_type(text, by_ending)


def declared_encoding(head: bytes) -> str | None:
    """The encoding that a web page or XML file names in its first bytes."""
    match = _XML_DECLARATION.match(head) or _META.search(head)
    return match[1].decode("ascii") if match else None


def _readable(head: bytes) -> str:
    """The first characters, decoded well enough to recognise Latin letters and punctuation."""
    wide = _WIDE.get(head[:2])
    if wide is None and head[1:2] == b"\x00" and head[:1] not in (b"", b"\x00"):
        wide = "utf-16-le"
    elif wide is None and head[:1] == b"\x00" and head[1:2] not in (b"", b"\x00"):
        wide = "utf-16-be"
    if wide is not None:
        return head[: len(head) // 2 * 2].decode(wide, "replace").lstrip("\ufeff\x00 \t\r\n")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").lstrip()


def _packed(head: bytes, by_ending: FileType | None) -> FileType | None:
    """The type of a file that is not text, or None."""
    if head.startswith(_ZIP_SIGNS):
        named = next((kind for mark, kind in _ZIPPED.items() if mark in head[:200]), None)
        inside = by_ending if by_ending in ("office", "epub") else "zip"
        return named or (inside if by_ending is not None else None)
    if head[_TAR] == b"ustar":
        return "tar"
    return next((kind for sign, kind in _SIGNATURES if head.startswith(sign)), None)


def _mail_type(text: str, by_ending: FileType | None) -> FileType | None:
    """Whether it is a mail, a mailbox, or a web page saved as one MIME file."""
    if _MAILBOX.match(text):
        return "mailbox"
    if by_ending == "mail" and text[:1].isdigit():
        text = text.partition("\n")[2].lstrip()  # Apple Mail writes the length into the first line
    if not _HEADER.match(text):
        return None
    headers = text.replace("\r\n", "\n").partition("\n\n")[0]
    if by_ending == "mail":
        return "mail" if _SENDER.search(headers) else None
    is_mime = "mime-version" in headers.casefold()
    is_saved = by_ending == "text" and {fact.lower() for fact in _FACT.findall(headers)} >= _SAVED_MAIL
    if is_saved or (is_mime and _OF_MAIL.search(headers) and _SENDER.search(headers)):
        return "mail"
    return "mhtml" if is_mime and _MIME_TYPE.search(headers) else None


def _text_type(text: str, by_ending: FileType | None) -> FileType | None:
    """The type of a text, by its mark-up."""
    marked = _marked(text, by_ending)
    if marked is not None or by_ending is None:
        return marked
    if by_ending not in ("markdown", "markup"):
        if _is_json(text, by_ending):
            return "json"
        if kind := _separated_type(text):
            return kind
        if by_ending == "csv" or _is_table(text):
            return "csv"
    if by_ending == "text" and _FRONT_MATTER.match(text):
        return "markdown"
    return by_ending if by_ending in ("markdown", "markup") else "text"


def _separated_type(text: str) -> FileType | None:
    """The type of a text whose records are separated by rows of dashes or equals signs."""
    if _BLOG_TEXT.match(text.replace("\r\n", "\n")):
        return "blog_text"
    return "clippings" if _CLIPPINGS.match(text) and CLIPPING_END.search(text) else None


def _marked(text: str, by_ending: FileType | None) -> FileType | None:
    """Whether it is a web page or a feed; other kinds of mark-up are recognised only by the file's ending."""
    prolog = _PROLOG.match(text)
    at = prolog.end() if prolog else 0
    root = _ROOT.match(text, at)
    name = (root[2] or root[1]).casefold() if root else ""
    if name in _FEED_ROOTS:
        return "xml"
    if name == "plist" and by_ending == "webarchive":
        return "webarchive"
    if name in _HTML_ROOTS or _DOCTYPE_HTML.search(text, 0, at):
        return "html"
    opened = by_ending == "text" and _OPENING.match(text, at) is not None and "</" in text
    if opened or (by_ending in ("html", "mhtml") and _TAG.search(text)):
        return "html"
    return "xml" if by_ending == "xml" and text.startswith("<") else None


def _is_json(text: str, by_ending: FileType | None) -> bool:
    first = text.lstrip("[ \t\r\n") if text.startswith("[") else text
    record = _RECORD.match(first)
    if by_ending == "json":
        return (
            record is not None or re.search(r"^[^\S\n]*+\{\s*+\"", text, re.MULTILINE) is not None or text[:1] in "[{"
        )
    return record is not None and _POST_FIELD.search(first) is not None


def _is_table(text: str) -> bool:
    """Whether the first line contains only names of columns of a table of posts."""
    line = text.partition("\n")[0].strip().casefold()
    for delimiter in ",;\t":
        names = [cell.strip().strip('"') for cell in line.split(delimiter)]
        if len(names) > 1 and all(name in COLUMNS for name in names):
            return not set(COLUMNS[:2]).isdisjoint(names)
    return False
