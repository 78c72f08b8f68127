"""How fast everything is, as ratios to a baseline measured beside it in the same run.

    python tests/benchmarks/bench.py            everything; about an hour on two cores
    python tests/benchmarks/bench.py --quick    the same on less of everything, without the largest heaps; two minutes

Tables go to standard output, the figures to build/bench.json and the growth curves to tests/benchmarks/growth.svg
(--quick leaves that picture alone). Baseline and subject take turns, and each figure is a median of at least five, so
that a busy machine slows both alike. Pages and questions are those of ../shared/data if it exists, otherwise the seeds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import memory
from curves import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"
BLOG = SHARED / "data/govblog/pages"
ALL = SHARED / "data/govblog-all.jsonl.gz"
QUESTIONS = SHARED / "data/govblog/questions-dev.jsonl"
OUT = ROOT / "build/bench.json"
PICTURE = HERE / "growth.svg"
SIZES, QUICK_SIZES = (2_500, 10_000, 50_000, 200_000, 1_000_000), (2_500, 10_000)

START = """
import json, os, sys, time
begun = time.perf_counter()
process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(process, 0)
seen = [time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, status]
open(sys.argv[1], "w").write(json.dumps(seen))
"""
BARE = """
import sys, numpy, onnxruntime, tokenizers, faiss
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
model = onnxruntime.InferenceSession(sys.argv[1] + "/encoder.onnx", options, providers=["CPUExecutionProvider"])
tokenizer = tokenizers.Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
ids = numpy.array([tokenizer.encode("Who opened the first park?").ids], dtype=numpy.int32)
vector = model.run(None, {"ids": ids})[0][0].mean(axis=0)
"""
PLAIN = """
import json, sys, faiss
from sentence_transformers import SentenceTransformer
from rag.embedding.models import folder_of
texts, sentences = json.load(open(sys.argv[1]))
model = SentenceTransformer(str(folder_of("all-MiniLM-L6-v2")))
for some in (texts, sentences):
    vectors = model.encode(some)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
"""
WARM = """
import json, sys, time
from rag import open_index
index = open_index(sys.argv[1])
asked = json.load(open(sys.argv[2]))
fast = sys.argv[3:] != ["reader"]
for question in asked[:10]:
    index.ask(question, explain=False, fast=fast)
seen = []
for question in asked[10:]:
    begun, busy = time.perf_counter(), time.process_time()
    index._encoder.encode([question])
    wall, cpu = time.perf_counter() - begun, time.process_time() - busy
    begun, busy = time.perf_counter(), time.process_time()
    index.ask(question, explain=False, fast=fast)
    seen.append((wall, cpu, time.perf_counter() - begun, time.process_time() - busy))
print(json.dumps(seen))
"""
CROSS = """
import json, sys, time
import numpy
from sentence_transformers import CrossEncoder, SentenceTransformer
from rag.embedding.models import folder_of
folder = str(folder_of("all-MiniLM-L6-v2"))
model, judge = SentenceTransformer(folder), CrossEncoder(folder, num_labels=1)
asked, (texts, _) = (json.load(open(path)) for path in sys.argv[1:])
vectors = model.encode(texts)
seen = []
for question in asked:
    begun = time.perf_counter()
    best = numpy.argsort(vectors @ model.encode([question])[0])[-20:]
    judge.predict([(question, texts[at]) for at in best])
    seen.append(time.perf_counter() - begun)
print(json.dumps(seen[5:]))
"""
RECALL = """
import json, statistics, sys, time
from rag import open_index
from rag.store.vectors import DenseIndex
index = open_index(sys.argv[1])
found, exact = index.store.dense, DenseIndex(index.store.dense.vectors)
shared, seconds = 0, ([], [])
asked = json.load(open(sys.argv[2]))[:40]
for vector in index._encoder.encode(asked):
    rows = []
    for each, spent in zip((found, exact), seconds):
        begun = time.process_time()
        rows.append({row for row, _ in each.search(vector, 60)})
        spent.append(time.process_time() - begun)
        rows[-1] = {row for row, _ in each.search(vector, 10)}
    shared += len(rows[0] & rows[1])
