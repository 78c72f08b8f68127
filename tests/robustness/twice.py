"""The same answer twice: other builds of the same pages, other threads and other orders of files change no byte.

    python tests/robustness/twice.py [--questions 200] [--pages seeds] [--more FOLDER] [--gold FILE]

The pages are indexed several times: on one processor and on all, with the files named in another order, in folders
whose files were written in another order and at other times, with another clock, and updated page by page from half of
them. Each index has the same name, which is a hash of all its bytes, and each gives byte-equal answers to the
questions, asked on one processor and on all, one by one and many together. The questions are those of a file
(``--gold``), and sentences of the posts turned into questions.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rag import open_index  # noqa: E402
from rag.answering.files.question_files import read_questions  # noqa: E402
from rag.loading.pages import read_pages  # noqa: E402
from rag.records import Page, QuestionRow  # noqa: E402
from rag.store.manifest import current_folder  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["built", "told", "ways"]

# Runs in a process of its own: processors to use, a shift of the clock in seconds, then what to do.
_WORK = """
import json, os, sys, time
processors, shift, work, *arguments = json.loads(sys.argv[1])
if processors:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
if shift:
    now, monotonic = time.time, time.monotonic
    time.time = lambda: now() + shift * (1 if int(now() * 50) % 2 else -1)
    time.monotonic = lambda: monotonic() - shift * (int(monotonic() * 50) % 2)
from rag import build_index, open_index
if work == "build":
    paths, into = arguments
    build_index(paths, into=into)
else:
    home, questions, together = arguments
    with open_index(home) as index:
        if together:
            from rag.records import QuestionRow
            answers = index.ask_many([QuestionRow("", question) for question in questions])
        else:
            answers = (index.ask(question, explain=False) for question in questions)
        for answer in answers:
            print(json.dumps(answer.to_dict(), ensure_ascii=False))
"""


def _apart(*arguments: object) -> str:
    """Run the script above and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", _WORK, json.dumps(arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def built(paths: Sequence[str | Path], into: Path, *, processors: int = 0, clock_shift: float = 0.0) -> str:
    """Build an index in a process of its own; return the name of its snapshot, a hash of all its bytes."""
    _apart(processors, clock_shift, "build", [str(path) for path in paths], str(into))
    return current_folder(into).name


def told(home: Path, questions: Sequence[str], *, processors: int = 0, together: bool = False) -> str:
    """The answers of an index in a process of its own, one JSON line each."""
    return _apart(processors, 0.0, "ask", str(home), list(questions), together)


def ways(pages: Path, base: Path) -> dict[str, str]:
    """Index a folder of pages in every way; return the names of the snapshots by the way."""
    files = sorted(path for path in pages.rglob("*") if path.is_file())
    chance = random.Random(3)
    names = {
        "all processors": built([pages], base / "all"),
        "one processor": built([pages], base / "one", processors=1),
        "a clock that jumps": built([pages], base / "clock", clock_shift=86_400.0),
    }
    read = [Path(page.path) for page in read_pages([pages]) if isinstance(page, Page)]
    built(read[::-1], base / "named")  # remembers other paths, and so has another name
    pages = _moved(pages, base / "turned", files[::-1], chance)
    # the index remembers the paths it was built from, so only builds of one folder can have one name
    names_of_turned = {
        "written in another order": built([pages], base / "written", processors=1),
        "grown page by page": _grown(pages, base, files),
    }
    return names | names_of_turned


def _moved(pages: Path, into: Path, files: Sequence[Path], chance: random.Random) -> Path:
    """The same files, written in this order and with other times."""
    for path in files:
        there = into / path.relative_to(pages)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
        when = chance.randrange(4 * 10**9)
        os.utime(there, (when, when))
    return into


def _grown(pages: Path, base: Path, files: Sequence[Path]) -> str:
    """Build from half of the files, then add the others in two steps."""
    names = sorted(path.relative_to(pages) for path in pages.rglob("*") if path.is_file())
    aside = base / "aside"
    away = names[1::2]
    for name in away:
        (aside / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).rename(aside / name)
    built([pages], base / "grown")
    for some in (away[: len(away) // 2], away[len(away) // 2 :]):
        for name in some:
            (aside / name).rename(pages / name)
        last = built([pages], base / "grown")
    del files
    return last


def _questions(home: Path, count: int, gold: Path | None) -> list[str]:
    """This many questions: those of a file, and sentences of the posts with another end."""
    rows = read_questions(gold) if gold is not None else []
    found = [row.question for row in rows if isinstance(row, QuestionRow)]
    with open_index(home) as index:
        chance = random.Random(7)
        posts = index.posts()
        while len(found) < count:
            words = chance.choice(posts).text.split()
            at = chance.randrange(max(len(words) - 8, 1))
            found.append(f"What about {' '.join(words[at : at + chance.randint(3, 8)])}?")
    return found[:count]


def main() -> int:
    """Build and ask in every way; returns 1 if a byte differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--pages", type=Path, default=ROOT / "seeds")
    parser.add_argument("--gold", type=Path, help="a file of questions to ask first")
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="twice-"))
    differing = 0
    try:
        names = ways(options.pages.resolve(), base)
        for way, name in names.items():
            print(f"{name}  built with {way}", flush=True)
        differing += len({names[way] for way in list(names)[:3]}) != 1
        differing += len({names[way] for way in list(names)[3:]}) != 1
        questions = _questions(base / "all", options.questions, options.gold)
        first = told(base / "all", questions)
        if first.count("\n") != len(questions):
            raise SystemExit("not every question was answered")
        for folder in ("one", "clock", "named", "written", "grown"):
            for processors, together in ((1, False), (0, False), (0, True)):
                same = told(base / folder, questions, processors=processors, together=together) == first
                differing += not same
                how = f"{processors or 'all'} processors, {'together' if together else 'one by one'}"
                print(f"{'same' if same else 'OTHER'}  {len(questions)} answers of {folder}, {how}", flush=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
