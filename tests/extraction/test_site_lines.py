"""Lines of a site are counted by posts, in parts, with the same result as a simple count."""

from __future__ import annotations

import random
import tracemalloc
from collections import defaultdict

from rag.extraction.site_lines import MIN_SITE_POSTS, MIN_SITE_SHARE, SiteLines, line_code, with_several
from rag.spools import Spools

Posts = list[tuple[str, str, list[str]]]


def _by_hand(posts: Posts) -> set[tuple[str, str]]:
    titles: dict[str, set[str]] = defaultdict(set)
    holding: dict[tuple[str, str], set[str]] = defaultdict(set)
    for site, title, lines in posts:
        titles[site].add(title)
        for line in lines:
            holding[site, line].add(title)
    return {
        (site, line)
        for (site, line), found in holding.items()
        if line and len(found) >= max(MIN_SITE_POSTS, MIN_SITE_SHARE * len(titles[site]))
    }


def test_lines_of_most_posts_are_found() -> None:
    """Of several sites, with copies under one title, empty lines, and a count in several parts."""
    found = 0
    for seed in range(20):
        chance = random.Random(seed)
        posts: Posts = [
            (
                chance.choice(["a", "b", ""]),
                f"title {chance.randrange(12)}",
                [chance.choice(["", *map(str, range(12))]) for _ in range(chance.randrange(6))],
            )
            for _ in range(seed * 3)
        ]
        with Spools(memory=5_000) as spools:
            lines = SiteLines(spools)
            for post in posts:
                lines.add(*post)
            by_hand = _by_hand(posts)
            assert lines.common() == {line_code(site, line) for site, line in by_hand}
        found += len(by_hand)
    assert found > 10


def test_codes_with_several_others() -> None:
    """Each other counts once."""
    assert with_several([1, 1, 1, 2, 2, 2, 2], [5, 5, 6, 5, 6, 6, 7], 3) == {2}
    assert with_several([], [], 1) == set()


def test_lines_are_not_held() -> None:
    """Another post takes two numbers, however many lines it has."""

    def peak(posts: int) -> int:
        tracemalloc.start()
        with Spools() as spools:
            lines = SiteLines(spools)
            for post in range(posts):
                lines.add("site", str(post), (f"{post} {line}" for line in range(40)))
            found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert (peak(2_000) - peak(1_000)) / 1_000 < 60
