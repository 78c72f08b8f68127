"""The page before the first question."""

from __future__ import annotations

from rag.records import Copy, Post
from ui.services.holdings import Holdings
from ui.views.welcome import HeapFacts, welcome


def test_sites_and_folders_are_named_and_single_files_are_not() -> None:
    """Holds: each leads to its posts in the list; a heap of loose files names none."""
    files = [f"{place}/{number}.html" for place in ("blog.example.org", "notes") for number in range(3)]
    posts = [Post(file, "T", "Text.", (Copy(file, "", ()),)) for file in files]
    sites = Holdings(posts, files).sites
    assert sites == [("blog.example.org", 3), ("notes", 3)]
    shown = welcome(HeapFacts(6, 6, sources=sites))
    assert 'data-list="source" data-value="blog.example.org"' in shown
    loose = [Post(str(number), "T", "Text.", (Copy(f"{number % 2}.txt", "", ()),)) for number in range(6)]
    assert Holdings(loose, ["0.txt", "1.txt"]).sites == []
    assert "Sources" not in welcome(HeapFacts(6, 2))
