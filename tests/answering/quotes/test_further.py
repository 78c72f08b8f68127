"""A request for more adds quotes to the previous answer instead of repeating it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.heaps import Heaps
from rag.answering.quotes.further import LISTED, asks_more

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

ABOUT = "What do beavers do to the river?"
TEXT = """Beavers come back

The beavers built a dam across the river at Tarn Bridge. They felled forty willows on the north bank.

Below the dam the river runs clear again. Beavers dig canals from the river to their food.

Trout now spawn in the pools that beavers made. Two farmers say that beavers flooded their lower fields.

Nobody has counted how many beavers live on the river. The county pays for fences round old oaks.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index of one post with many sentences about the same thing."""
    folder = tmp_path_factory.mktemp("further")
    (folder / "pages").mkdir()
    (folder / "pages" / "beavers.txt").write_text(TEXT, encoding="utf-8")
    build_index([folder / "pages"], into=folder / "index")
    with open_index(folder / "index", fast=True) as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "More",
        "tell me more",
        "And the others?",
        "Anything else?",
        "show me some more",
        "go on",
        "explain",
        "Can you explain that?",
        "What do you mean by that?",
        "more details please",
    ],
)
def test_a_request_for_more_is_known(question: str) -> None:
    """In any wording that names nothing."""
    assert asks_more(question)


@pytest.mark.parametrize("question", ["Tell me more about tea", "Who else?", "How many more?", "What else did he say?"])
def test_a_question_with_a_subject_is_no_request_for_more(question: str) -> None:
    """Nor is one for somebody else."""
    assert not asks_more(question)


def test_more_adds_quotes_until_there_are_none(index: Index) -> None:
    """Each time others; then it says that there are no more."""
    history, shown = [ABOUT], {(quote.start, quote.end) for quote in index.ask(ABOUT, always_answer=True).quotes}
    for _ in range(6):
        answer = index.ask("More", history=history, always_answer=True)
        if not answer.quotes:
            break
        assert answer.understood == ABOUT
        assert all(end <= quote.start or quote.end <= start for quote in answer.quotes for start, end in shown)
        shown |= {(quote.start, quote.end) for quote in answer.quotes}
        history.append("More")
    assert len(history) > 1
    assert answer.status == "no_answer"
    assert answer.reason == "No further sentence of these posts is near this question."


LISTS = (
    "Which posts mention a lock?",
    "Which posts do not mention a heron?",
    "What was posted in 2011?",
    "Tell me more about the rain",
)


@pytest.fixture(scope="module")
def locks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Heaps]]:
    """An index of thirty posts about locks, and the same asked together with another of fifteen."""
    folder = tmp_path_factory.mktemp("locks")
    for name, count in (("one", 30), ("two", 15)):
        (folder / name).mkdir()
        for number in range(count):
            text = f"# Lock {number} of canal {name}\n2011-{number % 12 + 1:02}-{number % 28 + 1:02}\n\n"
            text += f"The lock number {number} of canal {name} was opened by {number + 2} keepers in the rain.\n"
            (folder / name / f"{number}.md").write_text(text, encoding="utf-8")
        build_index([folder / name], into=folder / f"index-{name}")
    with open_index(folder / "index-one", fast=True) as opened, open_index(folder / "index-two", fast=True) as other:
        yield opened, Heaps([opened, other])


@pytest.mark.parametrize("question", LISTS)
@pytest.mark.parametrize("together", [False, True])
def test_more_of_a_list_of_posts_are_the_next_posts(
    locks: tuple[Index, Heaps], question: str, *, together: bool
) -> None:
    """From the first that was not shown, until it says that there are none; also of several indexes together."""
    asked = locks[together]
    whole = asked.ask(question)
    assert len(whole.posts) == (45 if together else 30)
    history = [question]
    for start in range(LISTED, len(whole.posts), LISTED):
        answer = asked.ask("More", history=history)
        assert [post.post_id for post in answer.posts] == [post.post_id for post in whole.posts[start:]]
        assert (answer.summary or "").endswith(f"These are posts {start + 1} to {len(whole.posts)}.")
        assert answer.understood == question
        assert {quote.post_id for quote in answer.quotes} <= {post.post_id for post in answer.posts}
        history.append("More")
    answer = asked.ask("Any others?", history=history)
    assert (answer.quotes, answer.posts) == ((), ())
    assert (answer.summary or "").startswith("There is nothing further to list. ")


def test_more_of_a_list_that_was_shown_whole_says_so(index: Index) -> None:
    """It neither repeats the list nor its sentences."""
    answer = index.ask("More", history=["Which posts are about beavers?"])
    assert (answer.quotes, answer.posts) == ((), ())
    assert answer.summary == "There is nothing further to list. 1 post is about “beavers”."


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("What is the oldest post?", "The oldest post is “Lock 0 ", "The next oldest post is “Lock 12 "),
        ("What are the two newest posts?", "The newest posts are “Lock 23 ", "The next newest posts are “Lock 22 "),
        ("What are these posts about?", "30 posts, dated", "30 posts, dated"),
    ],
)
def test_more_of_the_first_of_many_are_the_next_ones(
    locks: tuple[Index, Heaps], question: str, first: str, second: str
) -> None:
    """The newest, the oldest, and those that stand for all."""
    answer, more = locks[0].ask(question), locks[0].ask("More", history=[question])
    assert (answer.summary or "").startswith(first)
    assert (more.summary or "").startswith(second)
    assert not {post.post_id for post in answer.posts} & {post.post_id for post in more.posts}


def test_more_of_what_a_post_says_are_its_other_sentences(index: Index) -> None:
    """Until it has no more."""
    question = "What does the post “Beavers come back” say?"
    answer, more = index.ask(question), index.ask("More", history=[question])
    assert answer.quotes
    assert more.quotes
    assert not {quote.start for quote in answer.quotes} & {quote.start for quote in more.quotes}
    last = index.ask("More", history=[question, "More", "More"])
    assert last.reason == "The post “Beavers come back” has no further sentence that can be quoted."
