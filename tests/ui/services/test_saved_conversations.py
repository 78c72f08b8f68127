"""Saved conversations: whole, separate for each account, and never lost silently."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rag.errors import InputError
from rag.records import Answer, Location, Quote, Span
from ui.services import saved_conversations
from ui.services.conversation import branch, keep, reopened
from ui.services.saved_conversations import SavedConversations, conversations_of
from ui.views.answer import Turn, render_turn

if TYPE_CHECKING:
    from pathlib import Path

QUOTE = Quote("The gate – “shut”.", "p1", "The gate", 1.5, 3, 21, (Location("a.txt", 3, 21, "0" * 64),), "2014-10-02")


def _turn(question: str, order: int = 0, status: str = "answered") -> Turn:
    answer = Answer(question, status, 0.8, "high", (QUOTE,), uncovered=("x",), parts=())  # type: ignore[arg-type]
    return Turn(question, answer, "?q=x", "p1", "The gate", ("Before?",), order, "g-1")


@pytest.fixture
def saved(tmp_path: Path) -> SavedConversations:
    """An empty folder of conversations."""
    return SavedConversations(tmp_path / "everyone")


def test_a_conversation_comes_back_as_it_was(saved: SavedConversations) -> None:
    """Question, answer with every quote and place, scope, history and order, rendered the same."""
    turns, problem = keep(saved, (_turn("Who shut it?"),))
    assert problem == ""
    turns, _ = keep(saved, (*turns, _with_id(_turn("And why?", 1), turns)))
    name = turns[-1].conversation_id
    again = reopened(saved, name)
    assert [turn.question for turn in again] == ["Who shut it?", "And why?"]
    assert again[0].answer == turns[0].answer
    assert again[0].scope_title == "The gate"
    assert again[0].history == ("Before?",)
    assert render_turn(again[1]) == render_turn(turns[1])
    assert again[1].conversation_id == name


def _with_id(turn: Turn, turns: tuple[Turn, ...]) -> Turn:
    return replace(turn, conversation_id=turns[-1].conversation_id)


def test_the_list_is_titled_by_the_first_question_until_it_is_renamed(saved: SavedConversations) -> None:
    """A title given by a reader wins, an empty one does not; questions are listed for the search."""
    turns, _ = keep(saved, (_turn("Who shut it?"),))
    name = turns[0].conversation_id
    assert [(one.title, one.questions) for one in saved.listed()] == [("Who shut it?", ("Who shut it?",))]
    assert saved.rename(name, "  Gates \n and keys ")
    assert not saved.rename(name, "  ")
    assert [one.title for one in saved.listed()] == ["Gates and keys"]
    assert len(saved.load(name)) == 1


def test_deleting_can_be_undone(saved: SavedConversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off the list at once, back whole after undo, gone for good when the time for it is over."""
    turns, _ = keep(saved, (_turn("Who?"),))
    name = turns[0].conversation_id
    assert saved.delete(name)
    assert saved.listed() == []
    assert saved.load(name) == []
    assert saved.restore(name)
    assert [one.conversation_id for one in saved.listed()] == [name]
    other, _ = keep(saved, (_turn("When?"),))
    assert saved.delete(name)
    monkeypatch.setattr(saved_conversations, "UNDO_SECONDS", -1.0)
    assert saved.delete(other[0].conversation_id)
    assert not saved.restore(name)


def test_who_asks_on_in_a_deleted_conversation_begins_another(saved: SavedConversations) -> None:
    """Holds: deleted in another window, all that is shown is saved anew, and undo brings the deleted one back whole."""
    turns, _ = keep(saved, (_turn("Who?"),))
    deleted = turns[0].conversation_id
    assert saved.delete(deleted)
    turns, _ = keep(saved, (*turns, _with_id(_turn("When?", 1), turns)))
    anew = turns[-1].conversation_id
    assert {turn.conversation_id for turn in turns} == {anew}
    assert saved.restore(deleted)
    assert [[turn.question for turn in saved.load(name)] for name in (deleted, anew)] == [["Who?"], ["Who?", "When?"]]


def test_what_a_crash_cut_off_is_passed_over(saved: SavedConversations) -> None:
    """Half a line at the end, and a turn of another version, lose no other turn."""
    turns, _ = keep(saved, (_turn("Who?"),))
    path = saved.folder / f"{turns[0].conversation_id}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write('{"turn": {"question": 7}}\n{"turn": {"question": "cut o')
    assert [turn.question for turn in saved.load(turns[0].conversation_id)] == ["Who?"]


@pytest.mark.parametrize(
    "name", ["", "../../etc/pass", "a" * 13, "a/b", "%2e%2e%2f%2e%2e%2f", None, 7, "ABCDEFGHIJK\n"]
)
def test_no_id_from_outside_names_another_file(saved: SavedConversations, name: object) -> None:
    """An invalid id is not a conversation, and nothing is written for it."""
    assert saved.load(name) == []  # type: ignore[arg-type]
    saved.add(name, _turn("Who?"))  # type: ignore[arg-type]
    assert not saved.delete(name)  # type: ignore[arg-type]
    assert not saved.folder.exists()


