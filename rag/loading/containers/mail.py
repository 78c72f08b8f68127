"""Mails, mailboxes, and web pages saved as one MIME file: the part that is read, the headers, and mails inside."""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.containers.mail_lines import sender
from rag.loading.html.text import strip_markup
from rag.loading.parts import Known
from rag.text.dates import day_of
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

__all__ = ["MailPart", "has_text", "is_digest", "mail_headers", "mail_part", "mails_inside", "mails_of", "main_part"]

# A page saved as one file has a part for each of its pictures, up to some hundreds; the page itself is the first or
# second.
MAX_PARTS = 10_000
MAX_PART_DEPTH = 4
MAX_HEADER_BYTES = 64 * 1024
MAX_HEADER_CHARACTERS = 1_000  # in a subject, sender or date; a line of a mail has 998 at most

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_EMPTY_LINE = re.compile(rb"\r?\n")
_WEB_TYPES = ("text/html", "application/xhtml+xml")
_FRAMES = re.compile(rb"<frameset[\s>]", re.IGNORECASE)
_FROM_LINE = re.compile(rb"(?:\A|(?<=\n))From (?=[^\r\n]*\d\d:\d\d)[^\r\n]*+\r?\n(?=>?[A-Za-z][\w-]*:)")
# what a mailbox puts before a line that begins with "From "
_MARKED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
# in a digest as text: the line below its list of subjects, and the lines between its mails
_DIGEST_TOP = re.compile(rb"^-{60,80}[ \t]*\r?$", re.MULTILINE)
_DIGEST_RULE = re.compile(rb"^-{28,32}[ \t]*\r?$", re.MULTILINE)
_NUMBER_LINE = re.compile(rb"\s*+(?:Message: \d+[ \t]*+\r?\n)?+")
_MAIL_FACT = re.compile(rb"^(from|date|subject):", re.IGNORECASE | re.MULTILINE)
# an address as the archives of mailing lists write it: "ann at x.org (Ann Lock)"
_HIDDEN_ADDRESS = re.compile(r"\s*[^\s()<>]+ at [^\s()<>]+ (?=\([^()]+\)\s*\Z)")
_LENGTH_LINE = re.compile(rb"\s*\d+\s*\r?\n")
_FORWARDED = re.compile(r"\A(?:(?:fwd?|re|aw|wg)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailPart:
    """The part of a mail that is read: its bytes, and the encoding that its header names."""

    content: bytes
    charset: str | None
    is_html: bool


def main_part(data: bytes) -> tuple[bytes, str | None]:
    """The bytes of the web page in an MHTML file, and the encoding that its header names.

    This is the first page; if that is a frameset, the frame with the most text. Raises PageError if there is none.
    """
    pages = (part for part in _parts(data, 0) if part[0].get_content_type() in _WEB_TYPES)
    first = next(pages, None)
    if first is None:
        raise PageError("it contains no web page", remedy="Save the page again")
    headers, page = first[0], _decoded(*first)
    if _FRAMES.search(page):
        frames = ((frame_headers, _decoded(frame_headers, content)) for frame_headers, content in pages)
        headers, page = max(((headers, page), *frames), key=lambda part: len(strip_markup(part[1].decode("latin-1"))))
    return page, headers.get_content_charset()


def mail_part(data: bytes) -> MailPart:
    """The part of a mail that is read: its HTML if it has any, else its plain text; attachments are not read.

    Raises PageError if it has neither.
    """
    plain: MailPart | None = None
    for headers, content in _parts(_without_length(data), 0):
        if headers.get_content_disposition() == "attachment":
            continue
        kind = headers.get_content_type()
        if kind in _WEB_TYPES:
            return MailPart(_decoded(headers, content), headers.get_content_charset(), is_html=True)
        if kind == "text/plain" and plain is None:
            plain = MailPart(_decoded(headers, content), headers.get_content_charset(), is_html=False)
    if plain is None:
        raise PageError("the mail contains no text")
    return plain


def has_text(data: bytes) -> bool:
    """Whether a mail has a text of its own."""
    try:
        return bool(mail_part(data).content.strip())
    except PageError:
        return False


def mail_headers(data: bytes) -> Known:
    """Subject, sender and day of a mail."""
    head = _without_length(data)[:MAX_HEADER_BYTES]
    end = _BLANK_LINE.search(head)
    message = message_from_bytes(head[: end.end() if end else len(head)], policy=policy.default)

    def raw(name: str) -> str:
        written = next((str(value) for key, value in message.raw_items() if key.casefold() == name), "")
        # the parser's time is quadratic in its length
        return written if len(written) <= MAX_HEADER_CHARACTERS else ""

    def said(name: str) -> str:
        if not raw(name):
            return ""
        try:
            return fold_white(str(message.get(name, "")))
        except (
            ValueError,
            LookupError,
            AttributeError,
            TypeError,
            OverflowError,
            RecursionError,
        ):  # the parser breaks its own rules
            return ""

    title = _FORWARDED.sub("", said("subject")) or None
    hidden = _HIDDEN_ADDRESS.match(raw("from"))
    if hidden:  # the parser would take it for a name
        message.replace_header("from", f"{raw('from')[hidden.end() :].strip('() ')} <>")
    return Known(title, sender(said("from")), day_of(said("date")), in_mail=True)


def mails_of(data: bytes) -> Iterator[bytes]:
    """The mails of a mailbox file (mbox), in order, without the lines that separate them and the marks they need."""
    starts = [(found.start(), found.end()) for found in _FROM_LINE.finditer(data)]
    for number, (_, start) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(data)
        yield _without_marks(data[start:end])


def _without_marks(mail: bytes) -> bytes:
    """A mail without the signs that a mailbox puts before "From "; below another line of a quotation they stay."""
    parts, here = [], 0
    for found in _MARKED_FROM.finditer(mail):
        above = mail.rfind(b"\n", 0, max(found.start() - 1, 0)) + 1
        if not mail.startswith(b">", above):
            parts.append(mail[here : found.start()])
            here = found.end()
    return b"".join((*parts, mail[here:]))


def mails_inside(data: bytes) -> list[bytes]:
    """The mails inside another: attached to it, or collected in a digest, which may be text."""
    found = [
        _decoded(headers, content)
        for headers, content in _parts(_without_length(data), 0)
        if headers.get_content_type() == "message/rfc822"
    ]
    return found or list(_mails_in_text(data))


def is_digest(data: bytes) -> bool:
    """Whether a mail is but the cover of the mails inside it."""
    data = _without_length(data)
    is_collection = any(headers.get_default_type() == "message/rfc822" for headers, _ in _parts(data, 0))
    return is_collection or next(_mails_in_text(data), None) is not None


def _mails_in_text(data: bytes) -> Iterator[bytes]:
    """The mails of a digest that is text: behind a long line of dashes, between shorter ones."""
    try:
        part = mail_part(data)
    except PageError:
        return
    top = None if part.is_html else _DIGEST_TOP.search(part.content)
    if top is None:
        return
    borders = [top.end(), *(at for found in _DIGEST_RULE.finditer(part.content, top.end()) for at in found.span())]
    for start, end in zip(borders[::2], [*borders[1::2], len(part.content)], strict=False):
        line = _NUMBER_LINE.match(part.content, start, end)
        mail = part.content[line.end() if line else start : end]
        head = _BLANK_LINE.search(mail, 0, MAX_HEADER_BYTES)
        facts = {fact.lower() for fact in _MAIL_FACT.findall(mail, 0, head.end() if head else 0)}
        if facts >= {b"from", b"date"}:
            yield mail


def _without_length(data: bytes) -> bytes:
    """A mail without the line that Apple Mail writes above it."""
    line = _LENGTH_LINE.match(data)
    return data[line.end() :] if line else data


def _decoded(headers: Message, content: bytes) -> bytes:
    coding = str(headers.get("content-transfer-encoding", "")).strip().casefold()
    try:
        if coding == "base64":
            return base64.b64decode(content)
        return quopri.decodestring(content) if coding == "quoted-printable" else content
    except ValueError as error:
        raise PageError("the text in it is damaged", remedy="Save it again") from error


def _parts(data: bytes, depth: int, default: str = "text/plain") -> Iterator[tuple[Message, bytes]]:
    """The innermost parts of a MIME message: headers, and the content before decoding; ``default`` is their type."""
    end = (_EMPTY_LINE.match(data) if depth else None) or _BLANK_LINE.search(data, 0, MAX_HEADER_BYTES)
    headers = message_from_bytes(data[: end.end() if end else 0])
    headers.set_default_type(default)
    content = data[end.end() :] if end else data
    boundary = headers.get_boundary()
    if headers.get_content_maintype() != "multipart" or boundary is None:
        yield headers, content
        return
    border = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=[\r\n]|\Z)\r?\n?"
    )
    default = "message/rfc822" if headers.get_content_subtype() == "digest" else "text/plain"
    at = border.search(content)
    for _ in range(MAX_PARTS):
        if at is None or at[1] or depth > MAX_PART_DEPTH:
            return
        following = border.search(content, at.end())
        yield from _parts(content[at.end() : following.start() if following else len(content)], depth + 1, default)
        at = following
