"""The cost of other ways to store and read an index, measured on one; rag/README.md gives the reasons.

    python tests/benchmarks/alternatives.py INDEX      an index of a folder; two minutes for 800 posts

* words: bm25s reads the same scores, memory-mapped, in place of `rag.store.bm25`;
* sentences: their numbers and notes are columns of the database, a row for each post, in place of five files;
* lines: the share of a build that goes into finding the lines of a post again, and how often their kinds differ.

Times are medians of the processor time of one thread; both ways take turns.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.engine import Index
    from rag.store.snapshot import FolderSnapshot

_TURNS = 5
_QUESTIONS = 200
_POSTS_A_QUESTION = 12  # those of the chunks that a question considers
_FILES = ("posts", "rows", "words", "ends", "notes")

# one process each, because a first question is what counts: argv[1] is the folder, argv[2] the questions' stems
OURS = """
import json, sys, time
from pathlib import Path
import numpy
import rag.store.bm25
questions = json.loads(Path(sys.argv[2]).read_text())
begun = time.process_time()
index = rag.store.bm25.LexicalIndex(Path(sys.argv[1]))
opened = time.process_time()
found = [[chunk for chunk, _ in index.search(stems, 50)] for stems in questions]
"""
THEIRS = """
import json, sys, time
from pathlib import Path
import numpy
questions = json.loads(Path(sys.argv[2]).read_text())
begun = time.process_time()
import bm25s
index = bm25s.BM25.load(sys.argv[1], mmap=True)
opened = time.process_time()
found = []
for stems in questions:
    known = sorted({index.vocab_dict[stem] for stem in stems if stem in index.vocab_dict})
    scores = index.get_scores_from_ids(known)
    best = numpy.argsort(-scores, kind="stable")[:50]
    found.append([int(chunk) for chunk in best if scores[chunk] > 0])