def test_a_full_folder_says_so_and_keeps_the_old(saved: SavedConversations, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits the page is told in words, the turn stays on the page, and older ones stay saved."""
    first, _ = keep(saved, (_turn("Who?"),))
    monkeypatch.setattr(saved_conversations, "MAX_CONVERSATIONS", 1)
    turns, problem = keep(saved, (_turn("When?"),))
    assert "not saved" in problem
    assert turns[0].question == "When?"
    monkeypatch.setattr(saved_conversations, "MAX_FILE_BYTES", 10)
    with pytest.raises(InputError, match="too long"):
        saved.add(first[0].conversation_id, _turn("Why?"))
    assert [turn.question for turn in saved.load(first[0].conversation_id)] == ["Who?"]


def test_a_question_asked_again_begins_a_conversation_and_leaves_the_old(saved: SavedConversations) -> None:
    """The turns before it are copied, and the old conversation is unchanged."""
    turns, _ = keep(saved, (_turn("Who?"),))
    turns, _ = keep(saved, (*turns, _with_id(_turn("When?", 1), turns)))
    anew = (*branch(turns, 1), _turn("Where?", 1))
    kept, _ = keep(saved, anew)
    assert kept[-1].conversation_id != turns[-1].conversation_id
    assert [turn.question for turn in saved.load(kept[-1].conversation_id)] == ["Who?", "Where?"]
    assert [turn.question for turn in saved.load(turns[-1].conversation_id)] == ["Who?", "When?"]
    assert branch(turns, None) == turns


def test_accounts_and_browsers_see_their_own_only(tmp_path: Path) -> None:
    """One folder for each name or key, whatever a name contains; without either there is none."""

    class Shelf:
        home = tmp_path

    def of(account: str | None, browser: str = "") -> SavedConversations | None:
        return conversations_of(Shelf(), account, browser)  # type: ignore[arg-type]

    known = [of("ann"), of("../ann"), of("Ann"), of("k" * 32), of(None, "k" * 32), of(None, "l" * 32)]
    folders = {saved.folder for saved in known if saved is not None}
    assert len(folders) == len(known)
    assert all(folder.parent == tmp_path / "conversations" for folder in folders)
    for key in ("", "short", "../" * 10, "k" * 65):
        assert of(None, key) is None
    keep(of("ann"), (_turn("Who?"),))
    assert [len(saved.listed()) for saved in (of("Ann"), of("ann")) if saved is not None] == [0, 1]
    assert keep(None, (_turn("Who?"),))[1] == ""
    assert reopened(None, "A" * 12) == ()


def test_keys_that_are_made_up_do_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond this many readers nothing new is kept, and the page says so."""
    monkeypatch.setattr(saved_conversations, "MAX_FOLDERS", 2)
    for number in range(2):
        assert keep(SavedConversations(tmp_path / f"browser-{number}"), (_turn("Who?"),))[1] == ""
    assert "too many people" in keep(SavedConversations(tmp_path / "browser-2"), (_turn("Who?"),))[1]
    assert keep(SavedConversations(tmp_path / "browser-0"), (_turn("When?"),))[1] == ""


def test_words_that_are_not_text_elsewhere_are_kept(saved: SavedConversations) -> None:
    """Line separators and half characters in a question break no line of the file."""
    turns, problem = keep(saved, (_turn("a\u2028b\x85c\nd"),))
    assert problem == ""
    assert [turn.question for turn in saved.load(turns[0].conversation_id)] == ["a\u2028b\x85c\nd"]
    assert Span(0, 0) == turns[0].answer.quotes[0].chunk


def test_nothing_is_read_or_written_through_a_link(tmp_path: Path) -> None:
    """An index from elsewhere may have links and pipes where conversations are stored."""

    class Home:
        home = tmp_path

    mine = tmp_path / "mine.jsonl"
    mine.write_text("[" * 100_000 + "\n")
    saved = conversations_of(Home(), "ann")  # type: ignore[arg-type]
    assert saved is not None
    turns, _ = keep(saved, (_turn("Who shut it?"),))
    name = turns[0].conversation_id
    (saved.folder / f"{name}.jsonl").unlink()
    (saved.folder / f"{name}.jsonl").symlink_to(mine)
    os.mkfifo(saved.folder / f"{'a' * len(name)}.jsonl")
    saved.add(name, _turn("And why?", 1))
    assert saved.load(name) == []
    assert saved.listed() == []
    assert mine.read_text().endswith("[\n")
    kept = saved.folder.rename(tmp_path / "elsewhere")
    (tmp_path / "conversations").mkdir(exist_ok=True)
    saved.folder.symlink_to(kept)
    assert conversations_of(Home(), "ann") is None  # type: ignore[arg-type]


def test_a_file_larger_than_any_conversation_is_not_read(saved: SavedConversations) -> None:
    """Beside an index from elsewhere, one of holes would fill the memory."""
    turns, _ = keep(saved, (_turn("Who shut it?"),))
    with (saved.folder / f"{turns[0].conversation_id}.jsonl").open("ab") as file:
        file.truncate(2**40)
    assert saved.load(turns[0].conversation_id) == []
    assert SavedConversations(saved.folder).listed() == []
