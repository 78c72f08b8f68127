"""Groups of posts about one thing, each named by the words its posts share, found by counting words."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rag.text.tokens import STOP_WORDS
from ui.services.folded_texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["LEAST_CHARS", "MANY_POSTS", "MAX_TOPICS", "Named", "Topic", "spread", "terms", "topics_of"]

# Topics shown. An estimate: two lines of the page, which can be read at a glance.
MAX_TOPICS = 14

# A topic is a minority of the heap, and more than one post. Of 800 posts, two about potato chips are no group: with
# fewer than one in 200, a third of the topics of 870 posts had two to eight.
MAX_SHARE = 0.4
MIN_SHARE = 0.005
MIN_POSTS = 2

# A word that is in the same pair of words in this share of its posts is replaced by the pair: "social care".
MOST = 0.6

# Posts read to find topics: this many, spread over a larger heap, give the same ones, and 25,000 would take seconds.
MANY_POSTS = 1_500

# Characters read in total, and the minimum from each post, whose beginning says what it is about.
MAX_CHARS = 1_500_000
LEAST_CHARS = 400

# Two topics that share more of their posts than this are one.
MAX_OVERLAP = 0.5

# a name with dots inside is one word: "Data.gov"
_WORD = re.compile(r"[^\W\d_][\w’'-]+(?:\.[^\W\d_][\w’'-]+)*|[.!?;:,()\n]")
_BREAKS = frozenset(".!?;:,()\n")


class Named(Protocol):
    """The parts of a post that say what it is about."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def text(self) -> str:
        """Its text."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A name and the numbers of its posts, in the order of the index."""

    name: str
    posts: frozenset[int]


def topics_of(posts: Sequence[Named]) -> list[Topic]:
    """The topics of at most ``MANY_POSTS`` posts, the largest first; empty if they share no words."""
    held, shown, worth = _counted(posts)
    ranked = sorted(worth, key=lambda key: (-worth[key], key))
    pairs: dict[str, list[str]] = {}
    for pair in (key for key in ranked if " " in key):
        for word in pair.split():
            pairs.setdefault(word, []).append(pair)
    chosen: list[Topic] = []
    for key in ranked:
        numbers = held[key]
        if any(_alike(key, numbers, topic) for topic in chosen):
            continue
        name = max((pair for pair in pairs.get(key, ()) if len(held[pair]) >= MOST * len(numbers)), default=key)
        chosen.append(Topic(shown[name].most_common(1)[0][0], frozenset(numbers)))
        if len(chosen) == MAX_TOPICS:
            break
    return sorted(chosen, key=lambda topic: (-len(topic.posts), topic.name))


def spread(topics: Sequence[Topic], beginnings: Iterable[tuple[bytes, bytes]]) -> list[Topic]:
    """The topics of a sample of a heap, with all its posts that name them in the title or twice at the beginning.

    ``beginnings`` are the title and the beginning of the text of each post of the heap, as `folded_texts.folded`.
    """
    named = [(topic.name, folded(topic.name), set[int]()) for topic in topics]
    for number, (title, head) in enumerate(beginnings):
        for _, name, numbers in named:
            if name in title or head.count(name) > 1:
                numbers.add(number)
    found = [Topic(name, frozenset(numbers)) for name, _, numbers in named if len(numbers) >= MIN_POSTS]
    return sorted(found, key=lambda topic: (-len(topic.posts), topic.name))


def _counted(posts: Sequence[Named]) -> tuple[dict[str, set[int]], dict[str, Counter[str]], dict[str, float]]:
    """For each word or pair: the posts about it, how texts write it, and its score as a topic."""
    most = max(MAX_CHARS // max(len(posts), 1), LEAST_CHARS)
    held: dict[str, set[int]] = {}
    shown: dict[str, Counter[str]] = {}
    titled: Counter[str] = Counter()
    said: Counter[str] = Counter()
    posts_with: Counter[str] = Counter()
    for number, post in enumerate(posts):
        counts: Counter[str] = Counter()
        for key, _ in terms(post.title):
            titled[key] += 1
            counts[key] += 2  # the subject of a post is in its title, or repeated
        for key, surface in terms(post.text[:most]):
            counts[key] += 1
            if key in titled:
                shown.setdefault(key, Counter())[surface] += 1
        said.update(counts)
        posts_with.update(counts.keys())
        for key in (key for key, count in counts.items() if count > 1):
            held.setdefault(key, set()).add(number)
    floor, ceiling = (max(len(posts) * share, MIN_POSTS) for share in (MIN_SHARE, MAX_SHARE))
    worth = {
        # words of a subject come in bursts, often wherever they occur at all; common words do not
        key: len(numbers) * math.log(len(posts) / len(numbers)) * (said[key] / posts_with[key] - 1) ** 2
        for key, numbers in held.items()
        if floor <= len(numbers) <= ceiling and titled[key] >= MIN_POSTS and key in shown
    }
    return held, shown, worth


def _alike(key: str, numbers: set[int], topic: Topic) -> bool:
    shared = len(numbers & topic.posts)
    words = set(key.split()) & {_key(word) for word in topic.name.casefold().split()}
    return bool(words) or shared > MAX_OVERLAP * min(len(numbers), len(topic.posts))


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Content words and pairs of neighbouring ones: the key shared by all forms, and the form."""
    before: tuple[str, str] | None = None
    for match in _WORD.finditer(text):
        surface = match[0].removesuffix("’s").removesuffix("'s")
        word = surface.casefold()
        if word in _BREAKS or word in STOP_WORDS or len(word) < 3:  # noqa: PLR2004 - shorter words name nothing
            before = None
            continue
        key = _key(word)
        yield key, surface
        if before is not None:
            yield f"{before[0]} {key}", f"{before[1]} {surface}"
        before = key, surface


def _key(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 4 else word  # noqa: PLR2004
