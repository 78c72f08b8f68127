"""Uploads: how many, how large, how slow, and what they leave on the disk."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from made_requests import page as made_page
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from ui.server import bodies, upload_limits
from ui.server.bodies import content_length
from ui.server.refusals import Refused
from ui.server.upload_limits import MAX_LYING_BYTES, MAX_OF_ADDRESS, MAX_UPLOADS, OVERHEAD_BYTES, Uploads

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

UPLOAD = "/gradio_api/upload"


def test_an_upload_sends_its_length_and_is_no_larger_than_a_drop(tmp_path: Path) -> None:
    """Without Content-Length, with more than a drop, or with an invalid length, it is refused unread."""
    page = made_page(uploads=Uploads(tmp_path, 1_000))
    assert page.ask(UPLOAD, "POST", body=b"x").status == 200
    assert page.ask(UPLOAD, "POST").status == 411
    assert page.ask(UPLOAD, "POST", body=b"x", content_length=str(1_000 + OVERHEAD_BYTES + 1)).status == 413
    for wrong in ("-1", "1e9", "²", "9" * 40, ""):
        assert page.ask(UPLOAD, "POST", body=b"x", content_length=wrong).status == 400
    assert page.ask(UPLOAD, "POST", body=b"x", content_type="multipart/form-data; boundary=" + "x" * 300).status == 400
    assert len(page.program.seen) == 1


def test_the_disk_is_not_filled(tmp_path: Path) -> None:
    """What is on the disk counts, and so does what is still expected from running uploads."""
    page = made_page(uploads=Uploads(tmp_path, 1_000))
    with (tmp_path / "lying").open("wb") as file:
        file.truncate(MAX_LYING_BYTES - 500)
    assert page.ask(UPLOAD, "POST", body=b"x" * 501).status == 503
    assert page.ask(UPLOAD, "POST", body=b"x" * 500).status == 200


class Sender:
    """A body in pieces, each after a wait; ``left`` is how many are still to come."""

    def __init__(self, *pieces: bytes, wait: float = 0.0, broken: bool = False) -> None:
        self.pieces = list(pieces)
        self.wait = wait
        self.broken = broken

    async def __call__(self) -> Message:
        await asyncio.sleep(self.wait)
        if not self.pieces:
            if self.broken:
                return {"type": "http.disconnect"}
            await asyncio.sleep(3_600)
        return {"type": "http.request", "body": self.pieces.pop(0), "more_body": bool(self.pieces) or self.broken}


def _scope(length: int, address: str = "10.0.0.1") -> Scope:
    headers = [(b"content-length", str(length).encode())]
    return {"type": "http", "method": "POST", "path": UPLOAD, "headers": headers, "client": (address, 5)}


def _writer(folder: Path) -> object:
    """An application that writes what it is sent, like gradio, and moves a complete upload to a folder of its own."""

    async def write(scope: Scope, receive: Receive, send: Send) -> None:
        partial = folder / "tmpabc"
        with partial.open("wb") as file:
            async for piece in Request(scope, receive).stream():
                file.write(piece)
        (folder / "whole").mkdir(exist_ok=True)
        partial.rename(folder / "whole" / "page.html")
        await PlainTextResponse("done")(scope, receive, send)

    return write


def _serve(uploads: Uploads, folder: Path, sender: Sender, length: int) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(uploads.serve(_writer(folder), _scope(length), sender, send))  # type: ignore[arg-type]
    return sent


def test_bytes_are_counted_as_they_arrive(tmp_path: Path) -> None:
    """More than the announced length ends the upload, and nothing of it stays on the disk."""
    uploads = Uploads(tmp_path, 1_000)
    with pytest.raises(Refused) as refusal:
        _serve(uploads, tmp_path, Sender(b"x" * 10, b"x" * 10_000_000, b"x"), 10)
    assert refusal.value.status == 413
    assert list(tmp_path.iterdir()) == []


def test_a_whole_upload_stays(tmp_path: Path) -> None:
    """What was sent is there, byte for byte, and its place is free again."""
    uploads = Uploads(tmp_path, 1_000)
    sent = _serve(uploads, tmp_path, Sender(b"ab", b"cd"), 4)
    assert sent[0]["status"] == 200
    assert (tmp_path / "whole" / "page.html").read_bytes() == b"abcd"
    assert uploads._arriving == []


@pytest.mark.parametrize("sender", [Sender(b"a", b"b", wait=0.05), Sender(b"a", broken=True)])
def test_a_slow_or_interrupted_upload_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    """It is refused in words, frees its place and leaves nothing on the disk."""
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.02)
    uploads = Uploads(tmp_path, 1_000)
    with pytest.raises(Refused) as refusal:
        _serve(uploads, tmp_path, sender, 2)
    assert refusal.value.status == (408 if sender.wait else 400)
    assert uploads._arriving == []
    assert list(tmp_path.iterdir()) == []


def test_a_trickle_ends_although_it_never_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not keep a place for hours."""
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.1)
    with pytest.raises(Refused) as refusal:
        _serve(Uploads(tmp_path, 1_000), tmp_path, Sender(*[b"x"] * 500, wait=0.01), 500)
    assert refusal.value.status == 408


