"""Work is bounded by length: a line of one character, however long, stops neither a pattern nor a stage of a build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from linear import growth_of, slow_patterns

from rag.dedup import merging
from rag.extraction import text_boilerplate
from rag.indexing.chunking import count_tokens
from rag.text import alignment
from rag.text.annotations import noted
from rag.text.dates import read_byline
from rag.text.sentences import split
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = ["a", "_", "?", ".", " ", "-", "a ", "? ", "A. ", "\n", "1,", "\u201c", "(", "\u3002", "\u0301"]
STAGES: dict[str, Callable[[str], object]] = {
    "sentences": lambda text: split(text, ()),
    "notes": lambda text: noted([text]),
    "stems": stems,
    "byline": read_byline,
    "tokens": count_tokens,
}


def test_the_measure_finds_what_grows_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern with nested repetition, and one that is tried again from each character; not one that is linear."""
    monkeypatch.setattr("linear.LIMIT_SECONDS", 0.5)
    assert "took longer" in growth_of(re.compile(r"(?:\w+_*)+-").fullmatch, lambda size: "_" * size)
    monkeypatch.setattr("linear.LIMIT_SECONDS", 10.0)
    assert "takes" in growth_of(lambda text: list(re.finditer(r"[^\n]*\S", text)), lambda size: " " * size)
    assert growth_of(re.compile(r"\w+").findall, lambda size: "a " * (size // 2)) == ""


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("stage", STAGES)
def test_time_grows_with_length(stage: str, unit: str) -> None:
    """At 1, 2, 4 and 8 thousand characters, within 1.3 times linear."""
    assert growth_of(STAGES[stage], lambda size: unit * (size // len(unit))) == ""


@pytest.mark.parametrize(
    ("pattern", "method", "unit"),
    [
        (text_boilerplate._JOINED, "fullmatch", "_"),
        (text_boilerplate._JOINED, "fullmatch", "a_"),
        (alignment._LINE, "findall", " "),
        (merging._LINE, "findall", "\t"),
    ],
)
def test_patterns_that_once_stopped_a_build(pattern: re.Pattern[str], method: str, unit: str) -> None:
    """A line of underscores took days, a line of blanks minutes."""
    assert growth_of(getattr(pattern, method), lambda size: unit * (size // len(unit)) + "!") == ""


def test_joined_names_are_what_they_were() -> None:
    """The pattern without nested repetition takes the same lines for names of files and not of posts."""
    before = re.compile(r"(?=\S*[_-])(?=\S*[a-z])[\w]+(?:[_-]+[\w]+)+", re.IGNORECASE)
    for line in ("a-b", "a", "a_", "_a", "a_b", "___", "-a-b", "a-b-", "a--b_c", "1-2", "a.b-c", "ab-cd ef"):
        assert bool(text_boilerplate._JOINED.fullmatch(line)) == bool(before.fullmatch(line)), line


@pytest.mark.parametrize("room", ["rag.dedup"])
def test_no_pattern_grows_faster_than_its_input(room: str) -> None:
    """Each repetition of each pattern, alone and after what comes before it; the other rooms are run by the script."""
    assert list(slow_patterns(room)) == []
