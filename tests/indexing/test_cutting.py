"""Cutting the posts of a heap: stored in files, equal texts embedded once, and little in memory."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from killing import same_index

from rag import build_index, open_index
from rag.cli import main
from rag.config import MAX_WORKING_MB, MIN_WORKING_MB, working_memory_mb
from rag.dedup.minhash import Memory
from rag.errors import InputError
from rag.indexing.chunk_vectors import ChunkVectors
from rag.indexing.cutting import CutHeap, PostCut
from rag.indexing.executor import SerialExecutor
from rag.indexing.reuse import write_growth
from rag.records import Chunk, Sentence, Span
from rag.spools import Spools

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.embedding.models import ModelIdentity

SAID = "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought."


def _add(heap: CutHeap, post: int, *texts: str) -> None:
    """A post of these chunks, each a single sentence."""
    chunks, sentences, at = [], [], 0
    for number, text in enumerate(texts):
        chunks.append(Chunk(number, f"{post:016x}", at, at + len(text), 9))
        sentences.append(Sentence(f"{post:016x}", number, at, at + len(text), number))
        at += len(text)
    heap.add(PostCut(chunks, sentences, list(texts)), [text.split() for text in texts])


def test_ids_go_on_from_post_to_post() -> None:
    """Chunks, sentences and stems of all posts, in order; and the post of each chunk."""
    with Spools() as spools:
        heap = CutHeap(spools)
        _add(heap, 0, "one two", "three")
        _add(heap, 1)
        _add(heap, 2, "four")
        assert [chunk.chunk_id for chunk in heap.chunks] == [0, 1, 2]
        assert [sentence.chunk_id for sentence in heap.sentences] == [0, 1, 2]
        assert list(heap.stems) == [["one", "two"], ["three"], ["four"]]
        assert (len(heap.chunks), len(heap.sentences), len(heap.stems)) == (3, 3, 3)
        assert [heap.post_of(chunk)[:2] for chunk in range(3)] == [(0, 0), (0, 0), (2, 2)]
        assert heap.post_of(2)[2].texts == ["four"]


def test_equal_texts_are_embedded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever posts they are in; each has the vectors of its text and of its sentences."""
    read: list[str] = []

    def embed(texts: Sequence[tuple[str, Sequence[Span]]], *_: object):  # type: ignore[no-untyped-def]  # noqa: ANN202
        for text, spans in texts:
            read.append(text)
            yield np.full(4, len(text), np.float32), np.full((len(spans), 4), len(text) / 2, np.float32)

    monkeypatch.setattr("rag.indexing.chunk_vectors.embed_chunks", embed)
    with Spools() as spools:
        heap = CutHeap(spools)
        _add(heap, 0, "twice", "once only")
        _add(heap, 1, "something", "twice")
        _add(heap, 2, "twice")
        made = ChunkVectors(heap, np.zeros((5, 4), np.float32), np.zeros((5, 4), np.float16), None)
        made.reuse()
        identity: ModelIdentity = None  # type: ignore[assignment]  # nobody asks
        assert made.embed(identity, SerialExecutor(), lambda *_: None) == 3
    assert read == ["twice", "once only", "something"]
    assert made.chunks[:, 0].tolist() == [5, 9, 9, 5, 5]
    assert made.sentences[:, 0].tolist() == [2.5, 4.5, 4.5, 2.5, 2.5]
    assert made.keys[0].tobytes() == made.keys[3].tobytes() == made.keys[4].tobytes() != made.keys[1].tobytes()


def _held(tmp_path: Path, posts: int) -> int:
    """Peak memory in bytes while this many posts are stored, read again and written for the next build."""
    words = [f"word{number}" for number in range(100)]
    tracemalloc.start()
    with Spools() as spools:
        heap = CutHeap(spools)
        for post in range(posts):
            _add(heap, post, *(" ".join(words[at : at + 50]) for at in (0, 25, 50)))
        assert sum(1 for _ in heap.sentences) == 3 * posts
        write_growth(tmp_path / f"{posts}", Memory(), np.zeros((3 * posts, 16), np.uint8), heap.stems)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_what_was_cut_is_not_held(tmp_path: Path) -> None:
    """Another post takes a few numbers: some hundred bytes, although its text and words have thousands."""
    _held(tmp_path, 10)
    few, many = _held(tmp_path, 1_000), _held(tmp_path, 2_000)
    assert (many - few) / 1_000 < 400


def test_a_full_disk_between_two_steps_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error in words, and the existing index stays in use."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "well.txt").write_text(f"The well\n\n{SAID}\n")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    (tmp_path / "pages" / "well.txt").write_text(f"The well\n\n{SAID}\n\nIt is forty metres deep.\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rag.spools.Spool.append", full)
    with pytest.raises(InputError, match="No space left on device"):
        build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert index.posts()[0].text == SAID


def test_an_index_is_the_same_in_however_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, although lines and words are then sorted in many parts; less than a megabyte is refused."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(6):
        body = "".join(f"<p>{SAID} It is {number + line} metres deep.</p>" for line in range(3))
        (pages / f"{number}.html").write_text(f"<h1>Well {number}</h1><p>All about wells</p>{body}", encoding="utf-8")
        (pages / f"{number}.txt").write_text(f"The mill {number}\n\n{SAID.replace('well', 'mill')} {number}.\n")
    build_index([pages], into=tmp_path / "usual")
    monkeypatch.setattr("rag.spools.Spools.room_for", lambda *_: 3)
    build_index([pages], into=tmp_path / "little", memory=1)
    assert same_index(tmp_path / "usual", tmp_path / "little")
    with pytest.raises(InputError, match="at least one megabyte"):
        build_index([pages], into=tmp_path / "none", memory=0)


def test_the_memory_that_was_asked_for_is_what_steps_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line too; by default a share of the machine's memory, within limits."""
    seen: list[int] = []
    monkeypatch.setattr("rag.indexing.build.Spools", lambda _, memory: seen.append(memory) or Spools(None, memory))
    (tmp_path / "well.txt").write_text(f"The well\n\n{SAID}\n")
    base = ["index", str(tmp_path / "well.txt"), "--quiet", "--index", str(tmp_path / "index")]
    assert main([*base, "--memory", "5"]) == 0
    assert main(base) == 0
    assert main([*base, "--memory", "0"]) == 2
    assert "at least one megabyte" in capsys.readouterr().err
    assert seen == [5 * 2**20, working_memory_mb() * 2**20]
    assert MIN_WORKING_MB <= working_memory_mb() <= MAX_WORKING_MB
    assert Spools(memory=1000).room_for(100) == 10
    assert Spools(memory=10).room_for(100) == 1
