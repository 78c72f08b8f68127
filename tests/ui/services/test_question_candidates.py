"""Questions made from the words of posts: clear without their posts, and about what the heap is about."""

from __future__ import annotations

import pytest

from rag.records import Post
from ui.services.question_candidates import candidate_questions


def asked(*posts: tuple[str, str]) -> list[str]:
    """The questions made from posts with these titles and texts."""
    made = [Post(f"p{number}", title, text, ()) for number, (title, text) in enumerate(posts)]
    return [one.question for one in candidate_questions(made)]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "Hypothecation is a way of raising a tax for one purpose alone. Few like hypothecation.",
            "What is hypothecation?",
        ),
        ("The National Beekeeping Federation (NBF) met. It was cold.", "What does NBF stand for?"),
        ("About 70% of bakers are early risers by habit. Ask them.", "What share of bakers are early risers by habit?"),
        ("The Abbey mill was founded by monks in 1820 and sold.", "When was the Abbey mill founded?"),
        (
            "There are four reasons for the fall of the mill. First, rain.",
            "What are the four reasons for the fall of the mill?",
        ),
    ],
)
def test_a_question_is_made_of_the_words_of_a_post(text: str, question: str) -> None:
    """For a definition, an abbreviation, a figure, a date, a person and a list."""
    assert question in [one.question for one in candidate_questions([Post("p1", "T", text, ())])]


@pytest.mark.parametrize(
    "text",
    [
        "About 75% of the posts I read are long. Sigh.",
        "Ask how.\n\nWhat should we do about my hens?\n\nNothing.",
    ],
)
def test_what_only_its_writer_can_ask_is_no_question(text: str) -> None:
    """Holds: "the posts I read" are nobody's who looks at the heap."""
    assert candidate_questions([Post("p1", "T", text, ())]) == []


def test_a_name_keeps_its_capital_unless_the_post_writes_it_small() -> None:
    """Holds: at the beginning of every sentence, nothing but a small letter elsewhere tells a word from a name."""
    text = "Narnia is a land of talking beasts that few have seen. Narnia is cold."
    (found,) = candidate_questions([Post("p1", "T", text, ())])
    assert found.question == "What is Narnia?"


def test_a_title_that_asks_is_asked_and_one_that_points_is_not() -> None:
    """Headings in question form are used as they are; "two parts of this" has no subject of its own."""
    posts = [
        Post("p1", "What is a wicked issue?", "Well.", ()),
        Post("p2", "T", "The two parts of this idea are old.", ()),
    ]
    assert [one.question for one in candidate_questions(posts)] == ["What is a wicked issue?"]


def test_shares_and_measures_are_not_things_to_list() -> None:
    """Nobody asks what the two thirds of a sum are, or the six months of a wait."""
    text = "Two thirds of that came from the town. It took six long months of waiting for the roof."
    assert candidate_questions([Post("p1", "T", text, ())]) == []
    named = "There are two good reasons for baking at night."
    (one,) = candidate_questions([Post("p1", "T", named, ())])
    assert one.question == "What are the two good reasons for baking at night?"


def test_a_person_is_asked_about_whom_posts_are_about() -> None:
    """Named in a title, or again and again in several posts; otherwise quoted by one."""
    text = "We heard Lara Norris, the head of the allotment society, speak. Norris is for hens. Lara Norris left."
    assert asked(("Hens", text)) == []
    assert asked(("Hens", text), ("Bees", f"{text} The bees were late.")) == ["Who is Lara Norris?"]
    assert asked(("A talk with Lara Norris", text)) == ["Who is Lara Norris?"]


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("How to Bake Rye Bread at Home", "How do you bake rye bread at home?"),
        ("Why Slow Ovens Matter", "Why do slow ovens matter?"),
        ("The Benefits of Slow Ovens", "What are the benefits of slow ovens?"),
        ("Are Slow Ovens Worth the Wait?", "Are slow ovens worth the wait?"),
        ("7 Tips for Baking in Slow Ovens", "What are the 7 tips for baking in slow ovens?"),
    ],
)
def test_a_title_becomes_a_question_as_one_writes_it(title: str, question: str) -> None:
    """Holds: in small letters, but for what the posts write with a capital."""
    text = "We bake rye bread at home, in slow ovens that are worth the wait, and give tips for baking."
    assert question in asked((title, text))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("T", "The last one was published by the town in 2016. So was the last one before it."),
        ("T", "The booklet was published by the town in 2016. Read the booklet."),
        ("T", "Preparedness Report, an annual list. The Report is long. Preparedness Report is read. A report, then."),
        ("T", "Then came Rene Coty, the president of the day. Rene Coty is not spoken of again."),
        ("T", "In November, the first frost came. November is cold. We like November."),
        ("T", "Gen Zers, the young, came. All Gen Zers are late. Gen Zers, they say, sleep."),
        ("T", "The tool is a way of cutting bread that few have seen. The tool cuts."),
        ("T", "About 70% of respondents said that bread is dear."),
        ("T", "There are two items of bread are meaningless."),
        ("T", "What does the launch mean?\n\nMuch.\n\nHow to bake?\n\nSlowly."),
        ("T", "Show the top 10 elements of the list of loaves."),
        ("T", "Which bread oven is better?\n\nThe second."),
        ("What did bakers do before ovens?", "What was baked and sold?\n\nBread."),
    ],
)
def test_what_only_a_reader_of_its_post_understands_is_not_asked(title: str, text: str) -> None:
    """No pronoun, "one" or "the" without what it means, nobody named in passing, no report taken for a person."""
    found = asked((title, text))
    assert found == ([title] if title.endswith("?") else [])


def test_what_most_posts_are_about_is_asked_first() -> None:
    """Holds: the subject of three posts comes before that of one, and no question is there twice."""
    said = "is a way of baking bread that few have ever seen."
    posts = [("Snow", f"Snowbread {said} Snowbread keeps.")]
    posts += [(f"Rye {number}", f"Ryebread {said} All like ryebread. Ryebread keeps.") for number in range(3)]
    posts += [(f"Other {number}", "A mill stood there.") for number in range(30)]
    assert asked(*posts) == ["What is ryebread?", "What is Snowbread?"]
