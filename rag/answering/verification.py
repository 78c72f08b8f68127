"""Checks quotes: opens the pages again and compares code point by code point, trusting nothing in the answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.files.reopened_pages import PagesOfIndex, printable
from rag.errors import InputError, PageError, QuestionError
from rag.loading.formats import PAGE_FORMATS, plain_text
from rag.loading.proof import says
from rag.records import Answer
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rag.answering.engine import Index
    from rag.answering.files.reopened_pages import Pages, PageText
    from rag.records import Location, Post, Quote

__all__ = ["Failure", "Proof", "Verification", "proofs", "verify_answers"]

_EXCERPT_CHARACTERS = 60  # fills a line of a terminal after its label


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong.

    ``quote`` counts from 1 in the order of the answer, "closest" after "quotes"; 0 means the whole row.
    """

    line: int
    answer_id: str
    quote: int
    problem: str
    file: str = ""
    start: int = 0
    end: int = 0
    expected: str = ""
    got: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what is wrong."""

    answers: int
    quotes: int
    locations: int
    failures: tuple[Failure, ...]

    @property
    def holds(self) -> bool:
        """Whether every quote is exact."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Proof:
    """The sources to check the quotes of one index: its pages, and its posts by id."""

    pages: Pages
    post_of: Callable[[str], Post] | None


def proofs(indexes: Iterable[Index]) -> dict[str, Proof]:
    """The sources for each index, by the name that quotes give it, in order."""
    found = {}
    for index in indexes:
        proof = Proof(PagesOfIndex(index.pages(), index.path), index.post)
        found[str(index.path)] = proof
        if isinstance(index.path, Path):
            found[str(index.path.resolve())] = proof
    return found


def verify_answers(
    rows: Iterable[tuple[int, Answer | QuestionError]],
    pages: Pages,
    post_of: Callable[[str], Post] | None = None,
    heaps: Mapping[str, Proof] | None = None,
) -> Verification:
    """Check every location of every quote, including closest quotes and parts.

    ``rows`` are numbered answers, as read from an answers file. A quote is exact if it has a location, and for each
    location the file has the stated hash, the stated text is there, in the stated record, and that text, without the
    escapes and mark-up of its format, equals the quote up to white space. With ``post_of``, which finds a post by its
    id or raises InputError, the quote must also be the words of that post at its span, under its title.
    """
    answers = quotes = locations = 0
    failures: list[Failure] = []
    for line, row in rows:
        answers += 1
        if not isinstance(row, Answer):
            failures.append(Failure(line, "", 0, str(row)))
            continue
        if row.status in {"answered", "partial"} and not (row.quotes or _is_about_posts(row)):
            failures.append(Failure(line, row.id, 0, "its status is answered, but it has no quote"))
        for number, quote in enumerate(_quotes(row), 1):
            quotes += 1
            locations += len(quote.locations)
            proof = Proof(pages, post_of) if heaps is None else _proof_for(quote, heaps, Proof(pages, post_of))
            if proof is None:
                failures.append(
                    Failure(
                        line, row.id, number, "it names an index that was not given", got=_excerpt(quote.index or "")
                    )
                )
                continue
            failures.extend(_failures(line, row.id, number, quote, proof.pages))
            wrong = _attribution(quote, proof.post_of) if proof.post_of is not None else None
            if wrong is not None:
                failures.append(
                    Failure(line, row.id, number, wrong[0], expected=_excerpt(wrong[1]), got=_excerpt(wrong[2]))
                )
    return Verification(answers, quotes, locations, tuple(failures))


def _proof_for(quote: Quote, heaps: Mapping[str, Proof], usual: Proof) -> Proof | None:
    """The sources to check a quote; None if its index is not among these."""
    if quote.index is None:
        return usual
    try:
        return heaps.get(quote.index) or heaps.get(str(Path(quote.index).resolve()))
    except (OSError, ValueError, RuntimeError):  # an impossible name for a folder
        return None


