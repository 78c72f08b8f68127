"""Answers and refusals: why there is no answer, several questions at once, follow-ups, one post, the threshold."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.question.parts import band_of
from rag.answering.quotes.reasons import ASK_ALL, TYPED
from rag.errors import InputError
from rag.records import QuestionRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.records import Answer

TEXTS = {
    "bakery.txt": (
        "The bakery on Tern Street\n\n"
        "The bakery on Tern Street was opened by Ottilie Marsh in 1962. She baked rye loaves for the harbour and sold "
        "them from a cart. Her oven burned peat, because coal was dear on the island.\n\n"
        "The bakery closed after a flood. Nobody has lit the oven since.\n"
    ),
    "lighthouse.txt": (
        "The lighthouse keeper\n\n"
        "Abel Finch kept the lighthouse for thirty-one years. He painted the tower every spring and wrote down every "
        "ship. His daughter learned to read from the log.\n\n"
        "The lamp turned on a bath of mercury. It was put out in 1974 when the buoys came.\n"
    ),
    "orchard.txt": (
        "An orchard of quinces\n\n"
        "The quince trees stand on the south slope behind the chapel. They flower late and never freeze. A cider maker "
        "from the mainland buys the whole harvest.\n\n"
        "Quince jam takes patience: simmer the fruit for two hours and let it cool overnight.\n"
    ),
    "riddle.txt": "Asked at the chapel door\n\nWho painted the tower before the flood came?\n",
}
BAKERY, LIGHTHOUSE = "The bakery on Tern Street", "The lighthouse keeper"
OPENED, MONGOLIA = "Who opened the bakery on Tern Street?", "What is the capital of Mongolia?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of three posts, one of which contains only a question."""
    folder = tmp_path_factory.mktemp("answering")
    pages = folder / "pages"
    pages.mkdir()
    for name, text in TEXTS.items():
        (pages / name).write_text(text, encoding="utf-8")
    build_index([pages], into=folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def index(home: Path) -> Iterator[Index]:
    """The opened index; read only."""
    with open_index(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def strict(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The same index, set to refuse all but the most certain answers."""
    folder = tmp_path_factory.mktemp("strict") / "index"
    shutil.copytree(home, folder)
    with open_index(folder) as opened:
        opened.set_threshold(0.99, "a test")
        yield opened


def _post(index: Index, title: str) -> str:
    return next(post.post_id for post in index.posts() if post.title == title)


def _plain(answer: Answer) -> Answer:
    """The answer without its trace."""
    return replace(answer, trace=None)


# ---- why there is no answer


def test_a_word_that_no_post_has_is_named(index: Index) -> None:
    """The reason quotes the words that no post has, and no others."""
    answer = index.ask(MONGOLIA)
    assert answer.status == "no_answer"
    assert answer.reason == "“capital” and “Mongolia” do not appear in these posts."
    assert answer.uncovered == ("capital", "Mongolia")


def test_what_the_nearest_quotes_do_speak_of_is_named_beside_the_unknown_word(index: Index) -> None:
    """No post has the one word, and one post has the other: the reason says both."""
    answer = index.ask("Who buried the mercury?", fast=True)
    assert answer.reason == "“buried” does not appear in these posts; the nearest quotes mention only “mercury”."
    assert "mercury" in answer.closest[0].text


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("When did the cider maker buy the harvest?", "date"),
        ("How many cider makers buy the harvest?", "number or amount"),
    ],
)
def test_a_kind_of_thing_that_the_nearest_quotes_do_not_give_is_named(strict: Index, question: str, thing: str) -> None:
    """The posts mention all of it, but no date, number, person or place of the kind asked for."""
    answer = strict.ask(question)
    assert answer.reason is not None
    assert answer.reason.startswith("The nearest quotes in these posts mention “")
    assert answer.reason.endswith(f"but give no {thing}.")


@pytest.mark.parametrize("question", ["Who put the lamp out when the buoys came?", "Who lit the oven of the bakery?"])
def test_no_kind_of_thing_is_denied_that_a_quote_below_may_give(strict: Index, question: str) -> None:
    """One of the closest quotes contains a name, so the reason does not say that there is none."""
    answer = strict.ask(question)
    assert any(name in quote.text for quote in answer.closest for name in ("Abel Finch", "Ottilie Marsh"))
    assert answer.reason is not None
    assert answer.reason.endswith("but no sentence clearly answers this.")


def test_a_known_word_that_the_nearest_quotes_lack_is_named(strict: Index) -> None:
    """The word is in another post; the reason says that the nearest quotes do not mention it."""
    answer = strict.ask("Who paints the oven of the bakery?")
    expected = "The nearest quotes in these posts mention “oven” and “bakery”, but not “paints”."
    assert answer.reason == expected
    assert answer.uncovered == ("paints",)


def test_words_that_stand_only_in_other_posts_are_distinguished_from_unknown_ones(index: Index) -> None:
    """Nothing in this post has the words of the question, although the index has them."""
    answer = index.ask("Where is the mercury?", post_id=_post(index, BAKERY), fast=True)
    assert answer.status == "no_answer"
    assert answer.reason == f"Nothing in the post “{BAKERY}” comes near this question."


@pytest.mark.parametrize("where", ["in these posts", "in this blog", "in your articles"])
def test_the_posts_that_are_asked_are_no_missing_word(index: Index, where: str) -> None:
    """Only what is asked about can be missing."""
    reason = index.ask(f"What is the tax on marmalade {where}?").reason or ""
    assert "marmalade" in reason
    assert not any(f"“{word}" in reason for word in ("posts", "blog", "articles"))


def test_a_sentence_typed_before_the_question_is_not_quoted_back(index: Index) -> None:
    """Nor what stands beside it in its place; a question that something else answers is answered."""
    typed = "Abel Finch kept the lighthouse for thirty-one years."
    refused = index.ask(f"{typed} How long did Abel Finch keep the lighthouse?")
    assert (refused.status, refused.reason) == ("no_answer", TYPED)
    answered = index.ask(f"{typed} Who opened the bakery on Tern Street?")
    assert "Ottilie Marsh" in answered.quotes[0].text
    assert answered.confidence == index.ask(OPENED).confidence


def test_all_words_near_and_still_no_answer(strict: Index) -> None:
    """If nothing else can be said, the reason says that no sentence clearly answers."""
    answer = strict.ask("What painted the tower?")
    assert (
        answer.reason
        == "The nearest quotes in these posts mention “painted” and “tower”, but no sentence clearly answers this."
    )


def test_where_no_sentence_can_be_quoted_nothing_comes_near(index: Index) -> None:
    """A post that is only a question yields no quote, and nothing is shown as closest."""
    answer = index.ask("Who painted the tower?", post_id=_post(index, "Asked at the chapel door"), always_answer=True)
    assert answer.status == "no_answer"
    assert answer.reason == "Nothing in the post “Asked at the chapel door” comes near this question."
    assert (answer.quotes, answer.closest, answer.confidence, answer.band) == ((), (), 0.0, "low")


def test_a_question_without_words_is_refused(index: Index) -> None:
    """Punctuation alone asks for nothing, even if every question is to be answered."""
    for always in (False, True):
        answer = index.ask("?! …", always_answer=always, id="p")
        assert (answer.status, answer.confidence, answer.id) == ("no_answer", 0.0, "p")
        assert answer.reason == "The question has no words to search for."


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("?! …", False),
        ("Thank you!", False),
        ("Is it?", False),
        ("Was ist das höchste Gebäude der Welt und wer hat es gebaut?", False),
        (MONGOLIA, True),
        ("Who built the mill?", True),
    ],
)
def test_an_answer_says_whether_anything_was_looked_for(index: Index, question: str, searched: bool) -> None:
    """Not if the question asks or names nothing, or is in another language; that is no word about the posts."""
    answer = index.ask(question)
    assert answer.searched is searched
    assert "searched" not in answer.to_dict()


def test_a_refusal_shows_what_came_nearest_apart_from_quotes(index: Index, strict: Index) -> None:
    """The quotes of the answer become the closest quotes once it is refused; an answer has no closest and no reason."""
    given, refused = index.ask(OPENED), strict.ask(OPENED)
    assert (given.status, refused.status) == ("answered", "no_answer")
    assert given.quotes
    assert (given.closest, given.reason) == ((), None)
    assert [quote.text for quote in refused.closest] == [quote.text for quote in given.quotes]
    assert refused.quotes == ()


# ---- several questions at once


def test_all_parts_answered(index: Index) -> None:
    """The quotes alternate, and the confidence is that of the less certain part."""
    answer = index.ask("Who opened the bakery? Who kept the lighthouse?", id="two")
    assert (answer.status, answer.id, answer.reason) == ("answered", "two", None)
    assert [part.question for part in answer.parts] == ["Who opened the bakery?", "Who kept the lighthouse?"]
    assert [part.status for part in answer.parts] == ["answered", "answered"]
    assert answer.confidence == min(part.confidence for part in answer.parts)
    assert [quote.post_title for quote in answer.quotes[:2]] == [BAKERY, LIGHTHOUSE]
    assert len({(quote.post_id, quote.start) for quote in answer.quotes}) == len(answer.quotes)


def test_one_part_answered(index: Index) -> None:
    """The answer is partial, contains the quotes of the one part, and says which part it refuses and why."""
    answer = index.ask("Who opened the bakery, and what is the capital of Mongolia?")
    assert answer.status == "partial"
    assert [part.status for part in answer.parts] == ["answered", "no_answer"]
    assert answer.quotes == answer.parts[0].quotes[:2]
    assert answer.confidence == answer.parts[0].confidence
    assert answer.closest == answer.parts[1].closest[:1]
    reason = "what is the capital of Mongolia? “capital” and “Mongolia” do not appear in these posts."
    assert answer.reason == reason


def test_no_part_answered(index: Index) -> None:
    """The reasons of all parts follow each other, each after its question."""
    answer = index.ask(f"Where is the zebra? {MONGOLIA}", fast=True)
    assert (answer.status, answer.quotes) == ("no_answer", ())
    assert answer.reason == " ".join(f"{part.question} {part.reason}" for part in answer.parts)
    assert answer.uncovered == ("zebra", "capital", "Mongolia")


# ---- follow-ups


@pytest.mark.parametrize("question", ["When was it?", "And when?", "Who else?"])
def test_a_follow_up_is_about_what_was_asked_before(index: Index, question: str) -> None:
    """A pronoun and half a sentence are about the post that answered before."""
    quotes = index.ask(question, history=[OPENED], always_answer=True).quotes
    assert quotes[0].post_title == BAKERY
    other = index.ask(question, history=["Who kept the lighthouse?"], always_answer=True).quotes
    assert other[0].post_title == LIGHTHOUSE


def test_half_a_question_gets_its_answer_only_with_the_question_before(index: Index) -> None:
    """What is refused alone is answered as a follow-up."""
    alone, after = index.ask("When?"), index.ask("When?", history=[OPENED])
    assert (alone.status, after.status) == ("no_answer", "answered")
    assert "1962" in after.quotes[0].text


def test_a_follow_up_reaches_back_over_another_follow_up(index: Index) -> None:
    """The subject is that of the last question that stands alone, not of one before it."""
    history = ["Who kept the lighthouse?", OPENED, "Why did it close?"]
    assert index.ask("And when?", history=history, always_answer=True).quotes[0].post_title == BAKERY


def test_a_new_subject_is_not_dragged_back(index: Index) -> None:
    """A question that stands alone finds its own post, without words of the previous question."""
    question = "How long do you simmer quince jam?"
    answer = index.ask(question, history=[OPENED])
    assert answer.quotes[0].post_title == "An orchard of quinces"
    assert answer.trace is not None
    assert answer.trace.query == question


def test_the_second_part_may_lean_on_the_first(index: Index) -> None:
    """A part that follows another is asked with that part as its history."""
    answer = index.ask("Who opened the bakery on Tern Street? Why did it close?")
    assert [part.quotes[0].post_title for part in answer.parts] == [BAKERY, BAKERY]
    assert "flood" in answer.parts[1].quotes[0].text


# ---- one post, and always answering


def test_one_post_alone_is_quoted(index: Index) -> None:
    """Restricted to a post, all quotes and all considered chunks come from it, even if another post answers better."""
    post_id = _post(index, LIGHTHOUSE)
    answer = index.ask(OPENED, post_id=post_id, always_answer=True)
    assert answer.trace is not None
    assert {quote.post_id for quote in answer.quotes} == {post_id}
    assert {one.post_id for one in answer.trace.considered} == {post_id}
    assert answer.confidence < index.ask(OPENED).confidence


def test_a_refusal_of_one_post_says_where_others_answer(index: Index) -> None:
    """And not if none does."""
    post_id = _post(index, LIGHTHOUSE)
    assert (index.ask("What does the cider maker buy?", post_id=post_id).reason or "").endswith(ASK_ALL)
    assert ASK_ALL not in (index.ask(MONGOLIA, post_id=post_id).reason or "")


def test_always_answer_turns_refusing_off_and_changes_nothing_else(index: Index) -> None:
    """The nearest quotes become the answer, at the confidence at which they were refused."""
    refused, given = index.ask(MONGOLIA), index.ask(MONGOLIA, always_answer=True)
    assert (refused.status, given.status) == ("no_answer", "answered")
    assert set(refused.closest) <= set(given.quotes)
    assert (given.confidence, given.band, given.uncovered) == (refused.confidence, refused.band, refused.uncovered)
    assert given.reason is None


# ---- what cannot be asked


@pytest.mark.parametrize("question", ["", "  \n\t "])
def test_an_empty_question_is_an_error(index: Index, question: str) -> None:
    """An empty question: the error says what to do."""
    with pytest.raises(InputError, match="empty") as raised:
        index.ask(question)
    assert raised.value.remedy


def test_a_question_as_long_as_a_page_is_an_error(index: Index) -> None:
    """The longest question is read, one character more is not, and the error states the limit."""
    longest = ("bakery " * 2000)[:9999] + "?"
    assert len(longest) == 10_000
    index.ask(longest, explain=False)
    with pytest.raises(InputError, match="too long") as raised:
        index.ask(longest + "?")
    assert raised.value.expected == "at most 10,000 characters"
    assert raised.value.got == "10,001"


def test_a_post_that_is_not_there_is_an_error(index: Index) -> None:
    """Restricting to an unknown post, or asking for it, names its id in the error."""
    with pytest.raises(InputError, match="no such post") as raised:
        index.ask(OPENED, post_id="nowhere")
    assert raised.value.got == "nowhere"
    with pytest.raises(InputError, match="no such post"):
        index.post("nowhere")


# ---- what an answer contains


def test_the_trace_is_kept_only_when_asked_for(index: Index) -> None:
    """It contains the query, the considered chunks with the best sentence first, and the threshold."""
    assert index.ask(OPENED, explain=False).trace is None
    trace = index.ask(OPENED, explain=True).trace
    assert trace is not None
    assert trace.query == OPENED
    assert trace.threshold_confidence == index.threshold_confidence
    scores = [one.sentence_score for one in trace.considered]
    assert scores == sorted(scores, reverse=True)
    assert trace.considered[0].outcome == "contains quote 1"
    assert _plain(index.ask(OPENED, explain=True)) == index.ask(OPENED, explain=False)


def test_the_band_is_that_of_the_confidence(index: Index) -> None:
    """High from 0.7, medium from 0.4, low below; for answers, refusals and parts alike."""
    asked = [OPENED, MONGOLIA, "How many quince trees stand on the slope?", "Who lit the oven?", "Where is the cart?"]
    answers = [index.ask(question, always_answer=True) for question in asked]
    answers.append(index.ask("Who opened the bakery? Who kept the lighthouse?"))
    for answer in answers:
        expected = "high" if answer.confidence >= 0.7 else "medium" if answer.confidence >= 0.4 else "low"
        assert answer.band == expected, answer.question
        assert 0.0 <= answer.confidence <= 1.0
    assert {answer.band for answer in answers} >= {"high", "low"}
    assert [band_of(confidence) for confidence in (0.39, 0.4, 0.69, 0.7)] == ["low", "medium", "medium", "high"]


def test_a_threshold_that_was_set_decides_and_lasts(home: Path, tmp_path: Path) -> None:
    """A question is answered at its own confidence and refused just above it; the threshold survives reopening."""
    folder = tmp_path / "index"
    shutil.copytree(home, folder)
    with open_index(folder) as index:
        sure = index.ask(OPENED).confidence
        index.set_threshold(sure, "what it is")
        assert index.ask(OPENED).status == "answered"
        index.set_threshold(min(sure + 1e-6, 1.0), "a little more")
        assert index.ask(OPENED).status == "no_answer"
        assert index.ask(OPENED).confidence == sure
    with open_index(folder) as index:
        assert index.ask(OPENED).status == "no_answer"
        assert index.threshold_confidence == min(sure + 1e-6, 1.0)
        assert index.status()["threshold_source"] == "a little more"


def test_many_questions_are_answered_as_one_by_one(index: Index) -> None:
    """In their order, with their ids and histories, and without a trace."""
    rows = [
        QuestionRow("a", OPENED),
        QuestionRow("b", "Why did it close?", (OPENED,)),
        QuestionRow("c", MONGOLIA),
        QuestionRow("d", "Who opened the bakery? Who kept the lighthouse?"),
        QuestionRow("e", "…"),
    ]
    for always in (False, True):
        alone = [
            index.ask(row.question, history=row.history, always_answer=always, explain=False, id=row.id) for row in rows
        ]
        assert list(index.ask_many(rows, always_answer=always)) == alone
        assert [answer.id for answer in alone] == ["a", "b", "c", "d", "e"]


def test_white_space_around_and_within_a_question_does_not_count(index: Index) -> None:
    """The same question with other spaces has the same answer, shown with single spaces."""
    assert _plain(index.ask("  Who opened\n the   bakery on Tern Street?\t")) == _plain(index.ask(OPENED))
