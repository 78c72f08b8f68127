"""Copies to posts: exact and near duplicates become one post with many locations; versions stay, as variants."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.dedup.captions import joined, lacked
from rag.dedup.heap_texts import HeapTexts
from rag.dedup.minhash import Memory, likely_copies
from rag.dedup.overrides import Named, Rulings
from rag.dedup.similarity import KEY_BYTES, differing_words
from rag.loading.front_matter import date_in_name, title_of_name
from rag.records import Copy, Merge, Post, Variant
from rag.spools import Spools
from rag.text.alignment import align, carry
from rag.text.lines import fold_key
from rag.text.whitespace import fold_white
from rag.text.word_diff import word_diff
from rag.watchdog import working_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    import numpy.typing as npt

    from rag.dedup.similarity import Text
    from rag.records import Change, PostCopy
    from rag.spools import Spool

__all__ = ["fold", "merge", "post_id", "texts_of"]

_PLAIN = ("text", "links")  # formats of plain text
TITLE_WORDS = 8  # words of the text that serve as title if no copy has one


def post_id(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the text with its white space collapsed."""
    return hashlib.sha256(fold_white(text).encode("utf-8")).hexdigest()[:16]


def merge(
    copies: Sequence[PostCopy], memory: Memory | None = None, rulings: Rulings | None = None
) -> tuple[list[Post], list[Merge]]:
    """Fold copies into posts like `fold`, and return lists."""
    with Spools() as spools:
        posts, accounts = fold(copies, memory or Memory(), rulings or Rulings(), spools)
        return list(posts), list(accounts)


def fold(
    copies: Sequence[PostCopy], memory: Memory, rulings: Rulings, spools: Spools
) -> tuple[Spool[Post], Spool[Merge]]:
    """Fold copies into posts, in the order of their first places, with an account of every copy that was folded.

    Each text is compared with the most complete text of a post, never with another that was folded into it, so that a
    chain of weak similarities joins nothing. The result depends only on the copies and the ``rulings``, not on the
    order of the copies or on what ``memory`` has from an earlier build. Only a few texts and posts are in memory at a
    time.
    """
    return _Folding(copies, memory, rulings, spools).run()


class _Folding:
    """One run of folding; texts are numbered in the order in which they are folded."""

    def __init__(self, copies: Sequence[PostCopy], memory: Memory, rulings: Rulings, spools: Spools) -> None:
        self._memory, self._rulings, self._spools = memory, rulings, spools
        self._heap = HeapTexts(copies)
        self._keys = bytearray()
        words = array("q")
        for text in self._heap:
            self._keys += text.key
            words.append(memory.sketch(text).words)
        self._order = array("q", self._heap.in_order(words))
        self._homes = array("q")  # for each text, the number of its family
        self._heads = array("q")  # for each family, its most complete text
        self._others: dict[int, list[int]] = defaultdict(list)  # the other texts of a family
        self._versions: dict[int, set[int]] = defaultdict(set)  # the families that are versions of a family

    def run(self) -> tuple[Spool[Post], Spool[Merge]]:
        """Find the families, make a post of each and sort everything."""
        if self._rulings.decisions.lines:
            self._rulings.look([self._named(number) for number in range(len(self._order))])
        sketches = (self._memory.sketches[self._key(number)] for number in self._order)
        for number, nearby in enumerate(likely_copies(sketches, self._spools)):
            working_on("the folding of duplicates")
            self._settle(number, nearby)
        made = self._spools.spool(Post)
        accounts = self._spools.spool(list[Merge])
        folded = array("q")
        places = np.empty((len(self._heads), 2), np.int64)
        for family, head in enumerate(self._heads):
            working_on("the folding of duplicates")
            post, places[family], account = self._post([head, *self._others.get(family, ())])
            made.append(post)
            if account:
                folded.append(family)
                accounts.append(account)
        return self._sorted_posts(made, places), self._sorted_accounts(accounts, folded)

    def _key(self, number: int) -> bytes:
        """The key of a text of the heap, by its number there."""
        return bytes(self._keys[number * KEY_BYTES : (number + 1) * KEY_BYTES])

    def _text(self, number: int) -> Text:
        return self._heap[self._order[number]]

    def _named(self, number: int) -> Named:
        files = frozenset(copy.file for copy in self._text(number).copies)
        return Named(self._heap.text_id(self._order[number]), files)

    def _settle(self, number: int, nearby: Sequence[int]) -> None:
        """Add a text to the family of the post that it is a copy of, or start a new family with it."""
        rulings = self._rulings
        best: tuple[float, int] | None = None
        others = set()
        decided = {self._homes[other] for other in rulings.together(number) if other < number}
        for family in sorted({self._homes[other] for other in nearby} | decided):
            head = self._heads[family]
            apart = any(rulings.apart(number, member) for member in (head, *self._others.get(family, ())))
            if family in decided and not apart:
                best = (2.0, -family)  # higher than any similarity
                break
            found, alike = self._memory.judge(self._text(head), self._text(number))
            if found == "version" or (found == "same" and apart):
                others.add(family)
            elif found == "same":
                best = max(best or (-1.0, 0), (alike, -family))
        if best is not None:
            self._homes.append(-best[1])
            self._others[-best[1]].append(number)
            return
        self._homes.append(len(self._heads))
        self._heads.append(number)
        for family in others:
            self._versions[family].add(self._homes[-1])
            self._versions[self._homes[-1]].add(family)

    def _post(self, family: Sequence[int]) -> tuple[Post, tuple[int, int], list[Merge]]:
        """The post of a family, its first place (rank of the file, offset), and the accounts of its copies."""
        heap = self._heap
        numbers = [self._order[number] for number in family]
        texts = [heap[number] for number in numbers]
        post = _named(_post(texts, heap.text_id(numbers[0])), lambda: heap.alone(numbers))
        ranks = {name: rank for number in numbers for name, rank in heap.ranks_of(number)}
        accounts: list[Merge] = []
        for number, text in zip(family, texts, strict=True):
            kind, alike = self._why(family, number)
            text_id = heap.text_id(self._order[number])
            accounts += _accounts(post, text, Merge(post.post_id, "", kind, alike, text_id=text_id))
        accounts.sort(key=lambda account: (account.file, account.kind, account.similarity, account.added))
        return post, min((ranks[place.file], place.start) for place in post.locations()), accounts

    def _why(self, family: Sequence[int], number: int) -> tuple[Literal["exact", "near", "decided"], float]:
        if number == family[0]:
            return "exact", 1.0
        found, alike = self._memory.judge(self._text(family[0]), self._text(number))
        decided = bool(self._rulings.together(number) & set(family))
        return "decided" if decided and found != "same" else "near", round(alike, 4)

    def _sorted_posts(self, made: Spool[Post], places: npt.NDArray[np.int64]) -> Spool[Post]:
        """The posts by their first places, each with its versions."""
        posts = self._spools.spool(Post)
        for family in np.lexsort((places[:, 1], places[:, 0])).tolist():
            post = made[family]
            if family in self._versions:
                near = sorted((made[other] for other in self._versions[family]), key=lambda other: other.post_id)
                post = replace(post, variants=tuple(_variant(post, other) for other in near))
            posts.append(post)
        return posts

    def _sorted_accounts(self, accounts: Spool[list[Merge]], folded: Sequence[int]) -> Spool[Merge]:
        """The accounts by their posts."""
        found = self._spools.spool(Merge)
        ids = self._heap.ids[[self._order[self._heads[family]] for family in folded]]
        for place in np.argsort(ids).tolist():
            for account in accounts[place]:
                found.append(account)
        return found