def _is_about_posts(answer: Answer) -> bool:
    """Whether an answer says something about the posts themselves, such as their number, which takes no quote."""
    return answer.summary is not None or any(map(_is_about_posts, answer.parts))


def _quotes(answer: Answer) -> Iterator[Quote]:
    yield from answer.quotes
    yield from answer.closest
    for part in answer.parts:
        yield from _quotes(part)


def _attribution(quote: Quote, post_of: Callable[[str], Post]) -> tuple[str, str, str] | None:
    """What is wrong with the stated post of a quote, what was expected and what is there."""
    try:
        post = post_of(quote.post_id)
    except InputError:
        return "the index has no such post", "a post of the index", quote.post_id
    if post.title != quote.post_title:
        return "the post has another title", quote.post_title, post.title
    there = post.text[max(quote.start, 0) : max(quote.end, 0)]
    if there != quote.text:
        return "the post has different words at this span", quote.text, there
    return None


def _failures(line: int, answer_id: str, number: int, quote: Quote, pages: Pages) -> Iterator[Failure]:
    if not quote.locations:
        yield Failure(line, answer_id, number, "the quote has no location", expected=_excerpt(quote.text))
    if not quote.text.strip():
        yield Failure(line, answer_id, number, "the quote has no words")
    elif quote.end - quote.start != len(quote.text):
        yield Failure(
            line,
            answer_id,
            number,
            "the quote's span in its post is not as long as its text",
            expected=f"{len(quote.text)} characters",
            got=f"{quote.start}:{quote.end}",
        )
    for place in quote.locations:
        try:
            page = pages.page(place.file)
        except PageError as error:
            yield Failure(line, answer_id, number, str(error), place.file, place.start, place.end)
            continue
        found = _mismatch(quote, place, page)
        if found is not None:
            problem, expected, got = found
            yield Failure(line, answer_id, number, problem, place.file, place.start, place.end, expected, got)


def _mismatch(quote: Quote, place: Location, page: PageText) -> tuple[str, str, str] | None:
    """What is wrong with a location, what was expected and what is there; None if it is right."""
    if page.sha256 != place.sha256:
        return "the file is not the one that was quoted", place.sha256, page.sha256
    if not 0 <= place.start < place.end <= len(page.text):
        return "the offsets are not inside the page", f"0 to {len(page.text)}", f"{place.start}:{place.end}"
    return _other_words(quote, place, page)


def _other_words(quote: Quote, place: Location, page: PageText) -> tuple[str, str, str] | None:
    """The same for a location in a page known to be the quoted one."""
    stated = quote.text if place.text is None else place.text
    there = page.text[place.start : place.end]
    if there != stated:
        expected, got = _around_difference(stated, there)
        return "the file has different text at this place", expected, got
    if place.format not in PAGE_FORMATS.get(page.format, ()):
        return "the page's format is not the one stated", page.format, place.format
    if not says(stated, quote.text, place.format):
        words = fold_white(plain_text(stated, place.format))
        expected, got = _around_difference(fold_white(quote.text), words)
        return "the text at this place is not that of the quote", expected, got
    record = page.record_at(place.start)
    if record != place.record:
        return "the location is in another record", str(place.record), str(record)
    return None


def _around_difference(expected: str, got: str) -> tuple[str, str]:
    """Excerpts of two texts that begin a little before they differ."""
    pairs = zip(expected, got, strict=False)
    apart = next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(expected), len(got)))
    start = max(apart - _EXCERPT_CHARACTERS // 3, 0)
    lead = "…" if start else ""
    return lead + _excerpt(expected[start:]), lead + _excerpt(got[start:])


def _excerpt(text: str) -> str:
    """The beginning of a text on one line, with unprintable characters escaped."""
    shown = text if len(text) <= _EXCERPT_CHARACTERS else text[: _EXCERPT_CHARACTERS - 1] + "…"
    return printable(shown)
