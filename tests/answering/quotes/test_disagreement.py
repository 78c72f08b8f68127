"""Posts of different dates that disagree are both shown, the newer first, with a line that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.quotes.disagreement import disagreement, newer_first
from rag.records import Quote
from rag.store.rows import PostText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

TEXTS = {
    "old.md": "# Library hours\nMarch 3, 2018\n\nThe Weirside library opens at 9 am on weekdays. Bring a card.\n\n"
    "Dogs are welcome in the reading room of the library.\n",
    "new.md": "# Hours of the library\nJune 9, 2023\n\nSince May the Weirside library opens at 11 am on weekdays. "
    "Tea is served.\n\nDogs are not welcome in the reading room of the library.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Two posts, five years apart."""
    with index_of(TEXTS, tmp_path_factory.mktemp("disagreement")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "newer", "older", "said"),
    [
        ("When does the Weirside library open on weekdays?", "11 am", "9 am", "different"),
        ("Are dogs welcome in the reading room?", "Dogs are not", "Dogs are welcome", "opposite"),
    ],
)
def test_the_newer_comes_first_and_the_answer_says_so(
    index: Index, question: str, newer: str, older: str, said: str
) -> None:
    """Both are shown."""
    answer = index.ask(question)
    assert newer in answer.quotes[0].text
    assert any(older in quote.text for quote in answer.quotes[1:])
    assert said in (answer.disagreement or "")
    assert "2023-06-09" in (answer.disagreement or "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The library opens at 9 am on weekdays.", "The library opens at 9 am on weekdays, they say."),
        ("The library opens at 9 am on weekdays.", "The museum shop closes at 5 pm every Sunday."),
        ("The town library opens early.", "The town library has 40 chairs."),
    ],
)
def test_texts_that_agree_or_speak_of_other_things_do_not_disagree(one: str, other: str) -> None:
    """Another number alone is not a disagreement."""
    assert disagreement(one, other) is None


def test_quotes_of_posts_about_different_names_do_not_disagree() -> None:
    """Where the question names one of them, the newer post is about the other."""

    def quote(post_id: str, text: str, date: str) -> Quote:
        return Quote(text, post_id, "Fees", 0.0, 0, len(text), (), post_date=date)

    old, new = quote("a", "The east mill costs 5 yen.", "2018-01-01"), quote("b", "The mill costs 4 yen.", "2020-01-01")
    names, east = frozenset({"east"}), PostText("Fees", None, "The east mill costs 5 yen.")
    for text, found in (("The mill costs 4 yen. It is east.", [new, old]), ("The mill costs 4 yen.", [old, new])):
        assert newer_first([old, new], names, {"a": east, "b": PostText("Fees", None, text)})[0] == found