"""
REPORT = """
asked = time.process_time()
print(json.dumps([1000 * (opened - begun), 1000 * (asked - opened) / len(questions), found]))
"""


def main() -> None:
    """Measure all three and print them."""
    from rag import open_index
    from rag.store.snapshot import FolderSnapshot

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    with open_index(parser.parse_args().index, fast=True) as index, tempfile.TemporaryDirectory() as scratch:
        assert isinstance(index.store, FolderSnapshot)
        _words(index.store, Path(scratch))
        _sentences(index.store, Path(scratch))
        _lines(index)


def _say(*cells: object) -> None:
    first, *rest = (f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells)
    print(f"{first:<36}" + "".join(f"{cell:>18}" for cell in rest), flush=True)


def _stems(store: FolderSnapshot) -> list[list[str]]:
    """The stems of titles, which stand in for questions."""
    from rag.text.tokens import stems

    titles = [post.title for post in store.posts(store.post_ids()[: 4 * _QUESTIONS]).values()]
    return [found for found in map(stems, titles) if found][:_QUESTIONS]


# --- words ------------------------------------------------------------------------------------------------------------


def _words(store: FolderSnapshot, scratch: Path) -> None:
    import bm25s

    ours = store.folder / "words"
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index = store.lexical
    theirs.scores = {
        "data": index._scores, "indices": index._ids, "indptr": index._starts, "num_docs": len(index)
    }  # fmt: skip
    theirs.nonoccurrence_array = None
    theirs.vocab_dict = {stem: number for number, (stem, _) in enumerate(index.stems())}
    theirs.save(scratch / "bm25s")
    (scratch / "questions.json").write_text(json.dumps(_stems(store)), encoding="utf-8")
    seen: dict[str, list[list[float]]] = {OURS: [], THEIRS: []}
    found: dict[str, object] = {}
    for _ in range(_TURNS):
        for code, folder in ((OURS, ours), (THEIRS, scratch / "bm25s")):
            command = [sys.executable, "-c", code + REPORT, str(folder), str(scratch / "questions.json")]
            *figures, found[code] = json.loads(
                subprocess.run(command, capture_output=True, text=True, check=True).stdout
            )
            seen[code].append(figures)
    _say("words", "open, ms", "a question, ms")
    for name, code in (("rag.store.bm25", OURS), ("bm25s, mapped", THEIRS)):
        _say(name, *(statistics.median(column) for column in zip(*seen[code], strict=True)))
    _say("the same chunks in the same order", found[OURS] == found[THEIRS])


# --- sentences --------------------------------------------------------------------------------------------------------


def _sentences(store: FolderSnapshot, scratch: Path) -> None:
    import numpy as np

    table = store._table
    path = scratch / "columns.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE sentence_columns (post INTEGER PRIMARY KEY, first, rows, codes, ends, notes)")
    posts = len(store.post_ids())
    firsts = table._read("posts", "<i8", 0, posts + 1)
    for post in range(posts):
        first, end = firsts[post], firsts[post + 1]
        held = table.noted(first, end)
        rows = table._bytes("rows", 32, first, end)
        row = (post, first, rows, held.codes.tobytes(), held.ends.tobytes(), held.notes.tobytes())
        database.execute("INSERT INTO sentence_columns VALUES (?, ?, ?, ?, ?, ?)", row)
    database.commit()
    database.execute("VACUUM")

    def files(numbers: Sequence[int]) -> int:
        read = 0
        for post in numbers:
            first, end = table._read("posts", "<i8", post, post + 2)
            read += len(table._bytes("rows", 32, first, end)) + len(table.noted(first, end).codes)
        return read

    def columns(numbers: Sequence[int]) -> int:
        read = 0
        for post in numbers:
            query = "SELECT first, rows, codes, ends, notes FROM sentence_columns WHERE post = ?"
            _, rows, codes, ends, notes = database.execute(query, [post]).fetchone()
            np.frombuffer(ends, "<i8"), np.frombuffer(notes, "<u4")
            read += len(rows) + len(np.frombuffer(codes, "<u4"))
        return read

    groups = [
        [(number * 7919 + step * 104729) % posts for step in range(_POSTS_A_QUESTION)] for number in range(_QUESTIONS)
    ]
    assert [files(group) for group in groups] == [columns(group) for group in groups]
    size = sum((store.folder / f"sentence-{name}.bin").stat().st_size for name in _FILES)
    _say("sentences", "a question, ms", "size, MB")
    for name, read, stored in (("five files", files, size), ("columns", columns, path.stat().st_size)):
        seconds = _median_seconds(lambda read=read: [read(group) for group in groups])  # type: ignore[misc]
        _say(name, 1000 * seconds / len(groups), stored / 2**20)
    database.close()


def _median_seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_TURNS):
        begun = time.thread_time()
        work()
        taken.append(time.thread_time() - begun)
    return statistics.median(taken)


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(index: Index) -> None:
    from rag.extraction.outline import outline
    from rag.extraction.text_boilerplate import Glue
    from rag.text.lines import cut_blocks
    from rag.text.paragraphs import units_of
    from rag.text.sentences import _with_headings, split

    posts = list(index.posts())[:_QUESTIONS]
    again = _median_seconds(
        lambda: [_with_headings(post.text, list(units_of(post.text, post.chrome))) for post in posts]
    )
    begun = time.process_time()
    for post in posts:
        texts = [post.text[cut.start : cut.end] for cut in split(post.text, post.chrome)]
        index._encoder.encode([*texts, post.text[:1000]])
    build = time.process_time() - begun
    _say("lines", "a post, ms")
    _say("finding them again", 1000 * again / len(posts))
    _say("splitting and reading the sentences", 1000 * build / len(posts))
    pairs: Counter[tuple[str, str]] = Counter()
    for post in posts:
        units = {
            unit.marker_start if unit.marker_start >= 0 else unit.start: unit.kind
            for unit in _with_headings(post.text, list(units_of(post.text, post.chrome)))
        }
        blocks = cut_blocks(post.text)
        seen = outline(blocks, Glue([]), compared=False)
        pairs.update(
            (kind, units.get(block.start, "part of a unit"))
            for block, kind in zip(seen.blocks, seen.kinds, strict=True)
        )
    _say("a line is", "to a chunk", "lines")
    for (kind, unit), count in pairs.most_common(12):
        _say(kind, unit, count)


if __name__ == "__main__":
    main()
