"""Questions about one thing of a kind, answered by what is said of others."""

from __future__ import annotations

import pytest

from rag.answering.conversation.follow_ups import Understood, understand
from rag.answering.question.siblings import asked_sibling, says_of_siblings


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Does the Weir app work on iPhones?", "platform"),
        ("Is the mill open on Sundays?", "day"),
        ("Is the guide available in French?", "language"),
        ("Who speaks French?", None),
        ("Did the French build it?", None),
        ("Does the app cost anything?", None),
    ],
)
def test_one_of_a_kind_is_asked_about(question: str, kind: str | None) -> None:
    """By a question to be answered with yes or no."""
    found = asked_sibling(question)
    assert (found and found.kind) == kind


def test_a_sentence_says_for_which_of_a_kind_a_thing_is_there() -> None:
    """And not only names one."""
    assert says_of_siblings("The app is available for Android.", "platform")
    assert says_of_siblings("The mill is open from Monday to Friday.", "day")
    assert not says_of_siblings("Android is a word.", "platform")


def test_the_same_about_a_sibling_is_still_about_the_thing() -> None:
    """An answer must be about EyeNote, whether or not it names Android."""
    found = understand("And Android?", [Understood("Does EyeNote work on the iPhone?")])
    assert (found.text, found.subject) == ("Does EyeNote work on Android?", ("eyenot",))
