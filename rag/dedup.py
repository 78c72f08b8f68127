"""From copies to posts: exact and near duplicates become one post with many places; versions stay as variants."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.alignment import Stretch, align, carry
from rag.blocks import fold_key
from rag.locations import fold_white
from rag.records import Copy, Merge, Post, PostCopy, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["merge", "post_id"]

SHINGLE_WORDS = 3

# Copies of one post cut differently share well over half of their shingles; the nearest two different posts of the
# 2,510 looked at (editions of a yearly notice) reach 0.6.
MIN_JACCARD = 0.7

# A copy that was cut short has nearly all of its shingles in the whole post; not all, for words joined at the cut.
MIN_CONTAINMENT = 0.9

MIN_NEAR_WORDS = 12  # below that a handful of everyday words decides; such texts are merged only when exactly equal

LSH_THRESHOLD = 0.5  # estimates of 128 permutations are off by up to 0.09: low enough to miss no pair of 0.7
PERMUTATIONS = 128
MAX_SHARERS = 50  # a line that stands in more posts than this is boilerplate and says nothing about a pair
MIN_LINE_WORDS = 8

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "  # noqa: SIM905
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half "
    "third quarter first second fourth fifth once twice "
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday "
    "no not never none nor neither without cannot nothing nobody".split()
)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*(?:\s|$)")


def post_id(text: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the text with its white space folded."""
    return hashlib.sha256(fold_white(text).encode("utf-8")).hexdigest()[:16]


def merge(copies: Sequence[PostCopy]) -> tuple[list[Post], list[Merge]]:
    """Posts in the order of their first places, and the account of every copy that was folded into one.

    The outcome depends on the copies alone, not on their order.
    """
    groups: dict[str, list[PostCopy]] = defaultdict(list)
    for copy in copies:
        groups[fold_white(copy.text)].append(copy)
    texts = [_Text.of(sorted(group, key=_place)) for group in groups.values()]
    texts.sort(key=lambda text: (-len(text.words), _place(text.first), text.first.text))
    families: list[list[_Text]] = []
    home: dict[int, int] = {}  # text -> family
    variants: dict[int, set[int]] = defaultdict(set)  # family -> families
    for number, nearby in enumerate(_candidates(texts)):
        choice: tuple[float, int] | None = None
        apart = set()
        for family in sorted({home[other] for other in nearby if home[other] >= 0}):
            head = families[family][0]
            similarity = _similarity(head, texts[number])
            if similarity <= 0:
                continue
            if _differ_in_facts(head, texts[number]):
                apart.add(family)
            elif choice is None or (similarity, -family) > choice:
                choice = (similarity, -family)
        if choice is not None:
            home[number] = -choice[1]
            families[home[number]].append(texts[number])
        else:
            home[number] = len(families)
            families.append([texts[number]])
            for family in apart:
                variants[family].add(home[number])
                variants[home[number]].add(family)
    made = [_post(family) for family in families]
    merges = [account for _, accounts in made for account in accounts]
    posts = []
    for number, (post, _) in enumerate(made):
        others = sorted((made[other][0] for other in variants[number]), key=lambda other: other.post_id)
        posts.append(replace(post, variants=tuple(_variant(post, other) for other in others)))
    posts.sort(key=lambda post: min((place.file.split("/"), place.start) for place in post.locations()))
    merges.sort(key=lambda account: (account.post_id, account.file, account.kind, account.similarity, account.added))
    return posts, merges


@dataclass(frozen=True, slots=True)
class _Text:
    """One text and every copy that has it, white space apart."""

    copies: tuple[PostCopy, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, copies: Sequence[PostCopy]) -> _Text:
        first = copies[0]
        plain, at = [], 0
        for span in first.chrome:
            plain.append(first.text[at : span.start])
            at = span.end
        plain.append(first.text[at:])
        return cls(tuple(copies), tuple(_words("\n".join(plain))))

    @property
    def first(self) -> PostCopy:
        return self.copies[0]

    def shingles(self) -> set[tuple[str, ...]]:
        words = self.words
        return {words[at : at + SHINGLE_WORDS] for at in range(max(len(words) - SHINGLE_WORDS + 1, 1))}


def _place(copy: PostCopy) -> tuple[list[str], int, str, str]:
    return copy.file.split("/"), copy.pieces[0].file_start, copy.text, copy.title or ""


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(_LINK.sub(" ", text))]


