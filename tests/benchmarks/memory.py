"""The memory of a build: its peak for two sizes of a heap, and their ratio.

    python tests/benchmarks/memory.py                           20,000 posts and 200,000; over an hour
    python tests/benchmarks/memory.py --sizes 2000 20000        a tenth of it
    python tests/benchmarks/memory.py --words 60 --form text    short posts, each a page of its own
    python tests/benchmarks/memory.py --vectors 60000 200000    only the lists of so many made-up vectors

Posts are those of ../shared/data/govblog-all.jsonl.gz if it exists, otherwise those of the seeds, repeated: in each
round every longer word is replaced by another word of the heap, so that no two posts are alike. A quick embedder with
meaningless vectors replaces the model, which would take days, after the first 1,024 chunks; the model stays in memory
as long as in any other build. ``peak`` is everything in memory; ``own`` leaves out pages of files, which the system may
take back at any time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ALL = ROOT.parent / "shared/data/govblog-all.jsonl.gz"
_WORD = re.compile(r"[A-Za-z]{4,}")
_POSTS_A_FILE = 1000
_LOOK_SECONDS = 0.2

BUILD = """
import hashlib, json, sys
import numpy
from rag import build_index
from rag.embedding.models import DEFAULT_MODEL, folder_of, identify
from rag.indexing import chunk_vectors

real = chunk_vectors.load_encoder

class Quick:
    identity = identify(DEFAULT_MODEL, folder_of(DEFAULT_MODEL))  # so that the index can be opened and asked

    def __init__(self):
        self.model, self.left = real(), 1024

    def count_tokens(self, text):
        return len(text) // 4 + 2

    def encode_spans(self, texts, spans, *, progress=None):
        if self.left > 0:
            self.left -= len(texts)
            return self.model.encode_spans(texts, spans)
        return self.encode(texts), [numpy.repeat(self.encode(["span"]), len(here), 0) for here in spans]

    def encode(self, texts, *, progress=None):
        read = b"".join(hashlib.shake_128(text.encode("utf-8", "surrogatepass")).digest(384) for text in texts)
        found = numpy.frombuffer(read, numpy.int8).reshape(len(texts), 384).astype(numpy.float32)
        return found / numpy.linalg.norm(found, axis=1, keepdims=True)

chunk_vectors.load_encoder = chunk_vectors.open_encoder = lambda *_, **__: Quick()
report = build_index([sys.argv[1]], into=sys.argv[2], **json.loads(sys.argv[3]))
print(json.dumps([report.posts, report.chunks, report.copies_folded, report.seconds]))
"""

LISTS = """
import json, sys
from pathlib import Path
import faiss, numpy
from rag.store.mmap import mapped_array, release_arrays
from rag.store.vectors import DenseIndex
size, home = int(sys.argv[1]), Path(sys.argv[2])
vectors, draws = mapped_array(home / "mapped.npy", numpy.float32, (size, 384)), numpy.random.default_rng(1)
topics = draws.standard_normal((2_000, 384))
for at in range(0, size, 1_000):
    here = vectors[at : at + 1_000]
    here[:] = topics[draws.integers(0, len(topics), len(here))] + 0.7 * draws.standard_normal(here.shape)
    here /= numpy.linalg.norm(here, axis=1, keepdims=True)
    release_arrays(vectors)
