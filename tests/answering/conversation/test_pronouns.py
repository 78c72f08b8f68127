"""Pronouns of a follow-up are replaced by what they stand for in the questions before."""

from __future__ import annotations

import pytest

from rag.answering.conversation.follow_ups import Understood, understand


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        ("How many people came to the San Remo fair?", "Who spoke there?", "Who spoke at the San Remo fair?"),
        ("Who was the first mayor of Larkfield?", "Was he elected?", "Was the first mayor of Larkfield elected?"),
        ("Why did the mayor resign?", "Who replaced her?", "Who replaced the mayor?"),
        ("What problems did the VA have with mail?", "How did they solve them?", "How did the VA solve the problems?"),
        ("Did the council approve the plan?", "Who opposed it?", "Who opposed the plan?"),
        ("When did the bike shop open?", "Who runs it?", "Who runs the bike shop?"),
        ("How does the seed library work?", "Who set it up?", "Who set the seed library up?"),
        ("Who owns the land?", "Do they rent it out?", "Do they rent the land out?"),
        ("What did the GAO report find?", "Who wrote that?", "Who wrote the GAO report?"),
        ("How fast is ripgrep?", "Is it faster than ag?", "Is ripgrep faster than ag?"),
        ("Where is the Harrow mill?", "How far is that from here?", "How far is the Harrow mill from here?"),
        ("What is rustup?", "Who maintains it?", "Who maintains rustup?"),
        ("Who are the wolves?", "Where do they live?", "Where do the wolves live?"),
        ("What does the author think of haste?", "What's wrong with it?", "What's wrong with haste?"),
        ("Who pays for care according to the Tories?", "And who pays for it now?", "Who pays for care now?"),
        ("What does the author say about UKIP?", "Is he right?", "Is the author right?"),
        ("What is cloud.gov?", "Why did they build it?", "Why did they build cloud.gov?"),
        ("What is the bridge levy?", "Does he like it?", "Does he like the bridge levy?"),
        ("What is Ada Moss’s plan?", "Does she like it?", "Does Ada Moss like the plan?"),
        ("What is a seed?", "How does it grow?", "How does the seed grow?"),
        ("When was Ada Moss’s office established?", "Where is it?", "Where is Ada Moss’s office?"),
        ("Which is faster, Ruby or Python?", "Who made the latter?", "Who made Python?"),
        ("Summarize the post On Tea", "Who wrote it?", "Who wrote the post On Tea?"),
        ("Who was given the task of mapping the weir?", "How did he do it?", "How did he do the task?"),
        ("What share of time is spent on mobile?", "Is it growing?", "Is time growing?"),
        (
            "Where does the phrase “dark traffic” come from?",
            "What does it mean?",
            "What does the phrase “dark traffic” mean?",
        ),
        ("What is a wicked issue?", "Who coined the term?", "Who coined the term (wicked issue)?"),
        (
            "What reasons are given against the levy?",
            "and what are the reasons for it?",
            "What are the reasons for the levy?",
        ),
        ("What does the post about tea say?", "When was it published?", "When was the post about tea published?"),
    ],
)
def test_a_pronoun_stands_for_what_was_named(before: str, question: str, understood: str) -> None:
    """A person, a place, several things or one."""
    assert understand(question, [Understood(before)]).text == understood


def test_he_is_who_was_asked_for_not_what_was_founded() -> None:
    """Also one question later."""
    first = Understood("Who founded Larkfield?")
    second = understand("When?", [first])
    assert understand("Where did he live?", [first, second]).text == "Where did he live (Larkfield)?"


def test_it_stays_the_same_thing() -> None:
    """Through several follow-ups, though others are named beside it."""
    first = Understood("What is rustup?")
    second = understand("How do I install it on Windows?", [first])
    assert second.text == "How do I install rustup on Windows?"
    assert understand("Is it free?", [first, second]).text == "Is rustup free?"


def test_nothing_is_put_in_where_nothing_was_named() -> None:
    """A question about nothing is not repeated."""
    assert understand("Who runs it?", [Understood("When did it launch?")]).text == "Who runs it?"


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("Is it safe to open a battery pack?", "Is it safe to open a battery pack?"),
        ("Would it be legal for a school to keep bees?", "Would it be legal for a school to keep bees?"),
        ("Is it safe to open its lid?", "Is it safe to open the smoker’s lid?"),
        ("Is it safe to use indoors?", "Is the smoker safe to use indoors?"),
        ("Is it used to calm the bees?", "Is the smoker used to calm the bees?"),
    ],
)
def test_it_is_no_thing_where_an_action_is_judged(question: str, understood: str) -> None:
    """In "Is it safe to open a battery?", "it" is the opening; in "Is it safe to use?" it is what was named."""
    assert understand(question, [Understood("Who invented the smoker?")]).text == understood