def _candidates(texts: Sequence[_Text]) -> Iterable[list[int]]:
    """For each text the earlier ones that may be the same post: by MinHash, and by a long line in common."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=LSH_THRESHOLD, num_perm=PERMUTATIONS)
    sharers: dict[str, list[int]] = defaultdict(list)
    bags = ([" ".join(shingle).encode() for shingle in text.shingles()] for text in texts)
    hashes = MinHash.generator(bags, num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
    for number, (text, sketch) in enumerate(zip(texts, hashes, strict=True)):
        nearby: set[int] = set()
        if len(text.words) >= MIN_NEAR_WORDS:
            nearby.update(index.query(sketch))
            index.insert(number, sketch)
            for line in {
                fold_key(line) for line in text.first.text.splitlines() if len(line.split()) >= MIN_LINE_WORDS
            }:
                if len(sharers[line]) <= MAX_SHARERS:
                    nearby.update(sharers[line])
                    sharers[line].append(number)
        yield sorted(nearby)


def _similarity(head: _Text, text: _Text) -> float:
    """Jaccard similarity of the word shingles where both are one post, else 0."""
    ours, theirs = head.shingles(), text.shingles()
    common = len(ours & theirs)
    jaccard = common / len(ours | theirs)
    if jaccard >= MIN_JACCARD:
        return jaccard
    if common < MIN_CONTAINMENT * len(theirs) or not _same_title(head, text):
        return 0.0
    edge = SHINGLE_WORDS * 2
    cut_short = head.words[:edge] == text.words[:edge] or head.words[-edge:] == text.words[-edge:]
    return jaccard if cut_short else 0.0


def _same_title(head: _Text, text: _Text) -> bool:
    """No two titles that contradict each other; a missing one never does."""
    ours = {fold_key(copy.title) for copy in head.copies if copy.title}
    theirs = {fold_key(copy.title) for copy in text.copies if copy.title}
    return not ours or not theirs or bool(ours & theirs)


def _differ_in_facts(head: _Text, text: _Text) -> bool:
    """Whether a number, date or negation stands on one side where the other has another word or none."""
    differences = _differences(head.first.text, text.first.text)
    return any(_facts(removed) != _facts(added) for removed, added in differences)


def _facts(text: str) -> Counter[str]:
    return Counter(
        word
        for word in _words(text)
        if word in _NUMBER_WORDS or word.endswith("n't") or any(character.isdigit() for character in word)
    )


def _differences(left: str, right: str) -> list[tuple[str, str]]:
    """Words that differ, place by place; sentences and lines that one side lacks as a whole are no difference."""
    found = []
    for stretch in align(left, right):
        if stretch.equal:
            continue
        removed, added = left[stretch.start : stretch.end], right[stretch.right_start : stretch.right_end]
        if _words(removed) == _words(added):
            continue
        alone = removed if not _words(added) else added if not _words(removed) else None
        if alone is not None and _is_whole(alone, stretch, left, right):
            continue
        found.append((removed, added))
    return found


def _is_whole(alone: str, stretch: Stretch, left: str, right: str) -> bool:
    text, start, end = (
        (left, stretch.start, stretch.end)
        if alone == left[stretch.start : stretch.end]
        else (right, stretch.right_start, stretch.right_end)
    )
    line_before = (
        not text[:start].strip() or "\n" in text[len(text[:start].rstrip()) : start + len(alone) - len(alone.lstrip())]
    )
    line_after = (
        not text[end:].strip()
        or "\n" in text[start + len(alone.rstrip()) : end + len(text[end:]) - len(text[end:].lstrip())]
    )
    if line_before and line_after:
        return True
    return len(_words(alone)) > SHINGLE_WORDS and bool(_SENTENCE_END.search(alone))


def _post(family: Sequence[_Text]) -> tuple[Post, list[Merge]]:
    head = family[0]
    text = head.first.text
    name = post_id(text)
    everything = [copy for member in family for copy in member.copies]
    ours = head.shingles()
    places: list[Copy] = []
    accounts: list[Merge] = []
    for member in family:
        theirs = member.shingles()
        for copy in member.copies:
            stretches = align(text, copy.text)
            places.append(
                Copy(
                    copy.file,
                    copy.sha256,
                    carry(stretches, copy.text, copy.pieces),
                    copy.title,
                    copy.author,
                    copy.date,
                    copy.format,
                )
            )
            if copy is head.first:
                continue
            differing = [s for s in stretches if not s.equal]
            removed = (fold_white(text[s.start : s.end]) for s in differing)
            added = (fold_white(copy.text[s.right_start : s.right_end]) for s in differing)
            accounts.append(
                Merge(
                    name,
                    copy.file,
                    "exact" if member is head else "near",
                    1.0 if member is head else round(len(ours & theirs) / len(ours | theirs), 4),
                    " … ".join(filter(None, removed)),
                    " … ".join(filter(None, added)),
                )
            )
    places[1:] = sorted(places[1:], key=lambda place: (place.file.split("/"), place.file_start))
    post = Post(
        name,
        _title(everything),
        text,
        tuple(places),
        _most([copy.author for copy in everything]),
        _most([copy.date for copy in everything]),
        head.first.chrome,
    )
    return post, accounts


def _title(copies: Sequence[PostCopy]) -> str:
    titles = [fold_white(copy.title) for copy in copies if copy.title and copy.title.strip()]
    if not titles:
        words = copies[0].text.split()
        return " ".join(words[:8]) + ("…" if len(words) > 8 else "")  # noqa: PLR2004 - a title's usual length
    counts = Counter(fold_key(title) for title in titles)
    return min(titles, key=lambda title: (-counts[fold_key(title)], -len(title), title))


def _most(values: Sequence[str | None]) -> str | None:
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _variant(post: Post, other: Post) -> Variant:
    differences = _differences(post.text, other.text)
    return Variant(
        other.post_id,
        " … ".join(fold_white(removed) for removed, _ in differences if removed.strip()),
        " … ".join(fold_white(added) for _, added in differences if added.strip()),
    )
