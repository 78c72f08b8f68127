"""The user's decisions: which texts are never, or always, one post, and which lines are not boilerplate.

The decisions are in ``duplicates.txt`` beside the index, one per line, and outlive every rebuild:

    # a comment
    never-merge   3f2a91c07b5e4d18  "autumn notes.txt"
    always-merge  3f2a91c0          77b0e2d4
    keep          "Thanks for reading, and see you next week."

A text is named by the id that the account of duplicates shows (its first eight digits are enough) or by the name of its
page, which means every text of that page; ``always-merge`` accepts a page's name only if the page contains one text.
``keep`` makes a line part of its posts again that was taken for chrome or, because most posts have it, for the site's.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["DECISIONS_FILE", "Decision", "Decisions", "Named", "Rulings", "read_decisions"]

DECISIONS_FILE = "duplicates.txt"
MIN_ID_DIGITS = 8
# a hundred thousand decisions; beside an index from elsewhere a file can be of any size
MAX_FILE_BYTES = 10 * 2**20
_ID = re.compile(rf"[0-9a-f]{{{MIN_ID_DIGITS},16}}")


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the file; ``one`` and ``other`` are ids of texts or names of pages."""

    line: int
    kind: Literal["never-merge", "always-merge"]
    one: str
    other: str

    def __str__(self) -> str:
        """The line as a person wrote it."""
        return f"line {self.line}, {self.kind} {self.one} {self.other}"


@dataclass(frozen=True, slots=True)
class Decisions:
    """All lines of the file, and a hash that changes if they do ("" if there are none).

    ``kept`` are lines of web pages that are not boilerplate.
    """

    lines: tuple[Decision, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the decisions, in hexadecimal."""
        if not self.lines and not self.kept:
            return ""
        content = repr([(line.kind, line.one, line.other) for line in self.lines])
        content += repr(self.kept) if self.kept else ""
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def read_decisions(home: Path) -> Decisions:
    """The decisions beside an index; empty if there is no such file.

    Raises:
        InputError: a line cannot be read.

    """
    path = home / DECISIONS_FILE
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise InputError("it is too large", path=str(path), expected=f"at most {MAX_FILE_BYTES:,} bytes")
        text = data.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Decisions()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("it cannot be read", path=str(path), remedy="Save it as UTF-8 text.") from error
    lines = [_line(path, number, line) for number, line in enumerate(text.splitlines(), 1)]
    decided = tuple(line for line in lines if isinstance(line, Decision))
    return Decisions(decided, tuple(line for line in lines if isinstance(line, str)))


def _line(path: Path, number: int, line: str) -> Decision | str | None:
    """Read a line: a decision about two texts, a line to keep, or nothing."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        words = [line]
    if not words:
        return None
    kind, *keys = words
    if len(keys) == 2:  # noqa: PLR2004 - one and the other
        if kind == "never-merge":
            return Decision(number, "never-merge", keys[0], keys[1])
        if kind == "always-merge":
            return Decision(number, "always-merge", keys[0], keys[1])
    if kind == "keep" and len(keys) == 1 and keys[0].strip():
        return keys[0]
    raise InputError(
        f"line {number} cannot be read",
        path=str(path),
        expected='never-merge ONE OTHER, always-merge ONE OTHER or keep "LINE"; names with spaces in quotation marks',
        # a stranger's index may link to another file of this machine, whose lines are not for others
        got=None if path.is_symlink() else line.strip(),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What decisions know about a text: its id and the pages that have it."""

    text_id: str
    files: frozenset[str]


@dataclass(slots=True)
class Rulings:
    """The decisions applied to the texts of a heap; ``notes`` name the lines that have no effect, and why."""

    decisions: Decisions = field(default_factory=Decisions)
    notes: list[str] = field(default_factory=list)
    _never: set[frozenset[int]] = field(default_factory=set)
    _always: dict[int, set[int]] = field(default_factory=dict)

    def look(self, texts: Sequence[Named]) -> None:
        """Find the texts, by number, that the lines mean."""
        decided: dict[frozenset[int], str] = {}
        for decision in self.decisions.lines:
            ones, others = (self._meant(decision, key, texts) for key in (decision.one, decision.other))
            if not ones or not others:
                continue
            pairs = {frozenset((one, other)) for one in ones for other in others if one != other}
            if not pairs:
                self.notes.append(f"{decision}: both texts have the same words, so they are always one post")
            for pair in pairs:
                if decided.setdefault(pair, decision.kind) != decision.kind:
                    self.notes.append(f"{decision}: an earlier line says the opposite about the same texts")
                elif decision.kind == "never-merge":
                    self._never.add(pair)
                else:
                    one, other = pair
                    self._always.setdefault(one, set()).add(other)
                    self._always.setdefault(other, set()).add(one)

    def _meant(self, decision: Decision, key: str, texts: Sequence[Named]) -> list[int]:
        by_id = bool(_ID.fullmatch(key))
        found = [at for at, text in enumerate(texts) if by_id and text.text_id.startswith(key)]
        if not found:
            found = [at for at, text in enumerate(texts) if key in text.files]
            if len(found) > 1 and decision.kind == "always-merge":
                self.notes.append(f"{decision}: {key} contains {len(found)} posts; name one of them by its id")
                return []
        if not found:
            self.notes.append(f"{decision}: no text has the id, and no page has the name, {key}")
        return found

    def apart(self, one: int, other: int) -> bool:
        """Whether the user decided that two texts are never one post."""
        return frozenset((one, other)) in self._never

    def together(self, text: int) -> set[int]:
        """The texts that the user decided are one post with this one."""
        return self._always.get(text, set())
