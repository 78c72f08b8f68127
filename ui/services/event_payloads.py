"""Checks what a browser sends with an event before any handler sees it, because anyone can forge it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_TEXT_CHARS", "WRONG_CALL", "are_questions", "checked_files", "checked_text", "record"]

# The longest text that a handler reads is the address of the page with a question of ten thousand characters; longer
# text is cut to one character more, so that the handler still sees that it is too long.
MAX_TEXT_CHARS = 50_000

# The title of an error of the caller, such as an unknown post; gradio itself answers every error with status 500.
WRONG_CALL = "Wrong call"

# Files of one event: the browser sends a dropped folder whole, and the handler reports that it is too large.
MAX_NAMED_FILES = 5_000


class _GradioEvent(Protocol):
    """The part of gradio's event that is used here."""

    _data: object


def record(event: _GradioEvent) -> Mapping[str, object]:
    """The fields sent with an event of a component; empty if it did not send a record."""
    data = event._data  # noqa: SLF001 - gradio offers no other way to the event's own record
    return data if isinstance(data, dict) else {}


def checked_text(value: object) -> str | None:
    """A text input, cut if it is longer than any handler reads.

    Raises:
        InputError: it is not text.

    """
    if value is None or isinstance(value, str):
        return value[: MAX_TEXT_CHARS + 1] if value is not None else None
    raise InputError("This is not text")


def checked_files(value: object, folder: Path) -> object:
    """A file input: nothing, one file or a list of files, each already uploaded to ``folder``.

    Raises:
        InputError: it names another file, an address, or nothing at all.

    """
    if value is None:
        return None
    given = value if isinstance(value, list) else [value]
    if len(given) > MAX_NAMED_FILES:
        raise InputError("There are too many files", expected=f"at most {MAX_NAMED_FILES:,}")
    inside = folder.resolve()
    files = [_file(item, inside) for item in given]
    return files if isinstance(value, list) else files[0]


def _file(item: object, folder: Path) -> dict[str, object]:
    path = item.get("path") if isinstance(item, dict) else None
    if not isinstance(path, str) or "\0" in path:
        raise InputError("Only files that were uploaded here can be used")
    try:
        place = Path(path).resolve()
        known = folder in place.parents and place.is_file()
    except OSError:
        known = False
    if not known:
        raise InputError("Only files that were uploaded here can be used", remedy="Drop them again.")
    # nothing else that was sent is used: gradio would fetch an address given there
    return {"path": str(place), "orig_name": place.name, "meta": {"_type": "gradio.FileData"}}


def are_questions(history: object) -> bool:
    """Whether these can be earlier questions; gradio takes some objects among them for files, and fails."""
    return history is None or (isinstance(history, list) and all(isinstance(one, str) for one in history))
