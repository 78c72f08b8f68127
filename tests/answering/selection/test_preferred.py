"""A sentence in the form that a question asks for comes first, wherever it is in the index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.selection.preferred import fitness, speaking_of, surer
from rag.answering.selection.stance import surer_of_stance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index

# many posts that mention the thing, one that says what it is
MENTIONS = (
    "TideCam news {n}\n\nTideCam, TideCam, TideCam: visitors of harbour {n} asked for TideCam, what a TideCam week.\n"
)
TEXTS = {
    "what.txt": "A year at the quay\n\nThe quay was busy. Now TideCam is a camera that counts boats for the harbour office. "
    "It hangs on a mast. Rain fell most of the spring and the gulls came back late to the roofs of the old town.\n",
    "letters.txt": "The council\n\nThe Tide Board (TB) stands for nothing on Sundays. Free Weather Flag Signals went to "
    "WFS-ready boats last year.\n",
    "lamps.txt": "The lamps\n\nThe NLG stands on the hill, and the NLG meets on Mondays. The Northern Lamp Guild lit the "
    "first lamp of the town in a wet spring.\n",
    "market.txt": "The market\n\nThe market of May 4 was at the quay. On May 3 it was held by the old weir.\n",
    "levy.txt": "The bridge levy\n\nThe parish paper on the bridge levy is short. I like it because it sets out the reasons "
    "for and against the levy. The reasons given for the levy include:\n\n- steady money\n- clear accounts\n- public "
    "support.\n\nThe ferryman reads it at night. The other cons of the levy point to my dislike of it. They include:\n\n"
    "- tied hands\n- slow review\n- dear collection.\n\nRain fell on the bridge for most of the week.\n",
    "pay.txt": "The ferry\n\nThe ferry charges grown-ups a penny and takes sheep for two. "
    "Children under six and the doctor do not pay for the ferry.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """A heap in which one of thirty posts explains."""
    home: Path = tmp_path_factory.mktemp("preferred")
    pages = home / "pages"
    pages.mkdir()
    for name, text in TEXTS.items():
        (pages / name).write_text(text, encoding="utf-8")
    for number in range(28):
        (pages / f"news-{number}.txt").write_text(MENTIONS.format(n=number), encoding="utf-8")
    build_index([pages], into=home / "index")
    with open_index(home / "index") as opened:
        yield opened


@pytest.mark.parametrize("question", ["What is TideCam?", "TideCam", "define TideCam"])
def test_the_sentence_that_explains_comes_first(index: Index, question: str) -> None:
    """Although every other post names the thing more often."""
    assert "TideCam is a camera" in index.ask(question).quotes[0].text


def test_what_letters_mean_is_said_where_the_letters_are(index: Index) -> None:
    """Even as part of another word; the meaning of other letters is not an answer."""
    assert "Weather Flag Signals" in index.ask("What does WFS stand for?", always_answer=True).quotes[0].text


def test_what_does_not_speak_of_the_subject_of_a_follow_up_falls_behind(index: Index) -> None:
    """The sentence about the doctor comes after the one about adults, which cannot be about him."""
    ranking = index.ranking("What does the ferry charge?", fast=True)
    lost = {
        ranking.text_of(one)[:8]: float(ranking.scores[one.row]) - one.score
        for one in speaking_of(ranking, ("doctor",)).ranked
    }
    assert lost["The ferr"] > 1.0 > lost["Children"] == 0.0
    assert speaking_of(ranking, ()) is ranking


def test_a_question_with_not_gets_the_sentence_that_denies(index: Index) -> None:
    """Those who pay are not an answer to who does not."""
    assert "do not pay" in index.ask("Who does not pay for the ferry?").quotes[0].text


@pytest.mark.parametrize(
    ("question", "item", "other"),
    [
        ("What reasons are given against the bridge levy?", "tied hands", "steady money"),
        ("Cons of the bridge levy", "tied hands", "steady money"),
        ("What are the drawbacks of the bridge levy?", "tied hands", "steady money"),
        ("What reasons are given for the bridge levy?", "steady money", "tied hands"),
        ("What are the arguments in favour of the bridge levy?", "steady money", "tied hands"),
    ],
)
def test_what_speaks_against_a_thing_is_not_answered_with_what_speaks_for_it(
    index: Index, question: str, item: str, other: str
) -> None:
    """The two lists have the same words but one; the lead-in of the second is a short sentence that names no side."""
    first = index.ask(question, always_answer=True).quotes[0]
    assert item in first.text
    assert other not in first.text


def test_an_answer_from_the_other_side_is_less_sure(index: Index) -> None:
    """It counts for an answer that it is on the side that is asked about, if there is another."""
    ranking = index.ranking("What reasons are given against the bridge levy?", fast=True)
    told = {quote.text.splitlines()[-1]: quote for quote in index.ask("reasons levy", always_answer=True).quotes}
    against, favour = (next(quote for text, quote in told.items() if end in text) for end in ("collection", "support"))
    assert surer_of_stance(ranking, against) > 0.0 > surer_of_stance(ranking, favour)


def test_a_quote_of_the_form_that_is_asked_for_is_surer(index: Index) -> None:
    """One that explains or denies; for other questions the form does not matter."""
    explaining, denying, plain = (
        index.ranking(question, fast=True)
        for question in ("What is TideCam?", "Who does not pay for the ferry?", "Who pays for the ferry?")
    )
    held = index.store.lexical.frequency
    explained, liked = "TideCam is a camera that counts boats.", "We like TideCam."
    assert fitness(explaining, explained, held) > fitness(explaining, liked, held) == 0.0
    assert fitness(denying, "The doctor does not pay.", held) > 0.0 > fitness(denying, "The doctor pays.", held)
    assert fitness(plain, "The doctor does not pay.", held) == 0.0
    which, who = (
        index.ranking(one, fast=True) for one in ("Which is dearer, ferry or bridge?", "Who can use the ferry?")
    )
    assert fitness(which, "Unlike the bridge, the ferry costs a penny.", held) > fitness(
        which, "The ferry is dear.", held
    )
    assert fitness(who, "The ferry is open to all.", held) > fitness(who, "The ferry is slow.", held)
    assert surer(0.2, 1.0) > surer(0.2, 0.0) == 0.2 > surer(0.2, -1.0)


def test_what_is_in_no_post_is_not_made_up_for_by_words_that_suit_anything(index: Index) -> None:
    """In "How do I make ramen?" only "make" can be known."""
    held = index.store.lexical.frequency
    unknown, known = (index.ranking(f"How do I use {thing}?", fast=True) for thing in ("marmalade", "the ferry"))
    assert fitness(unknown, "Use the bell.", held) < fitness(known, "Use the bell.", held) == 0.0


def test_letters_may_be_spelt_out_elsewhere_in_their_post(index: Index) -> None:
    """A sentence that only contains the letters is not an answer."""
    assert "Northern Lamp Guild" in index.ask("What does NLG stand for?", always_answer=True).quotes[0].text


def test_who_somebody_is_and_what_letters_mean_is_not_answered_by_a_mention(index: Index) -> None:
    """Nor is a question whose name is in no post; a statement that nothing is paid answers how much is."""
    held = index.store.lexical.frequency
    person, letters, stranger, amount, strange = (
        index.ranking(question, fast=True)
        for question in (
            "Who is Free Weather?",
            "What does WFS stand for?",
            "How tall is the Xanthor ferry?",
            "How much does the doctor pay?",
            "Hello",
        )
    )
    assert fitness(person, "— Free Weather", held) < 0.0 < fitness(person, "Free Weather, a clerk at the quay,", held)
    assert fitness(letters, "WFS went to sea.", held) < 0.0
    assert fitness(letters, "The Weather Flag Signals went to sea.", held) == 0.0
    assert fitness(stranger, "The ferry is tall.", held) < 0.0
    assert fitness(strange, "The ferry is tall.", held) < fitness(stranger, "The ferry is tall.", held)
    assert fitness(amount, "The doctor does not pay.", held) > 0.0 == fitness(amount, "The doctor pays a penny.", held)
    assert fitness(amount, "The captain does not pay.", held) == 0.0


def test_a_sentence_of_another_day_is_not_an_answer(index: Index) -> None:
    """If the question names one; a sentence without a day may still answer."""
    ranking = index.ranking("Where was the market on May 3?", fast=True)
    texts = [ranking.text_of(one) for one in ranking.ranked]
    assert texts.index("On May 3 it was held by the old weir.") < texts.index("The market of May 4 was at the quay.")


def test_a_denial_must_deny_what_is_asked(index: Index) -> None:
    """Words like "without" elsewhere are none; a denial by "we" need not name who speaks."""
    held = index.store.lexical.frequency
    negative = index.ranking("Who does not pay for the ferry?", fast=True)
    assert fitness(negative, "He pays without thanks.", held) < 0.0
    named = index.ranking("How much does WFS charge children?", fast=True)
    assert fitness(named, "We do not charge children.", held) > fitness(named, "They do not charge children.", held)


@pytest.mark.parametrize(
    ("question", "text", "is_free"),
    [
        ("How much does the Tern Island Ferry cost?", "The TIF is a free, shared ferry.", True),
        ("How much is the ferry?", "The ferry takes islanders free of charge.", True),
        ("How much do they charge for the ferry?", "The ferry is free to use.", True),
        ("How much does the ferry cost?", "The mill is free.", False),
        ("How much does the ferry cost?", "The ferry leaves visitors free time.", False),
        ("How much does the ferry cost?", "You are free to take the ferry.", False),
        ("How much does the ferry weigh?", "The ferry is free.", False),
    ],
)
def test_what_is_free_has_a_price(index: Index, question: str, text: str, *, is_free: bool) -> None:
    """If the text has the name of the thing, in full or by its initials."""
    assert (fitness(index.ranking(question, fast=True), text, lambda _: 1) > 0.0) == is_free
