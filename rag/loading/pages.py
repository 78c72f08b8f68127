"""From files, folders and archives to pages: decoded text that is kept code point for code point."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES, MAX_PAGE_MB
from rag.errors import InputError, PageError
from rag.loading.archives import main_part, members, page_bytes
from rag.loading.encodings import decode, decode_as, decode_declared, decode_lines
from rag.loading.feeds import read_feed
from rag.loading.file_types import HEAD_BYTES, declared_encoding, ending_of, file_type_of, kinds_taken
from rag.loading.tables import read_table
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["NO_POST", "DecodedPage", "decode_page", "read_pages", "reread", "without_posts"]

# The longest line of 1,250 plain pages has 4,100 characters; a line of a million is data.
MAX_LINE_CHARACTERS = 1_000_000
# All 2,510 posts of one blog have 58,000 lines together. Each costs up to a thousandth of a second where titles are
# looked for, so that the fullest page takes some minutes.
MAX_LINES = 200_000
# The 2,510 posts of a blog have 10,400,000 characters together; one page of more than that takes minutes and gigabytes.
MAX_PAGE_CHARACTERS = 12_000_000

README_REASON = "a README describes the folder and is not asked about; rename it to have it indexed"
NO_POST = "no post was found in it: it has a title or a few words, but no text"
_PICTURE = re.compile(r"base64,[A-Za-z0-9+/=]++")
_INSIDE = "mhtml:"  # stands before the encoding of a page that is a part of a saved web archive
_MENDED = "/replace"


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """What a page's bytes are: its text, the encoding to decode them by again, and its format."""

    text: str
    encoding: str
    format: str


def read_pages(paths: Sequence[Path]) -> Iterator[Page | SkippedPage]:
    """Every page under the paths, in the order of their names, and everything left out with the reason.

    Folders are searched to the bottom; hidden files are passed over, and so is each file that two paths lead to after
    its first time. ``Page.file`` is relative to the folder given; where two paths would give one name twice, the
    folder's own name is put in front. A file inside of an archive is a page of its own, ``archive.zip/inside/it.html``.

    Raises InputError when a path does not exist.
    """
    return unique(found for name, path, reason in named(paths) for found in read_named(path, name, reason))


