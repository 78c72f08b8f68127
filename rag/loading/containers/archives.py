"""Files inside files: archives (zip, tar, gzip), e-books, mailboxes, mails in mails, web archives (WARC), also nested.

Nothing is written to disk. A file inside is named by the path of its container and its name in there.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_BYTES, MAX_PAGE_MB
from rag.errors import PageError
from rag.loading.containers.companions import chapters, exported
from rag.loading.containers.mail import mails_inside, mails_of
from rag.loading.files.file_bytes import file_head, read_file
from rag.loading.files.file_types import CONTAINERS, HEAD_BYTES, FileType, ending_of, file_type_of
from rag.loading.files.zip_files import (
    MAX_MEMBERS,
    MAX_TIMES_UNPACKED,
    UNPACKING,
    is_hidden_file,
    open_zip,
    read_member,
    refusal_of,
    safe_name,
    shown_name,
)
from rag.loading.parts import Member

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator
    from pathlib import Path


__all__ = ["MAX_DEPTH", "Budget", "gunzip", "members", "on_disk", "page_bytes"]

# An export inside an archive inside an archive; deeper nesting is an attack.
MAX_DEPTH = 3
# A limit of memory: a gibibyte of pages is some ten thousand saved web pages.
MAX_UNPACKED_BYTES = 1024**3


@dataclass(slots=True)
class Budget:
    """How many bytes may still be unpacked from an archive and those inside it."""

    left: int = field(default=MAX_UNPACKED_BYTES)

    @classmethod
    def of(cls, packed_bytes: int) -> Budget:
        """The budget for a container of this size."""
        return cls(min(max(MAX_TIMES_UNPACKED * packed_bytes, MAX_PAGE_BYTES), MAX_UNPACKED_BYTES))

    def take(self, count: int) -> bool:
        """Whether this many more bytes may be unpacked; if so, count them."""
        if not 0 <= count <= self.left:
            return False
        self.left -= count
        return True


_TOO_MUCH = "the archive unpacks to more than is allowed; the rest was not read"
_TOO_LARGE = f"it is larger than {MAX_PAGE_MB} MiB; split it to index it"
_BAD_NAME = "its name points outside the archive or is far too long, so it was not read"


def members(
    archive: Path | bytes, kind: FileType = "zip", name: str = "", budget: Budget | None = None
) -> Iterator[Member]:
    """Every file in a container except hidden ones; those of an archive in the order of their names.

    ``name`` is the container's own. Raises PageError if it cannot be opened.
    """
    if budget is None:
        budget = Budget.of(len(archive) if isinstance(archive, bytes) else archive.stat().st_size)
    if kind in ("zip", "epub"):
        found = _zip_members(archive, budget)
        yield from chapters(found) if kind == "epub" else exported(found)
        return
    data = archive if isinstance(archive, bytes) else read_file(archive)
    if kind in ("mailbox", "mail"):
        mails = mails_of(data) if kind == "mailbox" else mails_inside(data)
        yield from (Member(f"mail-{number}.eml", mail) for number, mail in enumerate(mails, 1))
    elif kind == "gzip":
        unpacked = gunzip(data, budget)
        inner = file_type_of(unpacked[:HEAD_BYTES], _inner_name(name))
        if inner == "tar":
            yield from _tar_members(unpacked, budget)
        else:
            yield Member(_inner_name(name), unpacked)
    elif kind == "tar":
        yield from _tar_members(data, budget)
    else:
        yield from _crawled(data, budget)


def _crawled(data: bytes, budget: Budget) -> Iterator[Member]:
    from rag.loading.containers.warc import warc_pages

    for name, content, reason in warc_pages(data):
        if reason:
            yield Member(name, reason=reason)
        elif len(content) > MAX_PAGE_BYTES:
            yield Member(name, reason=_TOO_LARGE)
        elif not budget.take(len(content)):
            yield Member(name, reason=_TOO_MUCH)
            return
        else:
            yield Member(name, content)


def gunzip(data: bytes, budget: Budget) -> bytes:
    """The unpacked bytes of a gzip file. Raises PageError if they are damaged or too many."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(budget.left + 1)
    except UNPACKING as error:
        raise PageError("it is damaged or cut short", remedy="Pack it again") from error
    if not budget.take(len(unpacked)):
        raise PageError("it unpacks to far more than its size, which no real page does")
    return unpacked


def _inner_name(name: str) -> str:
    """The name of the file in a gzip file."""
    bare = name.rpartition("/")[2]
    ending = ending_of(bare)
    if ending == ".tgz":
        return bare[: -len(ending)] + ".tar"
    return bare[: -len(ending)] if ending == ".gz" else bare


