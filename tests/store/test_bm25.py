"""Words of chunks: the scores of bm25s to the bit, in a fixed order, from memory-mapped files."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import bm25s
import numpy as np
import pytest

import rag.store.bm25
from rag.errors import IndexDamaged
from rag.store.bm25 import PAIR_BYTES, LexicalIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = ("borders.npy", "chunks.json", "chunks.npy", "scores.npy", "starts.npy", "words.txt")
ROWS = [["park", "open", "park"], ["river", "open"], [], ["park", "river", "river", "lake"], ["Ü", "\ud800", "𝔘"]]


def _written(folder: Path, rows: Sequence[Sequence[str]]) -> LexicalIndex:
    LexicalIndex.write(iter(rows), folder / "words")
    return LexicalIndex(folder / "words")


def _many(chunks: int) -> list[list[str]]:
    """Rows of words of which few are common and many rare, as in texts."""
    dice = random.Random(1)
    return [
        [f"w{int(400 ** dice.random())}" for _ in range(dice.randrange(40))] if dice.random() > 0.05 else []
        for _ in range(chunks)
    ]


@pytest.mark.parametrize("pairs", [50, 10**6])
def test_scores_are_those_of_bm25s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pairs: int) -> None:
    """Bit for bit, whatever number of pairs is written at once."""
    monkeypatch.setattr(rag.store.bm25, "_PAIRS", pairs)
    rows = _many(300)
    vocabulary = {stem: number for number, stem in enumerate(sorted({"", *(stem for row in rows for stem in row)}))}
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    theirs.index(([[vocabulary[stem] for stem in row] or [0] for row in rows], vocabulary), show_progress=False)
    index = _written(tmp_path, rows)
    for asked in (["w1"], ["w2", "w350", "none"], ["w7", "w3", "w99", "w3"], [f"w{n}" for n in range(60)]):
        expected = theirs.get_scores_from_ids(sorted({vocabulary[stem] for stem in asked if stem in vocabulary}))
        found = dict(index.search(asked, 300))
        assert np.array([found.get(chunk, 0.0) for chunk in range(300)], np.float32).tobytes() == expected.tobytes()


def test_a_large_index_lets_go_of_what_a_question_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process then has no page of its rows of chunks in memory, and the next question finds the same."""
    rows = _many(30_000)
    small = _written(tmp_path, rows)
    expected = small.search(["w1", "w2"], 10)
    monkeypatch.setattr(rag.store.bm25, "LARGE_BYTES", 0)
    index = LexicalIndex(tmp_path / "words")
    assert index.search(["w1", "w2"], 10) == index.search(["w1", "w2"], 10) == expected
    smaps = Path("/proc/self/smaps")
    if smaps.exists():  # where the system tells: one of the two that are open here holds nothing
        parts = smaps.read_text(encoding="utf-8").split("chunks.npy\n")[1:]
        assert min(int(part.partition("Rss:")[2].split()[0]) for part in parts) == 0


def test_the_best_come_first_and_equal_ones_by_chunk_id(tmp_path: Path) -> None:
    """One order, whatever the limit."""
    index = _written(tmp_path, [["park"], ["lake"], ["park"], ["park", "park"], ["park"]])
    every = index.search(["park"], 10)
    assert [chunk for chunk, _ in every] == [3, 0, 2, 4]
    assert index.search(["park"], 2) == every[:2]
    assert index.search(["park"], 10, among=[4, 1, 0]) == [pair for pair in every if pair[0] in {0, 4}]
    assert index.search(["nowhere"], 10) == index.search([], 10) == []


def test_every_word_is_found_and_no_other(tmp_path: Path) -> None:
    """Words are looked up in the file, whatever characters they have."""
    index = _written(tmp_path, ROWS)
    counted = {"park": 2, "open": 2, "river": 2, "lake": 1, "Ü": 1, "\ud800": 1, "𝔘": 1, "": 1}
    assert {stem: index.frequency(stem) for stem in counted} == counted
    assert [index.frequency(stem) for stem in ("par", "parks", "a", "zz", "\U0010ffff")] == [0] * 5
    assert len(index) == 5
    assert index.rarity("lake") > index.rarity("park") > 0.0


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    """Whatever stands in the folder beside them; nothing else is left there."""
    _written(tmp_path / "one", ROWS)
    _written(tmp_path / "two", ROWS)
    assert sorted(path.name for path in (tmp_path / "one" / "words").iterdir()) == list(FILES)
    for name in FILES:
        assert (tmp_path / "one/words" / name).read_bytes() == (tmp_path / "two/words" / name).read_bytes()


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_chunks_without_words_can_be_indexed(tmp_path: Path, rows: list[list[str]]) -> None:
    """An empty heap is not an error."""
    index = _written(tmp_path, rows)
    assert len(index) == len(rows)
    assert index.search(["park"], 5) == []
    assert index.frequency("park") == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, None) for name in FILES),
        *((name, b"") for name in FILES),
        *((name, b"{}") for name in FILES if name != "words.txt"),  # any bytes are words
    ],
)
def test_files_that_cannot_be_read_are_a_damaged_index(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Never a traceback."""
    _written(tmp_path, ROWS)
    path = tmp_path / "words" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(IndexDamaged):
        LexicalIndex(tmp_path / "words")


def test_among_equal_ones_the_first_chunks_are_taken(tmp_path: Path) -> None:
    """If the limit separates chunks of one score, the lower ids stay."""
    index = _written(tmp_path, [["lake"]] * 3 + [["park"]] * 400 + [["park", "park"]])
    assert [chunk for chunk, _ in index.search(["park"], 50)] == [403, *range(3, 52)]


def test_weights_by_chunk_are_the_same_numbers(tmp_path: Path) -> None:
    """What is written to another home adds up to exactly the same scores."""
    rows = _many(200)
    index = _written(tmp_path, rows)
    names = [stem for stem, _ in index.stems()]
    assert names == sorted({"", *(stem for row in rows for stem in row)})
    assert dict(index.stems())["w1"] == index.frequency("w1")
    held = index.weights(50, 120)
    for place, weights in enumerate(held, 50):
        assert {names[number] for number in weights} == (set(rows[place]) or {""})
    number = names.index("w2")
    assert {50 + place: weights[number] for place, weights in enumerate(held) if number in weights} == dict(
        index.search(["w2"], 200, among=range(50, 120))
    )


def test_writing_takes_the_memory_counted_for_each_pair(tmp_path: Path) -> None:
    """So ``--memory`` is what it says; many pairs are sorted at once, because that saves passes over files."""
    stems = [[f"word{(chunk * 7 + place * 13) % 2000}" for place in range(50)] for chunk in range(4000)]
    pairs = sum(map(len, map(set, stems)))
    tracemalloc.start()
    try:
        LexicalIndex.write(stems, tmp_path / "words", pairs)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < pairs * PAIR_BYTES


@pytest.mark.parametrize("pairs", [1, 2, 7, 1000])
def test_how_many_pairs_are_sorted_at_once_changes_no_byte(
    pairs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does how many scores are computed at once, or a chunk with more words than both."""
    stems = [[f"word{(chunk * 7 + place * 13) % 30}" for place in range(chunk % 9)] for chunk in range(60)]
    LexicalIndex.write(stems, tmp_path / "one")
    monkeypatch.setattr("rag.store.bm25._SCORED_TOGETHER", 3)
    LexicalIndex.write(stems, tmp_path / "other", pairs)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert [(tmp_path / "one" / name).read_bytes() for name in names] == [
        (tmp_path / "other" / name).read_bytes() for name in names
    ]
