"""What gradio forgets about ended sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from made_requests import Event
from made_requests import page as made_page

from ui.server import program as program_module

if TYPE_CHECKING:
    import pytest


def test_what_belongs_to_a_session_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call's at its end, a window's once many others were closed after it; one that comes back keeps its own."""
    monkeypatch.setattr(program_module, "MAX_CLOSED", 2)
    page = made_page()
    program = page.program
    queue = program._queue
    every = (
        program.session_data,
        program.time_last_used,
        queue.pending_event_ids_session,
        queue.pending_messages_per_session,
    )
    for kept in every:
        kept.update(dict.fromkeys(("call1", "a", "b", "c", "d"), 1))
    page.ask("/gradio_api/call/ask/call1")
    for name in ("a", "b", "a", "c", "d"):
        page.ask(f"/gradio_api/heartbeat/{name}")
    for kept in every:
        assert sorted(kept) == ["c", "d"]
    page.ask("/gradio_api/heartbeat/c")
    page.ask("/gradio_api/heartbeat/e")
    assert sorted(program.session_data) == ["c"]


def test_a_session_without_a_window_goes_after_its_last_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of programs that read a stream of answers without a window, the newest are kept; a window's stay."""
    monkeypatch.setattr(program_module, "MAX_CLOSED", 1)
    page = made_page()
    page.rules.sessions.windows["w"] = 1
    page.program.session_data.update(dict.fromkeys("wab", 1))
    for name in "wab":
        page.ask("/gradio_api/queue/data", query_string=f"session_hash={name}")
    assert sorted(page.program.session_data) == ["b", "w"]
    assert page.ask("/gradio_api/queue/data", query_string="&".join("session_hash" for _ in range(50))).status == 200


def test_what_a_call_still_writes_to_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of an ended session stay as long as one of its calls is being worked on, which would otherwise fail."""
    monkeypatch.setattr(program_module, "MAX_CLOSED", 0)
    page = made_page()
    queue = page.program._queue
    queue.pending_messages_per_session["a"] = 1
    queue.event_ids_to_events["1"] = Event("a", "10.0.0.1")
    page.ask("/gradio_api/heartbeat/a")
    assert queue.pending_messages_per_session == {"a": 1}
    queue.event_ids_to_events.clear()
    page.ask("/gradio_api/heartbeat/a")
    assert not queue.pending_messages_per_session
