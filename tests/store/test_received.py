"""A server may send anything: what no build writes is reported as damage, whenever and however it is read."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag import build_index, open_index
from rag.errors import IndexDamaged, PullquoteError
from rag.store.address import Address, read_address
from rag.store.database import open_read_only
from rag.store.manifest import read_manifest
from rag.store.milvus.records import chunk_rows, records, word_rows
from rag.store.milvus.restore import restore
from rag.store.milvus.schema import Keys, record_rows
from rag.store.milvus.snapshot import MilvusSnapshot
from rag.store.snapshot import FolderSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rows = dict[object, dict[str, Any]]

PAGES = {
    "well.txt": "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with goats. "
    "It is forty metres deep, and the village drinks from it in January.\n",
    "mill.txt": "The mill by the river\n\nThe miller bought a steam engine from a bankrupt brewery in 1923. The engine "
    "ran for thirty years and burned the hedges of the valley.\n",
}
QUESTIONS = ("Who dug the well at the crossroads?", "What did the miller buy?", "Which posts mention the village?")
ODD = (-1, 0, 7, None, 10**30, 1.5, float("nan"), True, "", "x", "\ud800", [], {}, [["a"]], "../../../etc/passwd")


class FakeServer:
    """The collections of one snapshot in memory, with the calls that `MilvusSnapshot` makes."""

    def __init__(self, address: Address, collections: Mapping[str, Rows]) -> None:
        self.address = address
        self.collections = collections

    def _of(self, name: str) -> Rows:
        kind = name.rpartition("_")[2]
        return self.collections[kind if kind in self.collections else "records"]

    def has(self, name: str) -> bool:
        return not name.endswith("_settings")

    def load(self, name: str) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""

    def version(self) -> str:
        return "fake"

    def count(self, name: str) -> int:
        return len(self._of(name))

    def fetch(self, name: str, keys: Sequence[object], fields: Sequence[str], *, fresh: bool = False) -> list[Any]:
        del fresh
        rows = self._of(name)
        return [{field: rows[key].get(field) for field in fields} for key in keys if key in rows]

    def search(self, name: str, field: str, query: object, limit: int, settings: object) -> list[Any]:
        del query, settings
        return [{"id": row["chunk"], field: row[field]} for row in list(self._of(name).values())[:limit]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of two posts."""
    base = tmp_path_factory.mktemp("received")
    (base / "pages").mkdir()
    for name, text in PAGES.items():
        (base / "pages" / name).write_text(text)
    build_index([base / "pages"], into=base / "index")
    return FolderSnapshot(base / "index").folder


@pytest.fixture(scope="module")
def sent(folder: Path) -> dict[str, Rows]:
    """What a server sends of it."""
    manifest = read_manifest(folder)
    with contextlib.closing(open_read_only(folder / "posts.sqlite")) as database:
        texts = dict(records(folder, database, manifest, dense="FLAT", words=True))
        layout = json.loads(texts[Keys.layout]) | {"records": 1 + sum(1 for _ in texts)}
        texts[Keys.layout] = json.dumps(layout)
        return {
            "records": {row["key"]: row for key, text in texts.items() for row in record_rows(key, text)},
            "chunks": {row["chunk"]: row for row in chunk_rows(folder, database)},
            "words": {row["chunk"]: row for row in word_rows(folder, manifest)},
        }


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Rows]], Address]:
    """Lets the collections be those of a server, and returns its address."""

    def serve(collections: Mapping[str, Rows]) -> Address:
        address = read_address("milvus://127.0.0.1:1/test")
        assert not isinstance(address, Path)
        monkeypatch.setattr("rag.store.milvus.snapshot.Server", lambda where: FakeServer(where, collections))
        return address

    return serve


def _read_all(address: Address) -> None:
    """Everything that a snapshot can be asked for."""
    store = MilvusSnapshot(address)
    ids = store.post_ids()
    list(store.posts_in_order())
    store.entries()
    store.bodies(ids)
    store.chunks(range(store.manifest.chunks))
    store.sentence_vectors_of(ids)
    store.sentences(ids)
    for post_id in ids:
        store.chunks_of(post_id)
    for table in (store.pages, store.skipped, store.merges, store.dropped):
        table()
    list(store.lexical.stems())


def test_what_a_build_wrote_is_read(folder: Path, sent: dict[str, Rows], served: Callable[..., Address]) -> None:
    """All of it, as in the folder, and questions get the same answers."""
    address, known = served(sent), FolderSnapshot(folder.parent)
    _read_all(address)
    store = MilvusSnapshot(address)
    assert list(store.posts_in_order()) == list(known.posts_in_order())
    assert store.sentences(known.post_ids()) == known.sentences(known.post_ids())
    with open_index(address) as index, open_index(folder.parent) as expected:
        for question in QUESTIONS:
            assert index.ask(question).to_dict() == expected.ask(question).to_dict()


def _of_first(table: str, change: Callable[[Any], object]) -> Callable[[dict[str, Rows]], None]:
    """Change the JSON of the first record whose key begins so."""

    def apply(collections: dict[str, Rows]) -> None:
        key = next(key for key in collections["records"] if str(key).startswith(table))
        head, _, text = collections["records"][key]["value"].partition("\n")
        held = json.loads(text)
        made = change(held)
        collections["records"][key]["value"] = f"{head}\n{json.dumps(held if made is None else made)}"

    return apply


