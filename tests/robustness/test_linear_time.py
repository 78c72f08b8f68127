"""Work is bounded by length: a line of one character, however long, stops neither a pattern nor a stage of a build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from linear import growth_of, rooms, slow_patterns, used_patterns
from robustness.stages import FEWER, STAGES, UNITS

from rag.answering.conversation import pronouns
from rag.answering.posts import questions as posts_questions
from rag.dedup import captions
from rag.dedup.similarity import MAX_TAIL_CHARACTERS
from rag.extraction import text_boilerplate
from rag.text import alignment

if TYPE_CHECKING:
    from pathlib import Path

# Patterns that only get short inputs, with the length that their callers ensure.
BOUNDED = {
    "rag.dedup.similarity._CUT_OFF": MAX_TAIL_CHARACTERS,
    "rag.answering.conversation.pronouns._POST": pronouns.MAX_POST_CHARACTERS,
    "rag.answering.posts.forms": posts_questions.MAX_CHARACTERS,
    "rag.answering.posts.questions": posts_questions.MAX_CHARACTERS,
}


def test_the_measure_finds_what_grows_too_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern with nested repetition, and one that is tried again from each character, but not a linear one."""
    monkeypatch.setattr("linear.LIMIT_SECONDS", 0.5)
    assert "took longer" in growth_of(re.compile(r"(?:\w+_*)+-").fullmatch, lambda size: "_" * size)
    monkeypatch.setattr("linear.LIMIT_SECONDS", 10.0)
    assert "takes" in growth_of(lambda text: list(re.finditer(r"[^\n]*\S", text)), lambda size: " " * size)
    assert growth_of(re.compile(r"\w+").findall, lambda size: "a " * (size // 2)) == ""


@pytest.mark.parametrize("stage", STAGES)
def test_time_grows_with_length(stage: str) -> None:
    """At 1, 2, 4 and 8 thousand characters, within 1.3 times linear, whatever the line repeats."""
    problems = [
        growth_of(STAGES[stage], lambda size, unit=unit: unit * (size // len(unit))) for unit in FEWER.get(stage, UNITS)
    ]  # type: ignore[misc]
    assert list(filter(None, problems)) == []


@pytest.mark.parametrize(
    ("pattern", "method", "unit"),
    [
        (text_boilerplate._JOINED, "fullmatch", "_"),
        (text_boilerplate._JOINED, "fullmatch", "a_"),
        (alignment._LINE, "findall", " "),
        (captions._LINE, "findall", "\t"),
    ],
)
def test_patterns_that_once_stopped_a_build(pattern: re.Pattern[str], method: str, unit: str) -> None:
    """A line of underscores took days, a line of blanks minutes."""
    assert growth_of(getattr(pattern, method), lambda size: unit * (size // len(unit)) + "!") == ""


@pytest.mark.parametrize(
    ("stage", "before", "unit"),
    [
        ("copies", "", ".{\n='"),
        ("copies", "", "- \n\t:<"),
        ("letter.eml", "charset=idna](", "<article>| "),
        ("clippings.txt", "", "1,- \n"),
        ("question before", "", "the mill of "),
    ],
)
def test_lines_that_once_took_their_square(stage: str, before: str, unit: str) -> None:
    """Work that was done again for each line: pairing equal lines, searching for chrome or for the nearest words."""
    assert growth_of(STAGES[stage], lambda size: before + unit * (size // len(unit))) == ""


def test_joined_names_are_what_they_were() -> None:
    """The pattern without nested repetition accepts the same lines for names of files and of posts."""
    before = re.compile(r"(?=\S*[_-])(?=\S*[a-z])[\w]+(?:[_-]+[\w]+)+", re.IGNORECASE)
    for line in ("a-b", "a", "a_", "_a", "a_b", "___", "-a-b", "a-b-", "a--b_c", "1-2", "a.b-c", "ab-cd ef"):
        assert bool(text_boilerplate._JOINED.fullmatch(line)) == bool(before.fullmatch(line)), line


@pytest.mark.parametrize("room", rooms())
def test_no_pattern_grows_faster_than_its_input(room: str) -> None:
    """Each repetition of each pattern, alone and after what comes before it; measured again if one seems slow."""
    assert list(slow_patterns(room, BOUNDED)) == [] or list(slow_patterns(room, BOUNDED)) == []


def test_every_pattern_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in tables, in functions and with inserted parts, each with the methods that are called on it."""
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "__init__.py").write_text("")
    (tmp_path / "strange" / "words.py").write_text(
        "import re\n"
        "_ONE = re.compile('one')\n"
        "_TABLE = {'two': (re.compile('two'), 1)}\n"
        "def use(text, name):\n"
        "    made = re.compile(rf'\\b{name}|{re.escape(name)}', re.IGNORECASE)\n"
        "    form, _ = _TABLE['two']\n"
        "    return _ONE.match(text) or made.fullmatch(text) or form.search(text) or re.sub('six', '', text)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = {(used.pattern.pattern, used.methods) for used in used_patterns("strange")}
    assert found == {
        ("one", ("match",)),
        ("two", ("finditer",)),
        (r"\babc|abc", ("fullmatch",)),
        ("six", ("finditer",)),
    }
