"""Every route of the page: what it is for, what it takes, and all of gradio's that stay shut.

Whatever stands in neither list is not served; a test compares both lists with the routes that gradio has.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["DOORS", "SHUT", "Door", "Refused", "door_for", "read_call"]

Body = Literal["none", "json", "login", "upload", "mcp"]
Option = Literal["", "mcp", "auth"]
Session = Literal["", "window", "stream", "call"]

# Bodies of calls: the largest a browser sends is a drop of 500 files, each named in some hundred bytes.
MAX_CALL_BYTES = 1_000_000

# Nested deeper than any call of the page (a list of files in the list of inputs), shallower than a parser's end.
MAX_DEPTH = 12

_SESSION = r"[A-Za-z0-9_-]{1,64}"


@dataclass(frozen=True, slots=True)
class Door:
    """One route that is open.

    ``route`` is gradio's own pattern, ``path`` the part of it that is served. ``keys`` are the fields of a JSON body
    that are passed on; others are dropped. ``mcp`` and ``auth`` doors exist only where that option was given; with
    ``auth``, all but those ``before_login`` ask who it is. The end of a ``session`` door may be the end of a session:
    that of a browser's window, or of a single call, which is the last part of its path, or that of a stream of answers.
    """

    methods: frozenset[str]
    route: str
    path: re.Pattern[str]
    body: Body = "none"
    keys: frozenset[str] = frozenset()
    option: Option = ""
    before_login: bool = False
    session: Session = ""


def _door(
    methods: str,
    route: str,
    path: str = "",
    body: Body = "none",
    keys: str = "",
    option: Option = "",
    *,
    before_login: bool = False,
    session: Session = "",
) -> Door:
    return Door(
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

DOORS = (
    # the page and its parts: nothing but files of the installed package, and the page's own description
    _door("GET HEAD", "/"),
    _door("GET", "/config"),
    _door("GET", "/config/"),
    _door("GET", "/theme.css"),
    _door("GET", f"{_API}/theme.css"),
    _door("GET", "/favicon.ico"),
    _door("GET", "/robots.txt"),
    _door("GET", "/manifest.json"),
    _door("GET", "/static/{path:path}", r"/static/[\w./@-]{1,300}"),
    _door("GET", "/assets/{path:path}", r"/assets/[\w./@-]{1,300}"),
    _door("GET", "/svelte/{path:path}", r"/svelte/[\w./@-]{1,300}"),
    _door("GET", f"{_API}/info"),
    _door("GET", f"{_API}/info/"),
    _door("GET", f"{_API}/app_id"),
    _door("GET", f"{_API}/app_id/"),
    # gradio asks this itself when it starts; it tells nothing
    _door("GET", f"{_API}/startup-events", before_login=True),
    # what the browser keeps open, and what it asks of the page's own handlers
    _door("GET", f"{_API}/heartbeat/{{session_hash}}", rf"{_API}/heartbeat/{_SESSION}", session="window"),
    _door("POST", f"{_API}/queue/join", body="json", keys=_CALL),
    _door("GET", f"{_API}/queue/data", session="stream"),
    _door("POST", f"{_API}/cancel", body="json", keys="session_hash fn_index event_id"),
    _door("POST", f"{_API}/reset", body="json", keys="event_id"),
    _door("POST", f"{_API}/reset/", body="json", keys="event_id"),
    _door("POST", f"{_API}/component_server", body="json", keys="data component_id fn_name session_hash"),
    _door("POST", f"{_API}/component_server/", body="json", keys="data component_id fn_name session_hash"),
    # files in and out
    _door("POST", f"{_API}/upload", body="upload"),
    _door("GET", f"{_API}/upload_progress"),
    _door("GET HEAD", f"{_API}/file={{path_or_url:path}}", rf"{_API}/file=(?!\s*(?:\w+:|//|\\))[^\x00-\x1f]{{1,1000}}"),
    # the one public endpoint
    _door("POST", f"{_API}/run/{{api_name}}", rf"{_API}/run/ask", body="json", keys="data"),
    _door("POST", f"{_API}/run/{{api_name}}/", rf"{_API}/run/ask/", body="json", keys="data"),
    _door("POST", f"{_API}/call/{{api_name}}", rf"{_API}/call/ask", body="json", keys="data"),
    _door("POST", f"{_API}/call/{{api_name}}/", rf"{_API}/call/ask/", body="json", keys="data"),
    _door("GET", f"{_API}/call/{{api_name}}/{{event_id}}", rf"{_API}/call/ask/{_SESSION}", session="call"),
    # with --auth
    _door("POST", "/login", body="login", option="auth"),
    _door("POST", "/login/", body="login", option="auth"),
    _door("GET", "/logout", option="auth"),
    # with --mcp
    _door("GET POST DELETE", f"{_API}/mcp", rf"{_API}/mcp/?", body="mcp", option="mcp"),
)

# Routes of gradio that this page does not use, and what each would do.
SHUT = {
    "/login": "without --auth there is nothing to log in to",
    "/login/": "the same",
    "/logout": "the same",
    f"{_API}/user": "tells who is logged in",
    f"{_API}/user/": "the same",
    f"{_API}/login_check": "tells whether somebody is",
    f"{_API}/login_check/": "the same",
    f"{_API}/token": "gives out the session's key, which scripts of the page must not read",
    f"{_API}/token/": "the same",
    f"{_API}/dev/reload": "watches the program's files",
    f"{_API}/runs": "a history of calls, which is not kept",
    f"{_API}/runs/": "the same",
    f"{_API}/deep_link": "writes a session's state to the disk for everyone who has the link",
    f"{_API}/openapi.json": "a schema; ui/README.md tells how to call the one endpoint",
    f"{_API}/custom_component/{{id}}/{{environment}}/{{type}}/{{file_name}}": "parts of components that are not used",
    f"{_API}/proxy={{url_path:path}}": "fetches another page of the network",
    f"{_API}/file/{{path:path}}": "an older name of file=",
    f"{_API}/stream/{{event_id}}": "sound and pictures, of which there are none",
    f"{_API}/stream/{{event_id}}/close": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist.m3u8": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/{{segment_id}}.{{ext}}": "the same",
    f"{_API}/stream/{{session_hash}}/{{run}}/{{component_id}}/playlist-file": "the same",
    f"{_API}/api/{{api_name}}": "an older name of run/",
    f"{_API}/api/{{api_name}}/": "the same",
    f"{_API}/call/v2/{{api_name}}": "a newer name of call/, which fails on unknown arguments",
    f"{_API}/call/v2/{{api_name}}/": "the same",
    f"{_API}/call/v2/{{api_name}}/{{event_id}}": "the same",
    f"{_API}/queue/status": "tells how many wait",
    "/pwa_icon": "an app to install, which this is not",
    "/pwa_icon/{size}": "the same; makes pictures of any size",
    "/monitoring": "counts what others do",
    "/monitoring/summary": "the same",
    "/monitoring/{key}": "the same",
    f"{_API}/process_recording": "takes pictures in",
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


def door_for(method: str, path: str, options: frozenset[str]) -> Door | None:
    """The door that a request goes to, None where there is none.

    >>> door_for("GET", "/config", frozenset()).route
    '/config'
    >>> door_for("GET", "/static/../secrets", frozenset()) is None
    True
    """
    if _CLIMBS.search(path):
        return None
    for door in DOORS:
        if method in door.methods and door.path.fullmatch(path) and (not door.option or door.option in options):
            return door
    return None


class Refused(Exception):
    """A request that is not passed on: the status and a sentence for a person."""

    def __init__(self, status: int, words: str, retry_seconds: int = 0) -> None:
        self.status = status
        self.words = words
        self.retry_seconds = retry_seconds
        super().__init__(words)


def read_call(door: Door, body: bytes, handlers: frozenset[int], servers: frozenset[int]) -> bytes:
    """The body of a call as it is passed on: known fields only, each of the kind that gradio expects.

    ``handlers`` are the numbers of the page's events, ``servers`` those of the components that answer by themselves.

    Raises:
        Refused: it is not a call of this page.

    """
    try:
        call = json.loads(body)
        shallow = _depth(call) <= MAX_DEPTH
        kept = {key: value for key, value in call.items() if key in door.keys} if isinstance(call, dict) else None
        encoded = json.dumps(kept, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # a lone half of a character pair fails in the encoding
        raise Refused(400, "The body must be JSON in UTF-8.") from error
    if kept is None or not shallow or not _sound(kept, handlers, servers) or not _complete(door, kept):
        raise Refused(400, "This is not a call that the page understands. ui/README.md tells how to ask.")
    return encoded


def _depth(value: object) -> int:
    deepest, left = 0, [(value, 1)]
    while left:
        item, depth = left.pop()
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH:
            break
        if isinstance(item, dict):
            left.extend((part, depth + 1) for part in item.values())
        elif isinstance(item, list):
            left.extend((part, depth + 1) for part in item)
    return deepest


def _complete(door: Door, call: dict[str, object]) -> bool:
    if "fn_name" in door.keys:
        return call.keys() >= {"data", "component_id", "fn_name", "session_hash"}
    if "data" in door.keys:
        return isinstance(call.get("data"), list) and ("fn_index" not in door.keys or "session_hash" in call)
    return "event_id" in call


def _sound(call: dict[str, object], handlers: frozenset[int], servers: frozenset[int]) -> bool:
    for key, value in call.items():
        if key in ("session_hash", "event_id"):
            right = isinstance(value, str) and re.fullmatch(_SESSION, value, re.ASCII) is not None
        elif key == "fn_index":
            right = type(value) is int and value in handlers
        elif key == "trigger_id":
            right = value is None or type(value) is int
        elif key == "component_id":
            right = type(value) is int and value in servers
        elif key == "fn_name":
            right = value == "get_source"
        elif key == "event_data":
            right = value is None or isinstance(value, (dict, list, str, int, float, bool))
        else:
            right = True
        if not right:
            return False
    return True
