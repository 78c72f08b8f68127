"""Opens zip files with care: names stay inside, and sizes are limited before anything is unpacked."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES, MAX_PAGE_MB
from rag.errors import PageError
from rag.loading.files.file_bytes import PatientFile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MAX_MEMBERS",
    "MAX_TIMES_UNPACKED",
    "UNPACKING",
    "is_hidden_file",
    "open_zip",
    "read_member",
    "refusal_of",
    "safe_name",
    "shown_name",
]

# Saved text compresses to a third or a tenth, tables of one word to a fiftieth, and bombs to a thousandth.
MAX_TIMES_UNPACKED = 100
# A year of a busy feed's pages is a tenth of this. The directory of an archive takes some 100 bytes per member, ten
# times that in Python, and is read before anything else.
MAX_MEMBERS = 50_000
_MAX_DIRECTORY_BYTES = 400 * MAX_MEMBERS

_END = b"PK\x05\x06"
_END_BYTES = 22
_LARGE_END = b"PK\x06\x07"
_LARGE_END_BYTES = 20
_MAX_COMMENT_BYTES = 65_535

# No file system has longer paths; whoever looks a name up compares it part by part.
_MAX_NAME_CHARACTERS = 4_096

# The ways of packing whose unpacking can be bounded: Python unpacks a whole block of the others at once, however large.
_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_DRIVE = re.compile(r"[A-Za-z]:")
UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


def open_zip(archive: Path | bytes) -> zipfile.ZipFile:
    """An opened zip file. Raises PageError if it is damaged or its list of files is far too long."""
    shown = None if isinstance(archive, bytes) else str(archive)
    try:
        file = io.BytesIO(archive) if isinstance(archive, bytes) else io.BufferedReader(PatientFile(archive))
        size = file.seek(0, io.SEEK_END)
        file.seek(max(size - _MAX_COMMENT_BYTES - _END_BYTES - _LARGE_END_BYTES, 0))
        tail = file.read()
        # as in Python's own module, which prefers an end without a comment
        bare = tail[-_END_BYTES:].startswith(_END) and tail.endswith(b"\0\0")
        at = len(tail) - _END_BYTES if bare else tail.rfind(_END)
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        large = tail[max(at - _LARGE_END_BYTES, 0) : at].startswith(_LARGE_END)
        if at >= 0 and (directory > _MAX_DIRECTORY_BYTES or large):
            raise PageError("the archive contains too many files", remedy=f"Pack at most {MAX_MEMBERS:,} into one")
        return zipfile.ZipFile(file)
    except UNPACKING as error:
        raise PageError("the archive is damaged or cut short", path=shown, remedy="Pack it again") from error


def refusal_of(info: zipfile.ZipInfo) -> str:
    """Why a member is not read, or "" if it is read."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link, which is not followed out of an archive; pack the file itself"
    if info.flag_bits & 1:
        return "it is locked with a password; unpack it to index it"
    if info.compress_type not in _READ:
        return "it is compressed in an unusual way; pack it again as an ordinary zip file"
    if info.file_size > MAX_PAGE_BYTES:
        return f"it is larger than {MAX_PAGE_MB} MiB; split it to index it"
    if info.file_size > MAX_TIMES_UNPACKED * max(info.compress_size, 1024):
        return "it unpacks to far more than its size, which no real page does"
    return ""


def read_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, never more than the archive says it has; raises one of ``UNPACKING`` if it is damaged."""
    if info.compress_type not in _READ:
        raise NotImplementedError
    with opened.open(info) as file:
        return file.read(info.file_size + 1)  # without a number, Python would unpack all there is


def safe_name(name: str) -> str | None:
    """The name of a member without empty parts; None if it points outside the archive or is far too long.

    Bytes that are not UTF-8, which Python reads as halves of surrogate pairs, are read as Latin-1.
    """
    name = _NOT_UTF8.sub(lambda match: chr(ord(match[0]) - 0xDC00), name.partition("\0")[0]).replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or name.startswith("/") or _DRIVE.match(name) or len(name) > _MAX_NAME_CHARACTERS:
        return None
    return "/".join(parts)


def shown_name(name: str) -> str:
    """A name in which each unprintable character is replaced, cut short if it is far too long."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:_MAX_NAME_CHARACTERS])


def is_hidden_file(name: str) -> bool:
    """Whether a member, or a folder that it is in, is hidden or was added by an operating system for itself."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))
