"""Questions who may take part, and the sentences that say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.question.taking_part import asks_who_may, says_who_may

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Can anyone attend the fair?", True),
        ("Who can use the ferry?", True),
        ("And who is eligible to vote?", True),
        ("Is the tower open to visitors?", True),
        ("Can I still register for the race?", True),
        ("Who can I ask about the ferry?", False),
        ("Who used the ferry?", False),
        ("Can a hen fly?", False),
        ("Is the tower open?", False),
    ],
)
def test_who_may_is_asked_in_several_forms(question: str, *, asks: bool) -> None:
    """But who did is a question for a name."""
    assert asks_who_may(question) == asks


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("All members of the guild, new or old, are welcome to join.", True),
        ("The ferry is open for business.", True),
        ("Only residents may vote.", True),
        ("If you’re interested in rowing it, write to the keeper.", True),
        ("You need not row well.", False),
        ("The fair opened in May.", False),
    ],
)
def test_what_says_for_whom_a_thing_is(text: str, *, says: bool) -> None:
    """In words of leave or of invitation."""
    assert says_who_may(text) == says


FAIR = {
    "fair.md": "# The rowing fair\n\nYou do not need to row well to take part. The fair is on the river. "
    "Residents and visitors, old or young, are welcome to join.\n"
}


def test_the_sentence_that_says_who_may_comes_first(tmp_path: Path) -> None:
    """Another is as near to the question in its words and meaning."""
    with index_of(FAIR, tmp_path) as index:
        answer = index.ask("Can anyone attend the rowing fair?", always_answer=True, fast=True)
    assert "Residents and visitors" in answer.quotes[0].text
