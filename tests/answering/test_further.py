"""A request for more adds quotes to the previous answer instead of repeating it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.further import asks_more

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
    "question", ["More", "tell me more", "And the others?", "Anything else?", "show me some more", "go on"]
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


def test_more_of_a_list_of_posts_is_about_its_subject(index: Index) -> None:
    """A list of posts is whole, so it has no further part."""
    answer = index.ask("More", history=["Which posts are about beavers?"])
    assert answer.understood == "Tell me more about beavers"
