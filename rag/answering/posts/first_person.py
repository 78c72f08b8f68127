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
# "where did max stay": a subject stands here, even without its capital
_DID = re.compile(r"\b(?:did|does|has)\s$", re.IGNORECASE)
# what an author says, in the author's own person
_SAYS = re.compile(
    r"\b(?:did|does|do|has|have|would)\s+I\s+(?:ever\s+|really\s+)?(?:sa(?:y|id)|th(?:ink|ought)|writ(?:e|ten)|recommend(?:ed)?"
    r"|suggest(?:ed)?|advise[d]?|claim(?:ed)?|argue[d]?|believe[d]?|feel|find|prefer|like[d]?|love[d]?|hate[d]?|mention(?:ed)?)\b"
    r"|\bmy\s+(?:views?|opinions?|advice|verdict|take|thoughts|recommendations?|favou?rite)\b|\baccording\s+to\s+I\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Mm]ine)\b")
# Log odds that a quote of somebody else's post loses if it does not name the author: who says "I" there is another, and
# what is said there is not what the author says.
_ANOTHER_SPEAKS, _ANOTHER_SAYS = 4.5, 2.0


@dataclass(frozen=True, slots=True)
class ByAuthor:
    """A question in the person of an author that it names, ``name`` as written, and the ids of the author's posts."""

    text: str
    post_ids: tuple[str, ...]
    name: str

    def speaks(self, post_id: str, text: str) -> bool:
        """Whether a post is by the author, or its text mentions the author."""
        return post_id in self.post_ids or not frozenset(stems(self.name)).isdisjoint(stems(text))

    def against(self, post_id: str, quote: str) -> float:
        """The log odds that a quote loses because somebody else says it."""
        if self.speaks(post_id, quote):
            return 0.0
        return _ANOTHER_SPEAKS if _FIRST_PERSON.search(quote) else _ANOTHER_SAYS if _SAYS.search(self.text) else 0.0


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
            if not (_is_name(name) or _DID.search(question[: found.start()])) or _is_part(question, found):
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
