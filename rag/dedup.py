"""From copies to posts: exact and near duplicates become one post with many places; versions stay as variants."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.alignment import Stretch, align, carry
from rag.blocks import fold_key
from rag.locations import fold_white
from rag.records import Copy, Merge, Post, PostCopy, Span, Variant
from rag.similarity import Text, candidates, differing_words, similarity, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["merge", "post_id"]

MAX_CAPTION_WORDS = 8  # a line that some copies lack is a picture's caption up to here; the longest seen has 7
TITLE_WORDS = 8  # words of the text that stand in for a title that no copy has

_LINE = re.compile(r"[^\r\n]*\S[^\r\n]*")


def post_id(text: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the text with its white space folded."""
    return hashlib.sha256(fold_white(text).encode("utf-8")).hexdigest()[:16]


def merge(copies: Sequence[PostCopy]) -> tuple[list[Post], list[Merge]]:
    """Fold copies into posts, in the order of their first places, with an account of every copy that was folded.

    Each text is compared with the most complete text of a post, never with another that was folded into it: a chain of
    weak links joins nothing. The outcome depends on the copies alone, not on their order.
    """
    groups: dict[str, list[PostCopy]] = defaultdict(list)
    for copy in copies:
        groups[fold_white(copy.text)].append(copy)
    texts = [Text(tuple(sorted(group, key=_place))) for group in groups.values()]
    texts.sort(key=lambda text: (-len(text.words), _place(text.first)))
    families: list[list[Text]] = []
    home: list[int] = []  # number of a text -> number of its family
    versions: dict[int, set[int]] = defaultdict(set)
    for text, nearby in zip(texts, candidates(texts), strict=True):
        best: tuple[float, int] | None = None
        others = set()
        for family in sorted({home[other] for other in nearby}):
            found = verdict(families[family][0], text)
            if found == "version":
                others.add(family)
            elif found == "same":
                best = max(best or (-1.0, 0), (similarity(families[family][0], text), -family))
        if best is not None:
            home.append(-best[1])
            families[home[-1]].append(text)
            continue
        home.append(len(families))
        families.append([text])
        for family in others:
            versions[family].add(home[-1])
            versions[home[-1]].add(family)
    posts = [_post(family) for family in families]
    accounts = [account for family, post in zip(families, posts, strict=True) for account in _accounts(family, post)]
    for number, others in versions.items():
        near = sorted((posts[other] for other in others), key=lambda post: post.post_id)
        posts[number] = replace(posts[number], variants=tuple(_variant(posts[number], other) for other in near))
    posts.sort(key=lambda post: min((place.file.split("/"), place.start) for place in post.locations()))
    accounts.sort(key=lambda account: (account.post_id, account.file, account.kind, account.similarity, account.added))
    return posts, accounts


def _place(copy: PostCopy) -> tuple[list[str], int, str, str]:
    return copy.file.split("/"), copy.pieces[0].file_start, copy.text, copy.title or ""


def _post(family: Sequence[Text]) -> Post:
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
        post_id(head.text),
        _title(everything),
        head.text,
        tuple(places),
        _most([copy.author for copy in everything]),
        _most([copy.date for copy in everything]),
        _joined(chrome),
    )


def _accounts(family: Sequence[Text], post: Post) -> list[Merge]:
    head = family[0]
    found = []
    for text in family:
        for copy in text.copies:
            if copy is head.first:
                continue
            differing = [stretch for stretch in align(post.text, copy.text) if not stretch.equal]
            removed = (fold_white(post.text[stretch.start : stretch.end]) for stretch in differing)
            added = (fold_white(copy.text[stretch.right_start : stretch.right_end]) for stretch in differing)
            found.append(
                Merge(
                    post.post_id,
                    copy.file,
                    "exact" if text is head else "near",
                    1.0 if text is head else round(similarity(head, text), 4),
                    " … ".join(filter(None, removed)),
                    " … ".join(filter(None, added)),
                )
            )
    return found


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
