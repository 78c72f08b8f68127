"""The words of the design as frozen records: no behaviour but what follows from their own fields.

Offsets are code points, spans are half open. ``start``/``end`` count in the text that the record names;
``file_start``/``file_end`` count in the decoded text of a file.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = [
    "Answer",
    "BuildReport",
    "Change",
    "Chunk",
    "Considered",
    "Copy",
    "Dropped",
    "DroppedKind",
    "Feature",
    "Hit",
    "LeftOut",
    "ListShown",
    "Location",
    "Merge",
    "Page",
    "PageChanges",
    "PageEntry",
    "Passage",
    "Piece",
    "Post",
    "PostMatch",
    "QuestionRow",
    "Quote",
    "QuoteLabel",
    "Sentence",
    "SentenceKind",
    "SkippedPage",
    "Span",
    "Trace",
    "Variant",
]

Status = Literal["answered", "partial", "no_answer", "error"]
Band = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One saved file: a snapshot that holds one or more posts.

    ``file`` is the name shown and stored, ``/`` between folders, relative to the folder that was indexed.
    ``text`` is the decoded text exactly as the file has it (line endings kept; a byte order mark is part of
    the encoding, not of the text). ``sha256`` is of the file's bytes, in hexadecimal. ``path`` is where the file is;
    for a file inside an archive the archive's path and the name in it, and its ``file`` begins with the archive's name.
    ``format`` tells what it is made of: "text", "html", "xml" (a feed or export), "json" or "csv" (a table of posts).
    ``posts`` are the posts that the file itself marks off, as feeds and tables do; None where they are to be found.
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
    """A file that was looked at and left out, with the reason for a person."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a copy: ``post.text[start:end]`` stands at ``file_start:file_end`` of the file.

    ``text`` is None where both are equal, code point for code point; else it is what the file has there
    (another kind of space, mark-up, a changed word, an inserted caption: then ``start == end``).
    """

    start: int
    end: int
    file_start: int
    file_end: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Where a quote or post stands in a file; ``text`` only where the file's characters differ from the quote.

    ``format`` tells how ``rag.loading.formats.plain_text`` makes the quote's words of the characters there;
    ``record`` names the record of a table of posts that the place is in, such as "line 7". ``page_state`` tells when
    the page is not as it was indexed: "changed", or "gone".
    """

    file: str
    start: int
    end: int
    sha256: str
    text: str | None = None
    format: str = "text"
    record: str | None = None
    page_state: Literal["changed", "gone"] | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One place where a post stands: a file and the pieces that map the post's text to it.

    ``pieces`` are in order, without gaps on either side: each begins where the one before it ended, in the post's
    text and in the file. A text that the copy lacks is a piece with ``file_start == file_end``. ``record`` names the
    record of a table that the copy is in, or for a document "pages" and the offset at which each of its pages begins.
    """

    file: str
    sha256: str
    pieces: tuple[Piece, ...]
    title: str | None = None
    author: str | None = None
    date: str | None = None
    format: str = "text"
    record: str | None = None

    @property
    def file_start(self) -> int:
        """Offset in the file of the copy's first character."""
        return self.pieces[0].file_start

    @property
    def file_end(self) -> int:
        """Offset in the file just past the copy's last character."""
        return self.pieces[-1].file_end

    def record_at(self, offset: int) -> str | None:
        """What a reader knows an offset of the file by: the record that the copy is in, or the page of a document.

        >>> Copy("a.pdf", "", (), record="pages 0 1830").record_at(1830)
        'page 2'
        """
        kind, *starts = (self.record or "").split(" ")
        return f"page {bisect_right([*map(int, starts)], offset)}" if kind == "pages" else self.record


