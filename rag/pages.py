"""From files and folders to pages: decoded text that is kept code point for code point."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING

from rag.errors import InputError, PageError
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["decode", "read_pages", "reread"]

TEXT_SUFFIXES = frozenset({"", ".txt", ".text", ".md", ".markdown"})

MAX_PAGE_BYTES = 64 * 1024 * 1024  # a hundred times the longest page seen; anything larger is not a page of posts

# A text in a Western language has accents on fewer than one letter in seven (measured on Vietnamese-free wiki text of
# French, Portuguese and Czech); above a quarter the bytes are another alphabet.
MAX_ACCENTED_LETTERS = 0.25

# A text holds next to no control characters; pictures and programs hold one in ten or more.
MAX_CONTROL_CHARACTERS = 0.01

# Below this a guess without a language that fits the letters is wrong about once in three (12 texts in 10 encodings).
MIN_GUESSED_BYTES = 1000

_CAPITAL_INSIDE = re.compile("[a-z][À-ÖØ-ÞŒŠŽŸ]")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

README_REASON = "a README describes the folder and is not asked about; rename it to have it indexed"
_SAVE_AS_UTF8 = "Save it again as UTF-8 text to have it indexed"


def read_pages(paths: Sequence[Path]) -> Iterator[Page | SkippedPage]:
    """Every page under the paths, in the order of their names, and every file left out with the reason.

    Folders are searched to the bottom; hidden files are passed over, and so is each file that two paths lead to after
    its first time. ``Page.file`` is relative to the folder given; where two paths would give one name twice, the
    folder's own name is put in front.

    Raises InputError when a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", path=str(path), remedy="Check the path")
    return (_read(path, name, reason) for name, path, reason in _names(paths))


