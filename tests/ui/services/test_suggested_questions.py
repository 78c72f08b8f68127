"""Suggested questions: made from the posts' own words, and shown only if they are answered."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest

from rag.records import Answer, Post, Quote
from ui.services.index_holder import Shelf
from ui.services.suggested_questions import FILE, WANTED, Candidate, Suggester, candidate_questions, chosen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "Hypothecation is a way of raising a tax for one purpose alone. Few like hypothecation.",
            "What is hypothecation?",
        ),
        ("The National Beekeeping Federation (NBF) met. It was cold.", "What does NBF stand for?"),
        ("About 70% of bakers are early risers by habit. Ask them.", "What share of bakers are early risers by habit?"),
        ("The old mill was founded by monks in 1820 and sold.", "When was the old mill founded?"),
        ("We heard Lara Norris, the head of the allotment society, speak.", "Who is Lara Norris?"),
        (
            "There are four reasons for the fall of the mill. First, rain.",
            "What are the four reasons for the fall of the mill?",
        ),
    ],
)
def test_a_question_is_made_of_the_words_of_a_post(text: str, question: str) -> None:
    """For a definition, an abbreviation, a figure, a date, a person and a list."""
    assert question in [one.question for one in candidate_questions([Post("p1", "T", text, ())])]


@pytest.mark.parametrize(
    "text",
    [
        "About 75% of the posts I read are long. Sigh.",
        "Ask how.\n\nWhat should we do about my hens?\n\nNothing.",
    ],
)
def test_what_only_its_writer_can_ask_is_no_question(text: str) -> None:
    """Holds: "the posts I read" are nobody's who looks at the heap."""
    assert candidate_questions([Post("p1", "T", text, ())]) == []


def test_a_name_keeps_its_capital_unless_the_post_writes_it_small() -> None:
    """Holds: at the beginning of every sentence, nothing but a small letter elsewhere tells a word from a name."""
    text = "Narnia is a land of talking beasts that few have seen. Narnia is cold."
    (found,) = candidate_questions([Post("p1", "T", text, ())])
    assert found.question == "What is Narnia?"


def test_a_title_that_asks_is_asked_and_one_that_points_is_not() -> None:
    """Headings in question form are used as they are; "two parts of this" has no subject of its own."""
    posts = [
        Post("p1", "What is a wicked issue?", "Well.", ()),
        Post("p2", "T", "The two parts of this idea are old.", ()),
    ]
    assert [one.question for one in candidate_questions(posts)] == ["What is a wicked issue?"]


def test_what_is_not_answered_by_its_own_words_is_not_shown() -> None:
    """Refused, weak, or quoted from elsewhere: none is suggested; few of a kind, one of a post."""
    found = [Candidate(f"q{n}", "kind" if n % 2 else "other", f"p{n}", 10, 20) for n in range(20)]

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
    found = [Candidate(f"What is {word}?", word, word, 0, 20) for word in ("one", "two", "six", "ten")]

    def ask(question: str) -> Answer:
        word = question.removeprefix("What is ").rstrip("?")
        text = "So what is six, you ask." if word == "six" else f"{word} is a number."
        quote = Quote(text, word, "T", 1.0, 0, len(text), ())
        return Answer(question, "answered", 0.5, "medium" if word == "one" else "high", (quote,))

    assert chosen(found, ask) == ["What is two?", "What is ten?", "What is one?"]


def test_they_are_found_once_for_each_index_and_are_true(seed_home: Path, tmp_path: Path) -> None:
    """On the seed pages each is answered and the other one refused; the next page reads them at once."""
    home = tmp_path / "index"
    shutil.copytree(seed_home, home)
    shelf = Shelf(home)
    try:
        end = time.monotonic() + 120
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


def test_shares_and_measures_are_not_things_to_list() -> None:
    """Nobody asks what the two thirds of a sum are, or the six months of a wait."""
    text = "Two thirds of that came from the town. It took six long months of waiting for the roof."
    assert candidate_questions([Post("p1", "T", text, ())]) == []
    named = "There are two good reasons for baking at night."
    (one,) = candidate_questions([Post("p1", "T", named, ())])
    assert one.question == "What are the two good reasons for baking at night?"