def texts_of(copies: Sequence[PostCopy]) -> HeapTexts:
    """The different texts of copies, white space apart."""
    return HeapTexts(copies)


def _post(family: Sequence[Text], head_id: str) -> Post:
    head = family[0].first
    everything = [copy for text in family for copy in text.copies]
    chrome = set(head.chrome)
    places: list[Copy] = []
    for copy in everything:
        stretches = align(head.text, copy.text)
        chrome |= lacked(head.text, copy.text, stretches)
        pieces = carry(stretches, copy.text, copy.pieces)
        fields = copy.title, copy.author, copy.date, copy.format, copy.record, copy.site
        places.append(Copy(copy.file, copy.sha256, pieces, *fields))
    places[1:] = sorted(places[1:], key=lambda place: (place.file.split("/"), place.file_start))
    return Post(
        head_id,
        _title(everything),
        head.text,
        tuple(places),
        _most([copy.author for copy in everything]),
        _most([copy.date for copy in everything]),
        joined(chrome),
    )


def _named(post: Post, alone: Callable[[], Collection[str]]) -> Post:
    """The post with the title and day in the name of its file, if it has none and the file contains nothing else.

    The day in the name of a web page may be that on which it was saved.
    """
    is_titled = any(copy.title and copy.title.strip() for copy in post.copies)
    is_dated = post.date is not None or all(copy.format not in _PLAIN for copy in post.copies)
    if is_titled and is_dated:
        return post
    files = alone()
    places = [copy for copy in post.copies if copy.file in files]
    if not is_dated:
        days = (date_in_name(copy.file) for copy in places if copy.format in _PLAIN)
        post = replace(post, date=next(filter(None, days), None))
    names = (title_of_name(copy.file) for copy in places)
    return post if is_titled else replace(post, title=next(filter(None, names), post.title))


def _accounts(post: Post, text: Text, account: Merge) -> Iterator[Merge]:
    """The account of each copy of a text except the one that the post's text comes from."""
    changes: tuple[Change, ...] | None = None
    for copy in text.copies:
        if account.kind == "exact" and copy is text.first:
            continue
        if changes is None:
            changes = () if account.kind == "exact" else word_diff(post.text, copy.text)
        yield replace(
            account,
            file=copy.file,
            start=copy.pieces[0].file_start,
            removed=" … ".join(change.removed for change in changes if change.removed),
            added=" … ".join(change.added for change in changes if change.added),
            changes=changes,
        )


def _title(copies: Sequence[PostCopy]) -> str:
    """The title that most copies have, or the opening words if none has one."""
    titles = [fold_white(copy.title) for copy in copies if copy.title and copy.title.strip()]
    if not titles:
        words = copies[0].text.split()
        return " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    counts = Counter(fold_key(title) for title in titles)
    return min(titles, key=lambda title: (-counts[fold_key(title)], -len(title), title))


def _most(values: Sequence[str | None]) -> str | None:
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _variant(post: Post, other: Post) -> Variant:
    differing = differing_words(post.text, other.text)
    removed = [fold_white(removed) for removed, _ in differing if removed]
    added = [fold_white(added) for _, added in differing if added]
    return Variant(other.post_id, " … ".join(removed), " … ".join(added))
