"""Pages that are added, changed or removed are noticed once complete; what a build itself writes is not."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rag.indexing import watching
from rag.indexing.watching import changed_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


# what is waited for comes within seconds; a busy machine may need many times that
PATIENCE_SECONDS = 60.0


@contextmanager
def _watching(*paths: Path, probe: Path, apart_from: tuple[Path, ...] = ()) -> Iterator[list[set[str]]]:
    """What is noticed while the block runs; it begins once a change of ``probe`` is noticed."""
    found: list[set[str]] = []
    stop = threading.Event()

    def watch() -> None:
        for names in changed_pages(paths, apart_from, stop):
            found.append({Path(name).name for name in names})  # noqa: PERF401 - each is seen as it comes

    worker = threading.Thread(target=watch)
    worker.start()
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not found and time.monotonic() < until:
            probe.write_text("a probe")
            _until(found, 1, watching.REST_SECONDS + 1.0)
        assert found, "nothing is noticed"
        found.clear()
        yield found
    finally:
        stop.set()
        worker.join()


def _until(found: list[set[str]], count: int, seconds: float = PATIENCE_SECONDS) -> list[set[str]]:
    end = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_a_page_is_noticed_when_it_rests(tmp_path: Path) -> None:
    """Not before its writer has paused long enough; hidden files and unfinished downloads are not noticed."""
    with _watching(tmp_path, probe=tmp_path / "probe.txt", apart_from=(tmp_path / "index",)) as found:
        (tmp_path / "index").mkdir()
        (tmp_path / "index" / "current").write_text("x")
        (tmp_path / ".hidden.txt").write_text("x")
        (tmp_path / "b.html.crdownload").write_text("x")
        pauses, written = [], time.monotonic()
        for _ in range(4):
            with (tmp_path / "a.html").open("a") as file:
                file.write("<p>half")
            pauses.append(time.monotonic() - written)
            written = time.monotonic()
            time.sleep(0.6)
        noticed = list(found)
        pauses.append(time.monotonic() - written)
        if max(pauses) < 0.9 * watching.REST_SECONDS:  # on a machine so busy that it pauses for longer, the page rests
            assert noticed == []
        assert _until(found, 1)[0] == {"a.html"}
        assert time.monotonic() - written >= 0.9 * watching.REST_SECONDS
        found[1:] = []
        (tmp_path / "a.html").unlink()
        assert _until(found, 2)[1:] == [{"a.html"}]


def test_a_file_named_alone_is_watched_without_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if another file replaces it."""
    monkeypatch.setattr(watching, "REST_SECONDS", 0.3)
    page = tmp_path / "a.txt"
    page.write_text("one")
    with _watching(page, probe=page) as found:
        (tmp_path / "b.txt").write_text("two")
        (tmp_path / "c.txt").write_text("three")
        (tmp_path / "c.txt").replace(page)
        assert _until(found, 1) == [{"a.txt"}]
