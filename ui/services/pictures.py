"""The pictures of a post that are saved beside its page or within it: found in the page's source, read from the disk.

Because a page may come from a stranger, a picture must be a small plain file in the folder of the page or below it,
whose first bytes show a format that cannot run scripts.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote

from rag.errors import InputError
from rag.store.plain_files import regular_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rag.records import Copy, PageEntry, Post

__all__ = ["Picture", "Pictured", "pictures_of"]

# Most pictures of one post. An estimate: all of an illustrated post, but only the first of a page of thumbnails.
MAX_PICTURES = 24
MAX_PICTURE_BYTES = 2_000_000
MAX_BYTES = 8_000_000
MAX_ALT_CHARS = 300
# Characters of an address that names a file.
MAX_NAME_CHARS = 1_000

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_BEGIN = re.compile(r"<img\s", re.IGNORECASE)
# Mark-up that ends a post after its last words, and how far after them it is searched for.
_AFTER = re.compile(
    r"</(?:article|main|div|section|body|td)\b|<(?:footer|aside|nav|form|ul|ol|h[1-6])\b", re.IGNORECASE
)
MAX_AFTER_CHARS = 4_000
_ATTRIBUTE = re.compile(r"""([\w:-]{1,30})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_INSIDE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)


class Picture(NamedTuple):
    """A picture: the offset in the post's text where it belongs, its address for a browser, and its description."""

    at: int
    address: str
    description: str


class Pictured(Protocol):
    """The parts of an open index that are needed here."""

    def page_text(self, file: str) -> str:
        """The decoded text of a page, as it was indexed."""

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed."""


def pictures_of(index: Pictured, post: Post) -> list[Picture]:
    """The pictures on the first saved page of the post that has any."""
    copies = [copy for copy in post.copies if copy.format == "html"]
    if not copies:
        return []
    entries = {entry.file: entry for entry in index.pages()}
    for copy in copies:
        try:
            source = index.page_text(copy.file)
        except InputError:
            continue
        found = list(_read(_named(source, copy), Path(entries[copy.file].path).parent))
        if found:
            return found
    return []


def _named(source: str, copy: Copy) -> Iterator[tuple[int, str, str]]:
    """The pictures in a copy of a post: the offset in the post, the address and the description."""
    behind = _AFTER.search(source, copy.file_end, copy.file_end + MAX_AFTER_CHARS)
    for begin in _BEGIN.finditer(source, copy.file_start, behind.start() if behind is not None else copy.file_end):
        end = source.find(">", begin.end())
        if end < 0:
            return
        attributes = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(source[begin.end() : end])}
        if "src" in attributes:
            # the mark-up between two blocks is a piece of its own: the picture comes before the next one
            place = next((piece.end for piece in copy.pieces if begin.start() < piece.file_end), copy.pieces[-1].end)
            yield (
                place,
                html.unescape(attributes["src"]).strip(),
                html.unescape(attributes.get("alt", ""))[:MAX_ALT_CHARS],
            )


def _read(named: Iterable[tuple[int, str, str]], folder: Path) -> Iterator[Picture]:
    room, count = MAX_BYTES, 0
    for place, source, description in named:
        data = _within(source) if source[:5].lower() == "data:" else _beside(source, folder)
        kind = _kind(data)
        if kind is None or len(data) > room:
            continue
        room, count = room - len(data), count + 1
        yield Picture(place, f"data:{kind};base64,{base64.b64encode(data).decode()}", description)
        if count == MAX_PICTURES:
            return


def _within(source: str) -> bytes:
    begin = _INSIDE.match(source)
    if begin is None or len(source) > MAX_PICTURE_BYTES * 4 // 3 + begin.end():
        return b""
    try:
        return base64.b64decode(source[begin.end() :])
    except (binascii.Error, ValueError):
        return b""


def _beside(source: str, folder: Path) -> bytes:
    """The file at an address in a page; None if it is on the web, or outside the page's folder."""
    name = unquote(re.split(r"[?#]", source, maxsplit=1)[0])
    if not name or len(source) > MAX_NAME_CHARS or ":" in name or "\\" in name or name.startswith("/") or "\0" in name:
        return b""
    try:
        home = folder.resolve(strict=True)
        path = (home / name).resolve(strict=True)
        return regular_bytes(path, MAX_PICTURE_BYTES) if path.is_relative_to(home) else b""
    except OSError:
        return b""


def _kind(data: bytes) -> str | None:
    """The type of a picture by its first bytes.

    >>> _kind(b"GIF89a..."), _kind(b"<svg>")
    ('image/gif', None)
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for begin, kind in _KINDS if data.startswith(begin)), None)
