"""Suggested questions: made from the posts' own words, and shown only if they are answered."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest

from rag.records import Answer, Quote
from ui.services.index_holder import Shelf
from ui.services.question_candidates import Candidate
from ui.services.suggested_questions import FILE, WANTED, Suggester, chosen

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_not_answered_by_its_own_words_is_not_shown() -> None:
    """Refused, weak, or quoted from elsewhere: none is suggested; few of a kind, one of a post."""
    found = [Candidate(f"q{n}", "figure" if n % 2 else "date", f"p{n}", 10, 20) for n in range(20)]

    def ask(question: str) -> Answer:
        number = int(question[1:])
        if number == 0:
            return Answer(question, "no_answer", 0.1, "low")
        post = "elsewhere" if number == 1 else f"p{number}"
        start = 100 if number == 2 else 12
        quote = Quote("w", post, "T", 1.0, start, start + 5, ())
        return Answer(question, "answered", 0.5, "low" if number == 3 else "medium", (quote,))

    kept = chosen(found, ask)
    assert len(kept) == WANTED
    assert not {"q0", "q1", "q2", "q3"} & set(kept)


def test_strong_matches_come_first_and_none_repeats_its_question() -> None:
    """Holds: weaker ones fill what is left; a quote that asks the same answers nothing."""
    kinds = {"one": "person", "two": "date", "six": "title", "ten": "figure"}
    found = [Candidate(f"What is {word}?", kind, word, 0, 20) for word, kind in kinds.items()]

    def ask(question: str) -> Answer:
        word = question.removeprefix("What is ").rstrip("?")
        text = "So what is six, you ask." if word == "six" else f"{word} is a number."
        quote = Quote(text, word, "T", 1.0, 0, len(text), ())
        return Answer(question, "answered", 0.5, "medium" if word == "one" else "high", (quote,))

    assert chosen(found, ask) == ["What is two?", "What is ten?", "What is one?"]


def test_a_list_that_is_only_named_answers_nothing() -> None:
    """Holds: a post that names the title of another has none of its ways."""
    found = [Candidate(f"What are the ways to {one}?", "list", one, 0, 90, one) for one in ("bake", "sail")]

    def ask(question: str) -> Answer:
        subject = question.removeprefix("What are the ways to ").rstrip("?")
        text = "- slowly\n- at night" if subject == "bake" else "See our post on ways of sailing."
        return Answer(question, "answered", 0.9, "high", (Quote(text, subject, "T", 1.0, 0, 20, ()),))

    assert chosen(found, ask) == ["What are the ways to bake?"]


def test_two_questions_about_one_thing_are_shown_only_if_there_are_no_others() -> None:
    """Holds: five questions show what five posts are about."""
    subjects = ("bread ovens", "oven doors", "canal locks")
    found = [Candidate(f"What are {one}?", "definition", one, 0, 90, one) for one in subjects]

    def ask(question: str) -> Answer:
        subject = question.removeprefix("What are ").rstrip("?")
        quote = Quote(f"All {subject} are made.", subject, "T", 1.0, 0, 20, ())
        return Answer(question, "answered", 0.9, "high", (quote,))

    assert chosen(found, ask) == ["What are bread ovens?", "What are canal locks?", "What are oven doors?"]


def test_they_are_found_once_for_each_index_and_are_true(seed_home: Path, tmp_path: Path) -> None:
    """On the seed pages each is answered and the other one refused; the next page reads them at once."""
    home = tmp_path / "index"
    shutil.copytree(seed_home, home)
    shelf = Shelf(home)
    try:
        end = time.monotonic() + 300
        while (found := shelf.suggested()) is None and time.monotonic() < end:
            time.sleep(0.05)
        assert found is not None
        assert len(found.questions) == WANTED
        with shelf.lend() as index:
            assert {index.ask(question).status for question in found.questions} == {"answered"}
            assert index.ask(found.refused).status == "no_answer"
    finally:
        shelf.close()
    assert (home / FILE).exists()
    again = Shelf(home)
    try:
        assert again.suggested() == found
    finally:
        again.close()


@pytest.mark.parametrize("size", [0, 2**40], ids=["deep", "large"])
def test_questions_that_were_not_written_here_are_found_anew(tmp_path: Path, size: int) -> None:
    """Beside an index from elsewhere, a file may be nested without end, or be of any size."""
    with (tmp_path / FILE).open("wb") as file:
        file.write(b"[" * 100_000)
        file.truncate(size or 100_000)
    suggester = Suggester(lambda: tmp_path, lambda question: Answer(question, "no_answer", 0.1, "low"))
    assert suggester.now("g", list) is None
    suggester.close()
