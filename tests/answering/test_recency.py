"""Words that ask for the newest state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag import build_index, open_index
from rag.answering.recency import without_now

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("When does the library open now?", "When does the library open?"),
        ("What is the latest version of the app?", "What is version of the app?"),
        ("Who is currently the keeper?", "Who is the keeper?"),
        ("Who kept the lighthouse?", None),
        ("What is known of Nowak?", None),
    ],
)
def test_the_words_are_taken_out(question: str, bare: str | None) -> None:
    """Whole words only."""
    assert without_now(question) == bare


VERSIONS = {
    "one.md": "# Quill 1.0\nMay 3, 2012\n\nToday we launch the Quill editor, Quill 1.0, a new version of our editor for everyone.\n",
    "three.md": "# The spring call\nMarch 2, 2017\n\nPeople asked how to fold pages. The beta of Quill 3.0, the editor's next version, begins in October.\n",
    "talk.md": "# A talk\nApril 9, 2018\n\nThe Quill editor was shown at the fair, and people liked the Quill editor.\n",
}


def test_of_posts_without_a_date_the_highest_version_is_the_latest(tmp_path: Path) -> None:
    """As numbers, not as text: 1.10 comes after 1.9."""
    texts = {f"{at}.md": f"# Quill 1.{at}\n\nQuill 1.{at} is a version of the Quill editor.\n" for at in (2, 9, 10)}
    with index_of(texts, tmp_path) as index:
        answer = index.ask("What is the latest version of the Quill editor?", always_answer=True, fast=True)
    assert "Quill 1.10" in answer.quotes[0].text


def test_the_latest_version_is_the_one_that_the_newest_post_names(tmp_path: Path) -> None:
    """Though an older post says better that it is a version, and a newer one names none."""
    (tmp_path / "pages").mkdir()
    for name, text in VERSIONS.items():
        (tmp_path / "pages" / name).write_text(text, encoding="utf-8")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index", fast=True) as index:
        answer = index.ask("What is the latest version of the Quill editor?", always_answer=True)
    assert "Quill 3.0" in answer.quotes[0].text
