"""The public API as a user's type checker sees it; this file is checked, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from rag import (
    Answer,
    Location,
    Post,
    PullquoteError,
    Quote,
    ask,
    build_index,
    open_index,
    open_indexes,
    plain_text,
    verify,
)

if TYPE_CHECKING:
    from pathlib import Path


def ask_with_the_default_index() -> str:
    """An answer's fields, and the locations of its quotes."""
    answer = ask("Who opened the first park?")
    assert_type(answer, Answer)
    assert_type(answer.status == "no_answer", bool)
    for quote in answer.quotes:
        assert_type(quote, Quote)
        assert_type(quote.text, str)
        for place in quote.locations:
            assert_type(place, Location)
            assert_type((place.file, place.start, place.end), tuple[str, int, int])
    return answer.quotes[0].text if answer.quotes else answer.reason or ""


def ask_follow_ups(index: Path) -> dict[str, object]:
    """Options by name, one tree of errors."""
    try:
        answer = ask("And why?", history=["Who opened the first park?"], index=index, always_answer=True)
    except PullquoteError as error:
        assert_type(error.remedy, str | None)
        raise
    assert_type(answer.confidence, float)
    return answer.to_dict()


def build_and_keep_open(pages: Path, home: str) -> list[Post]:
    """Paths as text or Path; an index closes itself."""
    report = build_index([pages, "more.txt"], into=home, progress=_show)
    assert_type(report.pages, int)
    with open_index(home) as index:
        assert_type(index.ask("Who?", post_id="0123"), Answer)
        return index.posts()


def _show(stage: str, done: int, total: int) -> None:
    del stage, done, total


def prove(answers: Path) -> bool:
    """An answers file, or answers in memory."""
    found = verify(answers)
    assert_type(verify([ask("Who?")], root="pages").holds, bool)
    return found.holds


def prove_by_hand(place: Location, page_text: str) -> bool:
    """The words at a location of any format."""
    return assert_type(plain_text(page_text[place.start : place.end], place.format), str) != ""


def wrong_uses() -> None:
    """What a type checker must refuse."""
    ask(7)  # type: ignore[arg-type]
    ask("Who?", ["history is named"])  # type: ignore[call-arg]
    ask("Who?").quotes[0].text = "changed"  # type: ignore[misc]
    build_index("a.txt", into=7)  # type: ignore[arg-type]


def ask_several_as_one(homes: list[Path]) -> list[str | None]:
    """Opened together, or asked through `ask`, which keeps them open."""
    with open_indexes(homes) as heaps:
        answer = heaps.ask("Who opened the first park?")
    assert_type(answer, Answer)
    assert_type(verify([ask("Who opened the first park?", index=homes)], index=homes).holds, bool)
    return [quote.index for quote in answer.quotes]
