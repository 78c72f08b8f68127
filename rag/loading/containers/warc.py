"""Web archives (WARC), read by the optional warcio: the web pages of a crawl, each under its address."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.config import MAX_PAGE_BYTES
from rag.errors import ExtraMissing, PageError
from rag.loading.files.file_types import HEAD_BYTES, declared_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warcio.recordloader import ArcWarcRecord

__all__ = ["warc_pages"]

_PAGES = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.,=&+~-]+")
_MAX_NAME = 120
_ERROR = "the server had no page for the crawler and answered with the error"


def warc_pages(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Name and content of every web page that a server returned, in the order of the archive.

    If the server answered with an error, there is no content but the reason. The name is the page's address without
    scheme, followed by a number if an address occurs again.

    Raises PageError if the archive is damaged, ExtraMissing if warcio is not installed.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "reading web archives needs warcio", remedy="Install it: pip install pullquote[warc]"
        ) from error
    seen: dict[str, int] = {}
    try:
        for record in _quietly(ArchiveIterator(io.BytesIO(data), no_record_parse=False)):
            headers = record.http_headers
            if record.rec_type not in ("response", "resource") or not _is_page(record.rec_type, headers, record):
                continue
            status = str(headers.get_statuscode() or "") if record.rec_type == "response" else "200"
            if not status.startswith(("2", "4", "5")):
                continue  # the address leads to another one, which is a record of its own
            name = _name(record.rec_headers.get_header("WARC-Target-URI") or "")
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name}~{seen[name]}.html"
            yield (name, _content(record), "") if status.startswith("2") else (name, b"", f"{_ERROR} {status}")
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        raise PageError("the web archive is damaged or cut short", remedy="Create it again") from error


def _quietly(records: Iterator[ArcWarcRecord]) -> Iterator[ArcWarcRecord]:
    """The records of an archive, without what warcio prints about them, which could steer a terminal.

    Raises ValueError for records on which warcio fails.
    """
    logging.getLogger("warcio").setLevel(logging.CRITICAL)
    while True:
        with contextlib.redirect_stderr(io.StringIO()):
            try:
                record = next(records, None)
            except (LookupError, OverflowError, AttributeError, TypeError) as error:
                raise ValueError(str(error)) from error
        if record is None:
            return
        yield record


def _content(record: ArcWarcRecord) -> bytes:
    """The page of a record; unpacking stops soon after the size that a page may have."""
    headers = record.http_headers
    packing = str(headers.get_header("Content-Encoding") or "").strip().casefold() if headers else ""
    if headers:
        headers.remove_header("Content-Encoding")  # warcio would unpack all there is
    with contextlib.redirect_stderr(io.StringIO()):
        data: bytes = record.content_stream().read()
    data = _from_brotli(data) if packing == "br" else _inflated(data) if packing in ("gzip", "deflate") else data
    named = _CHARSET.search(str(headers.get_header("Content-Type") or "")) if headers else None
    return data if named is None or declared_encoding(data[:HEAD_BYTES]) else _as_utf_8(data, named[1])


def _as_utf_8(data: bytes, charset: str) -> bytes:
    """A page whose encoding only its server named, in one that needs no name; as it is if the name is wrong."""
    try:
        return data.decode(charset).encode("utf-8")
    except (UnicodeError, LookupError):
        return data


def _inflated(data: bytes) -> bytes:
    """Data unpacked, with any header or none; as it is where it was not packed."""
    for bits in (zlib.MAX_WBITS + 32, -zlib.MAX_WBITS):
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj(bits).decompress(data, MAX_PAGE_BYTES + 1)
    return data


def _from_brotli(data: bytes) -> bytes:
    try:
        import brotli
    except ModuleNotFoundError:
        return data
    try:
        unpacked: bytes = brotli.Decompressor().process(data, output_buffer_limit=MAX_PAGE_BYTES + 1)
    except (brotli.error, TypeError):  # not packed; or an older brotli, which cannot be bounded
        return data
    return unpacked


def _is_page(kind: str, headers: object, record: object) -> bool:
    get_header = getattr(headers if kind == "response" else getattr(record, "rec_headers", None), "get_header", None)
    if get_header is None:
        return False
    return str(get_header("Content-Type") or "").partition(";")[0].strip().casefold() in _PAGES


def _name(address: str) -> str:
    """A page's address as a name with folders, always ending in .html."""
    parts = urlsplit(address)
    folders = [parts.netloc, *parts.path.split("/")]
    if parts.query:
        folders[-1] += "=" + parts.query
    names = [_UNSAFE.sub("_", folder)[:_MAX_NAME].strip(".") for folder in folders]
    name = "/".join(part for part in names if part) or "page"
    return (
        name if name.endswith((".html", ".htm")) else f"{name}/index.html" if address.endswith("/") else f"{name}.html"
    )
