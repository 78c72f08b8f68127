"""From copies to posts: exact and near duplicates become one post with many places; versions stay as variants."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from rag.dedup.minhash import Memory, candidates
from rag.dedup.overrides import Named, Rulings
from rag.dedup.similarity import Text, differing_words
from rag.loading.front_matter import title_of_name
from rag.records import Copy, Merge, Post, PostCopy, Span, Variant
from rag.text.alignment import Stretch, align, carry
from rag.text.lines import fold_key
from rag.text.whitespace import fold_white
from rag.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from rag.dedup.minhash import Sketch
    from rag.records import Change

__all__ = ["in_order", "merge", "post_id", "texts_of"]

MAX_CAPTION_WORDS = 8  # a line that some copies lack is a picture's caption up to here; the longest seen has 7
TITLE_WORDS = 8  # words of the text that stand in for a title that no copy has

# tried at the beginnings of lines only: a line of blanks would be read again from each of its characters
_LINE = re.compile(r"(?<![^\r\n])[^\S\r\n]*+\S[^\r\n]*")


def post_id(text: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the text with its white space folded."""
    return _id(fold_white(text))


def _id(folded: str) -> str:
    return hashlib.sha256(folded.encode("utf-8")).hexdigest()[:16]


def merge(
    copies: Sequence[PostCopy], memory: Memory | None = None, rulings: Rulings | None = None
) -> tuple[list[Post], list[Merge]]:
    """Fold copies into posts, in the order of their first places, with an account of every copy that was folded.

    Each text is compared with the most complete text of a post, never with another that was folded into it: a chain of
    weak links joins nothing. The outcome depends on the copies and the ``rulings`` alone, not on their order nor on
    what ``memory`` has of an earlier build.
    """
    memory, rulings = memory or Memory(), rulings or Rulings()
    order = [(text, post_id(text.first.text), memory.sketch(text)) for text in texts_of(copies)]
    order.sort(key=lambda row: in_order(row[0], row[2]))
    texts = [text for text, _, _ in order]
    rulings.look([Named(text_id, frozenset(copy.file for copy in text.copies)) for text, text_id, _ in order])
    families, versions = _families(texts, [sketch for _, _, sketch in order], memory, rulings)
    held = Counter(copy.file for copy in copies)
    alone = {file for file, count in held.items() if count == 1}
    posts: list[Post] = []
    accounts: list[Merge] = []
    for family in families:
        head = order[family[0]]
        post = _named(_post([texts[number] for number in family], head[1]), alone)
        posts.append(post)
        for number in family:
            text, text_id, _ = order[number]
            kind, alike = _why(head[0], text, memory, decided=bool(rulings.together(number) & set(family)))
            accounts += _accounts(post, text, Merge(post.post_id, "", kind, alike, text_id=text_id))
    for number, others in versions.items():
        near = sorted((posts[other] for other in others), key=lambda post: post.post_id)
        posts[number] = replace(posts[number], variants=tuple(_variant(posts[number], other) for other in near))
    posts.sort(key=lambda post: min((place.file.split("/"), place.start) for place in post.locations()))
    accounts.sort(key=lambda account: (account.post_id, account.file, account.kind, account.similarity, account.added))
    return posts, accounts


def texts_of(copies: Sequence[PostCopy]) -> list[Text]:
    """The different texts of copies, white space apart."""
    groups: dict[str, list[PostCopy]] = defaultdict(list)
    for copy in copies:
        groups[fold_white(copy.text)].append(copy)
    return [Text(tuple(sorted(group, key=_place))) for group in groups.values()]


def in_order(text: Text, sketch: Sketch) -> tuple[int, tuple[list[str], int, str, str]]:
    """What texts are sorted by: the more complete first, then by their places."""
    return -sketch.words, _place(text.first)


