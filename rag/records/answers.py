"""Questions, what is found for them, and answers with their quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from rag.records.pages import Span
from rag.records.posts import Location, Variant  # noqa: TC001 - who reads saved answers needs the types of fields

Status = Literal["answered", "partial", "no_answer", "error"]
Band = Literal["high", "medium", "low"]

__all__ = [
    "Answer",
    "Band",
    "Considered",
    "Feature",
    "Hit",
    "ListShown",
    "Passage",
    "PostMatch",
    "QuestionRow",
    "Quote",
    "QuoteLabel",
    "Status",
    "Trace",
]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question of many; ``history`` contains the earlier questions of the same conversation, oldest first.

    ``columns`` are the other columns of its file as (name, text); they are passed through to its answer.
    """

    id: str
    question: str
    history: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One scored chunk; ``rank`` counts from 1, and a higher score is nearer.

    ``dense_rank`` and ``lexical_rank`` are its ranks in the two searches, None if that search did not find it;
    ``similarity`` is its cosine similarity to the question, ``bm25`` its BM25 score divided by the best chunk's.
    """

    chunk_id: int
    score: float
    rank: int
    dense_rank: int | None = None
    lexical_rank: int | None = None
    similarity: float = 0.0
    bm25: float = 0.0


class Feature(NamedTuple):
    """One named feature, and what it added to the score."""

    name: str
    value: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of the post that belong to a quote but are not next to it, such as the header of its table."""

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


# whether a quote answers the question or is only related to it
QuoteLabel: TypeAlias = Literal["answers", "also related"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A contiguous span of one post, shown exactly: ``text == post.text[start:end]``.

    ``chunk`` is the retrieved span of the post (with offsets like ``start``/``end``). ``covered`` are the spans of
    ``text`` whose words are also in the question. ``variants`` are the versions of the post that differ in these words.
    ``confidence`` is the probability that this quote answers, 0.0 to 1.0. ``header`` is the first row of the table that
    the quote is a row of, unless the quote begins with it; ``list`` says which part of a list the quote shows.
    ``index`` is the index that it is from, if several were asked together.
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
    index: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The quote in the JSON shape of the design, with the date of its post if it has one."""
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
        if self.index is not None:
            shape["index"] = self.index
        return shape


@dataclass(frozen=True, slots=True)
class PostMatch:
    """A post that answers a question about the posts themselves.

    ``times`` is how often it mentions the subject; ``best`` is the sentence that says most about it, if any; ``index``
    is the index that it is in, if several were asked together.
    """

    post_id: str
    title: str
    author: str | None
    date: str | None
    times: int
    locations: tuple[Location, ...]
    best: Quote | None = None
    index: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The post in the JSON shape of an answer."""
        shape: dict[str, object] = {
            "post_id": self.post_id,
            "title": self.title,
            "author": self.author,
            "date": self.date,
            "times": self.times,
            "best": None if self.best is None else self.best.to_dict(),
            "locations": [_location_dict(place) for place in self.locations],
        }
        if self.index is not None:
            shape["index"] = self.index
        return shape


@dataclass(frozen=True, slots=True)
class Considered:
    """One chunk that was considered: how it was found and what became of it."""

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
    """How an answer was found: the query that was sent to the index and the chunks considered, best first."""

    query: str
    considered: tuple[Considered, ...]
    threshold_confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, confidence and quotes; ``no_answer`` is a value with a reason, not an empty string.

    ``confidence`` is calibrated: of the answers given at 0.8, about 8 in 10 are right. ``uncovered`` are the words and
    names of the question that do not appear near the best quotes. ``parts`` are the answers to the single questions if
    several were asked at once; ``quotes`` then contains theirs in order. ``posts`` are those that answer a question
    about the posts themselves, or those that contain the rare words of a refused question; ``summary`` describes them
    in a sentence. ``understood`` is a follow-up with its subject in place of the pronoun or gap; ``read_as`` are the
    corrected words as (written, read); ``columns`` are those of the question's row. ``disagreement`` says what two of
    the quotes, of different dates, disagree about. ``searched`` is false for a refusal that is only about the question:
    it asks or names nothing, or is in another language, so nothing follows about what the posts contain.
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
    searched: bool = True

    def to_dict(self) -> dict[str, object]:
        """The JSON object that the command line, batch files and the web API all return."""
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
    if place.site is not None:
        shape["site"] = place.site
    return shape
