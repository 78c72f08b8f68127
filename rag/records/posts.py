"""Posts with their places, and the chunks and sentences that they are cut into."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from rag.records.pages import Piece, Span  # noqa: TC001 - who reads saved answers needs the types of fields

__all__ = ["Chunk", "Copy", "Location", "Post", "PostEntry", "Sentence", "SentenceKind", "Variant"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where a quote or post is in a file; ``text`` is set only if the file's characters differ from the quote.

    ``format`` says how ``rag.loading.formats.plain_text`` turns those characters into the quote's words; ``record``
    names the record of a table of posts that contains the place, such as "line 7". ``page_state`` is "changed" or
    "gone" if the page is no longer as it was when indexed. ``site`` is the site that the page names as its own.
    """

    file: str
    start: int
    end: int
    sha256: str
    text: str | None = None
    format: str = "text"
    record: str | None = None
    page_state: Literal["changed", "gone"] | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a post: a file and the pieces that map the post's text to it.

    ``pieces`` are in order, without gaps on either side: each begins where the one before it ended, in the post's text
    and in the file. A text that the copy lacks is a piece with ``file_start == file_end``. ``record`` names the record
    of a table that contains the copy; for a document, it is "pages" and the offsets at which its pages begin. ``site``
    is the name or host of the site that the page is from, if the page says so.
    """

    file: str
    sha256: str
    pieces: tuple[Piece, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None
    format: str = "text"
    record: str | None = None
    site: str | None = None

    @property
    def file_start(self) -> int:
        """Offset in the file of the copy's first character."""
        return self.pieces[0].file_start

    @property
    def file_end(self) -> int:
        """Offset in the file just past the copy's last character."""
        return self.pieces[-1].file_end

    def record_at(self, offset: int) -> str | None:
        """What a reader knows an offset of the file by: the record that contains the copy, or the page of a document.

        >>> Copy("a.pdf", "", (), record="pages 0 1830").record_at(1830)
        'page 2'
        """
        kind, *starts = (self.record or "").split(" ")
        return f"page {bisect_right([*map(int, starts)], offset)}" if kind == "pages" else self.record


@dataclass(frozen=True, slots=True)
class Variant:
    """Another post that differs from this one in a few words, at least one of them a number, date or negation."""

    post_id: str
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Post:
    """One titled text, unique after deduplication.

    ``text`` is the body without title and date line. ``chrome`` are the spans of it that are never quoted (captions,
    "Share", image names), in order. ``copies`` are all places where the post occurs; ``text`` comes from the first.
    """

    post_id: str
    title: str
    text: str
    copies: tuple[Copy, ...]
    author: str | None = None
    date: str | None = None
    chrome: tuple[Span, ...] = ()
    variants: tuple[Variant, ...] = ()

    def locations(self) -> tuple[Location, ...]:
        """Every location of the whole post."""
        return tuple(
            Location(
                copy.file,
                copy.file_start,
                copy.file_end,
                copy.sha256,
                format=copy.format,
                record=copy.record_at(copy.pieces[0].file_start),
                site=copy.site,
            )
            for copy in self.copies
        )

    @property
    def source(self) -> str:
        """The source of the post as given by its pages: its author, or the site, or the file it was saved as.

        >>> Post("p", "", "", (Copy("saved/a.html", "", (), site="Quay Weekly"),)).source
        'Quay Weekly'
        """
        site = next((copy.site for copy in self.copies if copy.site), None)
        return self.author or site or next((copy.file for copy in self.copies), "")


@dataclass(frozen=True, slots=True)
class PostEntry:
    """A post in a list of all posts, without its text, which has ``chars`` characters.

    ``copies`` are the file and the site of each copy, in order. ``versions``: whether the post has variants.
    """

    post_id: str
    title: str
    author: str | None
    date: str | None
    chars: int
    versions: bool
    copies: tuple[tuple[str, str | None], ...]

    @classmethod
    def of(cls, post: Post) -> Self:
        """The entry of a post."""
        copies = tuple((copy.file, copy.site) for copy in post.copies)
        return cls(post.post_id, post.title, post.author, post.date, len(post.text), bool(post.variants), copies)

    @property
    def files(self) -> tuple[str, ...]:
        """The file of each copy."""
        return tuple(file for file, _ in self.copies)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that its pages name as their own, each once."""
        return tuple(dict.fromkeys(site for _, site in self.copies if site))

    @property
    def source(self) -> str:
        """The site from which it was saved, if a page names it, otherwise the file; "" if it has neither."""
        return next(iter((*self.sites, *self.files)), "")


SentenceKind: TypeAlias = Literal["sentence", "item", "heading", "chrome"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, heading or list item of a post: a span of the post's text.

    ``chunk_id`` is the one chunk that it is ranked in. ``kind``: "sentence" can be quoted alone; "item" is a list item,
    and ``lead_in`` is the number of the sentence (in the same post) that introduces the list, or -1; "heading" and
    "chrome" are never an answer. ``marker_start`` is where the item's bullet or number begins, or -1.
    """

    post_id: str
    number: int
    start: int
    end: int
    chunk_id: int
    kind: SentenceKind = "sentence"
    lead_in: int = -1
    paragraph: int = 0
    marker_start: int = -1


@dataclass(frozen=True, slots=True)
class Chunk:
    """The retrieval unit: a span of a post with no more tokens than the embedding model reads."""

    chunk_id: int
    post_id: str
    start: int
    end: int
    tokens: int
