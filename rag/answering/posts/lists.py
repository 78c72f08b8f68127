"""The posts of an index by title, author, date and subject."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from rag.answering.posts.first_person import Bylines
from rag.answering.posts.forms import NEWEST, OLDEST
from rag.answering.posts.mentions import PostMentions, find_mentions, names_in
from rag.answering.question.word_lookup import posts_with
from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.answering.posts.questions import PostsQuestion
    from rag.records import PostEntry
    from rag.store.protocols import Snapshot

__all__ = ["PostLists", "first_by_date", "frequent_words", "mainly_about", "order_of"]

# sentences about a thing from which a post counts as about it, even if its title does not name it
_MIN_ABOUT = 3
# share of a title's words that may be missing from a name for the post
_MIN_TITLE_SHARE = 0.6
# up to this many sites, their names are looked for in questions
MAX_SITES = 1_000
_ORDER = re.compile(rf"(?:very\s+)?(?:(?P<newest>{NEWEST})|{OLDEST})", re.IGNORECASE)
_NAME_PART = re.compile(r"[^\W_]+")  # words and numbers in the name of a file


class PostLists:
    """Selects posts; safe to use from several threads."""

    def __init__(self, store: Snapshot) -> None:
        self._store = store

    @cached_property
    def entries(self) -> tuple[PostEntry, ...]:
        """Every post, newest first, undated ones last."""
        found = self._store.entries()
        found.sort(key=lambda one: one.title)
        found.sort(key=lambda one: one.date or "", reverse=True)
        return tuple(found)

    def newest(self) -> str | None:
        """The date of the newest post."""
        return self.entries[0].date if self.entries else None

    @cached_property
    def bylines(self) -> Bylines:
        """The people who wrote the posts."""
        return Bylines(self.entries)

    def chosen(self, asked: PostsQuestion) -> list[PostEntry] | None:
        """The posts of the author, source and dates asked for; None if nobody of that name wrote any.

        Also None if no file has a name like the source, and no author.
        """
        found = [one for one in self.entries if asked.dates is None or asked.dates.holds(one.date)]
        if asked.source:
            saved = {one.post_id for one in self.saved_as(asked.source)}
            if saved:
                return [one for one in found if one.post_id in saved]
        if not (author := asked.author or asked.source):
            return found
        wanted = frozenset(_content(author))  # "from Ada Moss" may name the author, too
        authors = {
            one for one in {entry.author for entry in self.entries} if one and wanted <= frozenset(_content(one))
        }
        return [one for one in found if one.author in authors] if wanted and authors else None

    def saved_as(self, source: str, *, whole: bool = False) -> list[PostEntry]:
        """The posts on the pages of a file, folder or site; unless ``whole``, part of its name is enough.

        A page saved from a site is usually named after it; for posts without an author, nothing else is known.
        """
        name = source.casefold()
        wanted = set(_NAME_PART.findall(name))

        def is_meant(file: str) -> bool:
            path = file.casefold()
            return name in (path, *path.split("/")) if whole else wanted <= set(_NAME_PART.findall(path))

        return [one for one in self.entries if wanted and any(map(is_meant, (*one.files, *one.sites)))]

    def site_named_in(self, question: str) -> tuple[str, int, int] | None:
        """The site to which a question restricts its answer, and the span of the words that do so.

        The name must be written as the site writes it: "according to Quay Weekly".
        """
        found = self._sites.search(question) if self._sites is not None else None
        return (found["site"], *found.span()) if found is not None else None

    @cached_property
    def _sites(self) -> re.Pattern[str] | None:
        names = {site for one in self.entries for site in one.sites}
        if not 1 < len(names) <= MAX_SITES:
            return None
        listed = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.compile(
            rf"(?:(?<!\s)\s++)?,?\b(?:on|from|according\s+to)\s+(?:the\s+)?[“\"‘']?(?P<site>{listed})(?!\w)[”\"’']?,?"
        )

    def speaking_of(self, subject: str, among: Collection[str]) -> list[PostMentions]:
        """The posts that mention a subject, those with most mentions first."""
        found = find_mentions(self._store, subject, among).posts
        if not found and " but not " in subject:
            wanted, unwanted = subject.split(" but not ", maxsplit=1)
            barred = {one.post.post_id for one in self.speaking_of(unwanted, among)}
            return [one for one in self.speaking_of(wanted, among) if one.post.post_id not in barred]
        if not found and " or " in subject:
            several = [self.speaking_of(one, among) for one in subject.split(" or ")]
            found = tuple({one.post.post_id: one for some in several for one in some}.values())
        elif not found and " and " in subject:
            first, *rest = (self.speaking_of(one, among) for one in subject.split(" and "))
            others = [{one.post.post_id for one in some} for some in rest]
            found = tuple(one for one in first if all(one.post.post_id in ids for ids in others))
        return sorted(found, key=lambda one: (-len(one.quotes), one.post.date is None, one.post.title))

    def about(self, subject: str, among: Collection[str]) -> list[PostMentions]:
        """The posts about a subject; those that mention it if there are none."""
        return mainly_about(subject, self.speaking_of(subject, among))

    def few_about(self, subject: str, most: int) -> list[PostEntry]:
        """The posts about a subject, those with it in the title first; none if there are too many."""
        found = self.about(subject, {one.post_id for one in self.entries}) if subject else []
        ids = [one.post.post_id for one in found]
        named = [one.post.post_id for one in found if names_in(one.post.title, subject)]
        kept = ids if len(ids) <= most else named if len(named) <= most else []
        return sorted((one for one in self.entries if one.post_id in kept), key=lambda one: one.post_id not in named)

    def only_with(self, subject: str) -> list[PostEntry]:
        """The only post with all words of a subject, somewhere in its text or title; none if there are several."""
        ids = posts_with(self._store, _content(subject))
        return [one for one in self.entries if [one.post_id] == ids]

    def first_dated(self, order: Literal["newest", "oldest"]) -> list[PostEntry]:
        """The newest or the oldest post, with all others of its day; none if no post has a date."""
        dated = [one for one in self.entries if one.date]
        return first_by_date(dated if order == "newest" else dated[::-1], 1) if dated else []

    def called(self, title: str) -> list[PostEntry]:
        """The posts with exactly this title; none if it is a single word, which may be the name of anything."""
        wanted = _content(title)
        return [one for one in self._naming(wanted) if _content(one.title) == wanted] if len(wanted) > 1 else []

    def titled(self, name: str) -> list[PostEntry]:
        """The posts with this title, or with all its words in the title; the most similar title first."""
        wanted = _content(name)
        if not wanted:
            return []
        found = []
        for one in self._naming(wanted):
            title = _content(one.title)
            found.append((2.0 if title == wanted else len(wanted) / len(title), one))
        best = max((share for share, _ in found), default=0.0)
        return [one for share, one in found if share == best and share >= _MIN_TITLE_SHARE]

    def _naming(self, wanted: Collection[str]) -> list[PostEntry]:
        """The posts with all of these stems in the title, in the order of ``entries``."""
        numbers = set.intersection(*(set(self._by_stem.get(one, ())) for one in wanted))
        return [self.entries[number] for number in sorted(numbers)]

    @cached_property
    def _by_stem(self) -> dict[str, list[int]]:
        """The places in ``entries`` of the posts with a stem in the title, by stem."""
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self.entries):
            for root in set(_content(one.title)):
                found.setdefault(root, []).append(number)
        return found


def order_of(said: str) -> Literal["newest", "oldest"] | None:
    """Which post is meant by its place in time: "latest", "very first"; None by anything else."""
    found = _ORDER.fullmatch(said)
    return None if found is None else "newest" if found["newest"] else "oldest"


def mainly_about(subject: str, speaking: list[PostMentions]) -> list[PostMentions]:
    """Of the posts that mention a subject, those about it: their title names it, or they mention it often; else all."""
    named = [one for one in speaking if names_in(one.post.title, subject)]
    often = [one for one in speaking if one not in named and len(one.quotes) >= _MIN_ABOUT]
    return [*named, *often] or speaking


def _content(text: str) -> list[str]:
    read = words(text)
    return [root for word, root in zip(read, stem(read), strict=True) if not is_stop(word)] or stem(read)


def frequent_words(titles: Sequence[str], most: int) -> list[str]:
    """The words in several titles, the most frequent first, in their usual spelling; without numbers."""
    times: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for title in titles:
        read = words(title)
        telling = {root: word for word, root in zip(read, stem(read), strict=True) if not is_stop(word)}
        for root, word in telling.items():
            if word.text.isdigit():
                continue
            times[root] += 1
            written.setdefault(root, Counter())[title[word.start : word.end]] += 1
    return [written[root].most_common(1)[0][0] for root, count in times.most_common(most) if count > 1]


def first_by_date(ordered: Sequence[PostEntry], count: int) -> list[PostEntry]:
    """The first of some posts in order of date, with all others of the last one's date."""
    last = ordered[min(count, len(ordered)) - 1].date if count else None
    return [one for at, one in enumerate(ordered) if at < count or one.date == last]
