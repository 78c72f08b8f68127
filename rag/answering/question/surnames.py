"""A person named by surname alone, where it can be nobody else: "Alan Milburn", later "Milburn said"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.word_lookup import posts_with
from rag.records import Span
from rag.text.tokens import is_stop, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.store.protocols import Snapshot

__all__ = ["by_surname", "surname_of"]

# "Ada Moss", "J. P. O'Neill", "Vincent van Gogh"
_PERSON = re.compile(
    r"(?:[^\W\d_a-zß-ÿ](?:[^\W\d_]+|\.)[ -])(?:[^\W\d_a-zß-ÿ](?:[^\W\d_]+|\.)[ -]|(?:van|von|de|da|bin|al) ){0,2}"
    r"(?P<surname>[^\W\d_a-zß-ÿ](?:['’][^\W\d_])?[^\W\d_]{2,})"
)
# before a surname these are not a first name
_TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof professor sir lord lady baroness dame president minister secretary senator governor
    sen gov mayor chancellor ambassador judge justice captain colonel general major sergeant reverend rev bishop pope
    king queen prince princess chairman chairwoman director administrator commissioner congressman congresswoman
    councillor officer
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
_BEHIND = re.compile(r"[ \xa0](?P<word>[^\W\d_a-zß-ÿ][\w’'-]*)")
# characters before and behind a surname that can hold one word
_NEAR = 40
# in more posts than these, a surname is not looked up outside the posts that contain the full name
_MOST_POSTS = 300


def surname_of(subject: str) -> str | None:
    """The surname of what looks like the name of a person; None for anything else.

    >>> surname_of("Alan Milburn"), surname_of("Milburn"), surname_of("the Harrow Weir")
    ('Milburn', None, None)
    """
    found = _PERSON.fullmatch(" ".join(subject.split()))
    if found is None or any(map(is_stop, words(found[0])[:1])):
        return None
    return found["surname"]


def by_surname(store: Snapshot, subject: str, named: Iterable[str]) -> dict[str, tuple[Span, ...]]:
    """Where posts mention a person by surname alone, by post id; ``named`` are the posts with the full name.

    If nobody else and nothing else has the surname in any post, those without the full name count too.
    """
    surname = surname_of(subject)
    if surname is None:
        return {}
    if not (known := set(named)):
        return {}
    everywhere = posts_with(store, stems(surname))
    bodies = store.bodies(everywhere if len(everywhere) <= _MOST_POSTS else sorted(known))
    found = {post_id: alone_in(body.text, subject, surname) for post_id, body in bodies.items()}
    unique = len(everywhere) <= _MOST_POSTS and None not in found.values()
    return {post_id: spans for post_id, spans in found.items() if spans and (unique or post_id in known)}


def alone_in(text: str, subject: str, surname: str) -> tuple[Span, ...] | None:
    """Where a text has a surname without a first name; None if others or other things have it in this text.

    >>> len(alone_in("Ada Moss came. Dr. Moss spoke, then Moss left.", "Ada Moss", "Moss") or ())
    2
    >>> alone_in("Ada Moss came, and Bo Moss.", "Ada Moss", "Moss") is alone_in("The moss is wet.", "Ada Moss", "Moss")
    True
    """
    firsts = {word.casefold() for word in subject.split()[:-1]}
    found = []
    for match in re.finditer(rf"(?<![\w-]){re.escape(surname)}(?![\w-])", text, re.IGNORECASE):
        start, end = match.span()
        if match[0].islower():
            return None
        word = _word_before(text, start)
        behind = _BEHIND.match(text, end, end + _NEAR)
        if word.casefold() in firsts or word.casefold() in {"the", "a", "an"}:
            continue  # "Ada Moss", "the Moss report"
        if _is_first_name(word):
            return None
        if behind is None or any(map(is_stop, words(behind["word"]))):
            found.append(Span(start, end))
    return tuple(found)


def _word_before(text: str, start: int) -> str:
    """The word right before a place of a text; "" if there is none, or a comma or a line break comes between."""
    near = text[max(start - _NEAR, 0) : start]
    if near[-1:] not in (" ", "\xa0") or near[:-1] != near[:-1].rstrip(' \xa0\t\r\n,;:()“”"'):
        return ""
    return next(iter(near.split()[-1:]), "")


def _is_first_name(word: str) -> bool:
    """Whether a word before a surname may be a first name: it has a capital, and is no title, "MP" or small word."""
    bare = word.strip("“”‘’'\".[(")
    if word.rstrip("”’'\"").endswith((".", "!", "?")) and len(bare) > 1:
        return False  # of the sentence before
    if not bare[:1].isupper() or (len(bare) > 1 and bare.isupper()) or bare.casefold() in _TITLES:
        return False
    return not all(map(is_stop, words(bare)))
