"""The words of a heap of posts: how many posts are about each, and whether it is a name."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from ui.services.topics import terms

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HeapWords", "content_words"]

# Share of the posts that may contain a word that is explained: nobody asks what "data" is where every post has it.
MAX_SHARE = 0.2
# Words of a subject come in bursts, three and more to a post; other words come once or twice.
MAX_BURST = 2.0
# A word is no name if it is written small half as often as with a capital, which it has in titles and at beginnings.
MIN_SMALL = 0.5


class HeapWords:
    """What the posts are about: words and pairs of words, each with the number of posts about it."""

    def __init__(self, posts: Iterable[tuple[str, str]]) -> None:
        """``posts`` are the title and the text of each."""
        self._posts = 0
        self._about: Counter[str] = Counter()
        self._held: Counter[str] = Counter()
        self._said: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._large: Counter[str] = Counter()
        for title, text in posts:
            self._posts += 1
            counts: Counter[str] = Counter()
            for key, _ in terms(title):
                counts[key] += 2  # the subject of a post is in its title, or repeated
            for key, surface in terms(text):
                counts[key] += 1
                if " " not in key:
                    (self._small if surface.islower() else self._large)[surface.casefold()] += 1
            self._held.update(counts.keys())
            self._said.update(counts)
            self._about.update(key for key, count in counts.items() if count > 1)

    def about(self, subject: str) -> int:
        """The number of posts about a subject of one word or a few."""
        return min((self._about[key] for key in _keys(subject)), default=0)

    def worth(self, subject: str) -> float:
        """How much the posts are about a subject; what most of them are about says little."""
        return min(map(self._worth_of, _keys(subject)), default=0.0)

    def _worth_of(self, key: str) -> float:
        posts = self._about[key]
        if not posts:
            return 0.0
        burst = min(self._said[key] / self._held[key] - 1, MAX_BURST)
        return burst * math.log(1 + posts) * math.log((self._posts + 1) / posts)

    def is_everywhere(self, subject: str) -> bool:
        """Whether so many posts contain a subject that it needs no explanation."""
        most = max(MAX_SHARE * self._posts, 2)
        return min((self._held[key] for key in _keys(subject)), default=0) > most

    def is_word(self, word: str) -> bool:
        """Whether the posts often write a word in small letters, as they write no name."""
        key = word.casefold()
        return self._small[key] > 0 and self._small[key] >= MIN_SMALL * self._large[key]

    def is_name(self, word: str) -> bool:
        """Whether the posts never write a word in small letters."""
        return self._small[word.casefold()] == 0


def content_words(text: str) -> list[str]:
    """The words of a text that say what it is about."""
    return [key for key, _ in terms(text) if " " not in key]


def _keys(subject: str) -> list[str]:
    """The pairs of words of a subject, or its only word."""
    keys = [key for key, _ in terms(subject)]
    return [key for key in keys if " " in key] or keys
