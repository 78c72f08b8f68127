"""What a question asks for: its kind, its words and names, its parts, and whether it depends on the previous one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.answering.question.query import AskedFor, Query, asked_for, parts, query, query_after
from rag.text.tokens import is_stop, stems, words


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What went wrong when the weir broke?", "why"),
        ("What should one do when it rains?", "what"),
        ("How do I know when to stop?", "how"),
        ("What did people who lost their mill do?", "what"),
        ("What was the name of the person who dug it?", "who"),
        ("And when did it open?", "date"),
        ("By whom was it dug?", "who"),
    ],
)
def test_a_word_that_only_joins_on_asks_nothing(question: str, kind: str) -> None:
    """“When”, “who” and “where” after another question word do not say what kind of thing would answer."""
    assert query(question).asked_for == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many trees has the park?", "number"),
        ("What share of the staff agrees?", "number"),
        ("What does a bench cost the town?", "number"),
        ("How old is the oak?", "number"),
        ("When was the pond dug?", "date"),
        ("In which year did it open?", "date"),
        ("Tell me when the gates close", "date"),
        ("How long ago was the oak felled?", "number"),
        ("Why did the pond dry up?", "why"),
        ("How come nobody asked?", "why"),
        ("What was the reason for the delay?", "why"),
        ("Who opened the gates?", "who"),
        ("Whose idea was the pond?", "who"),
        ("Where is the oak?", "where"),
        ("Which town paid for it?", "where"),
        ("What are the steps?", "list"),
        ("Name three trees", "list"),
        ("Which conditions must be met?", "list"),
        ("How does the pump work?", "how"),
        ("In what way did the town help?", "how"),
        ("Did the pond dry up?", "yesno"),
        ("And is the oak still there?", "yesno"),
        ("What is a coppice?", "definition"),
        ("What does RHS stand for?", "definition"),
        ("What happened to the oak?", "what"),
        ("the oak", "what"),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, kind: AskedFor) -> None:
    """Each form of question says what would answer it, in capitals and lower case."""
    assert asked_for(question) == asked_for(question.upper()) == query(question).asked_for == kind


def test_the_words_of_a_question() -> None:
    """Content words once and in order, as written; names and numbers separately; grammar only in the pairs."""
    read = query("Why did the DWP’s pilots cost £4,700, and who paid for the pilots in Leeds?")
    assert read.stems == ("dwp", "pilot", "cost", "£4700", "paid", "leed")
    assert [shown for _, shown in read.shown] == ["DWP’s", "pilots", "cost", "£4,700", "paid", "Leeds"]
    assert read.names == {"dwp", "£4700", "leed"}
    assert ("the", "dwp") in read.pairs
    assert ("did", "the") not in read.pairs
    assert read.every_stem == set(stems(read.text))


def test_the_first_word_is_not_a_name_for_its_capital() -> None:
    """Only one that is all in capitals is."""
    assert query("Parks are open in Leeds?").names == {"leed"}
    assert query("“Parks are open in Leeds?").names == {"leed"}
    assert query("NHS parks are open?").names == {"nhs"}


def test_a_question_of_grammar_words_keeps_them() -> None:
    """There is always something to search for if there is any word."""
    assert query("Who is he?").stems == ("who", "is", "he")
    assert query("?!").stems == ()


def test_a_follow_up_carries_the_words_of_the_question_before() -> None:
    """Those it does not have itself, content words only."""
    own = query("What does she conclude of parks?")
    read = query_after(own, "Who is Beth Noveck of the parks office?")
    assert read.earlier == ("beth", "noveck", "offic")
    assert (read.stems, read.names, read.text) == (own.stems, own.names, own.text)


SEVERAL = [
    ("What is a coppice, and when was the oak felled?", ["What is a coppice?", "when was the oak felled?"]),
    ("Who is Beth Noveck and what does she conclude?", ["Who is Beth Noveck?", "what does she conclude?"]),
    ("What is a coppice? Who dug the pond?", ["What is a coppice?", "Who dug the pond?"]),
    ("Where is the oak; and who felled it?", ["Where is the oak?", "who felled it?"]),
    ("What did Alex say of ponds, and does the town agree?", ["What did Alex say of ponds?", "does the town agree?"]),
    (
        "When was the pond dug, and who dug it, and how deep is the pond?",
        ["When was the pond dug?", "who dug it?", "how deep is the pond?"],
    ),
    (
        "Who founded the town, and in what year did the town burn?",
        ["Who founded the town?", "in what year did the town burn?"],
    ),
]


@pytest.mark.parametrize(("question", "single"), SEVERAL)
def test_several_questions_are_parted(question: str, single: list[str]) -> None:
    """Each part is a question of its own, in order, in its own words."""
    assert parts(question) == single


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What is a leat, when was it dug, and who dug it?",
            ["What is a leat?", "when was it dug?", "who dug it?"],
        ),
        (
            "How do I join; what does it cost and where is the office?",
            ["How do I join?", "what does it cost?", "where is the office?"],
        ),
        ("Was the pond dug? Did it get money? How much?", ["Was the pond dug?", "Did it get money? How much?"]),
        ("List the ponds. Who dug them?", ["List the ponds.", "Who dug them?"]),
        (
            "What did the parish, which is chaired by a miller, find and when was it founded?",
            ["What did the parish, which is chaired by a miller, find?", "when was it founded?"],
        ),
    ],
)
def test_three_questions_are_three_parts(question: str, expected: list[str]) -> None:
    """Only the last of several has an “and”; a clause after a comma is not a question."""
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What do policy makers and practitioners want?",
        "How did health and social care change?",
        "When and where was the oak felled?",
        "Who said what and why?",
        "What is the difference between who and whom?",
        "What is the relation between what we do and how we feel?",
        "Does the author explain what culture is and how it changes?",
        "In what year and by whom was the town founded?",
        "Is culture hard, or is it soft?",
        "What are the pros and cons of a pond?",
        "Which is better, tea or coffee, and why?",
        "Who wrote “What is culture? And who cares?”",
        "Should it, and would it, and could it?",
        "What happened in 1997, and in 2003?",
        "What U.S. law is it?",
        "Rock and roll",
        "?? and ??",
    ],
)
def test_one_question_is_not_parted(question: str) -> None:
    """An “and” inside a question does not split it."""
    assert parts(question) == [question]


# text as people type and paste it, and texts made of the very words that the rules look for
TYPED = st.text(max_size=200) | st.lists(
    st.sampled_from([*"?;,.“”'( \n\t\0", " and ", " or ", "who", "what ", "is ", "it ", "Why", "1990", "İ", "\u0301"]),
    max_size=40,
).map("".join)


@given(TYPED, st.none() | TYPED)
@example("??? and ???", "")
@example("and who and who and who", "and who?")
@example("\ud800 who? \U0010ffff and who?", "\x00")
def test_any_text_can_be_read(text: str, before: str | None) -> None:
    """Whatever is typed: no error, parts in its own words, stems of its own."""
    read = query_after(query(text), before or "")
    assert isinstance(read, Query)
    assert set(read.stems) <= read.every_stem == set(stems(text))
    assert read.names <= set(read.stems)
    assert not set(read.earlier) & set(read.stems)
    assert [root for root, _ in read.shown] == list(read.stems)
    assert all(shown in text for _, shown in read.shown)
    found = parts(text)
    assert found == [text] or all(part.removesuffix("?") in text for part in found)
    if found != [text]:
        assert all(any(not is_stop(word) for word in words(part)) for part in found)
        assert [part for whole in found for part in parts(whole)] == found


def test_how_to_answer_is_not_a_question_of_its_own() -> None:
    """It belongs to the question before."""
    assert parts("What are the rules? List all") == ["What are the rules?"]
    assert len(parts("What are the rules? List the fees")) > 1
