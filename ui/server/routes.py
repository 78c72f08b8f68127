"""Every route of gradio: those that the page serves, with what each takes, and those that stay closed, with the reason.

Routes in neither list are not served; a test compares both lists with gradio's routes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["CLOSED_ROUTES", "OPEN_ROUTES", "SESSION_PATTERN", "Route", "find_route"]

BodyKind = Literal["none", "json", "login", "upload", "mcp"]
OptionName = Literal["", "mcp", "auth"]
SessionKind = Literal["", "window", "stream", "call"]

SESSION_PATTERN = r"[A-Za-z0-9_-]{1,64}"


@dataclass(frozen=True, slots=True)
class Route:
    """One route that is served.

    ``route`` is gradio's own pattern, ``path`` the part of it that is served. ``keys`` has the fields of a JSON body
    that are passed on; others are dropped. A route with an ``option`` exists only if that option was given. With
    ``--auth``, all except those ``before_login`` need a log-in. When a request with a ``session`` ends, a session may
    end: that of a browser's window, of a stream of answers, or of one call, the last part of its path.
    """

    methods: frozenset[str]
    route: str
    path: re.Pattern[str]
    body: BodyKind = "none"
    keys: frozenset[str] = frozenset()
    option: OptionName = ""
    before_login: bool = False
    session: SessionKind = ""


def _route(
    methods: str,
    route: str,
    path: str = "",
    body: BodyKind = "none",
    keys: str = "",
    option: OptionName = "",
    *,
    before_login: bool = False,
    session: SessionKind = "",
) -> Route:
    return Route(
        frozenset(methods.split()),
        route,
        re.compile(path or re.escape(route), re.ASCII),
        body,
        frozenset(keys.split()),
        option,
        before_login,
        session,
    )


_API = "/gradio_api"
_CALL = "data event_data fn_index trigger_id session_hash"

OPEN_ROUTES = (
    # the page and its parts: files of the installed package and the description of the page
    _route("GET HEAD", "/"),
    _route("GET", "/config"),
    _route("GET", "/config/"),
    _route("GET", "/theme.css"),
    _route("GET", f"{_API}/theme.css"),
    _route("GET", "/favicon.ico"),
    _route("GET", "/robots.txt"),
    _route("GET", "/manifest.json"),
    _route("GET", "/static/{path:path}", r"/static/[\w./@-]{1,300}"),
    _route("GET", "/assets/{path:path}", r"/assets/[\w./@-]{1,300}"),
    _route("GET", "/svelte/{path:path}", r"/svelte/[\w./@-]{1,300}"),
    _route("GET", f"{_API}/info"),
    _route("GET", f"{_API}/info/"),
    _route("GET", f"{_API}/app_id"),
    _route("GET", f"{_API}/app_id/"),
    # gradio requests this itself when it starts; it reveals nothing
    _route("GET", f"{_API}/startup-events", before_login=True),
    # the browser's open streams, and the calls of the page's handlers
    _route("GET", f"{_API}/heartbeat/{{session_hash}}", rf"{_API}/heartbeat/{SESSION_PATTERN}", session="window"),
    _route("POST", f"{_API}/queue/join", body="json", keys=_CALL),
    _route("GET", f"{_API}/queue/data", session="stream"),
    _route("POST", f"{_API}/cancel", body="json", keys="session_hash fn_index event_id"),
    _route("POST", f"{_API}/reset", body="json", keys="event_id"),
    _route("POST", f"{_API}/reset/", body="json", keys="event_id"),
    _route("POST", f"{_API}/component_server", body="json", keys="data component_id fn_name session_hash"),
    _route("POST", f"{_API}/component_server/", body="json", keys="data component_id fn_name session_hash"),
    # files in and out
    _route("POST", f"{_API}/upload", body="upload"),
    _route("GET", f"{_API}/upload_progress"),
    _route(
        "GET HEAD", f"{_API}/file={{path_or_url:path}}", rf"{_API}/file=(?!\s*(?:\w+:|//|\\))[^\x00-\x1f]{{1,1000}}"
    ),
    # the one public endpoint
    _route("POST", f"{_API}/run/{{api_name}}", rf"{_API}/run/ask", body="json", keys="data"),
    _route("POST", f"{_API}/run/{{api_name}}/", rf"{_API}/run/ask/", body="json", keys="data"),
    _route("POST", f"{_API}/call/{{api_name}}", rf"{_API}/call/ask", body="json", keys="data"),
    _route("POST", f"{_API}/call/{{api_name}}/", rf"{_API}/call/ask/", body="json", keys="data"),
    _route("GET", f"{_API}/call/{{api_name}}/{{event_id}}", rf"{_API}/call/ask/{SESSION_PATTERN}", session="call"),
    # with --auth
    _route("POST", "/login", body="login", option="auth"),
    _route("POST", "/login/", body="login", option="auth"),
    _route("GET", "/logout", option="auth"),
    # with --mcp
    _route("GET POST DELETE", f"{_API}/mcp", rf"{_API}/mcp/?", body="mcp", option="mcp"),
)

# Gradio's routes that this page does not need, and what each does.
CLOSED_ROUTES = {
    "/login": "without --auth there is nothing to log in to",
    "/login/": "the same",
    "/logout": "the same",
    f"{_API}/user": "says who is logged in",
    f"{_API}/user/": "the same",
    f"{_API}/login_check": "says whether anyone is",
    f"{_API}/login_check/": "the same",
    f"{_API}/token": "returns the session's key, which scripts of the page must not read",
    f"{_API}/token/": "the same",
    f"{_API}/dev/reload": "watches the program's files",
    f"{_API}/runs": "a history of calls, which is not kept",
    f"{_API}/runs/": "the same",
    f"{_API}/deep_link": "writes a session's state to disk for everyone who has the link",
    f"{_API}/openapi.json": "a schema; ui/README.md documents the one endpoint",
    f"{_API}/custom_component/{{id}}/{{environment}}/{{type}}/{{file_name}}": "parts of unused components",
    f"{_API}/proxy={{url_path:path}}": "fetches another page from the network",
    f"{_API}/file/{{path:path}}": "an older name of file=",
    f"{_API}/stream/{{event_id}}": "sound and video, of which there are none",
    f"{_API}/stream/{{event_id}}/close": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist.m3u8": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/{{segment_id}}.{{ext}}": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist-file": "the same",
    f"{_API}/api/{{api_name}}": "an older name of run/",
    f"{_API}/api/{{api_name}}/": "the same",
    f"{_API}/call/v2/{{api_name}}": "a newer name of call/, which fails on unknown arguments",
    f"{_API}/call/v2/{{api_name}}/": "the same",
    f"{_API}/call/v2/{{api_name}}/{{event_id}}": "the same",
    f"{_API}/queue/status": "says how many calls are waiting",
    "/pwa_icon": "the icon of an installable app, which this is not",
    "/pwa_icon/{size}": "the same; makes pictures of any size",
    "/monitoring": "shows how the page is used",
    "/monitoring/summary": "the same",
    "/monitoring/{key}": "the same",
    f"{_API}/process_recording": "accepts screen recordings",
    f"{_API}/vibe-edit": "changes the program",
    f"{_API}/vibe-edit/": "the same",
    f"{_API}/undo-vibe-edit": "the same",
    f"{_API}/undo-vibe-edit/": "the same",
    f"{_API}/vibe-code": "shows and changes the program",
    f"{_API}/vibe-code/": "the same",
    f"{_API}/vibe-starter-queries": "sends the program to a server",
    f"{_API}/vibe-starter-queries/": "the same",
}


_CLIMBS = re.compile(r"(?:^|[/=])\.\.(?:/|$)|\\")


def find_route(method: str, path: str, options: frozenset[str]) -> Route | None:
    """The served route of a request, or None if there is none.

    >>> find_route("GET", "/config", frozenset()).route
    '/config'
    >>> find_route("GET", "/static/../secrets", frozenset()) is None
    True
    """
    if _CLIMBS.search(path):
        return None
    for route in OPEN_ROUTES:
        if method in route.methods and route.path.fullmatch(path) and (not route.option or route.option in options):
            return route
    return None
