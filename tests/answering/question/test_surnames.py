"""A person named by surname alone is found where it can be nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag.answering.question.surnames import alone_in, surname_of

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "ferry.txt": "The ferry\n\nAda Thornbury rowed the ferry for thirty years. Then Thornbury sold it to the parish. "
    "The village still tells of Thornbury’s arms. She charged a penny.\n",
    "sluice.txt": "The sluice\n\nIn a wet spring Mrs Thornbury opened the sluice by hand and saved the lower mill.\n",
    "clerk.txt": "The clerk\n\nIda Reed kept the books of the parish in green ink. Reed never lost a receipt.\n",
    "choir.txt": "The choir\n\nBo Reed sang bass in the choir until the roof came down. Reed had a cold all winter.\n",
    "pond.txt": "The pond\n\nThe reed grows tall around the pond and the ducks hide in it from the heron.\n",
}


@pytest.mark.parametrize(
    ("subject", "surname"),
    [
        ("Ada Moss", "Moss"),
        ("J. P. O'Neill", "O'Neill"),
        ("Vincent van Gogh", "Gogh"),
        ("Moss", None),
        ("the Harrow mill", None),
        ("open data", None),
        ("FOIA", None),
    ],
)
def test_the_surname_of_a_person(subject: str, surname: str | None) -> None:
    """The last of a few words with capitals."""
    assert surname_of(subject) == surname


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Ada Moss met Bob. Moss spoke.", 1),
        ("Ada Moss came. Mr Moss, MP Moss and Moss’s dog; but Moss left.", 4),
        ("Ada Moss came. The Moss report and the Moss House were read.", 0),
        ("Ada Moss came, and so did Bo Moss. Moss left.", None),
        ("Ada Moss came. The moss was wet.", None),
    ],
)
def test_a_surname_alone(text: str, times: int | None) -> None:
    """None if somebody or something else has it too."""
    found = alone_in(text, "Ada Moss", "Moss")
    assert (None if found is None else len(found)) == times


def test_mentions_by_surname_are_found(tmp_path: Path) -> None:
    """In other posts too if nobody else is called so in any; two people of one name are kept apart by their posts."""
    with index_of(TEXTS, tmp_path) as index:
        ferry, reed = index.about("Ada Thornbury"), index.about("Ida Reed")
    assert {one.post.title: len(one.quotes) for one in ferry.posts} == {"The ferry": 3, "The sluice": 1}
    assert {one.post.title: len(one.quotes) for one in reed.posts} == {"The clerk": 2}
    assert [ferry.posts[0].quotes[1].text[span.start : span.end] for span in ferry.posts[0].quotes[1].covered] == [
        "Thornbury"
    ]
