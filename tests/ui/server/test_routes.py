"""Every route that gradio has, and what of it this page serves."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ui.server.routes import DOORS, SHUT, Door, Refused, door_for, read_call

if TYPE_CHECKING:
    from pathlib import Path

ALL = frozenset({"auth", "mcp"})
JOIN = "/gradio_api/queue/join"


# In a process of its own: gradio leaves an event loop behind. Newer FastAPI keeps the routes of an included router apart.
_TELL = """
import json, sys
from pathlib import Path
from ui.app import build
page = build(Path(sys.argv[1]))
from gradio.routes import App
page.run_history = False
def flat(routes):
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is None:
            yield route.path
        else:
            yield from flat(inner)
print(json.dumps(list(flat(App.create_app(page, mcp_server=True).routes))))
"""


@pytest.fixture(scope="module")
def routes(seed_home: Path) -> set[str]:
    """Every route of the page as gradio builds it, with the log-in and the tool."""
    done = subprocess.run([sys.executable, "-c", _TELL, str(seed_home)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_route_is_listed_as_open_or_shut(routes: set[str]) -> None:
    """Holds: one that a newer gradio brings, or that goes, is seen here before anybody else sees it."""
    listed = {door.route for door in DOORS} | set(SHUT)
    extra = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}  # switched off where the page is launched
    assert len(routes) > 60
    assert routes - listed - extra == set()
    assert listed - routes == set()


def test_what_is_shut_has_no_door() -> None:
    """Holds: no shut route is served by another door's pattern, with or without options."""
    for route in SHUT:
        path = route.replace("{api_name}", "ask").replace("{path:path}", "x").replace("{", "").replace("}", "")
        if path.rstrip("/") in ("/login", "/logout"):
            assert door_for("GET", path, frozenset()) is None
            assert door_for("POST", path, frozenset()) is None
            continue
        for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
            assert door_for(method, path, ALL) is None, path


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.route)
def test_a_door_takes_its_own_methods_only(door: Door) -> None:
    """Holds: for each open route, with an example path, the listed methods and no other."""
    fill = {"session_hash": "a-b_1", "path:path": "js/x.js", "path_or_url:path": "/t/x.csv", "api_name": "ask"}
    path = door.route
    for name, value in {**fill, "event_id": "e1"}.items():
        path = path.replace("{" + name + "}", value)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", ""):
        found = door_for(method, path, ALL)
        assert (found == door) == (method in door.methods), method
    assert bool(door_for(min(door.methods), path, frozenset())) == (not door.option)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../etc/passwd",
        "/assets/..",
        "/static/..\\..\\x",
        "/static/%2e%2e/x",
        "/assets/\x00",
        "/gradio_api/file=http://evil.test/x",
        "/gradio_api/file=HTTPS://evil.test/x",
        "/gradio_api/file= http://evil.test/x",
        "/gradio_api/file=//evil.test/x",
        "/gradio_api/file=\\\\evil.test\\x",
        "/gradio_api/file=file:///etc/passwd",
        "/gradio_api/file=/tmp/../etc/passwd",
        "/gradio_api/file=../secret",
        "/gradio_api/file=/x\n",
        "/gradio_api/run/page_ask",
        "/gradio_api/run/ask/x",
        "/gradio_api/call/page_add",
        "/gradio_api/mcp/sse",
        "/gradio_api/mcp/schema",
        "/gradio_api/mcp/messages/",
        "/gradio_api/heartbeat/" + "x" * 65,
        "/gradio_api/heartbeat/é",
        "//config",
        "/CONFIG",
        "/config\n",
        "",
    ],
)
def test_paths_that_climb_call_out_or_name_what_is_private_have_no_door(path: str) -> None:
    """Holds: above all the route that fetches any address for whoever asks."""
    assert all(door_for(method, path, ALL) is None for method in ("GET", "HEAD", "POST"))


def _read(path: str, call: object) -> dict[str, object]:
    door = door_for("POST", path, ALL)
    assert door is not None
    body = call if isinstance(call, bytes) else json.dumps(call).encode()
    found: dict[str, object] = json.loads(read_call(door, body, frozenset({3}), frozenset({7})))
    return found


def test_what_a_browser_sends_is_passed_on() -> None:
    """Holds: the calls of the page and of gradio's clients."""
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
    """Holds: a sentence and a status, before gradio sees it."""
    with pytest.raises(Refused) as refusal:
        _read(JOIN, call)
    assert refusal.value.status == 400


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
    """Holds: no other function of no other component can be called."""
    asked = {"data": "p:1-2", "component_id": 7, "fn_name": "get_source", "session_hash": "x", **change}
    with pytest.raises(Refused):
        _read("/gradio_api/component_server/", asked)