def test_one_address_leaves_places_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its share running, an address must wait; another is served until all places are taken."""
    monkeypatch.setattr(upload_limits, "MAX_OF_ADDRESS", 2)
    assert MAX_OF_ADDRESS < MAX_UPLOADS
    uploads = Uploads(tmp_path, 1_000)

    async def hold(address: str) -> int:
        task = asyncio.create_task(
            uploads.serve(_writer(tmp_path), _scope(2, address), Sender(b"ab", wait=3_600), _nowhere)
        )  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        return task.exception().status if task.done() else 200  # type: ignore[union-attr]

    async def all_of_them() -> list[int]:
        return [await hold(f"10.0.0.{number}") for number in (1, 1, 1, 2, 3, 4)]

    assert asyncio.run(all_of_them()) == [200, 200, 503, 200, 200, 503]


async def _nowhere(_: Message) -> None:
    """Send to nobody."""


def test_the_sender_who_leaves_is_not_an_error_of_ours(tmp_path: Path) -> None:
    """The application's error about it does not reach the log."""

    async def fail(_: Scope, __: Receive, ___: Send) -> None:
        raise ClientDisconnect

    asyncio.run(Uploads(tmp_path).serve(fail, _scope(2), Sender(b"ab"), _nowhere))


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (AttributeError("no file"), 400),
        (KeyError("name"), 400),
        (TypeError("no file"), 400),
        (UnicodeError("undefined encoding"), 400),
        (OSError(28, "No space left on device"), 507),
    ],
)
def test_an_upload_that_gradio_fails_on_is_refused_in_words(tmp_path: Path, problem: Exception, status: int) -> None:
    """Gradio's parser raises on parts without a file or a name; the sender gets no server error, and nothing stays."""

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        (tmp_path / "tmpabc").write_bytes(b"x")
        await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
        raise problem

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(Refused) as refusal:
        asyncio.run(Uploads(tmp_path, 1_000).serve(fail, _scope(1), Sender(b"x"), send))
    assert refusal.value.status == status
    assert sent == []
    assert list(tmp_path.iterdir()) == []


def test_a_bug_of_ours_is_a_server_error(tmp_path: Path) -> None:
    """An error raised by our own code is not blamed on the sender: it reaches the log, and nothing stays."""

    class Faulty(Sender):
        async def __call__(self) -> Message:
            return content_length({"headers": None})  # type: ignore[return-value]  # raises as a bug of ours would

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        (tmp_path / "tmpabc").write_bytes(b"x")
        try:
            await receive()
        except TypeError:
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
            raise

    with pytest.raises(TypeError):
        asyncio.run(Uploads(tmp_path, 1_000).serve(app, _scope(1), Faulty(), send))
    assert sent[0]["status"] == 500
    assert list(tmp_path.iterdir()) == []
