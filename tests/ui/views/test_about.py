"""Everything said about a thing: what the button names, and what it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answering.posts.mentions import Mentions, PostMentions
from rag.records import Answer, Post, Quote, Span
from ui.views.about import MAX_SENTENCES, about_panel, about_subject

HOSTILE = "<img src=x onerror=window.__xss=1>"


def _answer(question: str, *texts: str, understood: str | None = None) -> Answer:
    quotes = tuple(Quote(text, "p", "Title", 1.0, 0, len(text), ()) for text in texts)
    return Answer(question, "answered", 0.9, "high", quotes, understood=understood)


@pytest.mark.parametrize(
    ("answer", "subject"),
    [
        (_answer("Who built FBOpen for small firms?", "FBOpen was built by 18F."), "FBOpen"),
        (_answer("Who are change agents?", "A change agent asks why."), "change agents"),
        (_answer("Who built it?", "FBOpen was built by 18F.", understood="Who built FBOpen?"), "FBOpen"),
        (_answer("Who keeps the lighthouse?", "It rained."), None),
        (_answer("Why?", "It rained."), None),
        (_answer("How many bees are there?"), None),
        (_answer("What does culture change mean?", "Culture change is slow."), "culture change"),
        (_answer("What is hypothecation?", "Hypothecation ties a tax to a service."), "hypothecation"),
        (_answer("What did the term “dark traffic” become?", "Dark traffic became a word."), "dark traffic"),
        (_answer("What is the Access to Elected Fund for?", "The Access to Elected Fund pays."), None),
        (_answer("Where was the fair on Saturday?", "On Saturday the fair was in Hull."), None),
        (_answer("How much was raised in 2016/17?", "In 2016/17, a lot was raised."), None),
        (_answer("What are the three broad areas of the plan?", "The plan has three broad areas."), None),
        (_answer("Who did much of the work on the new roof?", "The work on the new roof was hers."), None),
        (_answer("Which polling expert thought minds were made up?", "Minds were made up."), None),
    ],
)
def test_the_subject_is_what_question_and_quotes_name(answer: Answer, subject: str | None) -> None:
    """A name first, in whatever form the quotes have it, also for a follow-up; nothing that is in no quote."""
    assert about_subject(answer) == subject


def test_a_refusal_has_no_subject() -> None:
    """The posts below it have some word of the question, but that is not a subject to read about."""
    refused = replace(_answer("How deep is the lake?", "A deep lake."), status="no_answer")
    assert about_subject(refused) is None


def _mentions(count: int) -> Mentions:
    posts = []
    for number in range(count):
        post = Post(f"p{number}", HOSTILE, "The gate was shut.", (), date="2014-10-02")
        quotes = tuple(
            Quote("The gate was shut.", post.post_id, "", 1.0, 0, 18, (), covered=(Span(4, 8),)) for _ in "ab"
        )
        posts.append(PostMentions(post, quotes))
    return Mentions("gate", ("gate", "portal"), tuple(posts))


def test_every_sentence_is_under_its_post_with_its_place() -> None:
    """Counted, numbered, other names shown, the words marked, titles as text."""
    made = str(about_panel(_mentions(2)))
    assert "4 sentences in 2 posts, oldest first" in made
    assert "Also called portal" in made
    assert made.count('href="#src=p1:0-18:0-18"') == 2
    assert made.count('<span class="covered">gate</span>') == 4
    assert "[4]" in made
    assert "<img" not in made


def test_of_very_many_the_first_are_shown_and_the_rest_counted() -> None:
    """The page stays small, and says where all of them can be found."""
    made = str(about_panel(_mentions(MAX_SENTENCES)))
    assert made.count("<blockquote") == MAX_SENTENCES
    assert f"{MAX_SENTENCES} more." in made
