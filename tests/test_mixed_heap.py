"""The same posts as web pages and as plain text are one post each, with exact places in both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.answering.quotes.locations import locate
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.loading.formats import plain_text
from rag.loading.pages import read_pages
from rag.records import Page
from rag.text.sentences import split
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from rag.records import Post

ARCHIVES = Path(__file__).resolve().parents[2] / "shared" / "data" / "archives"

POSTS = (
    (
        "The well at the crossroads",
        "The well at the crossroads was dug in 1911 by three brothers &amp; a cousin, who had lost <em>all</em> their goats.",
        "It is forty&nbsp;metres deep, and the village still drinks from it when the pipes freeze in January.",
    ),
    (
        "The mill without a river",
        "When the river was moved, the mill stood dry, and the miller bought a <a href='/e'>steam engine</a> from a brewery.",
        "The engine ran for thirty years and burned the hedges of the whole valley, which nobody has forgotten.",
    ),
)


def _heap(folder: Path) -> tuple[list[Post], dict[str, str]]:
    pages = [page for page in read_pages([folder]) if isinstance(page, Page)]
    return merge(divide(pages))[0], {page.file: page.text for page in pages}


def _holds(posts: list[Post], texts: dict[str, str]) -> tuple[int, int]:
    """The number of sentences of posts in both forms, and of those with a place in each."""
    sentences = both = 0
    for post in posts:
        if len({copy.format for copy in post.copies}) < 2:
            continue
        for cut in split(post.text, post.chrome):
            if cut.kind == "chrome":
                continue
            quote = post.text[cut.start : cut.end]
            places = locate(post, cut.start, cut.end)
            for place in places:
                raw = texts[place.file][place.start : place.end]
                assert fold_white(plain_text(raw, place.format)) == fold_white(quote)
            sentences += 1
            both += len({place.format for place in places}) > 1
    return sentences, both


def test_a_post_in_two_forms_is_one_post_with_exact_places_in_both(tmp_path: Path) -> None:
    """Entities, emphasis and links in one, plain characters in the other; every sentence has its place in each."""
    for number, (title, first, last) in enumerate(POSTS):
        html = f"<article><h1>{title}</h1><p>{first}</p><p>{last}</p></article>"
        page = f"<html><head><title>{title}</title></head><body><nav>Home</nav>{html}</body></html>"
        (tmp_path / f"{number}.html").write_text(page, encoding="utf-8")
        text = "\n\n".join(plain_text(part, "html") for part in (title, first, last))
        (tmp_path / f"{number}.md").write_text(f"# {text}\n", encoding="utf-8")
    posts, texts = _heap(tmp_path)
    assert len(posts) == 2
    assert [sorted(copy.format for copy in post.copies) for post in posts] == [["html", "markdown"]] * 2
    sentences, both = _holds(posts, texts)
    assert sentences == both == 4


@pytest.mark.skipif(not ARCHIVES.is_dir(), reason="needs ../shared/data/archives")
def test_strangers_archives_in_both_forms() -> None:
    """Of 90 posts, at least 95 in 100 are one post with a place in either form; nearly all sentences are in both."""
    posts, texts = _heap(ARCHIVES)
    forms = [{copy.format for copy in post.copies} for post in posts]
    assert sum(len(one) > 1 for one in forms) >= 0.95 * 90
    sentences, both = _holds(posts, texts)
    assert both >= 0.95 * sentences > 3000