def reread(path: Path, encoding: str) -> str:
    """The decoded text of a page's file in the encoding that was stored for it; equal to ``Page.text``.

    Raises PageError when the file cannot be read in that encoding any more.
    """
    try:
        return path.read_bytes().decode(encoding)
    except OSError as error:
        raise PageError(f"it cannot be read: {error.strerror}", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise PageError("it has changed since it was indexed", path=str(path), remedy="Index it again") from error


def decode(data: bytes) -> tuple[str, str]:
    r"""Decoded text and the codec's name; no character is changed, a byte order mark alone is taken off.

    Raises PageError when the encoding cannot be told or the bytes are no text.

    >>> decode(b"caf\xe9\r\n")
    ('café\r\n', 'cp1252')
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec), codec
    try:
        text, codec = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = "", ""
    if b"\x00" in data:
        wide = _wide_codec(data)
        if wide is None:
            raise PageError("it is not a text", remedy="Only texts can be indexed")
        return _strict(data, wide), wide
    if not codec:
        text, codec = _single_byte(data)
    if _is_binary(text):
        raise PageError("it is not a text", remedy="Only texts can be indexed")
    return text, codec


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise PageError(f"it begins like {codec} but is damaged", remedy=_SAVE_AS_UTF8) from error


def _wide_codec(data: bytes) -> str | None:
    """UTF-16 without a mark: the zero bytes of Latin letters all stand on the same side."""
    if len(data) % 2:
        return None
    low, high = data[0::2].count(0), data[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", high, low), ("utf-16-be", low, high)):
        # half of the characters having a zero byte is far above chance and below any text with Latin letters or spaces
        if zeros * 4 >= len(data) // 2 and others * 20 < zeros:
            try:
                text = data.decode(codec)
            except UnicodeDecodeError:
                return None
            return None if "\x00" in text or _is_binary(text) else codec
    return None


def _single_byte(data: bytes) -> tuple[str, str]:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if text and not _is_binary(text) and _looks_western(text):
        return text, "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None or (best.coherence == 0.0 and len(data) < MIN_GUESSED_BYTES):
        raise PageError("its encoding cannot be told", remedy=_SAVE_AS_UTF8)
    return _strict(data, best.encoding), best.encoding


def _looks_western(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    accented = sum(character > "\x7f" for character in letters)
    # another code page shows in capitals with accents in the middle of words
    if len(_CAPITAL_INSIDE.findall(text)) > MAX_ACCENTED_LETTERS * sum(character > "\x7f" for character in text):
        return False
    symbols = sum(character > "\x7f" and not character.isalpha() for character in text)
    return accented <= MAX_ACCENTED_LETTERS * len(letters) and symbols <= MAX_ACCENTED_LETTERS * len(text)


def _is_binary(text: str) -> bool:
    control = sum(character < " " and character not in "\t\n\r\f\x0b\x1b" for character in text)
    return control > MAX_CONTROL_CHARACTERS * len(text)


def _names(paths: Sequence[Path]) -> list[tuple[str, Path, str]]:
    """Shown name, path and, for what is left out, the reason; every file once, in the order of the names."""
    found: list[tuple[Path, Path, str]] = []  # root, path, reason
    seen: set[Path] = set()
    for root in paths:
        entries = _walk(root) if root.is_dir() else [(root, "")]
        for path, reason in entries:
            real = path.resolve() if not reason else path
            if real not in seen:
                seen.add(real)
                found.append((root, path, reason))
    depth = 0
    while True:
        names = [_name(root, path, depth) for root, path, _ in found]
        if len(set(names)) == len(names) or depth > max(len(root.resolve().parts) for root in paths):
            break
        depth += 1
    rows = [(name, path, reason) for name, (_, path, reason) in zip(names, found, strict=True)]
    return sorted(rows, key=lambda row: row[0].split("/"))


def _name(root: Path, path: Path, depth: int) -> str:
    inside = path.relative_to(root).parts if path != root else (path.name,)
    outside = (root if path != root else root.parent).resolve().parts
    return "/".join(outside[len(outside) - depth :] + inside) if depth else "/".join(inside)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder that is not hidden, with a reason where it is to be left out; in no order."""
    waiting: list[tuple[Path, tuple[tuple[int, int], ...]]] = [(root, (_identity(root),))]
    while waiting:
        folder, above = waiting.pop()
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
        except OSError as error:
            yield folder, f"the folder cannot be opened ({error.strerror}); check who may read it"
            continue
        for name in names:
            path = folder / name
            try:
                is_folder, identity = path.is_dir(), _identity(path)
            except OSError as error:
                yield path, f"it cannot be opened ({error.strerror}); check the link or who may read it"
                continue
            if not is_folder:
                is_readme = name.casefold().split(".")[0] == "readme"
                yield path, README_REASON if is_readme else ""
            elif identity in above:
                yield path, "this link leads back to a folder above it; nothing is lost"
            else:
                waiting.append((path, (*above, identity)))


def _read(path: Path, name: str, reason: str) -> Page | SkippedPage:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "replace").decode("utf-8")
        return SkippedPage(shown, "its name is not valid Unicode; rename it to have it indexed")
    if reason:
        return SkippedPage(name, reason)
    if path.suffix.casefold() not in TEXT_SUFFIXES:
        kinds = ", ".join(sorted(TEXT_SUFFIXES - {""}))
        return SkippedPage(name, f"files ending in {path.suffix} are not read; the endings that are: {kinds}")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return SkippedPage(name, "it is not a file but a device, pipe or socket; move it out of the folder")
        if status.st_size > MAX_PAGE_BYTES:
            return SkippedPage(name, f"it is larger than {MAX_PAGE_BYTES // 2**20} MiB; split it to have it indexed")
        data = path.read_bytes()
    except OSError as error:
        return SkippedPage(name, f"it cannot be read ({error.strerror}); check who may read it")
    try:
        text, encoding = decode(data)
    except PageError as error:
        return SkippedPage(name, str(error))
    if not text.strip():
        return SkippedPage(name, "it is empty; nothing to index")
    return Page(name, text, hashlib.sha256(data).hexdigest(), encoding, path=str(path.resolve()))