def named(paths: Sequence[Path]) -> list[tuple[str, Path, str]]:
    """Shown name, path and, for what is left out, the reason; every file once, in the order of the names.

    Raises InputError when a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", path=str(path), remedy="Check the path")
    return _names(paths)


def reread(path: Path, encoding: str, sha256: str | None = None) -> str:
    """The decoded text of a page's file in the encoding that was stored for it; equal to ``Page.text``.

    Raises PageError when it cannot be read in that encoding any more, or its bytes have not the hash that is given.
    """
    data = page_bytes(path)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise PageError("the page has changed since it was indexed", path=str(path), remedy="Index it again")
    try:
        if encoding.startswith(_INSIDE):
            data = main_part(data)[0]
        return decode_as(data, encoding.removeprefix(_INSIDE))
    except (UnicodeDecodeError, LookupError) as error:
        raise PageError("it has changed since it was indexed", path=str(path), remedy="Index it again") from error


def decode_page(data: bytes, name: str) -> DecodedPage:
    """What the bytes of a page are, told by them and by its file's name.

    Raises PageError when they are nothing that is read; the reason names what is.
    """
    kind = file_type_of(data[:HEAD_BYTES], name)
    if kind is None:
        raise PageError(f"files ending in {ending_of(name)} are not read; the endings that are: {kinds_taken()}")
    if kind == "zip":
        raise PageError("an archive inside of an archive is not opened", remedy="Unpack it to have it indexed")
    if kind == "mhtml":
        page, charset = main_part(data)
        text, encoding = decode_declared(page, charset or declared_encoding(page[:HEAD_BYTES]))
        return DecodedPage(text, _INSIDE + encoding, "html")
    if kind == "html":
        return DecodedPage(*decode_declared(data, declared_encoding(data[:HEAD_BYTES])), kind)
    if kind == "xml":
        return DecodedPage(*decode_declared(data, declared_encoding(data[:HEAD_BYTES]) or "utf-8"), kind)
    return DecodedPage(*(decode_lines(data) if kind == "json" else decode(data)), kind)


def without_posts(pages: Sequence[Page], with_posts: set[str]) -> list[SkippedPage]:
    """The pages that no post was found on, with the reason, given the names of those that have some."""
    return [SkippedPage(page.file, NO_POST) for page in pages if page.file not in with_posts]


def unique(found: Iterator[Page | SkippedPage]) -> Iterator[Page | SkippedPage]:
    """Without a second page of one name, as an archive and a folder can have."""
    names: set[str] = set()
    for one in found:
        if isinstance(one, Page) and one.file in names:
            yield SkippedPage(one.file, "another page has this name; rename one of them")
            continue
        names.add(one.file)
        yield one


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
                yield path, README_REASON if _is_readme(name) else ""
            elif identity in above:
                yield path, "this link leads back to a folder above it; nothing is lost"
            else:
                waiting.append((path, (*above, identity)))


def read_named(path: Path, name: str, reason: str) -> Iterator[Page | SkippedPage]:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "replace").decode("utf-8")
        yield SkippedPage(shown, "its name is not valid Unicode; rename it to have it indexed")
        return
    if reason:
        yield SkippedPage(name, reason)
        return
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield SkippedPage(name, "it is not a file but a device, pipe or socket; move it out of the folder")
            return
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if file_type_of(head, path.name) == "zip":
            yield from _members(path, name)
        elif file_type_of(head, path.name) is not None and status.st_size > MAX_PAGE_BYTES:
            yield SkippedPage(name, f"it is larger than {MAX_PAGE_MB} MiB; split it to have it indexed")
        else:
            data = path.read_bytes() if file_type_of(head, path.name) is not None else head
            yield from _page(data, name, str(path.resolve()))
    except OSError as error:
        yield SkippedPage(name, f"it cannot be read ({error.strerror}); check who may read it")


def _members(archive: Path, name: str) -> Iterator[Page | SkippedPage]:
    found = 0
    try:
        for member in members(archive):
            found += 1
            inside = f"{name}/{member.name}"
            if member.reason:
                yield SkippedPage(inside, member.reason)
            elif _is_readme(member.name.rpartition("/")[2]):
                yield SkippedPage(inside, README_REASON)
            else:
                yield from _page(member.data, inside, f"{archive.resolve()}/{member.name}")
    except PageError as error:
        yield SkippedPage(name, error.message if error.remedy is None else f"{error.message}. {error.remedy}")
        return
    if not found:
        yield SkippedPage(name, "the archive is empty; nothing to index")


def _page(data: bytes, name: str, path: str) -> Iterator[Page | SkippedPage]:
    """The page of some bytes, and what of it is left out."""
    try:
        page = decode_page(data, name)
        if not page.text.strip():
            raise PageError("it is empty; nothing to index")  # noqa: TRY301 - told in the same words as the others
        digest = hashlib.sha256(data).hexdigest()
        made = Page(name, page.text, digest, page.encoding, page.format, path)
        if page.format == "text" and _has_long_line(page.text):
            raise PageError(f"it has a line longer than {MAX_LINE_CHARACTERS:,} characters, which no post has")  # noqa: TRY301
        if page.format == "text" and _lines_of(page.text) > MAX_LINES:
            raise PageError(f"it has more than {MAX_LINES:,} lines; split it to have it indexed")  # noqa: TRY301
        if page.format in ("text", "html") and _is_too_long(page.text):
            most = f"it has more than {MAX_PAGE_CHARACTERS:,} characters beside its pictures"
            raise PageError(most, remedy="Split it to have it indexed")  # noqa: TRY301
        if page.format in ("text", "html"):
            yield made
            return
        if page.format == "xml":
            entries = read_feed(page.text, name, digest)
        else:
            entries = read_table(page.text, page.format, name, digest, mended=page.encoding.endswith(_MENDED))
    except PageError as error:
        yield SkippedPage(name, str(error))
        return
    if entries.posts:
        yield replace(made, posts=entries.posts)
    elif not entries.left_out:
        yield SkippedPage(name, "no post was found in it")
    yield from entries.left_out


def _is_too_long(text: str) -> bool:
    """Whether a page is too long without the pictures that tools for saving pages write into it."""
    if len(text) <= MAX_PAGE_CHARACTERS:
        return False
    return len(text) - sum(match.end() - match.start() for match in _PICTURE.finditer(text)) > MAX_PAGE_CHARACTERS


def _lines_of(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _has_long_line(text: str) -> bool:
    start = 0
    while len(text) - start > MAX_LINE_CHARACTERS:
        end = max(text.rfind(sign, start, start + MAX_LINE_CHARACTERS + 1) for sign in "\n\r")
        if end < 0:
            return True
        start = end + 1
    return False


def _is_readme(name: str) -> bool:
    return name.casefold().split(".")[0] == "readme"
