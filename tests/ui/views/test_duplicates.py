"""The Posts tab's account of duplicates: each merged copy with why and what differs, and nothing obeyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from makers import make_post

from rag.records import Change, Dropped, Merge, Variant
from ui.services.index_holder import Shelf
from ui.services.page_calls import PageCalls
from ui.views.duplicates import DuplicateAccounts, duplicates

if TYPE_CHECKING:
    from pathlib import Path

    from rag.answering.engine import Index


def test_every_merged_copy_of_the_listed_posts(seed_home: Path, seed_index: Index) -> None:
    """Each file as often as copies of it were merged, kind and share in words, the differing words marked."""
    shelf = Shelf(seed_home)
    try:
        shown = PageCalls(shelf)({"picture": True})
    finally:
        shelf.close()
    merges = seed_index.merges()
    assert shown.count("the same words") == sum(merge.kind == "exact" for merge in merges)
    assert shown.count("of the word shingles shared") == sum(merge.kind == "near" for merge in merges)
    assert len(re.findall(r"<del>|<ins>", shown)) >= sum(merge.kind == "near" for merge in merges)
    assert "never-merge ID ID" in shown
    assert "menus, boilerplate and captions, never quoted" in shown


def test_versions_and_hostile_words() -> None:
    """A version is shown with what differs; a page's mark-up stays text."""
    bad = "<img src=x onerror=alert(1)>"
    one = make_post("dug in 1911", title=bad, post_id="a" * 16, variants=(Variant("b" * 16, "1911", "1912"),))
    other = make_post("dug in 1912", title=bad, post_id="b" * 16)
    merge = Merge(one.post_id, bad, "decided", 0.5, text_id="c" * 16, changes=(Change(bad, bad, bad, bad),))
    accounts = DuplicateAccounts(
        {one.post_id: [merge]}, {made.post_id: made for made in (one, other)}, [Dropped(bad, "outside", 1, 1, bad)]
    )
    shown = duplicates([one, other], accounts)
    assert "<img" not in shown
    assert "<del>1911</del>" in shown
    assert "<ins>1912</ins>" in shown
    assert "50% of the word shingles shared, decided in duplicates.txt" in shown
