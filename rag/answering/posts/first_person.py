"""A question that names an author, asked of the author's own posts: they say "I" where the question has the name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.question.english_words import is_english_word
from rag.answering.question.surnames import surname_of
from rag.text.tokens import is_stop, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.records import PostEntry

__all__ = ["ByAuthor", "Bylines"]

# up to this many authors, their names are looked for in questions
_MAX_AUTHORS = 1_000
# letters of the shortest first name or surname that is looked for alone
_MIN_LETTERS = 3
_NAME_BEFORE = re.compile(r"(?<=\S)\s[^\W\d_a-zß-ÿ][\w.’'-]*+\s$")
_NAME_BEHIND = re.compile(r"\s[^\W\d_a-zß-ÿ][^\W\d_]*[a-zß-ÿ]")
# characters before a name that hold one word
_NEAR = 40


@dataclass(frozen=True, slots=True)
class ByAuthor:
    """A question in the person of an author that it names, ``name`` as written, and the ids of the author's posts."""

    text: str
    post_ids: tuple[str, ...]
    name: str

    def speaks(self, post_id: str, text: str) -> bool:
        """Whether a post is by the author, or its text mentions the author."""
        return post_id in self.post_ids or not frozenset(stems(self.name)).isdisjoint(stems(text))


class Bylines:
    """The people who wrote the posts of an index, by name; safe to use from several threads."""

    def __init__(self, entries: Iterable[PostEntry]) -> None:
        self._by_name = _names([one for one in entries if one.author is not None])
        listed = "|".join(map(re.escape, sorted(self._by_name, key=len, reverse=True)))
        # as part of a longer name it is another person's: "Anna Moss", "Moss Street"
        self._named = (
            re.compile(rf"(?<![\w’'-])(?P<name>{listed})(?P<owned>['’]s)?(?![\w-]|['’]\w)", re.IGNORECASE)
            if listed
            else None
        )

    def named_in(self, question: str) -> ByAuthor | None:
        """The question in the first person of the author that it names; None if it names none, or nothing else."""
        for found in self._named.finditer(question) if self._named is not None else ():
            name = found["name"]
            if not _is_name(name) or _is_part(question, found):
                continue
            text = f"{question[: found.start()]}{'my' if found['owned'] else 'I'}{question[found.end() :]}"
            if not all(map(is_stop, words(text))):
                return ByAuthor(text, self._by_name[name.casefold()], name)
        return None


def _names(entries: list[PostEntry]) -> dict[str, tuple[str, ...]]:
    """The posts of each person, by the full name, and by a first name or surname that no other author has."""
    written: dict[str, list[str]] = {}
    for one in entries:
        if one.author is not None and surname_of(one.author) is not None:
            written.setdefault(" ".join(one.author.split()).casefold(), []).append(one.post_id)
    if len(written) > _MAX_AUTHORS:
        return {}
    parts: dict[str, set[str]] = {}
    for name in written:
        for part in name.split():
            parts.setdefault(part, set()).add(name)
    alone = {
        part: tuple(written[next(iter(names))])
        for part, names in parts.items()
        if len(names) == 1 and len(part) >= _MIN_LETTERS and part.isalpha()
    }
    return alone | {name: tuple(ids) for name, ids in written.items()}


def _is_name(written: str) -> bool:
    """Whether a name is one as written: with its capital, or a word that is nothing else."""
    return written[0].isupper() or " " in written or not is_english_word(written)


def _is_part(question: str, found: re.Match[str]) -> bool:
    """Whether a name belongs to a longer one; the first word of a question has a capital anyway."""
    before = question[max(found.start() - _NEAR, 0) : found.start()]
    return _NAME_BEFORE.search(before) is not None or _NAME_BEHIND.match(question, found.end()) is not None
