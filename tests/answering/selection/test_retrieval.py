"""Chunks for a question: both searches count, in one order, whatever else the machine is doing."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.question import query as questions
from rag.answering.selection.retrieval import retrieve

if TYPE_CHECKING:
    from rag.answering.engine import Index

ROOT = Path(__file__).resolve().parents[3]
ASKED = ["When were Direct Payments introduced?", "Who wins under the social care proposals?", "What is hypothecation?"]

_BUILD_AND_ASK = """
import json, os, sys
processors = sorted(os.sched_getaffinity(0))[: int(sys.argv[1])]
os.sched_setaffinity(0, processors)
from rag import build_index, open_index
build_index(sys.argv[4:], into=sys.argv[2])
with open_index(sys.argv[2]) as index:
    print(json.dumps([index.ask(question, explain=False).to_dict() for question in json.loads(sys.argv[3])]))
"""


def test_hits_are_ranked_by_both_searches(seed_index: Index) -> None:
    """Each hit says how it was found; the fused order has no gaps and no repetition."""
    query = questions.query(ASKED[0])
    vector = seed_index._encode([ASKED[0]])[0]
    hits = retrieve(seed_index.store, query, vector, 14)
    assert [hit.rank for hit in hits] == list(range(1, 15))
    assert len({hit.chunk_id for hit in hits}) == 14
    assert all(before.score >= after.score for before, after in itertools.pairwise(hits))
    assert all(hit.dense_rank is not None or hit.lexical_rank is not None for hit in hits)
    assert hits == retrieve(seed_index.store, query, vector, 14)
    assert hits[:3] == retrieve(seed_index.store, query, vector, 3)


def test_a_search_among_some_chunks_gives_these_only(seed_index: Index) -> None:
    """A question to one post is answered from it."""
    query = questions.query(ASKED[0])
    among = [5, 2, 30]
    found = retrieve(seed_index.store, query, seed_index._encode([ASKED[0]])[0], 14, among)
    assert sorted(hit.chunk_id for hit in found) == sorted(among)


def test_asking_loads_no_library_that_only_building_or_the_page_needs(seed_home: Path) -> None:
    """A new process answers before the others have imported what they need."""
    code = (
        "import sys\nfrom rag.cli import main\nassert main(sys.argv[1:]) == 0\n"
        "print('\\nloaded', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    command = [sys.executable, "-c", code, "ask", ASKED[0], "--index", str(seed_home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"numpy", "onnxruntime", "faiss"} <= loaded
    slow = {"torch", "transformers", "sentence_transformers", "gradio", "scipy", "bm25s", "onnx", "tiktoken", "nupunkt"}
    assert not loaded & slow


def test_builds_in_any_order_of_files_and_on_any_number_of_processors_answer_alike(tmp_path: Path) -> None:
    """Byte for byte: two processes with one and two processors, and the pages named in two orders."""
    pages = []
    for number, page in enumerate(sorted((ROOT / "seeds").glob("*.txt"))[:2]):
        pages.append(tmp_path / f"page-{number}.txt")
        shutil.copy(page, pages[-1])
    said = []
    for processors, order in ((2, pages), (1, pages[::-1])):
        home = tmp_path / f"index-{processors}"
        code = ["-c", _BUILD_AND_ASK, str(processors), str(home), json.dumps(ASKED), *map(str, order)]
        environment = {**os.environ, "PYTHONHASHSEED": str(processors)}
        done = subprocess.run(
            [sys.executable, *code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
        vectors = [path.read_bytes() for path in sorted(home.glob("g-*/**/*.npy"))]
        said.append(str([hash(one) for one in vectors]))
    assert said[0] == said[2]
    assert said[1] == said[3]
