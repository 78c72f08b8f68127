"""The figures of a set of answers: what share was right, refused, calibrated and word for word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from rag.errors import PageError
from rag.loading.archives import page_bytes
from rag.loading.pages import opened, reread
from rag.records import Answer, Location, PageEntry, Quote
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rag.evaluation.gold import GoldPart, GoldRow

__all__ = ["BINS", "Figures", "Outcome", "Sources", "figures", "figures_of", "figures_of_rows", "outcomes"]

BINS = 10  # tenths of confidence: what "of the answers at 0.8 about 8 in 10 hold" can be read from
_SHOWN_PARTS = 4  # a question of several parts is read this many quotes deep
_SHORT, _LONG = 50, 100  # words read: a glance, and a paragraph


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one set of answers; None where no question of the set tells.

    Shares are from 0 to 1 and higher is better, but for ``ece`` (lower is better). ``words_1`` and ``words_3`` are
    mean numbers of words in the first quote and in the first three.
    """

    questions: int
    missing: int
    hit_1: float | None
    hit_3: float | None
    found_3: float | None
    in50: float | None
    in100: float | None
    answered: float | None
    refused: float | None
    balanced: float | None
    auroc: float | None
    ece: float | None
    words_1: float | None
    words_3: float | None
    verbatim: float | None
    parts: float | None
    all_parts: float | None

    def named(self) -> tuple[tuple[str, float], ...]:
        """The measures that are known, under the names they are printed with, such as ``hit@1``."""
        known = [(figure_name(field.name), getattr(self, field.name)) for field in fields(self)]
        return tuple((name, value) for name, value in known if value is not None)


def figure_name(field: str) -> str:
    """The printed name of a field.

    >>> figure_name("hit_1"), figure_name("all_parts")
    ('hit@1', 'all_parts')
    """
    return field[:-2] + "@" + field[-1] if field[-1].isdigit() and field[-2] == "_" else field


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one gold question.

    ``right_at`` is the rank of the first right quote, from 1; ``found_at`` the same over what came closest where the
    question was refused. ``right_words`` are the words read until the evidence was complete. ``verbatim`` has one
    entry for each quote that was checked, ``found_parts`` one for each part of the question.
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
        """Whether an answer was given and its first quote holds the evidence."""
        return self.gold.answerable and self.right_at == 1


