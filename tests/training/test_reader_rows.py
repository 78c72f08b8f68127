"""The questions that the reader is trained on are about posts that nothing is measured on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import tables
from reader_rows import OUR_HEAPS, OURS, is_held_out, our_rows, twins
from sources import post_rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [json.loads(line) for line in OURS.read_text(encoding="utf-8").splitlines()]
# posts of ../shared/data/blogs that the dev questions are about
DEV = range(800, 890)


def test_every_row_says_what_it_asks_of_which_post() -> None:
    """Kind, source and offsets are what the script expects."""
    for row in ROWS:
        assert row["kind"] in {"para", "plain", "wide", "def", "none"}
        assert row["source"] in OUR_HEAPS
        assert row.get("round", 1) in {1, 2, 3, 4}
        assert (row["kind"] == "none") == (not row["evidence"]), row["question"]
        assert all(0 <= start < end <= row["length"] for start, end in row["evidence"]), row["question"]


def test_no_question_is_asked_twice() -> None:
    """A question counts once."""
    assert len({row["question"] for row in ROWS}) == len(ROWS)


def test_posts_that_are_measured_on_are_left_out() -> None:
    """Neither the dev posts, nor those kept for the tables of weights."""
    numbers = {row["post"] for row in ROWS if row["source"] == "blogs"}
    assert not [post for post in numbers if int(post[:3]) in DEV or is_held_out(post)]
    posts = json.loads((tables.HERE / "posts.json").read_text(encoding="utf-8"))
    ours = {row["post"] for row in ROWS if row["source"] == "govblog-all"}
    assert not ours & {*posts["a"]["govblog-all"], *posts["b"]["govblog-all"]}


def test_posts_of_the_govblog_ruler_are_left_out() -> None:
    """The 600 pages that the gate asks are others."""
    pages = tables.DATA / "govblog" / "pages"
    if not pages.is_dir():
        pytest.skip("../shared/data is not beside the project")
    measured = {_beginning(path.read_text(encoding="utf-8")) for path in pages.iterdir()}
    named = list({row["post"] for row in ROWS if row["source"] == "govblog-all"})
    ours = {_beginning(post.page) for post in post_rows("govblog-all.jsonl.gz", "id", "text", named).values()}
    assert len(measured) > 500
    assert not ours & measured


def _beginning(page: str) -> str:
    """Title and first words: what no two posts share."""
    return " ".join(page.split())[:300]


def test_evidence_is_read_from_the_posts_themselves(tmp_path: Path) -> None:
    """Each post has a page of its own, and the evidence of its questions is on it."""
    if not tables.DATA.is_dir():
        pytest.skip("../shared/data is not beside the project")
    found = our_rows(tmp_path)
    assert sum(map(len, found.values())) == len(ROWS)
    for heap in ("govblog-all", "squad11_train"):
        for row in found[heap][::50]:
            page = (tmp_path / heap / str(row["about"])).read_text(encoding="utf-8")
            assert all(piece in page for piece in row["evidence"])


def test_twins_ask_two_things_of_one_text() -> None:
    """One is answered there and the other is not, and no question stands twice."""
    if not tables.DATA.is_dir():
        pytest.skip("../shared/data is not beside the project")
    found = twins(1, 60)
    assert len(found) == 120
    assert len({question for question, _ in found}) == 120
    for (_, answered), (_, near) in zip(found[::2], found[1::2], strict=True):
        assert answered.right
        assert not near.right
        assert (answered.title, answered.text, answered.sentences) == (near.title, near.text, near.sentences)
    assert twins(1, 60) == found
