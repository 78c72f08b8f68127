"""Pages, and the copies of posts on them, before it is known which copies are the same post."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["DroppedKind", "LeftOut", "Page", "PageEntry", "Piece", "PostCopy", "SkippedPage", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One saved file: a snapshot that contains one or more posts.

    ``file`` is the name shown and stored: relative to the folder that was indexed, with ``/`` between folders. ``text``
    is the decoded text exactly as in the file (line endings are kept; a byte order mark is part of the encoding, not of
    the text). ``sha256`` is the hash of the file's bytes, in hexadecimal. ``path`` is where the file is; for a file in
    an archive, it is the archive's path and the name in it, and ``file`` begins with the archive's name. ``format``
    says what it is: "text", "html", "xml" (a feed or export), "json" or "csv" (a table of posts). ``posts`` are the
    posts that the file itself separates, as feeds and tables do; None if they have to be found.
    """

    file: str
    text: str
    sha256: str
    encoding: str
    format: str = "text"
    path: str = ""
    posts: tuple[PostCopy, ...] | None = None


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page as the index remembers it; ``path`` is where the file was when it was indexed."""

    file: str
    sha256: str
    encoding: str
    format: str
    path: str


@dataclass(frozen=True, slots=True)
class SkippedPage:
    """A file that was read and skipped, with the reason in words for a person.

    ``passing`` is whether the reason may pass although the file stays the same; it is not stored.
    """

    file: str
    reason: str
    passing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a copy: ``post.text[start:end]`` is at ``file_start:file_end`` of the file.

    ``text`` is None if both are equal, code point for code point; otherwise it is what the file has there (another kind
    of space, mark-up, a changed word, an inserted caption: then ``start == end``).
    """

    start: int
    end: int
    file_start: int
    file_end: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class PostCopy:
    """A post as it is on one page, before it is known which copies are the same post.

    ``text`` is the body without title, date line and surrounding chrome; ``pieces`` map it to the file, with one
    identical piece for plain text. ``chrome`` are spans of ``text``. ``left_out`` are the lines of its page that are in
    no post; the first post of a web page has them. ``date`` is ISO ``yyyy-mm-dd`` if the page has one. ``site`` is the
    name or host of the site or feed that the page is from, if the page says so.
    """

    file: str
    sha256: str
    text: str
    pieces: tuple[Piece, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None
    chrome: tuple[Span, ...] = ()
    format: str = "text"
    record: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    site: str | None = None


DroppedKind: TypeAlias = Literal["outside", "menu", "comments", "closing", "consent", "hidden", "inside"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line of a web page that is in no post, and why it was left out."""

    text: str
    kind: DroppedKind
