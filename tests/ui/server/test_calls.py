"""Calls of the page's handlers: what a browser sends is passed on, everything else is refused before gradio sees it."""

from __future__ import annotations

import json

import pytest

from ui.server.calls import read_call
from ui.server.refusals import Refused
from ui.server.routes import find_route

ALL = frozenset({"auth", "mcp"})
JOIN = "/gradio_api/queue/join"


def _read(path: str, call: object) -> dict[str, object]:
    route = find_route("POST", path, ALL)
    assert route is not None
    body = call if isinstance(call, bytes) else json.dumps(call).encode()
    found: dict[str, object] = json.loads(read_call(route, body, frozenset({3}), frozenset({7})))
    return found


def test_what_a_browser_sends_is_passed_on() -> None:
    """The calls of the page and of gradio's clients."""
    joined = {
        "data": ["q", None],
        "event_data": {"post": "p"},
        "fn_index": 3,
        "trigger_id": None,
        "session_hash": "ab1",
    }
    assert _read(JOIN, joined) == joined
    asked = {"data": "p:1-2", "component_id": 7, "fn_name": "get_source", "session_hash": "x"}
    assert _read("/gradio_api/component_server/", asked) == asked
    assert _read("/gradio_api/run/ask", {"data": ["Wer? 🦉"], "fn_index": 3}) == {"data": ["Wer? 🦉"]}


_GOOD: dict[str, object] = {"data": [], "fn_index": 3, "session_hash": "s"}


@pytest.mark.parametrize(
    "call",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b"null",
        b'"x"',
        b"[" * 100_000,
        b'{"data": ' + b"[" * 50 + b"]" * 50 + b', "fn_index": 3, "session_hash": "s"}',
        b'{"data": ["\\ud800"], "fn_index": 3, "session_hash": "s"}',
        b'{"data": [' + b"9" * 10_000 + b'], "fn_index": 3, "session_hash": "s"}',
        {},
        {**_GOOD, "fn_index": 4},
        {**_GOOD, "fn_index": -1},
        {**_GOOD, "fn_index": True},
        {**_GOOD, "fn_index": "3"},
        {**_GOOD, "fn_index": None},
        {**_GOOD, "fn_index": [3]},
        {**_GOOD, "data": "x"},
        {**_GOOD, "data": None},
        {**_GOOD, "trigger_id": {}},
        {**_GOOD, "session_hash": None},
        {**_GOOD, "session_hash": ["s"]},
        {**_GOOD, "session_hash": "../s"},
        {**_GOOD, "session_hash": "s" * 65},
        {"data": [], "fn_index": 3},
    ],
    ids=lambda call: str(call)[:40],
)
def test_what_no_browser_sends_is_refused(call: object) -> None:
    """A sentence and a status, before gradio sees it."""
    with pytest.raises(Refused) as refusal:
        _read(JOIN, call)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "values",
    [
        *([], [None], [5], [["q"]], [""], ["  "], ["x" * 10_001], ["q", "earlier"], ["q", None, 5]),
        *(["q", None, None, "yes"], ["q", None, None, True, 1.5], ["q", None, None, True, False, 1]),
        *(["q", [None]], ["q", ["earlier", 5]], ["q", [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]]),
    ],
    ids=lambda values: str(values)[:40],
)
def test_a_program_that_asks_with_other_values_is_reported(values: list[object]) -> None:
    """A wrong question is an error of the sender, on both endpoints."""
    for path in ("/gradio_api/run/ask", "/gradio_api/call/ask"):
        with pytest.raises(Refused) as refusal:
            _read(path, {"data": values})
        assert refusal.value.status == 400


def test_a_program_may_say_all_that_can_be_asked() -> None:
    """Each value, and none for those with a default."""
    for values in (["q"], ["q", None], ["q", ["earlier"], "p", True, False], ["q", None, None, None, None]):
        assert _read("/gradio_api/run/ask", {"data": values}) == {"data": values}


@pytest.mark.parametrize(
    "change",
    [
        {"fn_name": "__init__"},
        {"fn_name": "postprocess"},
        {"component_id": 1},
        {"component_id": "7"},
        {"session_hash": 1},
    ],
)
def test_only_the_pane_answers_by_itself(change: dict[str, object]) -> None:
    """No other function of any component can be called."""
    asked = {"data": "p:1-2", "component_id": 7, "fn_name": "get_source", "session_hash": "x", **change}
    with pytest.raises(Refused):
        _read("/gradio_api/component_server/", asked)
