"""Damaged indexes: a flipped byte, a cut end, swapped files, a missing file; never another answer, never a crash.

    python tests/robustness/damage.py [--times 500] [--encoder-times 40] [--repairs 50] [--seed 1]

Every file of an index is damaged in turn: those of the snapshot, the pointer, and the settings beside it. Each damaged
index is opened and asked in a process of its own. Either its answers are the same as before, or opening it raises an
error that names a damaged file and the command that repairs it. ``--repairs`` of the damaged indexes are rebuilt and
must answer as before. The prepared model in the user's cache is damaged in the same ways: it is made again, and the
answers are the same.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import pickle
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rag import build_index, open_index  # noqa: E402
from rag.errors import IndexProblem  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["KINDS", "QUESTIONS", "asked_apart", "damaged", "files_of", "make_index", "outcome"]

SECONDS = (
    600  # on a busy machine too; a damaged index that has not answered by then hangs; a sound one takes half a second
)

QUESTIONS = (
    "Who dug the well?",
    "How deep is the well?",
    "What did the miller buy?",
    "When was the well dug?",
    "What is the boiling point of tungsten?",
    "Why did the mill stand dry?",
    "Who opened the first park?",
    "What burned the hedges?",
)
PAGES = {
    "well.txt": (
        "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers who had lost their "
        "goats to the drought.\n\nIt is forty metres deep, and the village still drinks from it when pipes freeze.\n"
    ),
    "mill.txt": (
        "The mill without a river\n\nWhen the river was moved, the mill stood dry, and the miller bought a steam engine "
        "from a bankrupt brewery.\n\nThe engine ran for thirty years and burned the hedges of the whole valley.\n"
    ),
    "lamp.md": (
        "# The lamp on the hill\n\nThe lamp on the hill was lit by the baker every evening, because the sailors gave him "
        "fish for it.\n\n# The clock that ran back\n\nThe clock of the school ran back for a whole winter, and nobody "
        "but the painter complained about it.\n"
    ),
    "park.html": (
        "<html><body><article><h1>The first park</h1><p>The first park was opened by two neighbours with a borrowed "
        "spade.</p><p>It has 14 trees &amp; a pond, and nobody has ever counted the ducks.</p></article></body></html>"
    ),
}
# settings that change what is refused, so that an index without them answers otherwise
THRESHOLD = 0.97


@dataclass(frozen=True, slots=True)
class Told:
    """The result of asking a damaged index: answers as JSON, or the class and message of an error."""

    answers: str = ""
    error: str = ""
    words: str = ""
    status: int = 0
    seconds: float = 0.0


def make_index(folder: Path) -> Path:
    """Pages and their index, calibrated; returns the home of the index."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    for name, text in PAGES.items():
        (pages / name).write_text(text, encoding="utf-8")
    home = folder / "index"
    build_index([pages], into=home)
    with open_index(home) as index:
        index.set_threshold(THRESHOLD, "made-up questions")
    return home


def files_of(home: Path) -> list[str]:
    """Names of all files of an index."""
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())


def copied(home: Path, into: Path) -> Path:
    """A copy of an index whose files are replaced, never written to, to damage them."""
    shutil.copytree(home, into, copy_function=os.link)
    return into


def _write(path: Path, data: bytes) -> None:
    path.unlink()  # the file may be linked to the sound index
    path.write_bytes(data)


def flip(chance: random.Random, home: Path, name: str) -> str:
    """Change one bit or byte."""
    data = bytearray((home / name).read_bytes())
    if not data:
        return ""
    at = chance.randrange(len(data)) if chance.random() < 0.7 else chance.randrange(min(len(data), 200))
    data[at] ^= chance.choice((1, 2, 4, 8, 16, 32, 64, 128, 255))
    _write(home / name, bytes(data))
    return f"byte {at} of {name} flipped"


