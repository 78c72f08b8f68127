"""Made-up requests for tests of the server, and the parts of gradio's application that the guard uses."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ui.server.login import Login
from ui.server.middleware import Guard, Rules
from ui.server.origins import own_origins

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

ASK = "/gradio_api/run/ask"
JOIN = "/gradio_api/queue/join"


@dataclass
class Event:
    """A call that is waiting or being worked on, and its request."""

    session_hash: str
    address: str

    @property
    def request(self) -> Event:
        return self

    @property
    def scope(self) -> dict[str, object]:
        return {"client": (self.address, 5)}


@dataclass
class Queue:
    """The parts of gradio's queue that the guard uses."""

    max_size: int | None = 2
    waiting: int = 0
    pending_event_ids_session: dict[str, int] = field(default_factory=dict)
    pending_messages_per_session: dict[str, int] = field(default_factory=dict)
    event_ids_to_events: dict[str, Event] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.waiting


@dataclass
class Program:
    """The parts of gradio's application that the guard uses; it answers with the body and headers it was given."""

    tokens: dict[str, str] = field(default_factory=dict)
    cookie_id: str = "c"
    session_data: dict[str, int] = field(default_factory=dict)
    time_last_used: dict[str, int] = field(default_factory=dict)
    _queue: Queue = field(default_factory=Queue)
    seen: list[tuple[Scope, bytes]] = field(default_factory=list)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def get_blocks(self) -> Program:
        return self

    @property
    def state_holder(self) -> Program:
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.seen.append((scope, body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1"), *self.headers]})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Answer:
    """A response as seen by a browser."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes:
        return dict(self.headers).get(name, b"")


@dataclass
class Page:
    """A guard in front of that program."""

    rules: Rules
    program: Program = field(default_factory=Program)

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        *,
        host: str = "127.0.0.1:7860",
        body: bytes | None = None,
        address: str = "127.0.0.1",
        query_string: str = "",
        **headers: str,
    ) -> Answer:
        """One request and its response."""
        sent: list[Message] = []
        parts = [body or b""]

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": parts.pop(0)} if parts else {"type": "http.disconnect"}

        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if body is not None and "content_length" not in headers:
            pairs.append((b"content-length", str(len(body)).encode()))
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(b"host", host.encode()), *pairs],
            "query_string": query_string.encode(),
            "app": self.program,
            "client": (address, 5),
            "server": ("127.0.0.1", 7860),
        }
        serve = Guard(self.program, self.rules)
        # a loop may be running already in this thread, because the browser's driver keeps one
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, serve(scope, receive, send)).result()
        start, rest = sent[0], sent[1:]
        whole = b"".join(message.get("body", b"") for message in rest)
        return Answer(start["status"], start["headers"], whole)

    def call(self, path: str, call: object, **headers: str) -> Answer:
        return self.ask(path, "POST", body=json.dumps(call).encode(), **headers)  # type: ignore[arg-type]


def page(root_path: str = "", bind: str = "127.0.0.1", **rules: object) -> Page:
    """A page with one handler, number 3, and one component with server functions, number 7."""
    return Page(Rules(own_origins(bind, root_path), handlers=frozenset({3}), servers=frozenset({7}), **rules))  # type: ignore[arg-type]


def locked_page() -> Page:
    """A page that only ada may use, with the password "secret"."""
    login = Login(lambda name, password: (name, password) == ("ada", "secret"))
    return page(options=frozenset({"auth", "mcp"}), login=login)
