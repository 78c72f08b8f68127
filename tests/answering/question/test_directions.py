"""Where something moves to, and where from."""

from __future__ import annotations

import pytest

from rag.answering.question.directions import goes_the_other_way


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("When did we move to Tern?", True),
        ("Why did they move the archive to Tern?", True),
        ("When did we move from Weir?", True),
        ("When did we move to Weir?", False),
        ("When did we move from Tern?", False),
        ("When did we move to Hull?", False),
        ("Who is from Weir?", False),
        ("When did we move?", False),
    ],
)
def test_what_leaves_a_place_does_not_go_there(question: str, *, other: bool) -> None:
    """And the other way round; a text that does not name the place says nothing."""
    assert goes_the_other_way(question, "In May we moved from Tern to Weir.") == other


def test_a_text_with_both_directions_is_left_alone() -> None:
    """Somebody came back."""
    assert not goes_the_other_way("When did Ada move to Tern?", "She moved from Tern in May and back to Tern in June.")
