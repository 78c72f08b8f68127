"""Executors of tasks: results do not depend on the worker, not even if one is killed, and no worker lingers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from killing import killing_one, same_index, stick

from rag import build_index
from rag.dedup.minhash import Memory
from rag.dedup.similarity import similarity, verdict
from rag.errors import BuildStalled, ExtraMissing, InputError, PullquoteError
from rag.extraction.posts import divide
from rag.indexing.executor import SerialExecutor, TaskExecutor
from rag.indexing.tasks import compare_texts, divide_pages, read_files
from rag.indexing.workers import ProcessExecutor, RayExecutor, executor_for
from rag.loading.files.paths import named
from rag.loading.pages import read_pages
from rag.records import Page, PostCopy
from rag.spools import Spools
from rag.watchdog import watched, working_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _double(numbers: Sequence[int]) -> list[int]:
    return [2 * number for number in numbers]


def _die_once(paths: Sequence[str]) -> list[str]:
    """Kill the worker the first time, as a lack of memory would."""
    for flag in map(Path, paths):
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return ["done" for _ in paths]


def _die(numbers: Sequence[int]) -> list[int]:
    os.kill(os.getpid(), signal.SIGKILL)
    return list(numbers)


def _sleep(paths: Sequence[str]) -> list[str]:
    """Name this process, then hold the interpreter lock, like a library stuck in C."""
    for path in paths:
        Path(path).write_text(str(os.getpid()))
        re.match(r"(a|a)*b", "a" * 60)
    return list(paths)


def _circle(names: Sequence[str]) -> list[str]:
    """Work on a page without end."""
    for name in names:
        working_on(name)
        while True:
            pass
    return list(names)


def _stick(names: Sequence[str]) -> list[str]:
    """Get stuck where no signal reaches: in a lock that waits for itself, while the interpreter lock is held."""
    for name in names:
        working_on(name)
        stick()
    return list(names)


@pytest.fixture(scope="module")
def pages(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of the seed pages, which share posts."""
    folder = tmp_path_factory.mktemp("pages")
    for page in sorted(seeds.glob("*.txt"))[:2]:
        (folder / page.name).write_bytes(page.read_bytes())
    return folder


