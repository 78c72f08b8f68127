"""Files inside of files: the members of an archive and the page of a saved web archive; nothing is written to disk."""

from __future__ import annotations

import base64
import quopri
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES, MAX_PAGE_MB
from rag.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

__all__ = ["Member", "main_part", "members", "on_disk", "page_bytes"]

# Saved texts shrink to a third or a tenth, and tables of one word to a fiftieth; bombs to a thousandth.
MAX_TIMES_UNPACKED = 100
# All pages of a build are held at once; a gibibyte of them is some ten thousand saved web pages.
MAX_UNPACKED_BYTES = 1024**3
# A year of a busy feed's pages is a tenth of this. The directory of an archive takes some 100 bytes a member, in Python
# ten times that, and is read before anything else.
MAX_MEMBERS = 50_000
_MAX_DIRECTORY_BYTES = 400 * MAX_MEMBERS

# A saved web archive has a part for every picture of its page, some hundreds; the page is the first or in the second.
MAX_PARTS = 10_000
MAX_PART_DEPTH = 4
MAX_HEADER_BYTES = 64 * 1024

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_END = b"PK\x05\x06"
_END_BYTES = 22
_LARGE_END = b"PK\x06\x07"
_LARGE_END_BYTES = 20
_MAX_COMMENT_BYTES = 65_535

_DRIVE = re.compile(r"[A-Za-z]:")
_UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name with ``/`` between folders, and its bytes or the reason why there are none."""

    name: str
    data: bytes = b""
    reason: str = ""


def members(archive: Path) -> Iterator[Member]:
    """Every file of an archive that is not hidden, in the order of their names.

    Raises PageError when it cannot be opened.
    """
    size = archive.stat().st_size
    left = min(max(MAX_TIMES_UNPACKED * size, MAX_PAGE_BYTES), MAX_UNPACKED_BYTES)
    with _opened(archive) as opened:
        if len(opened.infolist()) > MAX_MEMBERS:
            raise PageError("the archive holds too many files", remedy=f"Pack at most {MAX_MEMBERS:,} into one")
        named: dict[str, zipfile.ZipInfo] = {}
        refused: list[Member] = []
        for info in opened.infolist():
            name = _safe(info.filename)
            if name is None:
                refused.append(
                    Member(_shown(info.filename), reason="its name leads out of the archive; it is not read")
                )
            elif info.is_dir() or _is_hidden(name):
                continue
            else:
                if name in named:
                    refused.append(Member(name, reason="the archive has another file of this name, which is read"))
                named[name] = info
        yield from refused
        for name, info in sorted(named.items(), key=lambda item: item[0].split("/")):
            reason = _refusal(info)
            if not reason and info.file_size > left:
                yield Member(name, reason="the archive unpacks to too much, and the rest of it is not read")
                return
            if reason:
                yield Member(name, reason=reason)
                continue
            left -= info.file_size
            try:
                yield Member(name, opened.read(info))
            except _UNPACKING:
                yield Member(name, reason="it is damaged in the archive; pack it again")


def page_bytes(path: Path) -> bytes:
    """The bytes of a page: of a file, or of a file in an archive where a part of the path is one.

    Raises PageError when there is none or it cannot be read.
    """
    archive = on_disk(path)
    try:
        if archive == path:
            return path.read_bytes()
    except OSError as error:
        raise PageError(f"it cannot be read: {error.strerror or error}", path=str(path)) from error
    wanted = path.relative_to(archive).as_posix()
    with _opened(archive) as opened:
        found = [info for info in opened.infolist() if _safe(info.filename) == wanted and not info.is_dir()]
        if not found or _refusal(found[-1]):
            raise PageError("the archive has no such file any more", path=str(path), remedy="Index it again")
        try:
            return opened.read(found[-1])
        except _UNPACKING as error:
            raise PageError("it is damaged in the archive", path=str(path), remedy="Pack it again") from error


def on_disk(path: Path) -> Path:
    """The file on disk of a page's path: the archive where the page is inside of one."""
    try:
        return path if path.is_file() else next((above for above in path.parents if above.is_file()), path)
    except (OSError, ValueError):  # a name that no file can have
        return path


def main_part(data: bytes) -> tuple[bytes, str | None]:
    """The bytes of the web page in a saved web archive (.mhtml), and the encoding that its header names.

    Raises PageError when there is none.
    """
    for headers, content in _parts(data, 0):
        if headers.get_content_type() in ("text/html", "application/xhtml+xml"):
            coding = str(headers.get("content-transfer-encoding", "")).strip().casefold()
            try:
                if coding == "base64":
                    content = base64.b64decode(content)  # noqa: PLW2901 - the same content, decoded
                elif coding == "quoted-printable":
                    content = quopri.decodestring(content)  # noqa: PLW2901 - as above
            except ValueError as error:
                raise PageError("the web page in it is damaged", remedy="Save the page again") from error
            return content, headers.get_content_charset()
    raise PageError("it holds no web page", remedy="Save the page again")


def _parts(data: bytes, depth: int) -> Iterator[tuple[Message, bytes]]:
    """The parts of a MIME message that are none of parts themselves: headers and content as it stands there."""
    end = _BLANK_LINE.search(data, 0, MAX_HEADER_BYTES)
    headers = message_from_bytes(data[: end.end() if end else 0])
    content = data[end.end() :] if end else data
    boundary = headers.get_boundary()
    if headers.get_content_maintype() != "multipart" or boundary is None:
        yield headers, content
        return
    border = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=[\r\n]|\Z)\r?\n?"
    )
    at = border.search(content)
    for _ in range(MAX_PARTS):
        if at is None or at[1] or depth > MAX_PART_DEPTH:
            return
        following = border.search(content, at.end())
        yield from _parts(content[at.end() : following.start() if following else len(content)], depth + 1)
        at = following


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        with archive.open("rb") as file:
            file.seek(max(archive.stat().st_size - _MAX_COMMENT_BYTES - _END_BYTES - _LARGE_END_BYTES, 0))
            tail = file.read()
        at = tail.rfind(_END)
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        large = tail[max(at - _LARGE_END_BYTES, 0) : at].startswith(_LARGE_END)
        if at >= 0 and (directory > _MAX_DIRECTORY_BYTES or large):
            raise PageError("the archive holds too many files", remedy=f"Pack at most {MAX_MEMBERS:,} into one")
        return zipfile.ZipFile(archive)
    except _UNPACKING as error:
        raise PageError("the archive is damaged or cut short", path=str(archive), remedy="Pack it again") from error


def _refusal(info: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link, which is not followed out of an archive; pack the file itself"
    if info.flag_bits & 1:
        return "it is locked with a password; unpack it to have it indexed"
    if info.file_size > MAX_PAGE_BYTES:
        return f"it is larger than {MAX_PAGE_MB} MiB; split it to have it indexed"
    if info.file_size > MAX_TIMES_UNPACKED * max(info.compress_size, 1024):
        return "it unpacks to far more than its size; nothing that is read shrinks that much"
    return ""


def _safe(name: str) -> str | None:
    """The name of a member without empty parts; None where it leads out of the archive."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or name.startswith("/") or _DRIVE.match(name):
        return None
    return "/".join(parts)


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
