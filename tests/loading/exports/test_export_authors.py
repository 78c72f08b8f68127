from __future__ import annotations

import json

import pytest

from rag.loading.exports.export_authors import authors_of

DATA = {
    "posts": [{"id": 1, "title": "Mill"}, {"id": 2, "title": "Ferry", "author_id": "b"}],
    "users": [{"id": "a", "name": "Jo Smith"}, {"id": "b", "name": "Ann Lee"}, {"id": "c"}],
    "posts_authors": [
        {"post_id": 1, "author_id": "a"},
        {"post_id": 1, "author_id": "b"},
        {"post_id": 3, "author_id": "x"},
    ],
}


@pytest.mark.parametrize("export", [{"db": [{"data": DATA}]}, {"data": DATA}, DATA])
def test_the_tables_of_ghost(export: object) -> None:
    """Several authors in order, or the one that a post of an older version names; None if nobody is known."""
    authors = authors_of(json.dumps(export))
    assert (authors.of(1, None), authors.of(2, "b"), authors.of(3, "x"), authors.of(None, None)) == (
        "Jo Smith, Ann Lee",
        "Ann Lee",
        None,
        None,
    )


def test_the_head_of_a_json_feed() -> None:
    """It goes with every post."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "Jo Smith"}], "items": []}
    assert authors_of(json.dumps(feed)).of("1", None) == "Jo Smith"


@pytest.mark.parametrize("text", ["", "[1]", '{"users": ', '{"users": 3, "db": [4, {"data": []}]}', '{"text": "x"}'])
def test_other_files_have_none(text: str) -> None:
    """Also broken ones."""
    assert authors_of(text).of("1", "a") is None
