"""Conversations saved on disk beside the index: one file for each, one folder for each account.

If the page has no accounts, each browser has its own key instead, so that readers who share a page do not see each
other's questions.

A file is an append-only log: each line has a title, or a turn with its whole answer. A last line cut off by a crash is
ignored, and renaming never rewrites an answer. The file of a deleted conversation is kept under another name until it
can no longer be restored.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import stat
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.errors import InputError
from rag.store.plain_files import regular_bytes
from ui.views.answer import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import TypeAdapter

    from rag.records import Answer
    from ui.services.index_holder import Shelf

__all__ = ["MAX_CONVERSATIONS", "Saved", "SavedConversations", "conversations_of"]

# Conversations of one account. An estimate: ten a day for three months; all are listed, and the list is sent whole.
MAX_CONVERSATIONS = 1_000

# Bytes of one conversation: an answer takes 4 to 13 kB, so this is about a thousand turns.
MAX_FILE_BYTES = 10_000_000

# The most bytes read of one: in an index from elsewhere, a file can be of any size.
MAX_READ_BYTES = 2 * MAX_FILE_BYTES

# How long a deleted conversation can be restored.
UNDO_SECONDS = 86_400.0

MAX_TITLE_CHARS = 120

# Accounts and browsers whose conversations are saved. An estimate: a page not meant for the open internet has fewer
# readers, and made-up keys must not fill the disk.
MAX_FOLDERS = 2_000

# How many of those are kept in memory; the lists of others are read again when needed.
MAX_OPEN = 200

_ID = re.compile(r"[A-Za-z0-9_-]{12}")
_KEY = re.compile(r"[A-Za-z0-9_-]{20,64}")
_DELETED = ".deleted"


@dataclass(frozen=True, slots=True)
class Saved:
    """One conversation in the list; ``questions`` is searched when the list is filtered."""

    conversation_id: str
    title: str
    updated: float
    questions: tuple[str, ...] = ()


@dataclass(slots=True)
class SavedConversations:
    """The conversations of one account in a folder. Thread-safe within the process."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: dict[str, tuple[int, Saved]] = field(default_factory=dict)

    def new_id(self) -> str:
        """A new id that cannot be guessed."""
        return secrets.token_urlsafe(9)

    def listed(self) -> list[Saved]:
        """All conversations, latest first."""
        with self._lock:
            found = [saved for path in self._files() if (saved := self._summary(path)) is not None]
        return sorted(found, key=lambda saved: -saved.updated)

    def load(self, conversation_id: str) -> list[Turn]:
        """The turns of a conversation in order; empty if there is no such conversation."""
        path = self._path(conversation_id)
        if path is None:
            return []
        turns: list[Turn] = []
        for line in _lines(path):
            turn = _turn(line)
            if turn is not None:
                turns.append(replace(turn, order=len(turns)))
        return turns

    def title(self, conversation_id: str) -> str | None:
        """What a conversation is called in the list; None if there is no such conversation."""
        path = self._path(conversation_id)
        with self._lock:
            saved = self._summary(path) if path is not None else None
        return None if saved is None else saved.title

    def has(self, conversation_id: str) -> bool:
        """Whether there is such a conversation, not deleted."""
        path = self._path(conversation_id)
        return path is not None and path.exists()

    def add(self, conversation_id: str, turn: Turn) -> None:
        """Save one more turn; the first one creates the conversation.

        Raises:
            InputError: it cannot be saved; the message is for a person.

        """
        path = self._path(conversation_id)
        if path is None:
            return
        try:
            with self._lock:
                if not self.folder.exists() and _count(self.folder.parent) >= MAX_FOLDERS:
                    raise InputError("This conversation is not saved: too many people keep conversations here")
                self.folder.mkdir(parents=True, exist_ok=True)
                if not path.exists() and sum(1 for _ in self._files()) >= MAX_CONVERSATIONS:
                    raise InputError(
                        "This conversation is not saved",
                        expected=f"at most {MAX_CONVERSATIONS:,} conversations",
                        remedy="Delete some.",
                    )
                _append(path, {"turn": _adapter().dump_python(_small(turn), mode="json", exclude_defaults=True)})
        except OSError as error:
            raise InputError(f"This conversation is not saved: {error.strerror or 'the disk is full'}.") from error

    def rename(self, conversation_id: str, title: str) -> bool:
        """Rename a conversation; False if there is none, or the title is empty."""
        words = " ".join(title.split())[:MAX_TITLE_CHARS]
        path = self._path(conversation_id)
        if path is None or not words or not self.has(conversation_id):
            return False
        with self._lock:
            _append(path, {"title": words})
        return True

    def delete(self, conversation_id: str) -> bool:
        """Remove a conversation from the list; it can be restored for a day."""
        return self._move(conversation_id, "", _DELETED)

    def restore(self, conversation_id: str) -> bool:
        """Restore a deleted conversation."""
        return self._move(conversation_id, _DELETED, "")

    def _move(self, conversation_id: str, before: str, after: str) -> bool:
        path = self._path(conversation_id)
        if path is None:
            return False
        with self._lock:
            try:
                moved = path.with_name(path.name + before).rename(path.with_name(path.name + after))
                if after:
                    moved.touch()  # the time to restore it begins now
            except OSError:
                return False
            self._clear()
        return True

    def _clear(self) -> None:
        oldest = time.time() - UNDO_SECONDS
        for path in self.folder.glob(f"*.jsonl{_DELETED}"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _path(self, conversation_id: object) -> Path | None:
        """The file of a conversation; None if the id is not valid, or a link or pipe is there."""
        known = isinstance(conversation_id, str) and _ID.fullmatch(conversation_id)
        path = self.folder / f"{conversation_id}.jsonl"
        return path if known and _is_own(path) else None

    def _files(self) -> Iterator[Path]:
        return (path for path in self.folder.glob("*.jsonl") if _is_own(path))

    def _summary(self, path: Path) -> Saved | None:
        try:
            at = path.stat()
        except OSError:
            return None
        known = self._known.get(path.stem)
        if known is not None and known[0] == at.st_size:
            return known[1]
        questions: list[str] = []
        title = ""
        for line in _lines(path):
            if isinstance(line.get("title"), str):
                title = line["title"]
            elif isinstance(line.get("turn"), dict):
                questions.append(str(line["turn"].get("question", "")))
        if not questions:
            return None
        saved = Saved(path.stem, title or questions[0][:MAX_TITLE_CHARS], at.st_mtime, tuple(questions))
        self._known[path.stem] = (at.st_size, saved)
        return saved


_open: OrderedDict[Path, SavedConversations] = OrderedDict()
_opening = threading.Lock()


def conversations_of(shelf: Shelf, account: str | None, browser: str = "") -> SavedConversations | None:
    """The conversations of an account, or of a browser by its key; None without either."""
    if account is None and not _KEY.fullmatch(browser):
        return None
    # a name may contain anything, but its hash is a safe folder name
    kind, name = ("browser", browser) if account is None else ("account", account)
    folder = shelf.home / "conversations" / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    if not _is_own(folder):
        return None
    with _opening:
        saved = _open.setdefault(folder, SavedConversations(folder))
        _open.move_to_end(folder)
        while len(_open) > MAX_OPEN:
            _open.popitem(last=False)
    return saved


@cache
def _adapter() -> TypeAdapter[Turn]:
    from pydantic import TypeAdapter

    return TypeAdapter(Turn)


def _is_own(path: Path) -> bool:
    """Whether a path is a plain file or folder, or unused; an index from elsewhere may have links and pipes."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def _small(turn: Turn) -> Turn:
    """A turn as saved: not rendered, and without how it was found, which is ten times the size of the answer."""
    return replace(turn, drawn=b"", answer=_shortened(turn.answer))


def _shortened(answer: Answer) -> Answer:
    return replace(answer, trace=None, parts=tuple(map(_shortened, answer.parts)))


def _turn(line: dict[str, Any]) -> Turn | None:
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(line["turn"]) if "turn" in line else None
    except ValidationError:  # written by another version
        return None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = regular_bytes(path, MAX_READ_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.split("\n"):
        with contextlib.suppress(ValueError, RecursionError):
            row = json.loads(line)
            if isinstance(row, dict):
                yield row


def _append(path: Path, row: dict[str, object]) -> None:
    line = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    with path.open("ab") as file:
        if file.tell() + len(line) > MAX_FILE_BYTES:
            raise OSError(0, "it is too long. Begin a new one")
        file.write(line)
