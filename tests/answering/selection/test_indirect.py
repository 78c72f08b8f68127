"""A sentence that answers in other terms than the question is trusted, although it lacks the words asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index

TEXTS = {
    "wind.txt": "Small turbines\n\nA turbine on a roof rarely pays. It makes between 300 and 700 kWh a year. It needs an "
    "average wind of at least 5 m/s. Solar panels make nothing at night.\n",
    "tide.txt": "TideCam\n\nTideCam counts boats for the harbour office. The TideCam app is currently available for Android "
    "devices. It was rebuilt last spring after the storm.\n",
    "dots.txt": "The library\n\nThe reading room was full. Old books are dipped in a bath of lime, and a mark is left on each "
    "one. Now I know why there are white dots on the spines of the books. We went home by the weir.\n",
    "mills.txt": "Mills by county\n\nThe county also made a difference to who still grinds at home. Only a tenth of the mills "
    "(9 of 90) in Oldshire stand idle, versus more than 40 of 90 in Fenland and the Marches. The stones are French.\n",
    "quay.txt": "The quay\n\nThe ferry app is available for Android and iOS. The gulls came back late to the old roofs.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Short posts."""
    home: Path = tmp_path_factory.mktemp("indirect")
    pages = home / "pages"
    pages.mkdir()
    for name, text in TEXTS.items():
        (pages / name).write_text(text, encoding="utf-8")
    build_index([pages], into=home / "index")
    with open_index(home / "index") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "history", "quoted"),
    [
        ("Is 4.9 m/s of wind enough?", [], "at least 5 m/s"),
        ("Does TideCam work on iPhones?", [], "available for Android"),
        ("And on iPhones?", ["Does TideCam work on Android?"], "available for Android"),
        ("Which county has the fewest idle mills?", [], "9 of 90"),
        ("Why are there white dots on the books?", [], "bath of lime"),
    ],
)
def test_the_answer_in_other_terms_is_quoted(index: Index, question: str, history: list[str], quoted: str) -> None:
    """A limit for an amount, other things of the kind, numbers for an extreme, and the reason before a "why"."""
    answer = index.ask(question, history=history)
    assert answer.status == "answered"
    assert quoted in answer.quotes[0].text


@pytest.mark.parametrize("message", ["thanks!", "Good morning"])
def test_a_courtesy_is_not_searched_for(index: Index, message: str) -> None:
    """And the conversation goes on as if it had not been said."""
    assert index.ask(message).reason == "This asks nothing. Ask what the posts say of a thing, or what they are about."
    after = index.ask("Is it free?", history=["What is TideCam?", message], explain=False)
    assert after.understood == "Is TideCam free?"


def test_what_is_affirmed_is_no_answer_to_what_is_not(index: Index) -> None:
    """The app for Android is not one that is missing there."""
    assert index.ask("Which apps are not available for Android?").status == "no_answer"
