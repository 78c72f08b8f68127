"""Records that the modules of this room pass to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.records import Piece, PostCopy, SkippedPage

__all__ = ["Entries", "Known", "Mapped", "Member"]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A text and the gapless pieces that map it to the file it was read from."""

    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is said about a page outside its text: in a mail's headers, an e-book's package or an export's table.

    ``in_mail`` says that the page is a mail, with lines around its text that only mails have; ``of_whole`` that author
    and date are those of a whole book, of which the page is a chapter. The text begins at ``begins``, below the front
    matter of a static site's source. ``label`` is what a table of contents calls a page that has no heading.
    """

    title: str | None = None
    author: str | None = None
    date: str | None = None
    in_mail: bool = False
    of_whole: bool = False
    begins: int = 0
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name with ``/`` between folders, and its bytes or the reason why it is not read.

    ``known`` is what another file of the archive says about it.
    """

    name: str
    data: bytes = b""
    reason: str = ""
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """The posts of one file, in order, and what was left out of it, with reasons."""

    posts: tuple[PostCopy, ...]
    left_out: tuple[SkippedPage, ...]
