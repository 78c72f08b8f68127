"""The Ask tab's handlers: what a saved file is called, and which conversation a changed index redraws."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from rag.records import Answer
from ui.services.conversation import Window, keep
from ui.tabs import ask_handlers
from ui.tabs.ask_handlers import Handlers, redrawn, shown
from ui.views.answer import Turn
from ui.views.html import Markup

if TYPE_CHECKING:
    import pytest

    from ui.services.index_holder import Shelf


def test_a_saved_file_has_the_title_of_its_conversation(tmp_path: Path) -> None:
    """The first question, until the reader gives the conversation another; also if it is not saved."""
    handlers = Handlers(cast("Shelf", SimpleNamespace(home=tmp_path)))
    window = Window(browser="b" * 32)
    turns: tuple[Turn, ...] = (Turn("Who shut it?", Answer("Who shut it?", "no_answer", 0.1, "low"), ""),)

    def heading() -> str:
        path = handlers.writing("md")(turns, window, None)
        assert path is not None
        return Path(path).read_text(encoding="utf-8").splitlines()[0]

    assert heading() == "# Who shut it?"
    saved = handlers.saved(None, window)
    assert saved is not None
    turns, _ = keep(saved, turns)
    assert heading() == "# Who shut it?"
    assert saved.rename(turns[0].conversation_id, "Gates and keys")
    assert heading() == "# Gates and keys"
    assert handlers.writing("md")((), window, None) is None


def test_a_conversation_left_while_the_log_is_redrawn_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages were added, and a new conversation is started just then."""
    turn = Turn("Who shut it?", Answer("Who shut it?", "no_answer", 0.1, "low"), "")
    shelf = cast("Shelf", SimpleNamespace(generation=lambda: 1))
    window = Window()
    assert "Who shut it?" in shown(shelf, (turn,), window)[0]
    assert "Who shut it?" in redrawn(shelf, window)

    def show_and_leave(_: Shelf, turns: tuple[Turn, ...]) -> Markup:
        window.turns = ()
        return Markup("the conversation") if turns else Markup("a first look")

    monkeypatch.setattr(ask_handlers, "show", show_and_leave)
    assert redrawn(shelf, window) == "a first look"
