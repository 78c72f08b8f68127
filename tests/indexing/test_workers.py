"""Work in shards: the outcome hangs on no worker, none that is killed changes it, and it is what one process makes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from killing import killing_one, same_index

from rag import build_index
from rag.dedup.minhash import Memory
from rag.dedup.similarity import similarity, verdict
from rag.errors import ExtraMissing, InputError, PullquoteError
from rag.extraction.posts import divide
from rag.indexing.tasks import compare_together, divide_together, read_together
from rag.indexing.workers import ProcessExecutor, RayExecutor, executor_for
from rag.loading.pages import read_pages
from rag.records import Page, PostCopy


def _double(number: int) -> int:
    return 2 * number


def _die_once(path: str) -> str:
    """Kill the worker the first time, as a lack of memory would."""
    flag = Path(path)
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def _die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


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


def test_outcomes_come_in_order_and_are_kept_until_the_end(tmp_path: Path) -> None:
    """A second run of the same shards finds them done; the folder is gone afterwards."""
    heard: list[int] = []
    with ProcessExecutor(2, tmp_path / "shards", "code") as crew:
        assert crew.run(_double, [3, 1, 2], heard.append) == [6, 2, 4]
        assert heard == [0, 1, 2, 3]
        assert crew.run(_double, [3, 1, 2], heard.append) == [6, 2, 4]
        assert heard[4:] == [3]
        assert crew.run(_double, [3], heard.append, anew=True) == [6]
        assert heard[5:] == [0, 1]
    assert not (tmp_path / "shards").exists()


def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    """Its shard is done again; only when nothing gets on any more is that said, and what was done is kept."""
    with ProcessExecutor(2, tmp_path / "shards", "code") as crew:
        assert crew.run(_die_once, [str(tmp_path / name) for name in "abc"]) == ["done"] * 3
    crew = ProcessExecutor(1, tmp_path / "kept", "code")
    crew.run(_double, [1])
    with pytest.raises(PullquoteError, match="kept being killed"), crew:
        crew.run(_die, [1])
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_the_index_of_two_workers_is_that_of_one_process(pages: Path, alone: Path, tmp_path: Path) -> None:
    """Byte for byte, though a worker is killed while it embeds; and nothing of the work is left."""
    home = tmp_path / "index"
    with killing_one(home, "_embed", seed=1) as killing:
        build_index([pages], into=home, workers=2)
    assert killing.killed
    assert same_index(alone, home)
    assert sorted(path.name for path in home.iterdir()) == sorted(path.name for path in alone.iterdir())


def test_pages_read_in_shards_are_those_read_alone(seeds: Path, tmp_path: Path) -> None:
    """In the same order, with everything that is left out."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "picture.txt").write_bytes(bytes(range(256)) * 40)
    paths = [seeds, tmp_path / "more"]
    with ProcessExecutor(2, tmp_path / "shards", "code") as crew:
        assert list(read_together(paths, crew, lambda _: None)) == list(read_pages(paths))


def test_web_pages_divided_in_shards_are_those_divided_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the lines of a site, which many pages share, tell what is none of a post."""
    monkeypatch.setattr("rag.indexing.tasks._WEB_PAGES", 2)
    for number in range(7):
        said = f"<p>Post {number} says that the river was {number} metres high on that day in the north.</p>" * 3
        page = f"<html><body><h1>River {number}</h1><p>Subscribe to our letters today.</p>{said}</body></html>"
        (tmp_path / f"{number}.html").write_text(page, encoding="utf-8")
    pages = [page for page in read_pages([tmp_path]) if isinstance(page, Page)]
    with ProcessExecutor(2, tmp_path / "shards", "code") as crew:
        divided = divide_together(pages, (), crew)
    assert divided == divide(pages)
    assert len(divided) == 7


def test_pairs_of_different_shards_are_found_and_judged(seeds: Path, tmp_path: Path) -> None:
    """What the workers find of pairs is what one process would; copies on different pages are among them."""
    copies: list[PostCopy] = divide([page for page in read_pages([seeds]) if isinstance(page, Page)])
    memory = Memory()
    with ProcessExecutor(2, tmp_path / "shards", "code") as crew:
        compare_together(copies, memory, crew)
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


def test_what_cannot_be_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No workers, no Ray: an error in words."""
    with pytest.raises(InputError, match="at least one worker"):
        executor_for(0, None, tmp_path, "code")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ExtraMissing, match=r'pip install "pullquote\[ray\]"'):
        RayExecutor("auto", None, tmp_path / "shards", "code")
    assert not (tmp_path / "shards").exists()