def _zip_members(archive: Path | bytes, budget: Budget) -> Iterator[Member]:
    with open_zip(archive) as opened:
        if len(opened.infolist()) > MAX_MEMBERS:
            raise PageError("the archive contains too many files", remedy=f"Pack at most {MAX_MEMBERS:,} into one")
        named: dict[str, zipfile.ZipInfo] = {}
        for info in opened.infolist():
            name = safe_name(info.filename)
            if name is None:
                yield Member(shown_name(info.filename), reason=_BAD_NAME)
            elif not info.is_dir() and not is_hidden_file(name):
                if name in named:
                    yield Member(name, reason="the archive has another file with this name, which was read instead")
                named[name] = info
        for name, info in sorted(named.items(), key=lambda item: item[0].split("/")):
            reason = refusal_of(info)
            if reason:
                yield Member(name, reason=reason)
                continue
            if not budget.take(info.file_size):
                yield Member(name, reason=_TOO_MUCH)
                return
            try:
                yield Member(name, read_member(opened, info))
            except UNPACKING:
                yield Member(name, reason="it is damaged in the archive; pack it again")


def _tar_members(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        # not packed in itself: one that only claims to be a tar file could unpack without end
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as opened:
            named: dict[str, tarfile.TarInfo] = {}
            for count, info in enumerate(opened):
                if count >= MAX_MEMBERS:
                    raise PageError(
                        "the archive contains too many files", remedy=f"Pack at most {MAX_MEMBERS:,} into one"
                    )
                name = safe_name(info.name)
                if name is None:
                    yield Member(shown_name(info.name), reason=_BAD_NAME)
                elif info.isfile() and not is_hidden_file(name):
                    named[name] = info
                elif info.issym() or info.islnk():
                    yield Member(
                        name, reason="it is a link, which is not followed out of an archive; pack the file itself"
                    )
            for name, info in sorted(named.items(), key=lambda item: item[0].split("/")):
                if info.size > MAX_PAGE_BYTES:
                    yield Member(name, reason=_TOO_LARGE)
                    continue
                if not budget.take(info.size):
                    yield Member(name, reason=_TOO_MUCH)
                    return
                file = opened.extractfile(info)
                yield Member(name, file.read() if file is not None else b"")
    except (tarfile.TarError, OverflowError, *UNPACKING) as error:
        raise PageError("the archive is damaged or cut short", remedy="Pack it again") from error


def page_bytes(path: Path) -> bytes:
    """The bytes of a page: of a file, or of a file inside it if part of the path is a container.

    Raises PageError if it does not exist or cannot be read.
    """
    outer = on_disk(path)
    try:
        if outer == path:
            return read_file(path)
        parts = path.relative_to(outer).as_posix().split("/")
        kind = file_type_of(file_head(outer)[1], outer.name)
        return _inside(outer, kind, outer.name, parts, str(path))
    except (OSError, ValueError) as error:  # the second for a name that no file can have
        raise PageError(f"it cannot be read: {getattr(error, 'strerror', None) or error}", path=str(path)) from error


def _inside(
    outer: Path | bytes, kind: FileType | None, name: str, parts: list[str], path: str, budget: Budget | None = None
) -> bytes:
    """The bytes stored under a name in a container, or in one inside it."""
    if kind not in CONTAINERS and kind != "mail":
        raise PageError("the file no longer exists", path=path, remedy="Index it again")
    if kind in ("zip", "epub"):
        found = _zip_member(outer, parts, path)
    else:
        budget = budget or Budget()
        wanted = {"/".join(parts[:count]): count for count in range(1, len(parts) + 1)}
        held = (one for one in members(outer, kind, name, budget) if one.name in wanted and not one.reason)
        member = max(held, key=lambda one: len(one.name), default=None)
        found = (member.data, wanted[member.name]) if member is not None else None
    if found is None:
        raise PageError("the file is no longer in the archive", path=path, remedy="Index it again")
    data, used = found
    if used == len(parts):
        return data
    name = parts[used - 1]
    return _inside(data, file_type_of(data[:HEAD_BYTES], name), name, parts[used:], path, budget)


def _zip_member(outer: Path | bytes, parts: list[str], path: str) -> tuple[bytes, int] | None:
    """The member of an archive with the longest name that ``parts`` begin with, and how many parts the name takes."""
    with open_zip(outer) as opened:
        named = {safe_name(info.filename): info for info in opened.infolist() if not info.is_dir()}
        for count in range(len(parts), 0, -1):
            info = named.get("/".join(parts[:count]))
            if info is None or refusal_of(info):
                continue
            try:
                return read_member(opened, info), count
            except UNPACKING as error:
                raise PageError("it is damaged in the archive", path=path, remedy="Pack it again") from error
    return None


def on_disk(path: Path) -> Path:
    """The file on disk for a page's path: for a page inside an archive, the archive."""
    try:
        return path if path.is_file() else next((above for above in path.parents if above.is_file()), path)
    except (OSError, ValueError):  # a name that no file can have
        return path