def _set(row: int | None, column: int, value: object) -> Callable[[Any], None]:
    """Set a value of one row of a list of rows, or of a single row."""

    def change(held: Any) -> None:
        (held if row is None else held[row])[column] = value

    return change


def _in_chunk(name: str, value: object) -> Callable[[dict[str, Rows]], None]:
    return lambda collections: collections["chunks"][0].update({name: value})


WRONG: dict[str, Callable[[dict[str, Rows]], None]] = {
    "a sentence outside its post": _of_first("sentences/", _set(-1, 4, 10**6)),
    "a sentence that begins before its post": _of_first("sentences/", _set(0, 3, -5)),
    "a sentence in an unknown chunk": _of_first("sentences/", _set(0, 5, 10**6)),
    "a sentence of an unknown kind": _of_first("sentences/", _set(0, 6, "<b>")),
    "a sentence too few": _of_first("sentences/", lambda rows: rows[:-1]),
    "a number as a text": _of_first("post/", _set(None, 5, 7)),
    "a shorter text": _of_first("post/", _set(None, 5, "x")),
    "another post": _of_first("post/", _set(None, 1, "0" * 16)),
    "a date that is none": _of_first("post/", _set(None, 4, "2014-99-99")),
    "a span outside the post": _of_first("post/", _set(None, 6, "[[0, 100000]]")),
    "pieces with gaps": _of_first("copies/", _set(0, 8, "[[0, 1, 0, 1, null]]")),
    "no copy": _of_first("copies/", lambda _: []),
    "a format that is none": _of_first("copies/", _set(0, 3, "exe")),
    "an encoding that runs code": _of_first("table/pages", _set(0, 2, "rot13")),
    "a path that no file has": _of_first("table/pages", _set(0, 4, "/pages/\0")),
    "a list without a place": _of_first("entries", _set(0, 6, [])),
    "a list with a number for a title": _of_first("entries", _set(0, 1, 7)),
    "a row with more columns": _of_first("table/pages", lambda rows: [[*row, ""] for row in rows]),
    "a million parts": lambda collections: collections["records"]["post-ids"].update(value="1000000000\n[]"),
    "endless buckets": _of_first("layout", lambda held: held | {"buckets": 10**12}),
    "a chunk outside its post": _in_chunk("stop", 10**6),
    "a chunk that ends before it begins": _in_chunk("start", 10**6),
    "a chunk without a post": _in_chunk("post", "../x"),
    "a chunk too few": lambda collections: collections["chunks"].pop(0),  # type: ignore[dict-item, return-value]
}


@pytest.mark.parametrize("what", WRONG)
def test_what_no_build_writes_is_refused(what: str, sent: dict[str, Rows], served: Callable[..., Address]) -> None:
    """As in a folder, but when it is read, because a server can change its mind."""
    collections = copy.deepcopy(sent)
    WRONG[what](collections)
    with pytest.raises(IndexDamaged):
        _read_all(served(collections))


def _spoiled(held: Any, dice: random.Random) -> Any:
    """A JSON value with one change somewhere inside."""
    if isinstance(held, list) and held and dice.random() < 0.8:
        place = dice.randrange(len(held))
        if dice.random() < 0.15:
            return held[:place] + held[place + 1 :]
        return [*held[:place], _spoiled(held[place], dice), *held[place + 1 :]]
    if isinstance(held, str) and held.startswith("[") and dice.random() < 0.7:
        return json.dumps(_spoiled(json.loads(held), dice))
    return dice.choice(ODD)


def _spoil(collections: dict[str, Rows], dice: random.Random) -> None:
    kind = dice.choice(["records", "records", "records", "chunks", "words"])
    key = dice.choice(list(collections[kind]))
    row = collections[kind][key]
    if kind != "records":
        field = dice.choice([name for name in row if name != "chunk"])
        row[field] = dice.choice([*ODD, {0: float("nan")}, [1.0]])
    elif dice.random() < 0.1:
        del collections[kind][key]
    else:
        head, _, text = row["value"].partition("\n")
        with contextlib.suppress(ValueError):
            text = json.dumps(_spoiled(json.loads(text), dice))
        row["value"] = dice.choice(
            [f"{head}\n{text}"] * 8 + [text, f"x\n{text}", f"{head}\n{text[:-3]}", "[" * 100_000]
        )


def test_a_hostile_server_ends_in_words(sent: dict[str, Rows], served: Callable[..., Address], tmp_path: Path) -> None:
    """Whatever one of its rows contains, reading, asking and copying fail with an error in words, if they fail."""
    refused = 0
    for number in range(100):
        dice, collections = random.Random(number), copy.deepcopy(sent)
        _spoil(collections, dice)
        address = served(collections)
        try:
            with open_index(address) as index:
                for question in QUESTIONS:
                    index.ask(question)
            _read_all(address)
            restore(MilvusSnapshot(address), tmp_path / str(number), lambda _done, _total: None)
        except PullquoteError:
            refused += 1
    assert refused >= 70
