"""The list of saved conversations at the side of the page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from rag.text.plurals import amount
from ui.views.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["saved_list"]

# Conversations listed at once; the search covers all. The list is sent with every answer: 60 take 30 kB.
MAX_LISTED = 60


class Summary(Protocol):
    """The parts of a conversation that the list shows."""

    @property
    def conversation_id(self) -> str:
        """Its id in addresses."""

    @property
    def title(self) -> str:
        """Its name: the first question, or the one given by the reader."""

    @property
    def updated(self) -> float:
        """The time of its last question, in seconds since 1970."""

    @property
    def questions(self) -> tuple[str, ...]:
        """Its questions."""


def saved_list(saved: Sequence[Summary], find: str = "", deleted: Summary | None = None) -> Markup:
    """The conversations whose title or questions have all words of ``find``; ``deleted`` can still be restored."""
    words = find.casefold().split()
    found = [one for one in saved if all(word in _searched(one) for word in words)] if words else list(saved)
    rows = [_row(one) for one in found[:MAX_LISTED]]
    left = len(found) - len(rows)
    empty = "No conversation has all of these words." if words else "Conversations are saved here as you ask."
    return tag(
        "div",
        _undo(deleted) if deleted is not None else None,
        tag("ul", *rows, class_="saved-rows") if rows else tag("p", empty, class_="faint"),
        tag("p", f"{left:,} older ones: search for them.", class_="faint") if left else None,
        class_="saved",
        data_total=len(saved),
    )


def _searched(one: Summary) -> str:
    return "\n".join((one.title, *one.questions)).casefold()


def _row(one: Summary) -> Markup:
    return tag(
        "li",
        tag("a", one.title, href=f"?c={one.conversation_id}", class_="saved-open", dir="auto"),
        tag("span", f"{_when(one.updated)} · {amount(len(one.questions), 'question')}", class_="faint"),
        tag(
            "span",
            tag("button", "Rename", type="button", class_="quiet", data_rename=True, aria_label=f"Rename: {one.title}"),
            tag("button", "Delete", type="button", class_="quiet", data_delete=True, aria_label=f"Delete: {one.title}"),
            class_="saved-tools",
        ),
        data_id=one.conversation_id,
    )


def _undo(deleted: Summary) -> Markup:
    return tag(
        "p",
        tag("span", "Deleted: ", tag("cite", deleted.title, dir="auto")),
        " ",
        tag("button", "Undo", type="button", class_="quiet", data_undo=deleted.conversation_id),
        class_="saved-undo",
        role="status",
    )


def _when(updated: float) -> str:
    """The time of one of today's conversations, the date of an older one."""
    at = time.localtime(updated)
    today = time.strftime("%Y-%m-%d", at) == time.strftime("%Y-%m-%d")
    return time.strftime("%H:%M" if today else "%Y-%m-%d", at)
