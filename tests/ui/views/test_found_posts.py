"""Posts as an answer, and how a question was understood."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.answering.question.parts import combined, refusal, unsearched
from rag.records import Answer, Location, PostMatch, Quote, Span
from ui.views.answer import Turn, render_turn
from ui.views.batch import batch_table
from ui.views.export import html_report, jsonl_report
from ui.views.found_posts import found_posts, quotes_beside, understood_line
from ui.views.markdown_export import markdown_report

HOSTILE = "<img src=x onerror=window.__xss=1>"


def test_the_posts_are_a_list_with_their_best_sentences() -> None:
    """Title, date, author and count, the sentence with the link that marks it; the rest in a fold."""
    best = Quote("It was shut.", "p0", "The gate", 1.0, 3, 15, ())
    posts = [PostMatch(f"p{n}", HOSTILE, "A. Writer", "2014-10-02", n, (), best) for n in range(15)]
    answer = Answer("Which?", "answered", 0.9, "high", posts=tuple(posts), summary="15 posts mention it.")
    made = found_posts(answer) or ""
    assert "15 posts mention it." in made
    assert "2014-10-02 · A. Writer · mentioned twice" in made
    assert made.count('href="#src=p0:3-15:3-15"') == 15
    assert "3 more posts" in made
    assert made.index("3 more posts") < made.index('start="13"')
    assert "<img" not in made


def test_a_post_without_an_author_is_known_by_its_file() -> None:
    """With an author it is not shown, because it adds nothing."""
    place = (Location("site.org/gate.html", 3, 15, "0" * 64),)
    posts = tuple(PostMatch("p1", "The gate", author, "2014-10-02", 0, place) for author in (None, "A. Writer"))
    made = found_posts(Answer("Which?", "answered", 0.9, "high", posts=posts, summary="2 posts.")) or ""
    assert "2014-10-02 · site.org/gate.html" in made
    assert "2014-10-02 · A. Writer<" in made


def test_what_was_understood_is_said() -> None:
    """The whole question, the words that were read as others, and a way to ask it as it was typed."""
    answer = Answer(
        "Who built it?",
        "answered",
        0.9,
        "high",
        understood="Who built FBOpen?",
        read_as=(("hypotecation", "hypothecation"),),
    )
    made = understood_line(answer) or ""
    assert '<em dir="auto">Who built FBOpen?</em>' in made
    assert "“hypotecation” read as “hypothecation”" in made
    assert 'data-alone="Who built it?"' in made


def test_an_answer_that_only_quotes_lists_nothing() -> None:
    """No list, no line."""
    answer = Answer("Who?", "answered", 0.9, "high")
    assert found_posts(answer) is None
    assert understood_line(answer) is None


def test_posts_as_an_answer_are_not_a_refusal_anywhere() -> None:
    """On the page, in a batch, as Markdown and as HTML the titles are there."""
    post = PostMatch("p1", "The gate", "A. Writer", "2014-10-02", 2, ())
    answer = Answer("Which posts?", "answered", 0.9, "high", posts=(post,), summary="One post mentions gates.")
    for made in (
        render_turn(Turn("Which posts?", answer, "")),
        batch_table([answer]),
        markdown_report([answer], title="t"),
        html_report([answer], title="t", post=lambda _: None),
    ):
        assert "The gate" in made
        assert "One post mentions gates." in made
        assert "Not in these posts" not in made


def test_a_sentence_is_under_its_post_or_in_a_card_and_not_in_both() -> None:
    """The first sentences of the posts are in the list; several of one post are cards below it."""
    best = Quote("It was shut.", "p0", "The gate", 1.0, 3, 15, ())
    post = PostMatch("p0", "The gate", None, None, 1, (), best)
    listed = Answer("Which?", "answered", 1.0, "high", (best,), posts=(post,), summary="One post.")
    assert quotes_beside(listed) == ()
    assert render_turn(Turn("Which?", listed, "")).count("It was shut.") == 1
    more = Quote("Nobody had the key.", "p0", "The gate", 1.0, 20, 39, ())
    told = replace(listed, quotes=(best, more))
    made = render_turn(Turn("What does it say?", told, ""))
    assert [made.count(f">{quote.text}</blockquote>") for quote in quotes_beside(told)] == [1, 1]
    assert "[2]" in made
    assert "Strong match" not in made


def test_posts_beside_a_refusal_are_introduced_and_show_what_they_share_with_the_question() -> None:
    """They are not an answer, and may have all of its words or only one, which is marked in their sentence."""
    best = Quote("It was shut.", "p0", "The gate", 1.0, 3, 15, (), covered=(Span(7, 11),))
    post = PostMatch("p0", "The gate", None, None, 1, (), best)
    made = render_turn(Turn("Q", Answer("Q", "no_answer", 0.1, "low", reason="No.", posts=(post,)), ""))
    assert made.index("Not in these posts") < made.index("Posts that come near the question:") < made.index("The gate")
    assert 'It was <span class="covered">shut</span>.' in made


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (unsearched("Q", "This asks nothing."), "Not understood"),
        (combined("Q R", [unsearched("Q", "This asks nothing."), unsearched("R", "No words.")], ""), "Not understood"),
        (combined("Q R", [unsearched("Q", "This asks nothing."), refusal("R", "No post.")], ""), "Not in these posts"),
        (refusal("Q", "“tungsten” does not appear in these posts."), "Not in these posts"),
    ],
)
def test_what_could_not_be_looked_for_is_not_called_absent(answer: Answer, named: str) -> None:
    """On the page, in a batch and in every file, nothing is said of the posts if only the question is at fault."""
    for made in (
        render_turn(Turn("Q", answer, "")),
        batch_table([answer]),
        markdown_report([answer], title="t"),
        html_report([answer], title="t", post=lambda _: None),
    ):
        assert named in made
        assert ("Not in these posts" in made) == (named == "Not in these posts")


def _quoted(number: int) -> Quote:
    return Quote(f"Sentence number {number} of it.", f"p{number}", f"Post {number}", 1.0, 0, 24, ())


def test_every_file_has_all_that_a_list_of_posts_shows_and_each_passage_under_one_number() -> None:
    """Also if it is quoted again, in the same answer or in a later one; the page shows more posts than quotes."""
    posts = tuple(PostMatch(f"p{n}", f"Post {n}", None, "2014-10-02", n, (), _quoted(n)) for n in range(1, 8))
    best = tuple(post.best for post in posts if post.best is not None)
    listed = Answer("Which?", "answered", 1.0, "high", best[:3], posts=posts, summary="7 posts mention it.")
    again = Answer("What of it?", "answered", 0.9, "high", (best[4],))
    both = [Turn("Which?", listed, ""), Turn("What of it?", again, "")]
    made = markdown_report(both, title="t")
    body, references = made.split("## References")
    assert [references.count(f"\n{n}. ") for n in range(1, 9)] == [1] * 7 + [0]
    assert [body.count(f"\\[{n}\\]") for n in range(1, 9)] == [1, 1, 1, 1, 2, 1, 1, 0]
    assert [body.split("## What of it?")[0].count(quote.text) for quote in best] == [1] * 7
    assert "Post 3, 2014-10-02, mentioned 3 times" in body
    page = html_report(both, title="t", post=lambda _: None)
    assert page.count('id="c5"') == page.count('id="q5"') == page.count('id="r5"') == 1
    assert page.count('href="#q5"') == 2
    assert "[8]" not in page
    assert all(quote.text in page for quote in best)
    assert all(quote.text in jsonl_report(both).splitlines()[0] for quote in best)


def test_files_have_what_a_refusal_and_a_fast_answer_say() -> None:
    """The nearest words with their place, the posts with the other words, what is not mentioned, and what was skipped."""
    post = PostMatch("p2", "Post 2", "A. Writer", None, 1, (), _quoted(2))
    refused = Answer(
        "Q", "no_answer", 0.1, "low", closest=(_quoted(1),), reason="No.", uncovered=("zinc",), posts=(post,)
    )
    turn = Turn("Q", refused, "", fast=True)
    for made in (markdown_report([turn], title="t"), html_report([turn], title="t", post=lambda _: None)):
        at = [
            made.index(words)
            for words in (
                "Not in these posts",
                "Nothing close by mentions “zinc”.",
                "Closest words found, not an answer:",
                "Sentence number 1 of it.",
                "“Post 1”",
                "Posts that come near the question:",
                "Post 2, A. Writer, mentioned once",
                "Sentence number 2 of it.",
                "Answered fast, without the reader",
            )
        ]
        assert at == sorted(at)
    row = json.loads(jsonl_report([turn]))
    assert (row["fast"], row["not_mentioned"]) == (True, {"Q": ["zinc"]})