def _families(
    texts: Sequence[Text], sketches: Sequence[Sketch], memory: Memory, rulings: Rulings
) -> tuple[list[list[int]], dict[int, set[int]]]:
    """Numbers of the texts that are one post, the most complete first, and the versions of each family."""
    families: list[list[int]] = []
    home: list[int] = []  # number of a text -> number of its family
    versions: dict[int, set[int]] = defaultdict(set)
    for number, nearby in enumerate(candidates(sketches)):
        best: tuple[float, int] | None = None
        others = set()
        decided = {home[other] for other in rulings.together(number) if other < number}
        for family in sorted({home[other] for other in nearby} | decided):
            apart = any(rulings.apart(number, member) for member in families[family])
            if family in decided and not apart:
                best = (2.0, -family)  # above every similarity
                break
            found, alike = memory.judge(texts[families[family][0]], texts[number])
            if found == "version" or (found == "same" and apart):
                others.add(family)
            elif found == "same":
                best = max(best or (-1.0, 0), (alike, -family))
        if best is not None:
            home.append(-best[1])
            families[home[-1]].append(number)
            continue
        home.append(len(families))
        families.append([number])
        for family in others:
            versions[family].add(home[-1])
            versions[home[-1]].add(family)
    return families, versions


def _why(head: Text, text: Text, memory: Memory, *, decided: bool) -> tuple[Literal["exact", "near", "decided"], float]:
    if text is head:
        return "exact", 1.0
    found, alike = memory.judge(head, text)
    return "decided" if decided and found != "same" else "near", round(alike, 4)


def _place(copy: PostCopy) -> tuple[list[str], int, str, str]:
    return copy.file.split("/"), copy.pieces[0].file_start, copy.text, copy.title or ""


def _post(family: Sequence[Text], head_id: str) -> Post:
    head = family[0].first
    everything = [copy for text in family for copy in text.copies]
    chrome = set(head.chrome)
    places: list[Copy] = []
    for copy in everything:
        stretches = align(head.text, copy.text)
        chrome |= _lacked(head.text, copy.text, stretches)
        pieces = carry(stretches, copy.text, copy.pieces)
        places.append(
            Copy(copy.file, copy.sha256, pieces, copy.title, copy.author, copy.date, copy.format, copy.record)
        )
    places[1:] = sorted(places[1:], key=lambda place: (place.file.split("/"), place.file_start))
    return Post(
        head_id,
        _title(everything),
        head.text,
        tuple(places),
        _most([copy.author for copy in everything]),
        _most([copy.date for copy in everything]),
        _joined(chrome),
    )


def _named(post: Post, alone: Collection[str]) -> Post:
    """The post; one without a title is called by the name of its file, where the file holds nothing else."""
    if any(copy.title and copy.title.strip() for copy in post.copies):
        return post
    names = (title_of_name(copy.file) for copy in post.copies if copy.file in alone)
    return replace(post, title=next(filter(None, names), post.title))


def _accounts(post: Post, text: Text, account: Merge) -> Iterator[Merge]:
    """The account of each copy of a text but the one whose characters the post has."""
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


def _lacked(text: str, other: str, stretches: Sequence[Stretch]) -> set[Span]:
    """Captions that another copy lacks: short lines of their own, and words glued to the front of a line."""
    found = set()
    for stretch in stretches:
        if stretch.equal or not text[stretch.end :].strip():
            continue  # what is lacked at the end was cut off
        start, end = _own(text[stretch.start : stretch.end], other[stretch.right_start : stretch.right_end])
        start, end = stretch.start + start, stretch.start + end
        first = text.rfind("\n", 0, start) + 1
        for match in _LINE.finditer(text, first, end) if start < end else ():
            line = match.group()
            begins = match.start() + len(line) - len(line.lstrip())
            ends = match.start() + len(line.rstrip())
            glued = ends == end and text[end - 1 : end].isalnum() and text[end : end + 1].isupper()
            whole = ends < end or text[end : end + 1] in ("", "\r", "\n")
            if begins >= start and (glued or whole) and _is_caption(text[begins:ends]):
                found.add(Span(begins, ends))
    return found


def _own(removed: str, added: str) -> tuple[int, int]:
    """Return the part of a stretch that the other copy has nothing for; an empty one where it has other words."""
    start = 0
    while start < min(len(removed), len(added)) and removed[start] == added[start]:
        start += 1
    end, added_end = len(removed), len(added)
    while min(end, added_end) > start and removed[end - 1] == added[added_end - 1]:
        end, added_end = end - 1, added_end - 1
    return (start, end) if not added[start:added_end].strip() else (start, start)


def _is_caption(line: str) -> bool:
    return len(line.split()) <= MAX_CAPTION_WORDS and line[-1] not in ".!?:;,…" and line[0].isalnum()


def _joined(spans: set[Span]) -> tuple[Span, ...]:
    """Spans in order, those that overlap made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def _title(copies: Sequence[PostCopy]) -> str:
    """The title that most copies have; the opening words where none has one."""
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
