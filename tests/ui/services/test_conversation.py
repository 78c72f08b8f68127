"""The conversation of a window: turns are stored compactly, and an answer stays in its own conversation."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from rag.errors import IndexProblem
from ui.services.conversation import MAX_LINK_CHARS, Window, ask, ask_on, read_link, show
from ui.services.index_holder import LINGER_SECONDS, Shelf
from ui.views.answer import render_turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ui.views.answer import Turn

QUESTION = "When was the World Wide Web invented?"


@pytest.fixture
def shelf(seed_home: Path) -> Iterator[Shelf]:
    """The index of the seed pages."""
    shelf = Shelf(seed_home)
    yield shelf
    shelf.close()


def test_an_answer_that_comes_after_a_new_conversation_began_is_dropped(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked before does not appear in the conversation that was begun meanwhile."""
    window = Window()
    assert [len(turns) for turns in ask_on(shelf, QUESTION, (), None, window)] == [1]

    def begin_another(*given: object, **named: object) -> tuple[Turn, ...]:
        found = ask(*given, **named)  # type: ignore[arg-type]
        window.conversation += 1
        return found

    monkeypatch.setattr("ui.services.conversation.ask", begin_another)
    assert list(ask_on(shelf, QUESTION, (), None, window)) == []


def test_a_turn_is_kept_packed_and_shown_as_it_was_drawn(shelf: Shelf) -> None:
    """A conversation shows what rendering it again would show, and takes a third of the memory at most."""
    turns = ask(shelf, QUESTION, (), None)
    turns = ask(shelf, "Who invented it?", turns, None)
    whole = show(shelf, turns)
    assert sum(len(turn.drawn) for turn in turns) < len(whole) / 3
    (turn,) = ask(shelf, QUESTION, (), None)
    anew = render_turn(turn)
    # the trace is only kept as rendered
    assert str(show(shelf, (turn,))).startswith(f'<div class="turns" data-conversation="">{anew[:2000]}')


def test_a_batch_makes_way_for_readers(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once if nobody asks; shortly after the answer if somebody does; in the end in any case."""

    def wait(_: float) -> None:
        pytest.fail("it waits though nobody asks")

    with monkeypatch.context() as patched:
        patched.setattr("ui.services.index_holder.time.sleep", wait)
        shelf.make_way()
    assert not shelf.asked()
    done = threading.Event()

    def read() -> None:
        with shelf.lend_to_reader():
            done.wait()

    reader = threading.Thread(target=read)
    reader.start()
    while not shelf._readers:
        time.sleep(0.001)
    assert shelf.asked()
    monkeypatch.setattr("ui.services.index_holder.PATIENCE_SECONDS", 0.5)
    began = time.monotonic()
    shelf.make_way()
    assert time.monotonic() - began >= 0.495
    done.set()
    reader.join()
    monkeypatch.setattr("ui.services.index_holder.ASKING_SECONDS", 1e9)
    assert shelf.asked(), "the next question is likely"
    monkeypatch.setattr("ui.services.index_holder.ASKING_SECONDS", 0.0)
    assert not shelf.asked()
    left = shelf._last_reader
    shelf.make_way()
    assert time.monotonic() - left >= LINGER_SECONDS


def test_a_link_carries_as_many_earlier_questions_as_fit(shelf: Shelf) -> None:
    """The last question is always there, however long; earlier ones are left out from the front."""
    turns = ask(shelf, "Who pays?", (), None)
    turns = ask(shelf, "When was the web invented?", turns, None)
    assert [question for question, _ in read_link(turns[-1].link).asked] == ["Who pays?", "When was the web invented?"]
    long = "gate " * (MAX_LINK_CHARS // 5)
    turns = ask(shelf, long, turns, None)
    assert [question for question, _ in read_link(turns[-1].link).asked] == [long.strip()]


def test_a_fast_answer_says_that_the_reader_was_not_asked(shelf: Shelf, seed_home: Path) -> None:
    """For a question of a window that wants it, and for every question of a page that was started with it."""
    (read,) = ask(shelf, QUESTION, (), None)
    ((asked,),) = ask_on(shelf, QUESTION, (), None, Window(fast=True))
    assert (read.fast, asked.fast) == (False, True)
    assert asked.answer.quotes
    always = Shelf(seed_home, fast=True)
    ((turn,),) = ask_on(always, QUESTION, (), None, Window())
    assert turn.fast
    assert "without the reader" in render_turn(turn)
    always.close()


def test_who_still_asks_when_the_page_ends_gets_an_answer(seed_home: Path) -> None:
    """The index is closed by its last borrower, never before; suggestions are still being asked at the end."""
    shelf = Shelf(seed_home)
    with shelf.lend() as index:
        shelf.close()
        assert index.ask(QUESTION).status == "answered"
    with pytest.raises(IndexProblem):
        index.posts()
