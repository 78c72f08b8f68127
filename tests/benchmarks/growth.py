"""The cost of updating compared with building: CPU seconds of separate processes, and whether the results are equal.

    python tests/benchmarks/growth.py PAGES [--questions FILE]

PAGES is a folder of pages. All but the last are indexed from nothing; then the same build is repeated, and the last
page is added, removed and added under another name. Every step is a process of its own, from the start of the
interpreter to its end. The output is its CPU seconds, over all threads, and their share of a build from nothing in the
same run. At the end, everything is built from nothing as well: the two indexes must be equal, byte for byte, and so
must the answers to the questions.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = """
import sys
from rag.indexing.build import build_index
report = build_index([sys.argv[1]], into=sys.argv[2])
print(f"{report.outcome}, {report.pages} pages, {report.embedded} of {report.chunks} chunks embedded")
"""
ASK = """
import sys
from rag.cli import main
sys.exit(main(["batch", sys.argv[1], "--index", sys.argv[2], "--out", sys.argv[3], "--quiet"]))
"""
MAX_GROWN, MAX_UNCHANGED = 0.03, 0.01  # of a build from nothing: what was asked for


def run(code: str, *arguments: Path) -> tuple[float, str]:
    """CPU seconds of a process, and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.decode().strip()


def snapshot(home: Path) -> str:
    """The name of the snapshot in use: a hash of all its bytes."""
    return (home / "current").read_text().strip()


def main() -> int:
    """Measure and print; returns 1 if a share is above the limit or the results differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--questions", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        pages, grown, scratch = base / "pages", base / "grown", base / "scratch"
        shutil.copytree(options.pages, pages)
        last = max(path for path in pages.rglob("*") if path.is_file())
        held = base / last.name
        last.rename(held)
        whole, said = run(BUILD, pages, grown)
        print(f"{'from nothing':<16} {whole:8.2f} s  {1:6.4f}  {said}")
        holds = True

        def step(name: str, most: float) -> None:
            nonlocal holds
            seconds, said = run(BUILD, pages, grown)
            holds = holds and seconds <= most * whole
            print(f"{name:<16} {seconds:8.2f} s  {seconds / whole:6.4f}  {said}")

        step("nothing changed", MAX_UNCHANGED)
        shutil.copy(held, last)
        step("a page added", MAX_GROWN)
        last.unlink()
        step("a page removed", MAX_GROWN)
        shutil.copy(held, last.with_stem(last.stem + "-again"))
        step("a page added", MAX_GROWN)
        seconds, said = run(BUILD, pages, scratch)
        print(f"{'from nothing':<16} {seconds:8.2f} s  {seconds / whole:6.4f}  {said}")
        same = snapshot(grown) == snapshot(scratch)
        print("grown and built from nothing:", "the same, byte for byte" if same else "they differ")
        if options.questions:
            answers = [base / f"{home.name}.jsonl" for home in (grown, scratch)]
            for home, out in zip((grown, scratch), answers, strict=True):
                run(ASK, options.questions, home, out)
            alike = answers[0].read_bytes() == answers[1].read_bytes()
            print("answers:", "the same, byte for byte" if alike else "they differ")
            same = same and alike
    return 0 if holds and same else 1


if __name__ == "__main__":
    sys.exit(main())