@pytest.fixture(scope="module")
def alone(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their index as one process makes it."""
    home = tmp_path_factory.mktemp("alone")
    build_index([pages], into=home)
    return home


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards so small that a small heap has many."""
    for name, size in {"_FILES": 1, "_TEXTS": 4, "_PAIRS": 8, "_POSTS": 4, "_CHUNKS": 8}.items():
        monkeypatch.setattr(f"rag.indexing.tasks.{name}", size)


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def test_outcomes_come_in_order(executor: TaskExecutor) -> None:
    """Whichever process does the work; and the number of items done is reported to the end."""
    heard: list[int] = []
    with executor:
        assert list(executor.map(_double, range(50), 3, heard.append)) == list(range(0, 100, 2))
        assert heard == sorted(heard)
        assert heard[-1] == 50
        assert list(executor.map(_double, [], 3)) == []


def test_few_shards_are_handed_out_before_the_first_is_awaited() -> None:
    """So that memory does not grow with the number of items."""
    executor = ProcessExecutor(2)
    asked: list[int] = []

    class Items(list[int]):
        def __getitem__(self, key):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204
            asked.append(key.start)
            return list.__getitem__(self, key)

    with executor:
        outcomes = executor.map(_double, Items(range(1000)), 1)
        next(outcomes)
        assert len(asked) <= 10
        outcomes.close()  # type: ignore[attr-defined]


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """Its shard is done again; an error is raised only if no worker finishes anything any more."""
    with ProcessExecutor(2) as executor:
        assert list(executor.map(_die_once, [str(tmp_path / name) for name in "abc"], 1)) == ["done"] * 3
    with pytest.raises(PullquoteError, match="kept being killed"), ProcessExecutor(1) as executor:
        list(executor.map(_die, [1], 1))


_PARENT = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored, and waited for in vain
sys.path[:0] = [{tests!r}, {here!r}]
import test_workers
from rag.indexing.workers import ProcessExecutor
if __name__ == "__main__":
    with ProcessExecutor(2) as executor:
        list(executor.map(test_workers._sleep, sys.argv[1:], 1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only the kernel of Linux ends a process whose library is stuck")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda end: end.name)
def test_workers_end_with_their_parent(end: signal.Signals, tmp_path: Path) -> None:
    """However it ended, and although a library holds their interpreter lock."""
    here = Path(__file__).parent
    script = tmp_path / "parent.py"
    script.write_text(_PARENT.format(tests=str(here.parent), here=str(here)))
    said = [tmp_path / "one", tmp_path / "other"]
    parent = subprocess.Popen([sys.executable, str(script), *map(str, said)])
    _until(lambda: all(path.is_file() and path.read_text() for path in said))
    parent.send_signal(end)
    parent.wait()
    _until(lambda: not any(Path(f"/proc/{path.read_text()}/exe").exists() for path in said))


def _until(holds: Callable[[], bool]) -> None:
    late = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < late, "it does not come to hold"
        time.sleep(0.05)


def test_the_index_of_two_workers_is_that_of_one_process(pages: Path, alone: Path, tmp_path: Path) -> None:
    """Byte for byte, although a worker is killed while it embeds; and nothing of the work is left."""
    home = tmp_path / "index"
    with killing_one("_embed", seed=1) as killing:
        build_index([pages], into=home, workers=2)
    assert killing.killed
    assert same_index(alone, home)
    assert sorted(path.name for path in home.iterdir()) == sorted(path.name for path in alone.iterdir())


def test_pages_read_in_shards_are_those_read_alone(seeds: Path, tmp_path: Path) -> None:
    """In the same order, including everything that is left out."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "picture.txt").write_bytes(bytes(range(256)) * 40)
    paths = [seeds, tmp_path / "more"]
    with ProcessExecutor(2) as executor:
        assert list(read_files(named(paths), executor, lambda _: None)) == list(read_pages(paths))


def test_web_pages_divided_in_shards_are_those_divided_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the lines of a site, which many pages share, decide what is not part of a post."""
    monkeypatch.setattr("rag.indexing.tasks._WEB_PAGES", 2)
    for number in range(7):
        said = f"<p>Post {number} says that the river was {number} metres high on that day in the north.</p>" * 3
        page = f"<html><body><h1>River {number}</h1><p>Subscribe to our letters today.</p>{said}</body></html>"
        (tmp_path / f"{number}.html").write_text(page, encoding="utf-8")
    pages = [page for page in read_pages([tmp_path]) if isinstance(page, Page)]
    with ProcessExecutor(2) as executor, Spools() as spools:
        divided = list(divide_pages(pages, (), executor, spools))
    assert divided == divide(pages)
    assert len(divided) == 7


def test_pairs_of_different_shards_are_found_and_judged(seeds: Path) -> None:
    """The workers' results for pairs are those of one process; copies on different pages are among them."""
    copies: list[PostCopy] = divide([page for page in read_pages([seeds]) if isinstance(page, Page)])
    memory = Memory()
    with ProcessExecutor(2) as executor, Spools() as spools:
        compare_texts(copies, memory, executor, spools)
    texts = {text.key: text for text in _texts(copies)}
    assert set(memory.earlier_sketches) == set(texts)
    assert any(found == "same" for found, _ in memory.earlier_verdicts.values())
    for (one, other), found in memory.earlier_verdicts.items():
        assert found == (verdict(texts[one], texts[other]), similarity(texts[one], texts[other]))


def _texts(copies: list[PostCopy]):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a list of Text
    from rag.dedup.merging import texts_of

    return texts_of(copies)


def test_a_ray_cluster_makes_the_same_index(pages: Path, alone: Path, tmp_path: Path) -> None:
    """A local cluster of two workers, byte for byte."""
    pytest.importorskip("ray", reason="the package ray is not installed: pip install -e '.[dev]'")
    build_index([pages], into=tmp_path / "index", workers=2, ray="local")
    assert same_index(alone, tmp_path / "index")


def test_what_cannot_be_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """No workers, no Ray: an error in words."""
    with pytest.raises(InputError, match="at least one worker"):
        executor_for(0, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ExtraMissing, match=r'pip install "pullquote\[ray\]"'):
        RayExecutor("auto", None)


@pytest.mark.parametrize("task", [_circle, _stick])
def test_a_page_that_stops_a_worker_is_named(task: Callable[[Sequence[str]], list[str]]) -> None:
    """Whether or not a signal reaches the worker; and it is gone afterwards."""
    executor = ProcessExecutor(1, patience_seconds=1)
    with (
        pytest.raises(BuildStalled, match=r"^notes/well\.txt: there was no progress for 1 seconds"),
        watched(1),
        executor,
    ):
        list(executor.map(task, ["notes/well.txt"], 1))