print(json.dumps([shared / 10 / len(asked), *(statistics.median(spent) for spent in seconds)]))
"""
MAKE = """
import sys
from pathlib import Path
from many import make_many
make_many(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
"""
MANY = """
import json, sys, time
from rag import open_index
from rag.answering.process_pool import ask_by_processes
from rag.records import QuestionRow
if __name__ == "__main__":
    rows = [QuestionRow(str(n), question) for n, question in enumerate(json.load(open(sys.argv[2])))]
    index = open_index(sys.argv[1])
    index.ask(rows[0].question)
    begun = time.perf_counter()
    if sys.argv[3] == "one":
        found = [index.ask(row.question, id=row.id, explain=False) for row in rows]
    else:
        found = list(ask_by_processes(index, rows))
    seconds = time.perf_counter() - begun
    print(json.dumps([seconds, hash(json.dumps([answer.to_dict() for answer in found]))]))
"""

# If no byte code is written, ours is compiled in every process, and that of installed packages is not.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: wall seconds, processor seconds, and its peak memory in MB."""

    wall: float
    cpu: float
    peak: float
    out: str


def run(code: Sequence[str], **environment: str) -> Run:
    """Run a Python process, from the start of the interpreter to its end."""
    with (
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as errors,
        tempfile.NamedTemporaryFile() as told,
    ):
        # a process's peak begins with the memory of its parent, so a small process starts it
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", START, told.name, sys.executable, *code],
            check=True,
            cwd=ROOT,
            stdout=out,
            stderr=errors,
            env={**_ENVIRONMENT, **environment},
        )
        wall, cpu, peak, status = json.loads(Path(told.name).read_text(encoding="ascii"))
        out.seek(0)
        errors.seek(0)
        text, said = out.read(), errors.read()
    if status:
        raise SystemExit(f"failed: {' '.join(code)[:300]}\n{said[-600:]}")
    return Run(wall, cpu, peak, text)


def turns(kinds: Mapping[str, Callable[[], Run]], times: int) -> dict[str, list[Run]]:
    """Run each kind this many times, in turns."""
    found: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(times):
        for kind, call in kinds.items():
            found[kind].append(call())
    return found


def median(runs: Sequence[Run], field: str) -> float:
    """The median of a field over runs."""
    return statistics.median(getattr(one, field) for one in runs)


