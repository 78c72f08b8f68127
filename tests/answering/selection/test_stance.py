"""What speaks for a thing and what against it, in questions and in posts."""

from __future__ import annotations

import pytest

from rag.answering.selection.stance import asked_stance, is_of_other_stance, stance_at
from rag.records import Sentence
from rag.text.sentences import split

TEXT = (
    "A levy has pros and cons. The reasons given for it include:\n\n- trust\n- no drawback for the poor\n\n"
    "The cons are plain. They include:\n\n- tied hands\n- slow review\n\n"
    "Downsides\n\nMoney is lost. It goes to clerks.\n"
)
ROWS = [
    Sentence("p", number, one.start, one.end, 0, one.kind, one.lead_in, one.paragraph, one.marker_start)
    for number, one in enumerate(split(TEXT))
]


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("What reasons are given against the levy?", "against"),
        ("What arguments are made in favour of the levy?", "for"),
        ("What is the case for a levy?", "for"),
        ("Cons of the levy", "against"),
        ("The counter-argument is that the levy is slow.", "against"),
        ("What are the downsides of a levy?", "against"),
        ("What are the benefits of a levy?", "for"),
        ("What are the advantages and disadvantages of a levy?", None),
        ("What are the reasons for and against a levy?", None),
        ("What does the levy pay for?", None),
        ("Which levies have no drawbacks?", None),
    ],
)
def test_the_side_that_a_question_asks_about(question: str, side: str | None) -> None:
    """None if it asks about both, or about neither."""
    assert asked_stance(question) == side


def test_an_item_is_on_the_side_of_its_lead_in() -> None:
    """Even if the lead-in only points back to the sentence that says so, and whatever the item itself mentions."""
    sides = {TEXT[row.start : row.end]: stance_at(TEXT, ROWS, place) for place, row in enumerate(ROWS)}
    assert sides["A levy has pros and cons."] == {"for", "against"}
    assert sides["trust"] == sides["no drawback for the poor"] == {"for"}
    assert sides["They include:"] == sides["slow review"] == {"against"}
    assert sides["Money is lost."] == sides["It goes to clerks."] == {"against"}


def test_the_other_side_is_told_from_both() -> None:
    """A sentence that names both is not on the other one."""
    found = [TEXT[row.start : row.end] for at, row in enumerate(ROWS) if is_of_other_stance("Pros?", TEXT, ROWS, at)]
    assert found[0] == "The cons are plain."
    assert not any(is_of_other_stance("Who pays?", TEXT, ROWS, at) for at in range(len(ROWS)))
