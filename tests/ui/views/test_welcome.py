"""The page before the first question."""

from __future__ import annotations

from made_heaps import Held

from rag.records import Copy, Post
from ui.services.holdings import Holdings
from ui.views.welcome import HeapFacts, welcome


def test_sites_and_folders_are_named_and_single_files_are_not() -> None:
    """Holds: each leads to its posts in the list; a heap of loose files names none."""
    files = [f"{place}/{number}.html" for place in ("blog.example.org", "notes") for number in range(3)]
    posts = [Post(file, "T", "Text.", (Copy(file, "", ()),)) for file in files]
    sites = Holdings(Held(posts, files)).sites
    assert sites == [("blog.example.org", 3), ("notes", 3)]
    shown = welcome(HeapFacts(6, 6, sources=sites))
    assert 'data-list="source" data-value="blog.example.org"' in shown
    loose = [Post(str(number), "T", "Text.", (Copy(f"{number % 2}.txt", "", ()),)) for number in range(6)]
    assert Holdings(Held(loose, ["0.txt", "1.txt"])).sites == []
    assert "Sources" not in welcome(HeapFacts(6, 2))


def test_topics_that_are_still_being_found_do_not_hold_up_the_page() -> None:
    """The first look says so in their place, and is drawn again when they are there."""
    assert "finding-topics" in welcome(HeapFacts(6, 2, topics=None))
    assert "finding-topics" not in welcome(HeapFacts(6, 2, topics=[("bread", 3)]))
    assert "Topics" not in welcome(HeapFacts(6, 2, topics=[]))