class Bench:
    """The run: where its heaps are, and the rows of its tables."""

    def __init__(self, home: Path, *, quick: bool) -> None:
        self.home = home
        self.quick = quick
        self.rows: list[dict[str, object]] = []
        self.growth: list[dict[str, float]] = []
        self.pages = BLOG if BLOG.is_dir() else ROOT / "seeds"
        asked = QUESTIONS if QUESTIONS.is_file() else ROOT / "tests/eval/seed-questions.jsonl"
        self.asked = [json.loads(line)["question"] for line in asked.read_text(encoding="utf-8").splitlines()]

    def row(
        self, what: str, baseline: str, ratio: float, limit: float, *, at_least: bool = False, note: str = ""
    ) -> None:
        """One line of the table, printed at once."""
        holds = ratio >= limit if at_least else ratio <= limit
        line = {
            "what": what,
            "baseline": baseline,
            "ratio": round(ratio, 4),
            "limit": limit,
            "holds": holds,
            "note": note,
            "load": round(os.getloadavg()[0], 1),
        }
        self.rows.append(line)
        sign = "at least" if at_least else "at most"
        print(
            f"{what:58} {ratio:8.3f}  {sign:8} {limit:<6} {'' if holds else 'NO '} of: {baseline}  {note}", flush=True
        )

    def json(self, name: str, content: object) -> str:
        path = self.home / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def index(self, pages: Path, name: str, *options: str) -> Callable[[], Run]:
        def build() -> Run:
            shutil.rmtree(self.home / name, ignore_errors=True)
            return run(["-m", "rag", "index", str(pages), "-q", "--index", str(self.home / name), *options])

        return build

    def cold(self) -> None:
        """A new process that asks, beside one that only imports the usual library, and a bare script."""
        from rag.embedding.encoder import load_encoder
        from rag.embedding.prepared import find_prepared

        self.index(ROOT / "seeds", "seeds")()
        ready = find_prepared(load_encoder().identity)
        ask = ["-m", "rag", "ask", "Who opened the first park?", "--index", str(self.home / "seeds")]
        seen = turns(
            {
                "import": lambda: run(["-c", "import sentence_transformers"]),
                "bare": lambda: run(["-c", BARE, str(ready)]),
                "ask": lambda: run([*ask, "--fast"]),
                "reader": lambda: run(ask),
            },
            5 if self.quick else 15,
        )
        for field, unit in (("cpu", "CPU time"), ("wall", "wall time")):
            spent, usual = median(seen["ask"], field), median(seen["import"], field)
            self.row(f"ask --fast, new process, {unit}", "import sentence_transformers", spent / usual, 0.10)
            reading = median(seen["reader"], field) / usual
            self.row(f"ask, new process, {unit}", "import sentence_transformers", reading, 0.16)
            self.row(f"ask --fast, new process, {unit}", "bare script", spent / median(seen["bare"], field), 1.6)
        self.row(
            "ask --fast, new process, peak memory",
            "bare script",
            median(seen["ask"], "peak") / median(seen["bare"], "peak"),
            1.5,
        )

    def indexing(self) -> None:
        """A build, from pages to a searchable index, beside the plain recipe over the same chunks and sentences."""
        some = self._some()
        path = self._texts()
        texts, sentences = json.loads(Path(path).read_text(encoding="utf-8"))
        seen = turns(
            {
                "plain": lambda: run(["-c", PLAIN, path]),
                "ours": self.index(some, "built"),
                "nothing": lambda: run(["-m", "rag", "index", str(some), "-q", "--index", str(self.home / "built")]),
                "quantised": self.index(some, "quantised", "--quantised"),
            },
            1 if self.quick else 5,
        )
        plain, ours = median(seen["plain"], "cpu"), median(seen["ours"], "cpu")
        note = f"{len(texts)} chunks, {len(sentences)} sentences"
        self.row("index, CPU time", "plain recipe", ours / plain, 0.22, note=note)
        self.row("index --quantised, CPU time", "plain recipe", median(seen["quantised"], "cpu") / plain, 0.13)
        # the start of the interpreter is most of it, and the build is small
        self.row("index again, nothing touched, some pages", "the build", median(seen["nothing"], "cpu") / ours, 0.05)
        if not self.quick and (whole := self._whole()):
            again = ["-m", "rag", "index", str(self.home / "all"), "-q", "--index", str(whole)]
            run(again)  # pages written just before the build are read once more
            spent = float((self.home / "whole-cpu.txt").read_text(encoding="ascii"))
            ratio = median([run(again) for _ in range(5)], "cpu") / spent
            self.row("index again, nothing touched, all govblog posts, CPU time", "the build", ratio, 0.005)
        self.row(
            "index, peak memory", "plain recipe", median(seen["ours"], "peak") / median(seen["plain"], "peak"), 1.0
        )
        self.quality()

    def _texts(self) -> str:
        """A file with the chunks and the sentences of some pages, as the plain recipes read them."""
        from rag.store.snapshot import FolderSnapshot

        store = FolderSnapshot(self._built())
        texts, sentences = [], []
        for post in store.posts_in_order():
            chunks = store.chunks(store.chunks_of(post.post_id)).values()
            texts += [f"{post.title}\n{post.text[chunk.start : chunk.end]}" for chunk in chunks]
            sentences += [post.text[one.start : one.end] for _, one in store.sentences([post.post_id])[post.post_id]]
        store.close()
        return self.json("texts.json", (texts, sentences))

    def _some(self) -> Path:
        """A folder with pages from all over the heap, created when first needed."""
        some = self.home / "some"
        if not some.is_dir():
            some.mkdir()
            every = sorted(page for page in self.pages.iterdir() if page.suffix in {".txt", ".md"})
            for page in every[:: max(len(every) // (40 if self.quick else 200), 1)]:
                shutil.copy(page, some)
        return some

    def _built(self) -> Path:
        """An index of those pages, created when first needed."""
        home = self.home / "built"
        if not home.is_dir():
            self.index(self._some(), "built")()
        return home

    def quality(self) -> None:
        """What --quantised costs on questions with known answers."""
        gold = str(ROOT / "tests/eval/seed-questions.jsonl")
        self.index(ROOT / "seeds", "seeds-quantised", "--quantised")()
        found = [
            json.loads(run(["-m", "rag", "eval", gold, "--json", "-q", "--index", str(self.home / name)]).out)
            for name in ("seeds", "seeds-quantised")
        ]
        print("  --quantised on the seed questions:", _differences(*found))

    def warm(self) -> None:
        """A question to an open index, beside encoding the question alone."""
        heaps = [("seed pages", self.home / "seeds", 2.2)]
        if not self.quick and (whole := self._whole()):
            heaps.append(("all govblog posts", whole, 2.8))
        for name, home, limit in heaps:
            seen = [self._asked(home) for _ in range(1 if self.quick else 5)]
            ratio, mean = (statistics.median(column) for column in zip(*seen, strict=True))
            note = f"mean {mean:.2f}"
            self.row(f"question to answer, --fast, {name}, CPU time", "encoding the question", ratio, limit, note=note)
        asked, texts, home = self.json("some-asked.json", self.asked[:35]), self._texts(), str(self._built())
        seen = turns(
            {
                "plain": lambda: run(["-c", CROSS, asked, texts]),
                "ours": lambda: run(["-c", WARM, home, asked, "reader"]),
            },
            1 if self.quick else 3,
        )
        plain = statistics.median(statistics.median(json.loads(one.out)) for one in seen["plain"])
        ours = statistics.median(statistics.median(row[2] for row in json.loads(one.out)) for one in seen["ours"])
        self.row("question to answer with the reader, wall time", "a cross-encoder over 20", ours / plain, 0.35)

    def _whole(self) -> Path | None:
        """An index of all posts of the blogs, created when first needed; None if they are not there."""
        pages, home = self.home / "all", self.home / "whole"
        if not ALL.is_file():
            return None
        if not home.is_dir():
            pages.mkdir()
            with gzip.open(ALL, "rt", encoding="utf-8") as rows:
                for number, line in enumerate(rows):
                    post = json.loads(line)
                    (pages / f"{number:04}.txt").write_text(f"{post['title']}\n\n{post['text']}\n", encoding="utf-8")
            spent = self.index(pages, "whole")().cpu
            (self.home / "whole-cpu.txt").write_text(str(spent), encoding="ascii")
        return home

    def _asked(self, home: Path) -> tuple[float, float]:
        """Median question's CPU time as a ratio to its encoding, and the same of all questions together."""
        out = run(["-c", WARM, str(home), self.json("asked.json", self.asked)]).out
        _, encoding, _, asking = zip(*json.loads(out), strict=True)
        return statistics.median(asking) / statistics.median(encoding), sum(asking) / sum(encoding)

    def grow(self) -> None:
        """Heaps of many chunks: time, memory, disk and recall."""
        base = (None if self.quick else self._whole()) or self._built()
        for size in QUICK_SIZES if self.quick else SIZES:
            home = self.home / "many"
            shutil.rmtree(home, ignore_errors=True)
            paths = os.pathsep.join([str(HERE), str(ROOT)])
            built = run(["-c", MAKE, str(base), str(home), str(size)], PYTHONPATH=paths).cpu
            asked = self.json("asked.json", self.asked)
            one = run(["-c", WARM, str(home), asked])
            columns = [statistics.median(column) for column in zip(*json.loads(one.out), strict=True)]
            recall, near, exact = json.loads(run(["-c", RECALL, str(home), asked]).out)
            disk = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 2**20
            line = {
                "chunks": float(size),
                "answer ms": columns[3] * 1000,
                "encode ms": columns[1] * 1000,
                "memory MB": one.peak,
                "disk MB": disk,
                "recall": recall,
                "nearest ms": near * 1000,
                "nearest, all compared, ms": exact * 1000,
                "build s": built,
            }
            self.growth.append(line)
            print("  " + ", ".join(f"{name} {value:,.3f}" for name, value in line.items()), flush=True)
            self.row(f"recall@10 at {size:,} chunks", "exact search", recall, 0.985, at_least=True)
        shutil.rmtree(self.home / "many", ignore_errors=True)
        at = {line["chunks"]: line for line in self.growth}
        for size, limit in ((200_000, 2.0), (1_000_000, 3.0)):
            if size in at:
                ratio = at[size]["answer ms"] / at[10_000]["answer ms"]
                self.row(f"question to answer, {size:,} chunks, CPU time", "10,000 chunks", ratio, limit)
        if 1_000_000 in at:
            vectors = 1_000_000 * 384 * 4 / 2**20
            self.row(
                "memory of asking, 1,000,000 chunks",
                "half its vectors and 400 MB",
                at[1_000_000]["memory MB"] / (vectors / 2 + 400),
                1.0,
            )

    def memory(self) -> None:
        """The peak of a build beside that of a tenth of its heap; 200,000 posts take too long here: see memory.py."""
        sizes = (200, 2_000) if self.quick else (2_000, 20_000)
        seen = []
        for size in sizes:
            pages, index = self.home / f"posts-{size}", self.home / f"posts-{size}-index"
            if not pages.is_dir():
                memory.write(pages, size, 0, "jsonl")
            seen.append(memory.build(pages, index))
            print(
                "  " + ", ".join(f"{name} {seen[-1][name]}" for name in ("posts", "chunks", "peak", "own", "seconds"))
            )
            shutil.rmtree(index)
        for name, what in (("peak", "memory"), ("own", "memory without files")):
            ratio = float(str(seen[1][name])) / float(str(seen[0][name]))
            self.row(f"index, {what}, {sizes[1]:,} posts", f"{sizes[0]:,} posts", ratio, 1.3)

    def batch(self) -> None:
        """Five hundred questions at once, beside one by one."""
        asked = [f"{question} ({number})" for number in range(10) for question in self.asked][:500]
        path = self.json("five-hundred.json", asked[:500])
        script = self.home / "many.py"
        script.write_text(MANY, encoding="utf-8")
        home = str(self._built())
        seen = turns(
            {
                kind: lambda kind=kind: run([str(script), home, path, kind], PYTHONHASHSEED="0", PYTHONPATH=str(ROOT))
                for kind in ("one", "together")
            },
            1 if self.quick else 5,
        )
        seconds = {kind: statistics.median(json.loads(one.out)[0] for one in runs) for kind, runs in seen.items()}
        same = len({json.loads(one.out)[1] for runs in seen.values() for one in runs}) == 1
        note = "the same bytes" if same else "OTHER ANSWERS"
        self.row(
            "answers a second in batch",
            "one by one",
            seconds["one"] / seconds["together"],
            1.7,
            at_least=True,
            note=note,
        )


def _differences(exact: Mapping[str, object], other: Mapping[str, object]) -> str:
    """Figures that differ, as `name before > after`."""
    flat = [_numbers(one) for one in (exact, other)]
    names = ("hit@1", "hit@3", "found@3", "balanced", "auroc", "ece")
    return ", ".join(f"{name} {flat[0][name]:.3f} > {flat[1][name]:.3f}" for name in names if name in flat[0])


def _numbers(shape: object, name: str = "") -> dict[str, float]:
    if isinstance(shape, dict):
        found: dict[str, float] = {}
        for key, value in shape.items():
            found |= _numbers(value, name if key == "value" else str(key))
        return found
    return {name: float(shape)} if isinstance(shape, int | float) else {}


def _with_what_was_left_out(told: dict[str, object], before: dict[str, object]) -> dict[str, object]:
    """What was measured now, and from an earlier run what was not."""
    now = {(row["what"], row["baseline"]) for row in told["table"]}
    kept = [row for row in before["table"] if (row["what"], row["baseline"]) not in now]
    return {**told, "table": [*kept, *told["table"]], "growth": told["growth"] or before["growth"]}


def main() -> int:
    """Measure, print, save, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="cold, always measured, and indexing, warm, grow, batch, memory"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the heaps there and use those that are there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pullquote-bench-") as home:
        if options.keep:
            options.keep.mkdir(exist_ok=True)
        bench = Bench((options.keep or Path(home)).resolve(), quick=options.quick)
        bench.cold()
        for part in ("indexing", "warm", "grow", "batch", "memory"):
            if not options.only or part in options.only:
                getattr(bench, part)()
    OUT.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, {os.cpu_count()} processors"
    told = {"machine": machine, "table": bench.rows, "growth": bench.growth}
    if options.only and OUT.is_file():
        told = _with_what_was_left_out(told, json.loads(OUT.read_text(encoding="utf-8")))
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if bench.growth and not options.quick:
        PICTURE.write_text(draw(bench.growth), encoding="utf-8")
    print(
        f"{machine}; {sum(not row['holds'] for row in bench.rows)} of {len(bench.rows)} do not hold; {OUT.relative_to(ROOT)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
