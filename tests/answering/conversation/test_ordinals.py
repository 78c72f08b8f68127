"""Follow-ups that refer to the previous answer by number."""

from __future__ import annotations

import pytest

from rag.answering.conversation.ordinals import counted, nth_of, place_in_answer
from rag.records import Answer, ListShown, Passage, PostMatch, Quote

FERRY, MILL = (PostMatch("f" * 16, title, None, None, 1, ()) for title in ("The ferry", "The mill"))
POSTS = Answer("Which posts mention barley?", "answered", 1.0, "high", posts=(FERRY, MILL), summary="2 posts.")


def _quoted(text: str, *rest: Passage) -> Answer:
    shown = ListShown(2, 2 + len(rest), rest) if rest else None
    quote = Quote(text, "p" * 16, "A title", 1.0, 100, 100 + len(text), (), list=shown)
    return Answer("What are the steps?", "answered", 0.9, "high", (quote,))


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Who wrote the second one?", 1),
        ("Tell me more about the 3rd item", 2),
        ("And the last of them?", -1),
        ("What does the first say?", 0),
        ("Tell me about number two", 1),
        ("Who was the first one to fly?", None),
        ("When was the second edition printed?", None),
        ("When did the Second World War end?", None),
        ("What was the last post about Drupal?", None),
        ("Who came first?", None),
    ],
)
def test_numbers_in_the_previous_answer_are_distinguished_from_other_numbers(question: str, place: int) -> None:
    """Nothing else in the question says which one is meant."""
    found = place_in_answer(question)
    assert (None if found is None else found[0]) == place


def test_the_items_of_a_list_are_counted_shown_or_not() -> None:
    """In the order of the post, each named by its first words; the lead-in is not one of them."""
    answer = _quoted("Steps:\n2. Boil the quinces: for an hour\n3. Strain", Passage("1. Pick them", 90, 98, ()))
    assert [nth_of(answer, place) for place in (0, 1, 2, 3, -1)] == [
        "Pick them",
        "Boil the quinces",
        "Strain",
        None,
        "Strain",
    ]


def test_where_nothing_is_listed_the_posts_of_the_quotes_are_counted() -> None:
    """Those of an answer about posts, and those of quotes."""
    assert nth_of(POSTS, 1) == "the post “The mill”"
    assert nth_of(_quoted("Some words."), 0) == "the post “A title”"
    assert nth_of(Answer("Who?", "no_answer", 0.0, "low"), 0) is None


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Who wrote the second one?", "Who wrote the post “The mill”?"),
        ("Tell me more about the first one", "What does the post “The ferry” say?"),
        ("And the last one?", "What does the post “The mill” say?"),
        ("What was the last one?", "What does the post “The mill” say?"),
        ("Who wrote the seventh one?", None),
        ("Who rowed it?", None),
    ],
)
def test_the_thing_takes_the_place_of_its_number(question: str, meant: str | None) -> None:
    """The previous answer is only computed if a question refers to it by number."""
    assert counted(question, lambda: POSTS) == meant
