"""Differences are shown in whole words, with the words around them; joined, they restore both texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.records import Change
from rag.text.word_diff import word_diff

WORDS = st.lists(st.sampled_from(["one", "two", "three", "oak", "elm", "U.S.", "10%", "isn’t"]), max_size=30)


def test_a_changed_word_is_between_the_words_around_it() -> None:
    """Whole words, not letters: 1911 for 1912 is shown as such."""
    left = "The well at the crossroads was dug in 1911 by three brothers who lost goats."
    assert word_diff(left, left.replace("1911", "1912")) == (
        Change("crossroads was dug in", "1911", "1912", "by three brothers who"),
    )


def test_white_space_is_not_a_difference() -> None:
    """Line breaks and kinds of spaces may differ."""
    assert word_diff("one two\n\nthree", "one\xa0two three") == ()


def test_neighbouring_changes_read_as_one() -> None:
    """Two changes with one word between them are one place."""
    (change,) = word_diff("it was a cold day in May", "it was a warm day of May")
    assert (change.removed, change.added) == ("cold day in", "warm day of")


@given(WORDS, WORDS)
def test_nothing_is_left_out(left: list[str], right: list[str]) -> None:
    """Every word that one side has more often is in what was removed or added."""
    changes = word_diff(" ".join(left), " ".join(right))
    removed = [word for change in changes for word in change.removed.split()]
    added = [word for change in changes for word in change.added.split()]
    kept = list(left)
    for word in removed:
        kept.remove(word)
    assert sorted(kept + added) == sorted(right)


def test_two_texts_without_a_word_in_common_are_one_change() -> None:
    """All of the one for all of the other; nothing for nothing."""
    assert word_diff("", "") == ()
    assert word_diff("", "new words") == (Change("", "", "new words", ""),)
