"""Every route of gradio, and which of them this page serves."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ui.server.routes import CLOSED_ROUTES, OPEN_ROUTES, Route, find_route

if TYPE_CHECKING:
    from pathlib import Path

ALL = frozenset({"auth", "mcp"})


# In a process of its own, because gradio leaves an event loop behind. Newer FastAPI keeps the routes of an included
# router separate.
_LIST = """
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
    done = subprocess.run([sys.executable, "-c", _LIST, str(seed_home)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_route_is_listed_as_open_or_shut(routes: set[str]) -> None:
    """A route that a newer gradio adds or removes is noticed here first."""
    listed = {route.route for route in OPEN_ROUTES} | set(CLOSED_ROUTES)
    extra = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}  # switched off when the page is launched
    assert len(routes) > 60
    assert routes - listed - extra == set()
    assert listed - routes == set()


def test_no_closed_route_is_served() -> None:
    """No closed route is served through another route's pattern, with or without options."""
    for route in CLOSED_ROUTES:
        path = route.replace("{api_name}", "ask").replace("{path:path}", "x").replace("{", "").replace("}", "")
        if path.rstrip("/") in ("/login", "/logout"):
            assert find_route("GET", path, frozenset()) is None
            assert find_route("POST", path, frozenset()) is None
            continue
        for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
            assert find_route(method, path, ALL) is None, path


@pytest.mark.parametrize("route", OPEN_ROUTES, ids=lambda route: route.route)
def test_a_route_takes_its_own_methods_only(route: Route) -> None:
    """For each open route, with an example path, the listed methods and no others."""
    fill = {"session_hash": "a-b_1", "path:path": "js/x.js", "path_or_url:path": "/t/x.csv", "api_name": "ask"}
    path = route.route
    for name, value in {**fill, "event_id": "e1"}.items():
        path = path.replace("{" + name + "}", value)
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", ""):
        found = find_route(method, path, ALL)
        assert (found == route) == (method in route.methods), method
    assert bool(find_route(min(route.methods), path, frozenset())) == (not route.option)


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
def test_paths_that_climb_call_out_or_are_private_are_not_served(path: str) -> None:
    """Above all the route that fetches any address for anyone."""
    assert all(find_route(method, path, ALL) is None for method in ("GET", "HEAD", "POST"))
