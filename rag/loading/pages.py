"""From files, folders and archives to pages: decoded text that is kept code point for code point."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES, MAX_PAGE_MB
from rag.errors import ExtraMissing, PageError
from rag.loading.archives import MAX_DEPTH, Budget, members, page_bytes
from rag.loading.decoding import DecodedPage, decode_page, decode_page_as
from rag.loading.file_bytes import file_head, read_file
from rag.loading.file_types import CONTAINERS, HEAD_BYTES, file_type_of
from rag.loading.marked_off import posts_of
from rag.loading.paths import README_REASON, is_readme, named
from rag.loading.unpacked_exports import told_beside
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.loading.file_types import FileType
    from rag.loading.parts import Known

__all__ = [
    "NO_POST",
    "DecodedPage",
    "decode_page",
    "named",
    "read_named",
    "read_pages",
    "reread",
    "unique",
]

# The longest line of 1,250 plain pages has 4,100 characters; a line of a million is data.
MAX_LINE_CHARACTERS = 1_000_000
# All 2,510 posts of one blog have 58,000 lines together. Each costs up to a thousandth of a second where titles are
# looked for, so that the fullest page takes some minutes.
MAX_LINES = 200_000
# The 2,510 posts of a blog have 10,400,000 characters together; one page of more than that takes minutes and gigabytes.
MAX_PAGE_CHARACTERS = 12_000_000

NO_POST = "no post was found in it: it has a title or a few words, but no text"
_PICTURE = re.compile(r"base64,[A-Za-z0-9+/=]++")
_WHOLE = ("text", "html")  # formats whose posts are found by looking at pages together


def read_pages(paths: Sequence[Path]) -> Iterator[Page | SkippedPage]:
    """Every page under the paths, in the order of their names, and everything left out with the reason.

    Folders are searched to the bottom; hidden files are passed over, and so is each file that two paths lead to after
    its first time. ``Page.file`` is relative to the folder given; where two paths would give one name twice, the
    folder's own name is put in front. A file inside an archive is a page of its own, ``archive.zip/inside/it.html``.

    Raises InputError when a path does not exist.
    """
    return unique(found for name, path, reason in named(paths) for found in read_named(path, name, reason))


def reread(path: Path, encoding: str, sha256: str | None = None) -> str:
    """The decoded text of a page's file in the encoding that was stored for it; equal to ``Page.text``.

    Raises PageError when it cannot be read in that encoding any more, or its bytes have not the hash that is given.
    """
    data = page_bytes(path)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise PageError("the page has changed since it was indexed", path=str(path), remedy="Index it again")
    try:
        return decode_page_as(data, encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise PageError("it has changed since it was indexed", path=str(path), remedy="Index it again") from error


def unique(found: Iterator[Page | SkippedPage]) -> Iterator[Page | SkippedPage]:
    """Skip a second page of the same name, which an archive and a folder can have."""
    names: set[str] = set()
    for one in found:
        if isinstance(one, Page) and one.file in names:
            yield SkippedPage(one.file, "another page has this name; rename one of them")
            continue
        names.add(one.file)
        yield one


def read_named(path: Path, name: str, reason: str) -> Iterator[Page | SkippedPage]:
    """The pages of one file, which is shown as ``name``; with a ``reason`` it is left out for that."""
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
        status, head = file_head(path)
        if not stat.S_ISREG(status.st_mode):
            yield SkippedPage(name, "it is not a file but a device, pipe or socket; move it out of the folder")
            return
        if status.st_size == 0:  # not opened: a file that the system generates may never end, or may block
            yield SkippedPage(name, "it is empty; nothing to index")
            return
        yield from _file(path, name, status.st_size, head)
    except PageError as error:
        yield SkippedPage(name, f"{error.message}. {error.remedy}")
    except OSError as error:
        yield SkippedPage(name, f"it cannot be read ({error.strerror}); check who may read it")


def _file(path: Path, name: str, size: int, head: bytes) -> Iterator[Page | SkippedPage]:
    """The pages of a file of ``size`` bytes that begins with ``head``."""
    known, reason = told_beside(path, name)
    if reason is None:
        return
    kind = file_type_of(head, path.name)
    if reason:
        yield SkippedPage(name, reason)
    elif kind in ("zip", "epub"):  # their members are read one by one
        yield from _members(path, kind, name, str(path.resolve()), Budget.of(size), 1)
    elif kind is not None and size > MAX_PAGE_BYTES and kind not in CONTAINERS:
        yield SkippedPage(name, f"it is larger than {MAX_PAGE_MB} MiB; split it to have it indexed")
    else:
        data = read_file(path) if kind is not None else head
        yield from _read(data, name, str(path.resolve()), Budget.of(size), 0, known)


def _read(
    data: bytes, name: str, path: str, budget: Budget, depth: int, known: Known | None = None
) -> Iterator[Page | SkippedPage]:
    """The pages of a file's bytes; ``depth`` counts the containers that it is in."""
    kind = file_type_of(data[:HEAD_BYTES], name)
    if kind not in CONTAINERS:
        yield from _page(data, name, path, known)
    elif depth >= MAX_DEPTH:
        yield SkippedPage(name, "it is an archive nested too deeply inside others; unpack it to have it indexed")
    else:
        yield from _members(data, kind, name, path, budget, depth + 1)