@dataclass(frozen=True, slots=True)
class PostCopy:
    """A post as one page has it, before it is known which copies are the same post.

    ``text`` is the body without title, date line and chrome around it; ``pieces`` map it to the file, one identical
    piece for plain text. ``chrome`` are spans of ``text``. ``left_out`` are lines of its page that are in no post; the
    first post of a web page has them. ``date`` is ISO ``yyyy-mm-dd`` where the page tells one.
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


@dataclass(frozen=True, slots=True)
class Variant:
    """Another post that differs from this one in few words, at least one of them a number, date or negation."""

    post_id: str
    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Post:
    """One titled text, unique after deduplication.

    ``text`` is the body without title and date line. ``chrome`` are the spans of it that are never quoted (captions,
    "Share", image names), in order. ``copies`` are all places where the post stands, the one whose characters
    ``text`` was taken from first.
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
        """Every place where the whole post stands."""
        return tuple(
            Location(
                copy.file,
                copy.file_start,
                copy.file_end,
                copy.sha256,
                format=copy.format,
                record=copy.record_at(copy.pieces[0].file_start),
            )
            for copy in self.copies
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two texts differ in words, with a few of the words that both have around it."""

    before: str
    removed: str
    added: str
    after: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The account of one copy folded into a post: why, and what differs.

    ``kind``: "exact" has the same words; "near" is told by its words; "decided" was folded because somebody said so.
    ``similarity`` is the Jaccard similarity of word shingles, 1.0 for exact copies. ``start`` is where the copy begins
    in its file, ``text_id`` the id of its text: that of the post it would be alone.
    """

    post_id: str
    file: str
    kind: Literal["exact", "near", "decided"]
    similarity: float
    removed: str = ""
    added: str = ""
    start: int = 0
    text_id: str = ""
    changes: tuple[Change, ...] = ()


DroppedKind: TypeAlias = Literal["outside", "menu", "comments", "closing", "consent", "hidden", "inside"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line of a web page that is in no post, and what it was left out for."""

    text: str
    kind: DroppedKind


@dataclass(frozen=True, slots=True)
class Dropped:
    """A text of the pages that no answer quotes: how often it stands there, on how many pages, and one of them.

    ``kind``: "inside" stands in posts and is passed over, such as "Share" or a picture's caption; all others are in no
    post: "menu" is a page's frame, from navigation to sidebars, "closing" a list of other posts or a box below a post,
    "comments", requests for "consent" and "hidden" text are what they say, "outside" is the rest.
    """

    text: str
    kind: DroppedKind
    times: int
    pages: int
    file: str


SentenceKind: TypeAlias = Literal["sentence", "item", "heading", "chrome"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, heading or list item of a post: a span of the post's text.

    ``chunk_id`` is the one chunk it is ranked in. ``kind``: "sentence" can be quoted alone; "item" is a list item and
    ``lead_in`` is the number of the sentence (in the same post) that introduces the list, or -1; "heading" and
    "chrome" are never an answer. ``marker_start`` is where the item's bullet or number stands, or -1.
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
    """The retrieval unit: a span of a post, never more tokens than the embedding model reads."""

    chunk_id: int
    post_id: str
    start: int
    end: int
    tokens: int


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question of many; ``history`` are the earlier questions of the same conversation, oldest first.

    ``columns`` are the other columns of its file, as (name, text): its answer carries them through.
    """

    id: str
    question: str
    history: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One scored chunk; ``rank`` counts from 1, a higher score is nearer.

    ``dense_rank`` and ``lexical_rank`` are its ranks in the two searches, None where that search did not find it;
    ``similarity`` is its cosine with the question, ``bm25`` its BM25 score as a share of the best chunk's.
    """

    chunk_id: int
    score: float
    rank: int
    dense_rank: int | None = None
    lexical_rank: int | None = None
    similarity: float = 0.0
    bm25: float = 0.0


@dataclass(frozen=True, slots=True)
class Feature:
    """One named number of the decision and what it added to the score."""

    name: str
    value: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the post that belong to a quote but do not stand beside it, such as the header of its table."""

    text: str
    start: int
    end: int
    locations: tuple[Location, ...]

    def to_dict(self) -> dict[str, object]:
        """The passage in the JSON shape of a quote."""
        return {
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "locations": [_location_dict(place) for place in self.locations],
        }


@dataclass(frozen=True, slots=True)
class ListShown:
    """How many of a list's items a quote shows, of how many; ``rest`` are the items before and after those."""

    shown: int
    total: int
    rest: tuple[Passage, ...]

    def to_dict(self) -> dict[str, object]:
        """The list in the JSON shape of a quote."""
        return {"shown": self.shown, "total": self.total, "rest": [passage.to_dict() for passage in self.rest]}


# whether a quote answers, or only has to do with the question
QuoteLabel: TypeAlias = Literal["answers", "also related"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A contiguous span of one post, shown exactly: ``text == post.text[start:end]``.

    ``chunk`` is the span of the post (same offsets as ``start``/``end``) that was retrieved. ``covered`` are the spans
    of ``text`` whose words the question has too. ``variants`` are the versions of the post that have other words here.
    ``confidence`` is that this quote answers, 0.0 to 1.0. ``header`` is the first row of the table that the quote is a
    row of, where the quote does not begin with it; ``list`` tells what of a list the quote leaves out.
    """

    text: str
    post_id: str
    post_title: str
    score: float
    start: int
    end: int
    locations: tuple[Location, ...]
    post_date: str | None = None
    chunk: Span = field(default_factory=lambda: Span(0, 0))
    covered: tuple[Span, ...] = ()
    features: tuple[Feature, ...] = ()
    variants: tuple[Variant, ...] = ()
    confidence: float = 0.0
    label: QuoteLabel = "also related"
    header: Passage | None = None
    list: ListShown | None = None

    def to_dict(self) -> dict[str, object]:
        """The quote in the JSON shape of the design, with the date of its post where that has one."""
        shape: dict[str, object] = {
            "text": self.text,
            "post_id": self.post_id,
            "post_title": self.post_title,
            "score": round(self.score, 4),
            "confidence": round(self.confidence, 4),
            "label": self.label,
            "start": self.start,
            "end": self.end,
            "locations": [_location_dict(place) for place in self.locations],
        }
        if self.post_date is not None:
            shape["post_date"] = self.post_date
        if self.header is not None:
            shape["header"] = self.header.to_dict()
        if self.list is not None:
            shape["list"] = self.list.to_dict()
        return shape


@dataclass(frozen=True, slots=True)
class PostMatch:
    """A post that a question about the posts themselves asks for.

    ``times`` is how often it mentions what was asked about; ``best`` the sentence that says most of it, if any.
    """

    post_id: str
    title: str
    author: str | None
    date: str | None
    times: int
    locations: tuple[Location, ...]
    best: Quote | None = None

    def to_dict(self) -> dict[str, object]:
        """The post in the JSON shape of an answer."""
        return {
            "post_id": self.post_id,
            "title": self.title,
            "author": self.author,
            "date": self.date,
            "times": self.times,
            "best": None if self.best is None else self.best.to_dict(),
            "locations": [_location_dict(place) for place in self.locations],
        }


@dataclass(frozen=True, slots=True)
class Considered:
    """One chunk that was looked at: how it was found and what became of it."""

    post_id: str
    post_title: str
    start: int
    end: int
    dense_rank: int | None
    lexical_rank: int | None
    score: float
    best_sentence: str
    sentence_score: float
    outcome: str
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer was found: the query that the index received and the chunks considered, best first."""

    query: str
    considered: tuple[Considered, ...]
    threshold_confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, confidence and quotes; ``no_answer`` is a value with a reason, not an empty string.

    ``confidence`` is calibrated: of the answers given at 0.8 about 8 in 10 hold. ``uncovered`` are the words and
    names of the question that stand nowhere near the best quotes. ``parts`` are the answers to the single questions
    where several were asked at once; ``quotes`` then holds theirs in order. ``posts`` are those that a question about
    the posts themselves asks for, or those that hold the rare words of a refused one; ``summary`` says in a sentence
    what they are. ``understood`` is a follow-up with its subject in place of the pronoun or gap; ``read_as`` are the
    words that were read as others, as (written, read); ``columns`` are those of the question's row.
    ``disagreement`` says in what two of the quotes, of different dates, disagree.
    """

    question: str
    status: Status
    confidence: float
    band: Band
    quotes: tuple[Quote, ...] = ()
    closest: tuple[Quote, ...] = ()
    reason: str | None = None
    id: str = ""
    parts: tuple[Answer, ...] = ()
    uncovered: tuple[str, ...] = ()
    trace: Trace | None = None
    posts: tuple[PostMatch, ...] = ()
    summary: str | None = None
    understood: str | None = None
    read_as: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    disagreement: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The one JSON object that the command line, batch files and the web interface give."""
        shape: dict[str, object] = {
            "id": self.id,
            "question": self.question,
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "band": self.band,
            "reason": self.reason,
            "quotes": [quote.to_dict() for quote in self.quotes],
            "closest": [quote.to_dict() for quote in self.closest],
        }
        if self.posts:
            shape["posts"] = [post.to_dict() for post in self.posts]
        if self.summary is not None:
            shape["summary"] = self.summary
        if self.disagreement is not None:
            shape["disagreement"] = self.disagreement
        if self.understood is not None:
            shape["understood"] = self.understood
        if self.read_as:
            shape["read_as"] = dict(self.read_as)
        if self.columns:
            shape["columns"] = dict(self.columns)
        if self.parts:
            shape["parts"] = [part.to_dict() for part in self.parts]
        return shape


def _location_dict(place: Location) -> dict[str, object]:
    shape: dict[str, object] = {"file": place.file, "start": place.start, "end": place.end, "sha256": place.sha256}
    if place.text is not None:
        shape["text"] = place.text
    if place.format != "text":
        shape["format"] = place.format
    if place.record is not None:
        shape["record"] = place.record
    if place.page_state is not None:
        shape["page_state"] = place.page_state
    return shape


@dataclass(frozen=True, slots=True)
class PageChanges:
    """How a heap differs from the one that was indexed before; ``renamed`` are (name before, name now)."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; ``copies_folded`` counts copies that became further locations of a post.

    ``seconds`` are (stage, wall seconds) in the order of the work. ``changes`` are None where there was no index to
    compare with. ``outcome``: "built" from nothing, "grown" from the index that was there, "unchanged", or "planned"
    where nothing was to be done yet. ``embedded`` counts the chunks that the model had to read. ``came`` and ``went``
    are (post id, title) of posts. ``notes`` are for a person, such as a decision about duplicates that has no effect.
    """

    pages: int
    posts: int
    copies_folded: int
    chunks: int
    sentences: int
    skipped: tuple[SkippedPage, ...]
    seconds: tuple[tuple[str, float], ...]
    changes: PageChanges | None = None
    outcome: Literal["built", "grown", "unchanged", "planned"] = "built"
    embedded: int = 0
    came: tuple[tuple[str, str], ...] = ()
    went: tuple[tuple[str, str], ...] = ()
    dropped_lines: int = 0
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
