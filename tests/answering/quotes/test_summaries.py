"""The line of a post that says who wrote it."""

from __future__ import annotations

import pytest

from rag.answering.quotes.summaries import _CREDIT


@pytest.mark.parametrize("line", ["By Ada Moss", "by: Ada Moss", "This post was written for the parish by Ada Moss."])
def test_a_credit_is_known(line: str) -> None:
    """By its form."""
    assert _CREDIT.search(line)


@pytest.mark.parametrize("line", ["By following these steps, anybody can row.", "The weir was built by hand."])
def test_a_sentence_about_something_else_is_no_credit(line: str) -> None:
    """Though it has the word."""
    assert not _CREDIT.search(line)
