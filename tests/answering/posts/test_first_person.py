"""Questions that name an author, asked of the author's posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.posts.first_person import Bylines
from rag.records import PostEntry

if TYPE_CHECKING:
    from pathlib import Path

AUTHORS = ("Ida Moss", "Ida Moss", "Bo van Reed", "Max Moss", "The Weir Trust", "admin", "Will Ferris", "Jon Okafor")
ENTRIES = [
    PostEntry(f"p{at}", "A title", author, None, 9, versions=False, copies=()) for at, author in enumerate(AUTHORS)
]
TEXTS = {
    "a.md": (
        "---\nauthor: Ida Moss\n---\n# Winter\n\nI gave up on the crossword in the paper at Christmas. "
        "My shoes were wet for a week.\n"
    ),
    "b.md": (
        "---\nauthor: Bo Reed\n---\n# Spring\n\nI gave up on the piano lessons in May. The teacher had moved away.\n"
    ),
}


@pytest.mark.parametrize(
    ("question", "own", "posts"),
    [
        ("What does Ida Moss think of eels?", "What does I think of eels?", ("p0", "p1")),
        ("which eels did okafor catch?", "which eels did I catch?", ("p7",)),
        ("What is Ida's view on eels?", "What is my view on eels?", ("p0", "p1")),
        ("Where did Max eat eels?", "Where did I eat eels?", ("p3",)),
        ("where did max eat eels?", "where did I eat eels?", ("p3",)),
        ("Did Bo van Reed eat eels?", "Did I eat eels?", ("p2",)),
    ],
)
def test_an_author_is_named_in_full_or_by_a_name_that_no_other_author_has(
    question: str, own: str, posts: tuple[str, ...]
) -> None:
    """The question is then asked as the author would ask it."""
    found = Bylines(ENTRIES).named_in(question)
    assert found is not None
    assert (found.text, found.post_ids) == (own, posts)


@pytest.mark.parametrize(
    "question",
    [
        "What does Moss eat?",
        "What did Ida Reed eat?",
        "Who caught eels in Max Street?",
        "Will the river freeze?".lower(),
        "What is the Weir Trust?",
        "What does the admin do?",
        "Who is Ida?",
        "What do eels eat?",
        "",
    ],
)
def test_other_names_and_words_are_nobody_s(question: str) -> None:
    """Two authors have the name, it is part of another, it is a word or no person's, or nothing else is asked."""
    assert Bylines(ENTRIES).named_in(question) is None


def test_what_an_author_did_is_found_in_the_author_s_own_words(tmp_path: Path) -> None:
    """The text says "I" and never has the name, and another author says almost the same."""
    with index_of(TEXTS, tmp_path) as index:
        for name, thing in (("Ida", "crossword"), ("Bo Reed", "piano")):
            answer = index.ask(f"What did {name} give up on?")
            assert answer.status == "answered"
            assert thing in answer.quotes[0].text
        # only the other author writes about it
        assert index.ask("How wet were Bo's shoes?").confidence < index.ask("How wet were Ida's shoes?").confidence
        # what another says in the first person is not the author's, nor what the author says
        assert index.ask("How wet were Bo Reed's shoes?").status == "no_answer"


def test_what_an_author_says_is_not_what_another_does() -> None:
    """Unless the other quotes the author."""
    asked = Bylines(ENTRIES).named_in("What does Ida say about eels?")
    assert asked is not None
    assert asked.against("p0", "Eels are fine.") == asked.against("p7", "Ida says that eels are fine.") == 0.0
    assert 0.0 < asked.against("p7", "Eels are fine.") < asked.against("p7", "I find that eels are fine.")
    did = Bylines(ENTRIES).named_in("Where did Ida catch eels?")
    assert did is not None
    assert did.against("p7", "Eels were caught in the weir.") == 0.0
