"""A server that goes away: errors that name it and say what to do, in bounded time, and a page that recovers."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from milvus_servers import LiteServer, free_port, need

from rag import ask as ask_once
from rag.answering.engine import open_index
from rag.errors import ExtraMissing, IndexAway
from rag.store.address import read_address
from rag.store.backends import copy_index
from ui.services.conversation import Window, ask, ask_on
from ui.services.index_holder import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.records import Answer

QUESTION = "When was the World Wide Web invented?"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiteServer]:
    """milvus-lite over TCP."""
    need("pymilvus", "milvus_lite")
    started = LiteServer(tmp_path / "server")
    started.start()
    yield started
    started.kill()


def test_the_page_says_that_it_reconnects_and_does(
    server: LiteServer, seed_home: Path, seed_index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question asked while the server is away is answered when it is back, and a newer index is opened."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("rag.store.milvus.client.ASKING_SECONDS", 2.0)
    monkeypatch.setattr("ui.services.index_holder.LOOK_SECONDS", 0.0)
    address = f"milvus://127.0.0.1:{server.port}/posts"
    copy_index(seed_home, address)
    shelf = Shelf(read_address(address))
    before = ask(shelf, QUESTION, (), None)[-1].answer
    assert before.quotes == seed_index.ask(QUESTION).quotes

    server.kill()
    steps = ask_on(shelf, QUESTION, (), None, Window())
    waiting = next(steps)[-1].answer
    assert waiting.status == "error"
    assert waiting.reason is not None
    assert waiting.reason.startswith("Reconnecting to the index")
    assert address in waiting.reason
    server.start()
    *_, last = steps
    assert last[-1].answer.quotes == before.quotes
    assert len(last) == 1, "the turn that said to wait is gone"
    server.kill()
    with shelf.lend() as index, pytest.raises(IndexAway):
        index.ask(QUESTION)
    server.start()
    assert _asked_until_it_answers(shelf).quotes == before.quotes, "whoever asks finds it open again"
    assert ask_once(QUESTION, index=address).quotes == before.quotes
    shelf.close()


def _asked_until_it_answers(shelf: Shelf) -> Answer:
    """A server that listens may still need a while to open what it has."""
    until = time.monotonic() + 60
    while True:
        try:
            with shelf.lend() as index:
                return index.ask(QUESTION)
        except IndexAway:
            assert time.monotonic() < until
            time.sleep(0.2)


def test_a_server_that_is_away_is_named_in_time() -> None:
    """The error says which server, and what to do; nobody waits for long."""
    need("pymilvus")
    address = f"milvus://127.0.0.1:{free_port()}/posts"
    started = time.monotonic()
    with pytest.raises(IndexAway, match=r"milvus://127\.0\.0\.1:\d+/posts: .* does not answer .* Check that it runs"):
        open_index(address)
    assert time.monotonic() - started < 60, "the limit is ten seconds; this machine may be busy"


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the extra is needed, and the error says how to install it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ExtraMissing, match=r'pip install "pullquote\[milvus\]"'):
        open_index("milvus://127.0.0.1:1/posts")


def test_the_folder_needs_no_extra(seed_home: Path) -> None:
    """An index in a folder is asked without any module of the extras."""
    code = (
        "import sys; from pathlib import Path; from rag import open_index\n"
        f"with open_index(Path({str(seed_home)!r})) as index: assert index.ask({QUESTION!r}).quotes and index.status()\n"
        "assert not {'pymilvus', 'grpc', 'ray', 'milvus_lite'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
