"""Opens pages again to check quotes: where the index found them, or in a folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.errors import PageError
from rag.loading.containers.archives import on_disk, page_bytes
from rag.loading.exports.tables import Records
from rag.loading.pages import decode_page, reread
from rag.store.confirmed import check_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.records import PageEntry
    from rag.store.address import Address

__all__ = ["PageText", "Pages", "PagesOfFolder", "PagesOfIndex", "printable"]


@dataclass(slots=True)
class PageText:
    """A page as it is on disk now: the hash of its bytes, its decoded text and its format."""

    sha256: str
    text: str
    format: str
    _records: Records | None = None

    def record_at(self, offset: int) -> str | None:
        """The record of a table of posts, or the page of a document, at an offset; None in other files."""
        if self.format == "pdf":
            from rag.loading.documents.pdf import pdf_record

            return pdf_record(self.text, offset)
        if self.format not in ("json", "csv"):
            return None
        if self._records is None:
            self._records = Records(self.text, self.format)
        return self._records.at(offset)


class Pages(Protocol):
    """A source of pages."""

    def page(self, file: str) -> PageText:
        """Read one page; raises PageError if no page has that name."""


class PagesOfIndex:
    """Pages at the paths where they were indexed; only those named in the index can be opened.

    With ``home``, the path of the index, they are opened only in folders that were named for it on this machine.
    """

    def __init__(self, entries: Iterable[PageEntry], home: Path | Address | None = None) -> None:
        self._home = home
        self._entries = {entry.file: entry for entry in entries}
        self._kept: dict[str, PageText] = {}

    def page(self, file: str) -> PageText:
        """Read one page; raises PageError if the index has no page with that name or the file is gone."""
        entry = self._entries.get(file)
        if entry is None:
            raise PageError("the index has no page with this name", path=printable(file))
        if file not in self._kept:
            if self._home is not None:
                check_paths(self._home, [entry.path])
            path = Path(entry.path)
            digest = hashlib.sha256(page_bytes(path)).hexdigest()
            self._kept[file] = PageText(digest, reread(path, entry.encoding), entry.format)
        return self._kept[file]


class PagesOfFolder:
    """The files in one folder; names that lead out of it are refused."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._kept: dict[str, PageText] = {}

    def page(self, file: str) -> PageText:
        """Read one page; raises PageError if the folder has no page with that name or it cannot be read."""
        if file not in self._kept:
            try:
                path = (self._root / file).resolve()
                kept = on_disk(path)
                inside = kept.is_relative_to(self._root) and kept.is_file()
            except (OSError, ValueError, RuntimeError):  # an impossible file name, or a loop of links
                inside = False
            if not inside:
                raise PageError("there is no such page in the folder", path=printable(file))
            data = page_bytes(path)
            page = decode_page(data, path.name)
            self._kept[file] = PageText(hashlib.sha256(data).hexdigest(), page.text, page.format)
        return self._kept[file]


def printable(text: str) -> str:
    """A text with all unprintable characters escaped."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