def _members(
    container: Path | bytes, kind: FileType, name: str, path: str, budget: Budget, depth: int
) -> Iterator[Page | SkippedPage]:
    found = 0
    try:
        for member in members(container, kind, name, budget):
            found += 1
            inside = f"{name}/{member.name}"
            if member.reason:
                yield SkippedPage(inside, member.reason)
            elif is_readme(member.name.rpartition("/")[2]):
                yield SkippedPage(inside, README_REASON)
            else:
                yield from _read(member.data, inside, f"{path}/{member.name}", budget, depth, member.known)
    except (PageError, ExtraMissing) as error:
        yield SkippedPage(name, error.message if error.remedy is None else f"{error.message}. {error.remedy}")
        return
    if not found:
        yield SkippedPage(name, "the archive is empty")


def _page(data: bytes, name: str, path: str, known: Known | None) -> Iterator[Page | SkippedPage]:
    """The page in some bytes, and what is left out of it."""
    try:
        page = decode_page(data, name)
        page = page if known is None else replace(page, known=known)
        if not page.text.strip():
            raise PageError("it is empty")  # noqa: TRY301 - told in the same words as the others
        _check_size(page)
        digest = hashlib.sha256(data).hexdigest()
        made = Page(name, page.text, digest, page.encoding, page.format, path)
        if page.format in _WHOLE and page.known is None:
            yield made
            return
        entries = posts_of(page, name, digest)
    except (PageError, ExtraMissing) as error:
        yield SkippedPage(name, str(error))
        return
    if entries.posts:
        yield replace(made, posts=entries.posts)
    elif not entries.left_out:
        yield SkippedPage(name, "no post was found in it")
    yield from entries.left_out


def _check_size(page: DecodedPage) -> None:
    """Raises PageError when a page is longer than a page of posts can be."""
    if page.format in ("text", "markdown", "markup"):
        if _has_long_line(page.text):
            raise PageError(f"it has a line longer than {MAX_LINE_CHARACTERS:,} characters, which no post has")
        if _lines_of(page.text) > MAX_LINES:
            raise PageError(f"it has more than {MAX_LINES:,} lines; split it to have it indexed")
    if page.format in ("text", "markdown", "markup", "html") and _is_too_long(page.text):
        most = f"it has more than {MAX_PAGE_CHARACTERS:,} characters beside its pictures"
        raise PageError(most, remedy="Split it to have it indexed")


def _is_too_long(text: str) -> bool:
    """Whether a page is too long even without the pictures that page savers embed in it."""
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
