"""What speaks against a quote."""

from __future__ import annotations

import pytest

from rag.answering.question.query import query
from rag.answering.selection.unfit import against


@pytest.mark.parametrize(
    ("question", "quote", "lacks"),
    [
        ("When was the rotary ferry built?", "First came rafts. Then it was the rotary ferry.", True),
        ("When was the rotary ferry built?", "The rotary ferry was built in 1902.", False),
        ("When is the ferry repaired?", "At the end of the season.", False),
        ("How many rowers built the ferry?", "The rowers built the ferry together.", True),
        ("How many rowers built the ferry?", "Three rowers built the ferry.", False),
        ("How long is the crossing?", "A few minutes, with the tide.", False),
        ("Who built the ferry?", "The ferry was built well.", False),
    ],
)
def test_a_quote_without_a_time_or_an_amount_is_less_sure(question: str, quote: str, *, lacks: bool) -> None:
    """If that is what is asked for."""
    assert (against(query(question), quote, quote) > 0.0) == lacks


@pytest.mark.parametrize(
    ("question", "post", "lacks"),
    [
        ("Which school did Ada Moss attend?", "Ben Reed attended the school at Tern.", True),
        ("Which school did Ada Moss attend?", "Miss Moss attended the school at Tern.", False),
        ("What does Anna's Market sell?", "The shop sells tea.", True),
        ("Who runs the Harbour Editor System?", "The HES is run by rowers.", False),
        ("Who lives on Tern?", "Three rowers live on the island.", False),
    ],
)
def test_a_quote_of_a_post_that_knows_nothing_of_a_name_is_less_sure(question: str, post: str, *, lacks: bool) -> None:
    """One word alone may be put in other words, and initials stand for a name."""
    assert (against(query(question), post.split(".", maxsplit=1)[0], post) > 0.0) == lacks


def test_the_writer_of_a_post_in_the_first_person_is_not_missed() -> None:
    """Its text never gives the writer's name."""
    question, quote = query("How many loaves did Ada Penrose buy?"), "Eleven loaves were left on the shelf."
    assert against(question, quote, f"{quote} The baker waited.") > 0.0
    assert against(question, quote, f"{quote} I paid for all of them.") == 0.0


@pytest.mark.parametrize(
    ("question", "quote", "is_of_another"),
    [
        ("How old is Ada's boat house?", "The boat house cost four pounds.", True),
        ("How old is Ada's boat house?", "The boat house is ten years old.", False),
        ("How tall is Ada's door?", "The tower measures ten metres.", True),
        ("Who is Ada's brother?", "Her brother was often there.", True),
        ("When did Ada move to Tern?", "Ada moved from Tern in May.", True),
        ("Who is Ada's brother?", "Her brother, Ben Reed, was often there.", False),
    ],
)
def test_a_quote_about_another_thing_or_measure_does_not_answer(
    question: str, quote: str, *, is_of_another: bool
) -> None:
    """However sure it seems."""
    assert (against(query(question), quote, quote) > 4.0) == is_of_another


def test_a_post_without_the_thing_of_which_an_attribute_is_asked_is_less_sure() -> None:
    """Its number is of something else."""
    question, quote = query("How old is the ferry?"), "The queen is two years old."
    assert against(question, quote, quote) > against(question, quote, f"The ferry\n{quote}") == 0.0