def cut(chance: random.Random, home: Path, name: str) -> str:
    """Cut off the end."""
    data = (home / name).read_bytes()
    keep = chance.choice((0, len(data) - 1, len(data) // 2, chance.randrange(len(data) + 1)))
    if not 0 <= keep < len(data):
        return ""
    _write(home / name, data[:keep])
    return f"{name} cut to {keep} of {len(data)} bytes"


def swap(chance: random.Random, home: Path, name: str) -> str:
    """Swap two files."""
    other = chance.choice([one for one in files_of(home) if one != name])
    one, two = (home / name).read_bytes(), (home / other).read_bytes()
    if one == two:
        return ""
    _write(home / name, two)
    _write(home / other, one)
    return f"{name} and {other} swapped"


def take(_: random.Random, home: Path, name: str) -> str:
    """Remove a file."""
    (home / name).unlink()
    return f"{name} taken away"


def blank(chance: random.Random, home: Path, name: str) -> str:
    """Write a stretch of zeros, as a disk does that lost power."""
    data = bytearray((home / name).read_bytes())
    at = chance.randrange(len(data)) // 512 * 512 if data else 0
    stretch = slice(at, min(at + chance.choice((512, 4096)), len(data)))
    if not any(data[stretch]):
        return ""
    data[stretch] = bytes(len(data[stretch]))
    _write(home / name, bytes(data))
    return f"{name} zero from {at} to {stretch.stop}"


KINDS = (flip, cut, swap, take, blank)


def damaged(chance: random.Random, home: Path, name: str, kind: Callable[[random.Random, Path, str], str]) -> str:
    """Damage a file in one of the ways; return what was done, or "" if it cannot be done."""
    return kind(chance, home, name)


def asked_apart(home: Path, questions: Sequence[str] = QUESTIONS) -> Told:
    """Open an index and ask it in a process of its own, which may die."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            faulthandler.enable()
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 2)
            with os.fdopen(write, "wb") as pipe:
                pickle.dump(_asked(home, questions), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    began = time.monotonic()
    with os.fdopen(read, "rb") as pipe:
        data = _read_all(pipe.fileno(), child)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seconds = time.monotonic() - began
    if status or not data:
        return Told(status=status or 1, seconds=seconds)
    answers, error, words = pickle.loads(data)  # noqa: S301 - from our own child
    return Told(answers, error, words, 0, seconds)


def _read_all(handle: int, child: int) -> bytes:
    import select
    import signal

    data, ends = b"", time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([handle], [], [], max(ends - time.monotonic(), 0))
        if not ready:
            os.kill(child, signal.SIGKILL)
            return b""
        some = os.read(handle, 1 << 16)
        if not some:
            return data
        data += some


def _asked(home: Path, questions: Sequence[str]) -> tuple[str, str, str]:
    try:
        with open_index(home) as index:
            return json.dumps([index.ask(question).to_dict() for question in questions]), "", ""
    except IndexProblem as error:
        return "", type(error).__name__, str(error)
    except Exception as error:  # noqa: BLE001 - whatever else it is, is what is looked for
        return "", f"!{type(error).__name__}", str(error)


def outcome(told: Told, before: str, home: Path, names: Sequence[str]) -> str:
    """The behaviour of a damaged index, in a word; bad ones begin with "!".

    ``names`` are the damaged files: an error must name one of them, or its folder.
    """
    if told.status:
        return f"!died with status {told.status}"
    if told.answers:
        return "same answers" if told.answers == before else "!another answer"
    if told.error.startswith("!"):
        return f"!{told.error[1:]}: {told.words}"
    named = any(str(home / name) in told.words or Path(name).name in told.words for name in names)
    if not named and not any(str((home / name).parent) in told.words for name in names):
        return f"!names no damaged file: {told.words}"
    return "error with its file and command" if "pullquote " in told.words else f"!names no command: {told.words}"


def preload() -> None:
    """Load what every child needs, so that the children need not."""
    import faiss
    import numpy as np
    import onnxruntime
    import tokenizers

    import rag.answering.engine
    import rag.indexing.pipeline

    del faiss, np, onnxruntime, tokenizers, rag


def damage_index(base: Path, times: int, repairs: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Damage copies of an index this many times, each file in turn."""
    home = make_index(base)
    before = asked_apart(home).answers
    for setting in ("threshold.json",):
        without = copied(home, base / "without")
        for name in (setting, f".{setting}"):
            (without / name).unlink()
        if not before or asked_apart(without).answers == before:
            raise SystemExit(f"{setting} changes no answer, so that losing it would not be seen")
        shutil.rmtree(without)
    counts: Counter[str] = Counter()
    problems = []
    names = files_of(home)
    print(f"{len(names)} files: {' '.join(names)}", flush=True)
    rounds, repaired = 0, 0
    while sum(counts.values()) < times:
        name = names[rounds % len(names)]
        kind = KINDS[rounds // len(names) % len(KINDS)] if rounds < len(names) * len(KINDS) else chance.choice(KINDS)
        rounds += 1
        copy = copied(home, base / "copy")
        done = damaged(chance, copy, name, kind)
        if done:
            hit = [name, *([done.split(" and ")[1].removesuffix(" swapped")] if kind is swap else [])]
            what = outcome(asked_apart(copy), before, copy, hit)
            counts[what.split(":")[0]] += 1
            if what.startswith("!"):
                problems.append(f"{done}: {what}")
                print(problems[-1], flush=True)
            if repaired < repairs and rounds % max(times // max(repairs, 1), 1) == 0:
                repaired += 1
                problems += _repaired(base / "pages", copy, before, done)
        shutil.rmtree(copy)
    print(f"index: {sum(counts.values())} times damaged, {repaired} of them built again")
    return counts, problems


def _repaired(pages: Path, home: Path, before: str, done: str) -> list[str]:
    """Rebuild a damaged index; it answers as before."""
    with contextlib.suppress(Exception):
        build_index([pages], into=home)
    told = asked_apart(home)
    if told.answers == before:
        return []
    return [f"{done}, then built again: {told.error or 'another answer'} {told.words}"]


def damage_encoder(base: Path, times: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Damage the prepared model in a cache of its own."""
    cache = base / "cache"
    os.environ["XDG_CACHE_HOME"] = str(cache)
    home = make_index(base)
    before = asked_apart(home).answers
    sound = base / "sound"
    shutil.copytree(cache, sound)
    counts: Counter[str] = Counter()
    problems = []
    names = files_of(sound)
    for number in range(times):
        shutil.rmtree(cache)
        copied(sound, cache)
        done = damaged(chance, cache, names[number % len(names)], KINDS[number // len(names) % len(KINDS)])
        told = asked_apart(home)
        what = "same answers" if told.answers == before else f"!{told.status} {told.error} {told.words}"
        counts[what.split(":", maxsplit=1)[0]] += 1
        if what.startswith("!"):
            problems.append(f"prepared model, {done}: {what}")
            print(problems[-1], flush=True)
    print(f"prepared model: {times} times damaged, files {' '.join(names)}")
    return counts, problems


def main() -> int:
    """Damage and report; returns 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--encoder-times", type=int, default=40)
    parser.add_argument("--repairs", type=int, default=50, help="damaged indexes that are built again")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    preload()
    base = Path(tempfile.mkdtemp(prefix="damage-"))
    try:
        chance = random.Random(options.seed)
        counts, problems = damage_index(base / "one", options.times, options.repairs, chance)
        for what, count in counts.most_common():
            print(f"{count:6} {what}")
        if options.encoder_times:
            counts, more = damage_encoder(base / "two", options.encoder_times, chance)
            problems += more
            for what, count in counts.most_common():
                print(f"{count:6} {what}")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
