"""One contract for every home of an index: a folder, milvus-lite, and the dense half on the real Milvus server."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from milvus_servers import need, real_server

from rag import build_index
from rag.errors import IndexDamaged, IndexMissing
from rag.records import PostEntry
from rag.store.address import read_address
from rag.store.backends import check_index, copy_index
from rag.store.folder import FolderHome
from rag.store.milvus.backend import MilvusHome
from rag.store.milvus.schema import Collections
from rag.store.snapshot import FolderSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.store.protocols import Home, Snapshot

    Empty = Callable[[], tuple[Home, bool]]

# the real server takes seconds for what the others do in a tenth of one: it only proves the contract itself
_ALL = ["folder", "milvus-lite", "milvus server, dense half"]


def _quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module", params=_ALL[:2])
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """Makes a new home of the kind, and says whether it has the lexical half."""
    number = iter(range(100))
    folder = tmp_path_factory.mktemp("homes")
    if request.param == "folder":
        yield lambda: (FolderHome(folder / f"index{next(number)}"), True)
        return
    need("pymilvus", "milvus_lite")

    def at(uri: str) -> MilvusHome:
        address = read_address(f"{uri}/test{next(number)}")
        assert not isinstance(address, Path)
        return MilvusHome(address, words=request.param == "milvus-lite")

    if request.param == "milvus-lite":
        yield lambda: (at(f"milvus://{folder}/lite.db"), True)
        return
    with real_server() as port:
        yield lambda: (at(f"milvus://127.0.0.1:{port}"), False)


@pytest.fixture(scope="module")
def first(seed_home: Path) -> FolderSnapshot:
    """The index of the seed pages in its folder."""
    return FolderSnapshot(seed_home)


@pytest.fixture(scope="module")
def second(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> FolderSnapshot:
    """Another index: one page of them."""
    home = tmp_path_factory.mktemp("second")
    build_index([min(seeds.glob("*.txt"))], into=home)
    return FolderSnapshot(home)


def _same_files(one: Path, other: Path) -> bool:
    names = sorted(path.relative_to(one).as_posix() for path in one.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(other).as_posix() for path in other.rglob("*") if path.is_file())
    return filecmp.cmpfiles(one, other, names, shallow=False) == (names, [], [])


def test_an_empty_home_has_no_index(empty: Empty) -> None:
    """It says so, and opening it raises an error in words."""
    home, _ = empty()
    assert home.current() is None
    with pytest.raises(IndexMissing):
        home.open()


@pytest.mark.parametrize("empty", _ALL, indirect=True, scope="module")
def test_a_home_keeps_the_contract(empty: Empty, first: FolderSnapshot, second: FolderSnapshot, tmp_path: Path) -> None:
    """Written is not published; published is whole, found and fetched as in the folder, and saved byte for byte."""
    home, words = empty()
    name = home.write(first.folder, _quiet)
    assert (name, home.current()) == (first.name, None)
    home.publish(name)
    assert home.current() == name

    store = home.open()
    assert (store.name, store.manifest) == (first.name, first.manifest)
    assert store.health().startswith("ok")
    _fetches_alike(store, first)
    _searches_alike(store, first, words=words)

    home.settings().keep("threshold.json", '{"confidence": 0.5, "source": "mine"}')
    assert home.write(second.folder, _quiet) == second.name
    assert home.current() == first.name, "what is written is not seen"
    _searches_alike(store, first, words=words, rounds=3)
    home.publish(second.name)
    store.close()
    assert home.current() == second.name

    store = home.open()
    assert store.post_ids() == second.post_ids()
    assert store.settings.read("threshold.json") == '{"confidence": 0.5, "source": "mine"}'
    assert store.settings.read("duplicates.txt") is None
    store.close()
    home.save(tmp_path / "saved", _quiet)
    assert _same_files(second.folder, tmp_path / "saved")


def _fetches_alike(store: Snapshot, known: FolderSnapshot) -> None:
    ids = known.post_ids()
    assert store.post_ids() == ids
    assert list(store.posts_in_order()) == list(known.posts_in_order())
    assert store.entries() == [PostEntry.of(post) for post in known.posts_in_order()]
    assert store.posts([*ids[:2], "none"]) == known.posts(ids[:2])
    assert store.bodies(ids) == known.bodies(ids)
    assert store.sentences(ids) == known.sentences(ids)
    vectors, expected = store.sentence_vectors_of(ids), known.sentence_vectors_of(ids)
    assert all(vectors[post_id].tobytes() == expected[post_id].tobytes() for post_id in ids)
    every = list(range(known.manifest.chunks))
    assert store.chunks(every) == known.chunks(every)
    assert [store.chunks_of(post_id) for post_id in ids] == [known.chunks_of(post_id) for post_id in ids]
    for table in ("pages", "skipped", "merges", "dropped"):
        assert getattr(store, table)() == getattr(known, table)()


def _searches_alike(store: Snapshot, known: FolderSnapshot, *, words: bool, rounds: int = 25) -> None:
    """Same chunks, same order, same scores to the last bit."""
    dice = np.random.default_rng(1)
    every = [stem for stem, _ in known.lexical.stems()]
    assert not words or list(store.lexical.stems()) == list(known.lexical.stems())
    for _ in range(rounds):
        vector = dice.normal(size=known.manifest.model.dim).astype(np.float32)
        vector /= np.linalg.norm(vector)
        some = dice.choice(known.manifest.chunks, 7, replace=False).tolist()
        for among in (None, some):
            assert store.dense.search(vector, 20, among) == known.dense.search(vector, 20, among)
            if words:
                asked = [str(stem) for stem in dice.choice(every, 5)] + ["nowhere"]
                assert store.lexical.search(asked, 20, among) == known.lexical.search(asked, 20, among)
                assert [store.lexical.rarity(stem) for stem in asked] == [known.lexical.rarity(stem) for stem in asked]


def test_writing_that_is_broken_off_changes_nothing(
    empty: Empty, first: FolderSnapshot, second: FolderSnapshot
) -> None:
    """The previous index stays in use, and writing again repairs what was left."""
    home, words = empty()
    home.publish(home.write(second.folder, _quiet))

    def stumble(done: int, total: int) -> None:
        if done > total // 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        home.write(first.folder, stumble)
    assert home.current() == second.name
    home.publish(home.write(first.folder, _quiet))
    store = home.open()
    assert store.health().startswith("ok")
    _searches_alike(store, first, words=words, rounds=3)
    store.close()
    assert home.write(first.folder, _quiet) == home.current() == first.name


def test_ties_that_the_limit_cuts_fall_alike(empty: Empty, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Forty posts with the same words have equal scores; only their ids decide which come first."""
    pages = tmp_path_factory.mktemp("ties")
    for number in range(40):
        lines = ["The committee met and talked about the harbour for a very long time indeed.", f"Room {number:03}."]
        (pages / f"{number:03}.txt").write_text(
            f"Harbour {number:03}\n\n" + "\n\n".join(lines) + "\n", encoding="utf-8"
        )
    folder = tmp_path_factory.mktemp("ties-index")
    build_index([pages], into=folder)
    known = FolderSnapshot(folder)
    home, words = empty()
    home.publish(home.write(known.folder, _quiet))
    store = home.open()
    vector = known.dense.vectors[3]
    assert known.manifest.chunks >= 30
    for limit in (1, 2, 5, 13):
        if words:
            assert store.lexical.search(["harbour"], limit) == known.lexical.search(["harbour"], limit)
        found = store.dense.search(vector, limit)
        assert [score for _, score in found] == [score for _, score in known.dense.search(vector, limit)]
    store.close()


