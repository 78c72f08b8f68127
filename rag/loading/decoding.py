"""What the bytes of a page are: the text in them, how to find it again, and its format.

In some files the text is wrapped: a mail has it in one of its parts, a word processor's document in a member of an
archive. The wrapper is named before the encoding, such as ``mail:utf-8``, so that the same text is found again.
"""

from __future__ import annotations

import plistlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from rag.errors import PageError
from rag.loading.containers.mail import mail_headers, mail_part, main_part
from rag.loading.documents.office import office_part
from rag.loading.files import encodings
from rag.loading.files.encodings import decode, decode_as, decode_declared, decode_lines
from rag.loading.files.file_types import HEAD_BYTES, declared_encoding, ending_of, file_type_of, kinds_taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.loading.parts import Known

__all__ = ["DecodedPage", "can_decode_as", "decode_page", "decode_page_as"]

_MHTML, _MAIL, _WEBARCHIVE, _OFFICE = "mhtml:", "mail:", "webarchive:", "office:"
_PDF = "pdf"

# what browsers save next to a page
_RESOURCES = frozenset(
    """
    .png .jpg .jpeg .gif .webp .avif .svg .ico .bmp .tif .tiff .css .js .mjs .map .woff .woff2 .ttf .otf .eot .mp3 .m4a
    .mp4 .webm .ogg .wav .mov
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# share of the links in an export of bookmarks that have a date; a few may lack it
MIN_DATED_LINKS, MIN_DATED_SHARE = 2, 0.8
_BOOKMARKS = re.compile(r"<!doctype\s+netscape-bookmark", re.IGNORECASE)
_LINK = re.compile(r"<a\s", re.IGNORECASE)
_DATED_LINK = re.compile(r"<a\s[^<>]*\b(?:time_added|add_date)\s*+=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """A decoded page: its text, the encoding with which to decode it again, and its format.

    ``known`` is what is said about it outside its text, as in the headers of a mail; ``source`` are the bytes of a page
    that contain more than its text.
    """

    text: str
    encoding: str
    format: str
    known: Known | None = None
    source: bytes = b""


def decode_page(data: bytes, name: str) -> DecodedPage:
    """Detect what the bytes of a page are, from the bytes and the file's name.

    Raises PageError if the type is not supported; the reason names it. Raises ExtraMissing if reading the type needs a
    package that is not installed.
    """
    kind = file_type_of(data[:HEAD_BYTES], name)
    if kind is None:
        ending = ending_of(name)
        if ending in _RESOURCES:
            raise PageError("pictures, sounds, styles and scripts are not pages and are not read")
        what = f"files ending in {ending}" if ending else "such files without an ending"
        raise PageError(f"{what} are not supported; supported endings: {kinds_taken()}")
    read = _READ.get(kind)
    if read is None:
        raise PageError("it contains other files, which are pages of their own")
    return read(data, kind)


def decode_page_as(data: bytes, encoding: str) -> str:
    """Decode a page's bytes by the encoding that ``decode_page`` returned.

    Raises PageError, UnicodeDecodeError or LookupError if the bytes have changed.
    """
    for prefix, unwrap in _UNWRAP.items():
        if encoding.startswith(prefix):
            return decode_page_as(unwrap(data), encoding.removeprefix(prefix))
    if encoding == _PDF:
        from rag.loading.documents.pdf import pdf_text

        return pdf_text(data)
    return decode_as(data, encoding)


def can_decode_as(encoding: str) -> bool:
    """Whether ``decode_page`` can return an encoding."""
    bare = encoding
    for prefix in _UNWRAP:
        bare = bare.removeprefix(prefix)
    return bare == _PDF or encodings.can_decode_as(bare)


def _html(data: bytes, kind: str) -> DecodedPage:
    text, encoding = decode_declared(data, declared_encoding(data[:HEAD_BYTES]))
    if _is_list_of_links(text):
        raise PageError("it is a list of links without texts", remedy="Save the pages themselves to index them")
    return DecodedPage(text, encoding, kind)


def _is_list_of_links(text: str) -> bool:
    """Whether a page is an export of bookmarks, in which each link says when it was added."""
    if _BOOKMARKS.search(text, 0, HEAD_BYTES):
        return True
    dated = len(_DATED_LINK.findall(text))
    return dated >= MIN_DATED_LINKS and dated >= MIN_DATED_SHARE * len(_LINK.findall(text))


def _mhtml(data: bytes, _kind: str) -> DecodedPage:
    page, charset = main_part(data)
    text, encoding = decode_declared(page, charset or declared_encoding(page[:HEAD_BYTES]))
    return DecodedPage(text, _MHTML + encoding, "html")


def _mail(data: bytes, _kind: str) -> DecodedPage:
    part = mail_part(data)
    named = part.charset or (declared_encoding(part.content[:HEAD_BYTES]) if part.is_html else None)
    text, encoding = decode_declared(part.content, named)
    return DecodedPage(text, _MAIL + encoding, "html" if part.is_html else "text", mail_headers(data))


def _webarchive(data: bytes, _kind: str) -> DecodedPage:
    page = _web_resource(data)
    text, encoding = decode_declared(page, declared_encoding(page[:HEAD_BYTES]) or "utf-8")
    return DecodedPage(text, _WEBARCHIVE + encoding, "html")


def _web_resource(data: bytes) -> bytes:
    """The page in a web archive saved by Safari."""
    try:
        page = plistlib.loads(data)["WebMainResource"]["WebResourceData"]
    except (
        plistlib.InvalidFileException,
        ExpatError,
        LookupError,
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,  # a date that is none
        RecursionError,  # lists in lists
    ) as error:
        raise PageError("the web archive is damaged or contains no page", remedy="Save the page again") from error
    if not isinstance(page, bytes):
        raise PageError("the web archive contains no page", remedy="Save the page again")
    return page


def _office(data: bytes, kind: str) -> DecodedPage:
    text, encoding = decode_declared(office_part(data), "utf-8")
    return DecodedPage(text, _OFFICE + encoding, kind, source=data)


def _pdf(data: bytes, kind: str) -> DecodedPage:
    from rag.loading.documents.pdf import pdf_text

    return DecodedPage(pdf_text(data), _PDF, kind, source=data)


def _xml(data: bytes, kind: str) -> DecodedPage:
    return DecodedPage(*decode_declared(data, declared_encoding(data[:HEAD_BYTES]) or "utf-8"), kind)


def _text(data: bytes, kind: str) -> DecodedPage:
    return DecodedPage(*decode(data), kind)


def _records(data: bytes, kind: str) -> DecodedPage:
    return DecodedPage(*decode_lines(data), kind)


_READ: dict[str, Callable[[bytes, str], DecodedPage]] = {
    "text": _text,
    "markdown": _text,
    "markup": _text,
    "blog_text": _text,
    "clippings": _text,
    "csv": _text,
    "json": _records,
    "html": _html,
    "xml": _xml,
    "mhtml": _mhtml,
    "mail": _mail,
    "webarchive": _webarchive,
    "office": _office,
    "pdf": _pdf,
}
_UNWRAP: dict[str, Callable[[bytes], bytes]] = {
    _MHTML: lambda data: main_part(data)[0],
    _MAIL: lambda data: mail_part(data).content,
    _WEBARCHIVE: _web_resource,
    _OFFICE: office_part,
}