def peak(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
before = peak("VmRSS:")
open("/proc/self/clear_refs", "w").write("5")  # the peak begins again here
DenseIndex.write(vectors, home / "mapped.npy", home / "chunks")
print(json.dumps({"vectors": size, "before": before // 1024, "peak": peak("VmHWM:") // 1024}))
"""


def posts(size: int, words: int) -> Iterator[tuple[str, str]]:
    """This many titles and texts, no two alike; with ``words``, only this many words of each text."""
    if ALL.is_file():
        rows = [json.loads(line) for line in gzip.decompress(ALL.read_bytes()).splitlines()]
        base = [(row["title"], row["text"]) for row in rows if len(row["text"].split()) > 30]
    else:
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted((ROOT / "seeds").glob("*.txt"))]
        base = [(text.split("\n", 1)[0], text) for text in texts]
    if words:
        base = [(title, re.match(rf"(?:\S+\s*){{1,{words}}}", text.strip()).group().strip()) for title, text in base]  # type: ignore[union-attr]
    vocabulary = sorted({word for _, text in base for word in _WORD.findall(text)})
    for turn in range(-(-size // len(base))):
        others = list(vocabulary)
        random.Random(turn).shuffle(others)
        other = dict(zip(vocabulary, others, strict=True)) if turn else {}
        for title, text in base[: size - turn * len(base)]:
            yield tuple(_WORD.sub(lambda found: other.get(found.group(), found.group()), one) for one in (title, text))  # type: ignore[misc]  # noqa: B023 - used at once


def write(folder: Path, size: int, words: int, form: str) -> None:
    """Write a heap of posts: files of a thousand, or each a page of text or HTML."""
    folder.mkdir(parents=True)
    some: list[str] = []
    for number, (title, text) in enumerate(posts(size, words)):
        if form == "jsonl":
            some.append(json.dumps({"title": title, "text": text}))
            if len(some) == _POSTS_A_FILE or number == size - 1:
                (folder / f"{number:07}.jsonl").write_text("\n".join(some) + "\n", encoding="utf-8")
                some = []
            continue
        inner = folder / f"{number // _POSTS_A_FILE:04}"
        inner.mkdir(exist_ok=True)
        body = f"{title}\n\n{text}\n"
        if form == "html":
            paragraphs = "".join(f"<p>{line}</p>\n" for line in text.split("\n") if line.strip())
            body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>\n{paragraphs}</body></html>\n"
        (inner / f"{number:07}.{'txt' if form == 'text' else form}").write_text(body, encoding="utf-8")


def build(pages: Path, index: Path, **options: object) -> dict[str, object]:
    """Build in a process of its own; returns its peaks in MB, its seconds and what was built."""
    begun = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", BUILD, str(pages), str(index), json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        peak = own = 0
        while process.poll() is None:
            status = _status(process.pid)
            peak, own = max(peak, status.get("VmHWM", 0)), max(own, status.get("RssAnon", 0))
            time.sleep(_LOOK_SECONDS)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit("the build failed")
    made, chunks, folded, seconds = json.loads(said)
    return {
        "posts": made,
        "chunks": chunks,
        "folded": folded,
        "peak": peak // 1024,
        "own": own // 1024,
        "seconds": round(time.monotonic() - begun),
        "stages": {stage: round(spent, 1) for stage, spent in seconds},
    }


def lists(size: int, home: Path) -> dict[str, int]:
    """Write the lists of made-up vectors in a process of its own; returns its memory before, and its peak, in MB."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        command = [sys.executable, "-c", LISTS, str(size), folder]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        found: dict[str, int] = json.loads(
            subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
        )
    return found


def _status(process: int) -> dict[str, int]:
    """The kernel's figures for a process's memory, in kB; empty for one that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    rows = (line.split() for line in lines)
    return {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) == 3 and row[2] == "kB"}


def main() -> None:
    """Build each size and print the ratio of the last to the first."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[20_000, 200_000])
    options.add_argument("--words", type=int, default=0, help="only so many words of each post")
    options.add_argument("--form", choices=["jsonl", "text", "html"], default="jsonl")
    options.add_argument("--options", type=json.loads, default={}, help="of build_index, as JSON")
    options.add_argument("--vectors", type=int, nargs="+", help="write only the lists of so many vectors")
    options.add_argument("--in", dest="home", type=Path, help="where heaps and indexes are kept")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        home = asked.home or Path(made)
        for size in asked.vectors or ():
            print(json.dumps(lists(size, home)), flush=True)
        if asked.vectors:
            return
        found = []
        for size in asked.sizes:
            pages = home / f"{asked.form}-{asked.words}-{size}"
            if not pages.exists():
                write(pages, size, asked.words, asked.form)
            found.append(build(pages, home / f"index-{size}", **asked.options))
            print(json.dumps(found[-1]), flush=True)
        for kind in ("peak", "own"):
            print(f"{kind}: {found[-1][kind] / found[0][kind]:.2f} times")  # type: ignore[operator]


if __name__ == "__main__":
    main()
