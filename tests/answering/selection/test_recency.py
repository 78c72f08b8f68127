"""Words that ask for the newest state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag import build_index, open_index
from rag.answering.conversation.follow_ups import Understood
from rag.answering.posts.answers import PostsAnswers
from rag.answering.selection.recency import names_version_of, of_other_dates, without_now

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("When does the library open now?", "When does the library open?"),
        ("What is the latest version of the app?", "Which version of the app was released?"),
        ("What's the newest Quill release?", "Which release of Quill was released?"),
        ("Which version of Quill is current?", "Which version of Quill was released?"),
        ("Who is currently the keeper?", "Who is the keeper?"),
        ("Who kept the lighthouse?", None),
        ("What is known of Nowak?", None),
    ],
)
def test_the_words_are_taken_out(question: str, bare: str | None) -> None:
    """Whole words only."""
    assert without_now(question) == bare


VERSIONS = {
    "one.md": "# Quill 1.0\nMay 3, 2012\n\nToday we launch the Quill editor, Quill 1.0, a new version of our editor for everyone.\n",
    "three.md": "# The spring call\nMarch 2, 2017\n\nPeople asked how to fold pages. The beta of Quill 3.0, the editor's next version, begins in October.\n",
    "talk.md": "# A talk\nApril 9, 2018\n\nThe Quill editor was shown at the fair, and people liked the Quill editor.\n",
}


def test_of_posts_without_a_date_the_highest_version_is_the_latest(tmp_path: Path) -> None:
    """As numbers, not as text: 1.10 comes after 1.9."""
    texts = {f"{at}.md": f"# Quill 1.{at}\n\nQuill 1.{at} is a version of the Quill editor.\n" for at in (2, 9, 10)}
    with index_of(texts, tmp_path) as index:
        answer = index.ask("What is the latest version of the Quill editor?", always_answer=True, fast=True)
    assert "Quill 1.10" in answer.quotes[0].text


def test_the_latest_version_is_the_one_that_the_newest_post_names(tmp_path: Path) -> None:
    """Even if an older post is a better match for "version", and a newer one names none."""
    (tmp_path / "pages").mkdir()
    for name, text in VERSIONS.items():
        (tmp_path / "pages" / name).write_text(text, encoding="utf-8")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index", fast=True) as index:
        answer = index.ask("What is the latest version of the Quill editor?", always_answer=True)
    assert "Quill 3.0" in answer.quotes[0].text


RECALLED = {
    "call.md": "# The Harbour Editor System: March call\nMarch 2, 2017\n\nHES 3.0 is a version of the Harbour Editor System; it will be released in October.\n",
    "years.md": "# HES, ten years on\nMay 3, 2023\n\nHES 1.0 was the version of the Harbour Editor System that was released first.\n",
}


def test_a_newer_post_that_recalls_an_old_version_does_not_make_it_the_latest(tmp_path: Path) -> None:
    """The thing is also known by its initials, and "the" before it does not count."""
    with index_of(RECALLED, tmp_path) as index:
        answer = index.ask("What is the latest version of the Harbour Editor System?", always_answer=True, fast=True)
    assert "HES 3.0" in answer.quotes[0].text
    question = "Which version of the Harbour Editor System was released?"
    assert names_version_of("The HES 3.0 beta begins.", question)
    assert not names_version_of("Its version is 3.0.", question)


FLEETS = {
    "early.md": "# The fleet\nMay 3, 2013\n\nThe harbour has 12 boats at its quay.\n",
    "late.md": "# The fleet today\nMay 3, 2021\n\nThe harbour fleet has grown: 40 boats lie at the quay of the harbour.\n",
}


@pytest.mark.parametrize(("year", "said"), [("2013", "12 boats"), ("2021", "40 boats")])
def test_what_was_in_a_year_is_in_the_posts_of_that_year(year: str, said: str, tmp_path: Path) -> None:
    """Though they do not name it, because it was the present."""
    with index_of(FLEETS, tmp_path) as index:
        answer = index.ask(f"How many boats did the harbour have in {year}?", always_answer=True, fast=True)
    assert said in answer.quotes[0].text


def test_the_time_of_a_part_of_a_question_excludes_no_other_posts(tmp_path: Path) -> None:
    """A post of any year may tell of the quay that was built in one."""
    with index_of(FLEETS, tmp_path) as index:
        about = PostsAnswers(index.store)
        part = about.bounded(Understood("How many boats lie at the quay built in 2013 by the harbour?"), None)
        whole = about.bounded(Understood("How many boats did the harbour have in 2013?"), None)
    assert part.dates is not None
    assert whole.dates is not None
    assert not of_other_dates(part.dates, "2021-05-03", "40 boats lie at the quay")
    assert of_other_dates(whole.dates, "2021-05-03", "40 boats lie at the quay")
    assert not of_other_dates(whole.dates, "2021-05-03", "40 boats lay there in 2013")
    assert of_other_dates(whole.dates, "2021-05-03", "12013 boats lie at the quay")
    for day, other in (("2014-05-03", False), ("2013-05-03", True)):
        assert of_other_dates(whole.dates, day, "Last year 40 boats lay there") == other
        assert of_other_dates(whole.dates, day, "It has more boats than last year") != other


def test_what_posts_of_a_time_say_is_listed_where_no_sentence_answers(tmp_path: Path) -> None:
    """With the posts that mention it; the words of the request are not looked for."""
    with index_of(FLEETS, tmp_path) as index:
        answer = index.ask("What did posts before 2015 say about the quay?", fast=True)
    assert answer.status == "answered"
    assert "12 boats" in answer.quotes[0].text


def test_the_version_of_another_thing_is_not_the_latest(tmp_path: Path) -> None:
    """The title of the post that announces it tells which is its own."""
    texts = {
        f"{at}.md": f"# Quill 0.{at} is out\n\nQuill 0.{at} is a new version of the Quill editor.\n" for at in (7, 9)
    }
    texts["needs.md"] = "# Quill 0.8 is out\n\nQuill 0.8 is the Quill editor on Paper version 24.1 or later.\n"
    with index_of(texts, tmp_path) as index:
        answer = index.ask("What is the latest version of Quill?", always_answer=True, fast=True)
    assert "Quill 0.9" in answer.quotes[0].text