def test_only_the_snapshot_in_use_stays_on_the_server(
    first: FolderSnapshot, second: FolderSnapshot, tmp_path: Path
) -> None:
    """Older collections are dropped when a newer one is published; those of another index beside it stay."""
    need("pymilvus", "milvus_lite")
    ours, theirs = f"milvus://{tmp_path}/lite.db/posts", f"milvus://{tmp_path}/lite.db/posts_0123456789abcdef"
    copy_index(second.home, theirs)
    copy_index(first.home, ours)
    copy_index(second.home, ours)
    address = read_address(ours)
    assert not isinstance(address, Path)
    home = MilvusHome(address)
    there = set(home._server.collections())
    expected = Collections("posts", second.name), Collections("posts_0123456789abcdef", second.name)
    assert there == {name for one in expected for name in (*one.all, Collections.settings(one.index))}


def test_an_index_goes_to_a_server_and_comes_back(first: FolderSnapshot, tmp_path: Path) -> None:
    """With its settings; the folder that comes back is the one that was sent, and copying again does nothing."""
    need("pymilvus", "milvus_lite")
    address = f"milvus://{tmp_path}/lite.db/posts"
    source = tmp_path / "source"
    copy_index(first.home, source)
    FolderHome(source).settings().keep("duplicates.txt", "# nothing yet\n")
    assert copy_index(source, address) == copy_index(source, address) == first.name
    copy_index(address, tmp_path / "back")
    back = FolderSnapshot(tmp_path / "back")
    assert _same_files(first.folder, back.folder)
    assert back.settings.read("duplicates.txt") == "# nothing yet\n"
    assert {path.name for path in (tmp_path / "back").iterdir()} - {".confirmed.json"} == {
        ".pullquote-index",
        "current",
        "duplicates.txt",
        first.name,
    }


def test_a_check_reads_all_of_an_index_on_a_server(first: FolderSnapshot, tmp_path: Path) -> None:
    """What does not come back as written is named."""
    need("pymilvus", "milvus_lite")
    address = read_address(f"milvus://{tmp_path}/lite.db/checked")
    assert not isinstance(address, Path)
    copy_index(first.home, address)
    check_index(address)
    home = MilvusHome(address)
    name = home.current()
    assert name is not None
    chunk = first.chunks([3])[3]
    row = {"chunk": 3, "post": chunk.post_id, "start": chunk.start, "stop": chunk.end, "tokens": chunk.tokens}
    vector = [1.0] + [0.0] * (first.manifest.model.dim - 1)
    home._server.replace(Collections(address.name, name).chunks, [{**row, "vector": vector}])
    with pytest.raises(IndexDamaged, match="not what was written"):
        check_index(address)