class Sources:
    """The decoded text of the pages, read once each, to hold quotes against."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._texts: dict[str, str | None] = {}

    @classmethod
    def under(cls, root: Path) -> Sources:
        """Pages whose names are relative to a folder."""
        return cls(lambda file: _page_text(root / file, None))

    @classmethod
    def indexed(cls, entries: Iterable[PageEntry]) -> Sources:
        """Pages where they were when they were indexed."""
        known = {entry.file: entry for entry in entries}
        return cls(lambda file: _page_text(Path(known[file].path), known[file].encoding) if file in known else None)

    def has(self, quote: Quote) -> bool:
        """Whether every location of a quote, at least one, reproduces its text code point for code point."""
        return bool(quote.locations) and all(self._stands(place, quote.text) for place in quote.locations)

    def _stands(self, place: Location, words: str) -> bool:
        if place.file not in self._texts:
            self._texts[place.file] = self._read(place.file)
        page = self._texts[place.file]
        return page is not None and page[place.start : place.end] == (words if place.text is None else place.text)


def _page_text(path: Path, encoding: str | None) -> str | None:
    try:
        return opened(page_bytes(path), path.name).text if encoding is None else reread(path, encoding)
    except (OSError, PageError):
        return None


def figures(gold: Sequence[GoldRow], answers: Iterable[Answer], sources: Sources | None = None) -> Figures:
    """The figures of answers, held against the files where ``sources`` are given.

    Confidences are taken as `Answer.to_dict` writes them, so that the figures are those of the written answers.
    """
    return figures_of(outcomes(gold, answers, sources))


def figures_of_rows(
    gold: Sequence[GoldRow], rows: Iterable[Mapping[str, object]], sources: Sources | None = None
) -> Figures:
    """The figures of the objects of an answers file; what a row lacks counts as not given."""
    given = {str(row.get("id")): _given_row(row) for row in rows}
    return figures_of([_outcome(row, given.get(row.id), sources) for row in gold])


def outcomes(gold: Sequence[GoldRow], answers: Iterable[Answer], sources: Sources | None = None) -> list[Outcome]:
    """What became of each gold question, in order; of several answers with one id the last counts."""
    given = {answer.id: _given(answer) for answer in answers}
    return [_outcome(row, given.get(row.id), sources) for row in gold]


def figures_of(rows: Sequence[Outcome]) -> Figures:
    """The figures over outcomes.

    Sums run in the order of the rows: the last digit of a sum of floats depends on it.
    """
    single = [row for row in rows if not row.gold.parts]
    yes = [row for row in single if row.gold.answerable]
    no = [row for row in single if not row.gold.answerable]
    several = [row for row in rows if row.gold.parts]
    answered = _mean([row.gave for row in yes])
    refused = _mean([not row.gave for row in no])
    return Figures(
        questions=len(rows),
        missing=sum(row.missing for row in rows),
        hit_1=_mean([row.right_at == 1 for row in yes]),
        hit_3=_mean([_within(row.right_at, 3) for row in yes]),
        found_3=_mean([_within(row.found_at, 3) for row in yes]),
        in50=_mean([_within(row.right_words, _SHORT) for row in yes]),
        in100=_mean([_within(row.right_words, _LONG) for row in yes]),
        answered=answered,
        refused=refused,
        balanced=None if answered is None or refused is None else (answered + refused) / 2,
        auroc=_auroc([row.confidence for row in yes], [row.confidence for row in no]),
        ece=_calibration_error(single),
        words_1=_mean([row.words_1 for row in rows if row.words_1 is not None]),
        words_3=_mean([row.words_3 for row in rows if row.words_3 is not None]),
        verbatim=_mean([good for row in rows for good in row.verbatim]),
        parts=_mean([sum(row.found_parts) / len(row.found_parts) for row in several]),
        all_parts=_mean([all(row.found_parts) for row in several]),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """What the figures need of an answer."""

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
    """The rank of the first right quote and the words read until its evidence ends, quote after quote."""
    read = 0
    for rank, quote in enumerate(quotes, 1):
        text = fold_white(quote.text)
        end = _end_of(quote, wanted)
        if end is not None:
            return rank, read + len(text[:end].split())
        read += len(text.split())
    return None, None


def _end_of(quote: Quote, wanted: GoldPart) -> int | None:
    """Where the first complete evidence ends in the quote's folded text; None where the quote is not right."""
    text = fold_white(quote.text)
    evidence = [fold_white(item) for item in wanted.evidence]
    ends = [text.find(item) + len(item) for item in evidence if item in text]
    if not ends:
        return None
    names = {PurePath(place.file).name for place in quote.locations}
    if wanted.files and not any(PurePath(file).name in names for file in wanted.files):
        return None
    return min(ends)


def _within(value: int | None, most: int) -> bool:
    return value is not None and value <= most


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """The chance that one of ``high`` is above one of ``low``, ties counting half."""
    if not high or not low:
        return None
    ordered = sorted(low)
    halves = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in high)
    return halves / 2 / (len(high) * len(low))


def _calibration_error(rows: Sequence[Outcome]) -> float | None:
    """The gap between mean confidence and share of right first quotes, over tenths of confidence, by their size."""
    if not rows:
        return None
    bins: dict[int, list[Outcome]] = {}
    for row in rows:
        bins.setdefault(confidence_bin(row.confidence), []).append(row)
    gaps = []
    for held in bins.values():
        sure = sum([row.confidence for row in held]) / len(held)
        right = sum([float(row.first_is_right) for row in held]) / len(held)
        gaps.append(len(held) / len(rows) * abs(sure - right))
    return sum(gaps)


def confidence_bin(confidence: float) -> int:
    """The number of the tenth that a confidence falls in, from 0; 1.0 belongs to the last.

    >>> confidence_bin(0.79), confidence_bin(1.0)
    (7, 9)
    """
    return min(int(confidence * BINS), BINS - 1)
