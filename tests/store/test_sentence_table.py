"""The sentences of an index as numbers equal those of its database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from rag.errors import IndexDamaged
from rag.store.rows import sentence_of
from rag.store.sentence_table import SentenceTable
from rag.store.snapshot import FolderSnapshot
from rag.text.annotations import noted

if TYPE_CHECKING:
    from pathlib import Path

    from rag.answering.engine import Index


def test_every_sentence_is_as_in_the_database(seed_index: Index) -> None:
    """Where each is, its kind, its row, and the notes on it."""
    store = seed_index.store
    assert isinstance(store, FolderSnapshot)
    with sqlite3.connect(store.folder / "posts.sqlite") as database:
        kinds = set()
        for post, post_id, text in database.execute("SELECT post, post_id, text FROM posts").fetchall():
            query = "SELECT * FROM sentences WHERE post = ? ORDER BY row"
            rows = [sentence_of(post_id, row) for row in database.execute(query, [post])]
            assert store.sentences([post_id]) == {post_id: rows}
            kinds |= {sentence.kind for _, sentence in rows}
            texts = [text[sentence.start : sentence.end] for _, sentence in rows]
            for first, end in ((0, len(rows)), (1, 2), (len(rows) - 1, len(rows)), (0, 0)):
                kept, wanted = store.noted(post_id, first, end), noted(texts[first:end])
                assert kept.codes.tolist() == wanted.codes.tolist()
                assert (kept.ends.tolist(), kept.notes.tolist()) == (wanted.ends.tolist(), wanted.notes.tolist())
    assert kinds == {"sentence", "item", "heading", "chrome"}


def test_a_heap_of_many_sentences_is_written_in_parts(
    seed_index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, however little is in memory at a time."""
    folder = seed_index.store.folder  # type: ignore[attr-defined]
    monkeypatch.setattr("rag.store.sentence_table._TOGETHER", 7)
    with sqlite3.connect(folder / "posts.sqlite") as database:
        SentenceTable.write(database, tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == 5
    for name in written:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_file_that_is_gone_is_named(seed_index: Index, tmp_path: Path) -> None:
    """The error says what to do."""
    with sqlite3.connect(seed_index.store.folder / "posts.sqlite") as database:  # type: ignore[attr-defined]
        SentenceTable.write(database, tmp_path)
    (tmp_path / "sentence-notes.bin").unlink()
    with pytest.raises(IndexDamaged, match=r"sentence-notes\.bin"):
        SentenceTable(tmp_path)


def test_nothing_is_read_after_it_was_closed(seed_index: Index, tmp_path: Path) -> None:
    """Not another file's data, if the number of the closed file was given to that file."""
    with sqlite3.connect(seed_index.store.folder / "posts.sqlite") as database:  # type: ignore[attr-defined]
        SentenceTable.write(database, tmp_path)
    table = SentenceTable(tmp_path)
    assert len(table.noted(0, 3).notes) == 3
    table.close()
    table.close()
    with pytest.raises(KeyError):
        table.noted(0, 3)
