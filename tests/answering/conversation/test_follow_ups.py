"""Follow-ups get their subject; questions that stand alone are left as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.conversation.follow_ups import Understood, of_topic, understand


@pytest.mark.parametrize(
    ("before", "question", "understood", "subject"),
    [
        ("What is FBOpen?", "Who built it?", "Who built FBOpen?", ("fbopen",)),
        ("Who is Beth Noveck?", "What is her job?", "What is Beth Noveck’s job?", ("beth", "noveck")),
        ("When was the mill built?", "Why?", "Why was the mill built?", ()),
        ("What does the Harrow app do?", "What about Larkfield?", "What does Larkfield do?", ("larkfield",)),
        (
            "Who opened the bakery on Tern Street?",
            "Why did it close?",
            "Why did the bakery on Tern Street close?",
            None,
        ),
        ("What is FBOpen?", "No, I meant RID", "What is RID?", ("rid",)),
        ("Who dug the ponds?", "How deep are they?", "How deep are the ponds?", ("pond",)),
        ("Which laptop survived the flood?", "Who owned it?", "Who owned the laptop that survived the flood?", ()),
        ("Who runs the #Mill chats?", "How long are they?", "How long are the chats?", None),
        ("Who runs the #Mill chats?", "When did it begin?", "When did the #Mill chats begin?", ("mill",)),
        ("When did the Weir Trust sell it?", "Where is it?", "Where is the Weir Trust?", ("weir", "trust")),
        ("When did World War I begin?", "When did it end?", "When did World War I end?", ("world", "war")),
        ("Tell me about Federalist", "And who can use it?", "Who can use Federalist?", ("federalist",)),
        ("Who rowed the ferry?", "When?", "When was the ferry rowed?", ()),
        (
            "What is FOIA?",
            "How long do agencies have to answer it?",
            "How long do agencies have to answer FOIA?",
            ("foia",),
        ),
        # a year says when: it is nothing that a pronoun stands for and not what an answer must be about
        ("How many people came in 2013?", "How much did they pay?", "How much did the people pay?", ("peopl",)),
        ("How many people came to Tern in 2013?", "And in 2014?", "How many people came to Tern in 2014?", ()),
        # what is named, with where it is
        ("What is TED at the U.S. Weir Survey?", "Who runs it?", "Who runs TED at the U.S. Weir Survey?", None),
        ("What is the U.S. Weir Survey?", "Who runs it?", "Who runs the U.S. Weir Survey?", None),
        ("What is ITP?", "How long do cookies last under it?", "How long do cookies last under ITP?", ("itp",)),
    ],
)
def test_a_follow_up_gets_its_subject(
    before: str, question: str, understood: str, subject: tuple[str, ...] | None
) -> None:
    """In place of the pronoun or the gap."""
    found = understand(question, [Understood(before)])
    assert found.text == understood
    assert subject is None or found.subject == subject
    assert (found.earlier, found.changed) == (before, True)
    assert found.swapped == ("about" in question or "meant" in question)


@pytest.mark.parametrize(
    "question",
    ["What is hypothecation?", "Who founded the city of Rome?", "Drupal", "What did Google say when it moved?"],
)
def test_a_question_that_stands_alone_is_never_changed(question: str) -> None:
    """Whatever was asked before."""
    assert understand(question, [Understood("What does he think of Clegg?")]) == Understood(question)


def test_the_subject_of_another_follow_up_is_handed_on() -> None:
    """A chain of follow-ups keeps its subject."""
    first = Understood("What is FBOpen?")
    second = understand("Who built it?", [first])
    assert understand("When?", [first, second]).subject == ("fbopen",)


def test_where_no_phrase_fits_the_topic_is_named_beside_the_question() -> None:
    """The pronoun "his" means the writer, whom the question does not name."""
    found = understand("What is his job?", [Understood("Who wrote the report on openFDA?")])
    assert found.text == "What is his job (report, openFDA)?"
    assert found.subject == ("openfda",)


@given(st.text(max_size=80), st.text(max_size=80))
def test_anything_can_be_said(before: str, question: str) -> None:
    """No text raises an error, and no empty question is asked."""
    found = understand(question, [Understood(before)])
    assert found.text.strip() or not question.strip()


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Which towns joined?", "Which towns joined (Day of Boats)?"),
        ("How many people take part?", "How many people take part (Day of Boats)?"),
        ("What is a use case?", None),
        ("Who founded Rome?", None),
        ("How do agencies choose the words of a form?", None),
        ("boats harbour", None),
    ],
)
def test_a_short_question_may_have_the_topic_of_the_one_before(question: str, about: str | None) -> None:
    """But not one that names something, or asks what something is."""
    found = of_topic(question, [Understood("What is the Day of Boats?")])
    assert (None if found is None else found.text) == about
    assert of_topic(question, []) is None
