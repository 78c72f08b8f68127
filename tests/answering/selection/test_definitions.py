"""Which questions want something explained, and which sentences explain it."""

from __future__ import annotations

import pytest

from rag.answering.selection import definitions
from rag.answering.selection.definitions import explains, subject_of


@pytest.mark.parametrize(
    ("question", "subject", "wish"),
    [
        ("What is hypothecation?", "hypothecation", "what"),
        ("what's a dry dock", "dry dock", "what"),
        ("Who is Ada Moss?", "Ada Moss", "who"),
        ("What does HTA stand for?", "HTA", "meaning"),
        ("define hypothecation", "hypothecation", "meaning"),
        ("What does TideCam do?", "TideCam", "does"),
        ("TideCam", "TideCam", "what"),
    ],
)
def test_a_question_for_an_explanation_names_its_subject(question: str, subject: str, wish: str) -> None:
    """In all forms of the question, down to a bare name."""
    found = subject_of(question)
    assert found is not None
    assert (found.text, found.wish) == (subject, wish)


@pytest.mark.parametrize(
    "question",
    [
        "What is the deadline for agencies to switch?",
        "What is the latest version?",
        "Who is the mayor?",
        "What is it?",
        "Who built the mill?",
        "What is the record price of a loaf?",
        "Who is speaking?",
        "who's responsible",
    ],
)
def test_a_question_for_a_fact_names_none(question: str) -> None:
    """A phrase with "of" or "for", or with a superlative, asks for a fact, not for an explanation."""
    assert subject_of(question) is None


@pytest.mark.parametrize(
    ("question", "explaining", "mentioning"),
    [
        ("What is TideCam?", "TideCam is a camera that watches the harbour.", "We have big plans for TideCam."),
        ("What is TideCam?", "We built TideCam, a camera for the harbour.", "TideCam was new then."),
        ("What is TideCam?", "TideCam is a camera that counts boats.", "TideCam is a joy, they say."),
        ("Who is Ada Moss?", "Ada Moss, keeper of the ferry, spoke.", "Then Ada Moss spoke."),
        ("What does HTA stand for?", "The Harbour Trust Act (HTA) passed.", "HTA is a law of the sea."),
        ("What does HTA stand for?", "HTA (Harbour Trust Act) passed.", "Horses (HTA) ran."),
        ("What is HTA?", "A Harbour Trust Act (HTA) is a law of the sea.", "HTA was read at noon."),
        ("What is an LTO?", "It needs an approval known as a “licence to operate,” or LTO.", "The LTO came late."),
        ("What does LTO stand for?", "It has a licence to operate (LTO).", "Its LTO came late."),
        (
            "What is the Weir Council?",
            "Since then the Weir Council has been a forum for boats.",
            "The Weir Council met.",
        ),
        ("Who is Ada Moss?", "My former colleague Ada Moss spoke.", "— Ada Moss"),
        ("Who is Ada Moss?", "Ada Moss joined the ferry in May.", "Ada Moss: Tell me, who are you?"),
        ("Who is Ada Moss?", "Ada Moss: clerk at the quay", "Ada Moss: We like it here."),
        ("Who is Ada Moss?", "Ask Ada Moss, Harbour Master, Tern Island.", "Ask Ada Moss, Bo Reed, Cy Lund."),
        ("Who is Ada Moss?", "Ada Moss* (ferry clerk): We like it here.", "Ada Moss*: We like it here."),
        ("What is TideCam?", "TideCam is a camera.", "TideCam is also a joy."),
        ("What is coppicing?", "Read on about coppicing. It is a way to cut trees.", "Coppicing. It rained."),
        ("Who is the Harbour Clerk?", "Write to the Harbour Clerk, Jo Reed.", "Write to the Harbour Clerk, please."),
        ("What are dry docks?", "Dry docks are deep basins that can be drained.", "Dry docks are late again."),
        ("dry dock", "Dry dock: a basin that can be drained.", "The dry dock leaked."),
        ("What does PLOT stand for?", "The Public Land Office Trust (PLOT) met.", "The plot is a garden of roses."),
    ],
)
def test_a_sentence_that_explains_is_distinguished_from_one_that_mentions(
    question: str, explaining: str, mentioning: str
) -> None:
    """The level of the first is above that of the second."""
    subject = subject_of(question)
    assert subject is not None
    assert explains(explaining, subject) >= 3.0
    assert explains(explaining, subject) > explains(mentioning, subject)


def test_no_pattern_is_compiled_for_a_text_without_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling the patterns of a new name takes longer than the rest of the answer."""

    def never(_: object) -> tuple[()]:
        raise AssertionError("compiled")

    subject = subject_of("What is TideCam?")
    assert subject is not None
    assert explains("A TIDECAM is a camera.", subject) >= 3.0
    monkeypatch.setattr(definitions, "_forms", never)
    assert explains("The harbour is a place where boats lie.", subject) == 0.0


def test_saying_what_a_thing_is_hardly_says_what_its_letters_mean() -> None:
    """The long form is far ahead."""
    subject = subject_of("What does HTA stand for?")
    assert subject is not None
    said = explains("HTA is a law that counts boats.", subject)
    assert 0.0 < 3.0 * said < explains("The Harbour Trust Act (HTA) passed.", subject)
