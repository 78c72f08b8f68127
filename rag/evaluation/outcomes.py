"""The outcome of each gold question: whether a quote was right, at which rank, and whether word for word."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.containers.archives import page_bytes
from rag.loading.pages import decode_page, reread
from rag.records import Answer, Location, PageEntry, Quote
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rag.evaluation.gold import GoldPart, GoldRow

__all__ = ["Outcome", "Sources", "outcomes", "outcomes_of_rows"]

_SHOWN_PARTS = 4  # quotes that count for a question with several parts


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one gold question.

    ``right_at`` is the rank of the first right quote, from 1; ``found_at`` is the same, but over the closest quotes if
    the question was refused. ``right_words`` is the number of words up to the end of the evidence. ``verbatim`` has one
    entry for each checked quote, ``found_parts`` one for each part of the question.
    """

    gold: GoldRow
    missing: bool
    gave: bool
    confidence: float
    right_at: int | None
    found_at: int | None
    right_words: int | None
    words_1: int | None
    words_3: int | None
    verbatim: tuple[bool, ...]
    found_parts: tuple[bool, ...]

    @property
    def first_is_right(self) -> bool:
        """Whether the question was answered and the first quote contains the evidence."""
        return self.gold.answerable and self.right_at == 1


class Sources:
    """The decoded text of the pages, each read once, to check quotes against."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._texts: dict[str, str | None] = {}

    @classmethod
    def under(cls, root: Path) -> Sources:
        """Pages whose names are relative to a folder."""
        return cls(lambda file: _page_text(root / file, None))

    @classmethod
    def indexed(cls, entries: Iterable[PageEntry]) -> Sources:
        """Pages at the paths where they were indexed."""
        known = {entry.file: entry for entry in entries}
        return cls(lambda file: _page_text(Path(known[file].path), known[file].encoding) if file in known else None)

    def has(self, quote: Quote) -> bool:
        """Whether a quote has a location, and all of them reproduce its text code point for code point."""
        return bool(quote.locations) and all(self._stands(place, quote.text) for place in quote.locations)

    def _stands(self, place: Location, words: str) -> bool:
        if place.file not in self._texts:
            self._texts[place.file] = self._read(place.file)
        page = self._texts[place.file]
        return page is not None and page[place.start : place.end] == (words if place.text is None else place.text)


def _page_text(path: Path, encoding: str | None) -> str | None:
    try:
        return decode_page(page_bytes(path), path.name).text if encoding is None else reread(path, encoding)
    except (OSError, PageError):
        return None


def outcomes(gold: Sequence[GoldRow], answers: Iterable[Answer], sources: Sources | None = None) -> list[Outcome]:
    """The outcome of each gold question, in order; if several answers have the same id, the last counts."""
    given = {answer.id: _given(answer) for answer in answers}
    return [_outcome(row, given.get(row.id), sources) for row in gold]


def outcomes_of_rows(
    gold: Sequence[GoldRow], rows: Iterable[Mapping[str, object]], sources: Sources | None = None
) -> list[Outcome]:
    """The outcome of each gold question, from the objects of an answers file; missing fields count as empty."""
    given = {str(row.get("id")): _given_row(row) for row in rows}
    return [_outcome(row, given.get(row.id), sources) for row in gold]


@dataclass(frozen=True, slots=True)
class _Given:
    """The fields of an answer that the figures need."""

    gave: bool
    confidence: float
    quotes: tuple[Quote, ...]
    closest: tuple[Quote, ...]


_NOTHING = _Given(gave=False, confidence=0.0, quotes=(), closest=())


def _given(answer: Answer) -> _Given:
    gave = answer.status in ("answered", "partial")
    return _Given(gave, round(answer.confidence, 4), answer.quotes if gave else (), answer.closest)


def _given_row(row: Mapping[str, object]) -> _Given:
    gave = row.get("status") in ("answered", "partial")
    quotes = tuple(_quote(item) for item in _items(row.get("quotes"))) if gave else ()
    return _Given(
        gave, _number(row.get("confidence")), quotes, tuple(_quote(item) for item in _items(row.get("closest")))
    )


def _quote(row: Mapping[str, object]) -> Quote:
    places = []
    for place in _items(row.get("locations")):
        text = place.get("text")
        start, end = int(_number(place.get("start"))), int(_number(place.get("end")))
        places.append(Location(str(place.get("file", "")), start, end, "", text if isinstance(text, str) else None))
    text, title = row.get("text"), row.get("post_title")
    words, named = text if isinstance(text, str) else "", title if isinstance(title, str) else ""
    return Quote(words, str(row.get("post_id") or ""), named, 0.0, 0, len(words), tuple(places))


def _items(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _outcome(row: GoldRow, given: _Given | None, sources: Sources | None) -> Outcome:
    got = given or _NOTHING
    quotes = got.quotes
    right_at, right_words = _first_right(quotes, row.wanted)
    found_at = right_at if quotes else _first_right(got.closest, row.wanted)[0]
    lengths = [len(quote.text.split()) for quote in quotes[:3]]
    return Outcome(
        gold=row,
        missing=given is None,
        gave=got.gave,
        confidence=got.confidence,
        right_at=right_at,
        found_at=found_at,
        right_words=right_words,
        words_1=lengths[0] if lengths else None,
        words_3=sum(lengths) if lengths else None,
        verbatim=() if sources is None else tuple(sources.has(quote) for quote in quotes),
        found_parts=tuple(
            any(_end_of(quote, part) is not None for quote in quotes[:_SHOWN_PARTS]) for part in row.parts
        ),
    )


def _first_right(quotes: Sequence[Quote], wanted: GoldPart) -> tuple[int | None, int | None]:
    """The rank of the first right quote, and the number of words from the first quote to the end of its evidence."""
    read = 0
    for rank, quote in enumerate(quotes, 1):
        text = fold_white(quote.text)
        end = _end_of(quote, wanted)
        if end is not None:
            return rank, read + len(text[:end].split())
        read += len(text.split())
    return None, None


def _end_of(quote: Quote, wanted: GoldPart) -> int | None:
    """The end of the first complete evidence in the quote's folded text; None if the quote is not right."""
    text = fold_white(quote.text)
    evidence = [fold_white(item) for item in wanted.evidence]
    ends = [text.find(item) + len(item) for item in evidence if item in text]
    if not ends:
        return None
    names = {PurePath(place.file).name for place in quote.locations}
    if wanted.files and not any(PurePath(file).name in names for file in wanted.files):
        return None
    return min(ends)
