"""Kills at any moment: after SIGKILL the old index or the new one is there, whole, and a batch loses no row.

    python tests/robustness/kill.py [--kills 100] [--only first,growth,asked,batch] [--seed 1]

`pullquote index` and `pullquote batch` are started as a user starts them and killed, with all their child processes, at
random moments spread over the whole run:

    first    a first build: afterwards there is no index, or the whole one
        growth   a build over an index whose pages have changed: the old index or the new one, by its name and its answers;
                          meanwhile another thread opens the index again and again, and never finds it broken
    asked    the same while the page serves the index: every answer it gives is that of the old index or the new one
    batch    `pullquote batch`, with `--resume` after each kill until it ends: every row once, the same bytes as unkilled

After some of the kills the build is run to its end: the result is the index of an undisturbed build, and nothing of the
killed one is left.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from rag import build_index, open_index  # noqa: E402
from rag.config import INDEX_MARKER  # noqa: E402
from rag.errors import IndexMissing, PullquoteError  # noqa: E402
from rag.store.manifest import check_files, current_folder, read_manifest  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["QUESTIONS", "Heaps", "kill_batch", "kill_first", "kill_growth", "write_pages"]

_THINGS = (
    "well",
    "mill",
    "park",
    "lamp",
    "clock",
    "bridge",
    "kettle",
    "harbour",
    "orchard",
    "saddle",
    "ladder",
    "wagon",
)
QUESTIONS = (*(f"Who mended the {thing}?" for thing in _THINGS), "What is the boiling point of tungsten?")
# after this many kills, a build is run to its end
_FINISHED = 4
_PATIENCE = 600


def write_pages(folder: Path, year: int, posts: int = 24) -> None:
    """A heap of pages; two years share most of their posts and differ in every sentence of the rest."""
    chance = random.Random(5)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(posts):
        thing, other = _THINGS[number % len(_THINGS)], chance.choice(_THINGS)
        when = year if number % 3 == 0 else 1700 + number
        sentences = [
            f"In {when + 7 * at} the {thing} number {number} was mended by neighbour {chance.randrange(90)}, because the "
            f"{other} of the year before had been lent to {chance.randrange(90)} people."
            for at in range(6)
        ]
        text = f"The {thing} of street {number}\n\n" + "\n\n".join(" ".join(sentences[at : at + 2]) for at in (0, 2, 4))
        (folder / f"{number:03}.txt").write_text(text + "\n", encoding="utf-8")


@dataclass(slots=True)
class Found:
    """What happened at the kills."""

    kills: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def note(self, outcome: str) -> None:
        """Count an outcome; those that begin with "!" are problems."""
        self.outcomes[outcome.split(":", maxsplit=1)[0]] += 1
        if outcome.startswith("!"):
            self.problems.append(outcome)
            print(outcome, flush=True)


class Heaps:
    """Two versions of a heap, the folder with one of them, and the names and answers of their indexes."""

    def __init__(self, base: Path, posts: int = 24) -> None:
        self.base = base
        self.pages = base / "pages"
        self.names: list[str] = []
        self.answers: list[str] = []
        for number, year in enumerate((1800, 1900)):
            write_pages(base / f"version-{number}", year, posts)
            self.show(number)
            home = base / f"whole-{number}"
            build_index([self.pages], into=home)
            self.names.append(current_folder(home).name)
            self.answers.append(answers_of(home))
        if self.answers[0] == self.answers[1]:
            raise SystemExit("both versions answer alike")

    def show(self, number: int) -> None:
        """Put a version into the folder of pages."""
        shutil.rmtree(self.pages, ignore_errors=True)
        shutil.copytree(self.base / f"version-{number}", self.pages)

    def start(self, home: Path, number: int) -> None:
        """Put the whole index of a version into a home."""
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.base / f"whole-{number}", home)

    def look(self, home: Path) -> int | None:
        """The version whose index is in a home, whole and with its answers; None if there is none.

        Raises AssertionError if it is neither.
        """
        try:
            folder = current_folder(home)
        except IndexMissing:
            return None
        check_files(folder, read_manifest(folder), everything=True)
        answers = answers_of(home)
        if answers not in self.answers:
            raise AssertionError(f"{folder.name} answers like neither version")
        version = self.answers.index(answers)
        # only an index by code that was changed meanwhile has neither name
        if folder.name in self.names and folder.name != self.names[version]:
            raise AssertionError(f"{folder.name} answers like the other version")
        return version


def answers_of(home: Path) -> str:
    """What an index answers, as one text."""
    with open_index(home) as index:
        answers = json.dumps([index.ask(question, explain=False).to_dict() for question in QUESTIONS])
    return _of_index(answers)


def _of_index(answers: str) -> str:
    """Answers as JSON without what they say of the pages, which are rewritten beside an unchanged index."""
    return answers.replace(', "page_state": "changed"', "").replace(', "page_state": "gone"', "")


def command(*arguments: str | Path) -> list[str]:
    """The command line of Pullquote with these arguments."""
    return [sys.executable, "-m", "rag", *map(str, arguments)]


def started(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command as the head of its own process group."""
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def duration(arguments: Sequence[str]) -> float:
    """Seconds that a command takes if nobody kills it."""
    began = time.monotonic()
    if started(arguments).wait(_PATIENCE) != 0:
        raise SystemExit(f"this fails without being killed: {' '.join(arguments)}")
    return time.monotonic() - began


def killed(arguments: Sequence[str], after: float) -> bool:
    """Run a command and kill its process group after some seconds; False if it had ended by then."""
    process = started(arguments)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def moments(kills: int, seconds: float, chance: random.Random) -> list[float]:
    """Random moments, one in each of this many equal parts of the run."""
    return [(number + chance.random()) * seconds / kills for number in chance.sample(range(kills), kills)]


def kill_first(heaps: Heaps, kills: int, chance: random.Random) -> Found:
    """Kill first builds."""
    found, home = Found(), heaps.base / "first"
    heaps.show(0)
    arguments = command("index", heaps.pages, "--index", home, "-q")
    seconds = duration(arguments)
    for number, moment in enumerate(moments(kills, seconds, chance)):
        shutil.rmtree(home, ignore_errors=True)
        found.kills += killed(arguments, moment)
        found.note(_state(heaps, home, moment, (None, 0)))
        if number % _FINISHED == 0:
            found.note(_finished(heaps, home, 0))
    return found


def kill_growth(heaps: Heaps, kills: int, chance: random.Random, *, asked: Callable[[], None] | None = None) -> Found:
    """Kill builds over an existing index; ``asked`` is called before each look at it."""
    found, home = Found(), heaps.base / "grown"
    heaps.start(home, 0)
    heaps.show(1)
    arguments = command("index", heaps.pages, "--index", home, "-q")
    seconds = duration(arguments)
    with _opened_again_and_again(home, found):
        now = 1
        for number, moment in enumerate(moments(kills, seconds, chance)):
            heaps.show(1 - now)
            found.kills += killed(arguments, moment)
            if asked is not None:
                asked()
            found.note(_state(heaps, home, moment, (now, 1 - now)))
            if number % _FINISHED == 0:
                found.note(_finished(heaps, home, 1 - now))
            now = heaps.look(home) or 0
    return found


def _state(heaps: Heaps, home: Path, moment: float, allowed: tuple[int | None, int]) -> str:
    try:
        version = heaps.look(home)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return f"!killed after {moment:.2f} s: {type(error).__name__}: {error}"
    if version not in allowed:
        return f"!killed after {moment:.2f} s: there is {version}, not one of {allowed}"
    return "the new index" if version == allowed[1] else "the old index" if version is not None else "no index"


def _finished(heaps: Heaps, home: Path, version: int) -> str:
    """Build to the end after a kill: the result is the version's index, and nothing is left beside it."""
    try:
        build_index([heaps.pages], into=home)
        left = {path.name for path in home.iterdir()} - {
            "current",
            INDEX_MARKER,
            ".confirmed.json",
            current_folder(home).name,
        }
        if heaps.look(home) != version or left:
            return f"!built again: {heaps.look(home)}, left behind {sorted(left)}"
    except (PullquoteError, OSError, AssertionError) as error:
        return f"!built again: {type(error).__name__}: {error}"
    return "built again"


@contextlib.contextmanager
def _opened_again_and_again(home: Path, found: Found) -> Iterator[None]:
    """Open the index again and again in another thread meanwhile."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            try:
                with open_index(home) as index:
                    index.ask(QUESTIONS[0], explain=False)
                found.outcomes["opened meanwhile"] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                found.note(f"!opened meanwhile: {type(error).__name__}: {error}")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def kill_while_asked(heaps: Heaps, kills: int, chance: random.Random) -> Found:
    """Kill builds while the page serves the index and is asked without a pause."""
    home = heaps.base / "grown"
    heaps.start(home, 0)
    rows = [json.loads(text) for text in heaps.answers]
    right = [{json.dumps(version[at], sort_keys=True) for version in rows} for at in range(len(QUESTIONS))]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = started(command("chat", "--index", home, "--port", str(port), "--no-browser"))
    url = f"http://127.0.0.1:{port}/gradio_api/run/ask"
    told: Counter[str] = Counter()
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            at = number % len(QUESTIONS)
            try:
                answer = _asked_page(url, QUESTIONS[at])
                given = _of_index(json.dumps(answer, sort_keys=True))
                told["right" if given in right[at] else f"!another answer: {answer}"] += 1
            except OSError as error:
                told[f"!{type(error).__name__}: {error}"] += 1

    try:
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                _asked_page(url, QUESTIONS[0])
                break
            except OSError:
                if time.monotonic() > ends or page.poll() is not None:
                    raise SystemExit("the page does not start") from None
                time.sleep(0.5)
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        found = kill_growth(heaps, kills, chance)
        stop.set()
        thread.join(60)
        if page.poll() is not None:
            found.note(f"!the page has ended with {page.returncode}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(page.pid, signal.SIGKILL)
        page.wait()
    for what, count in told.items():
        found.outcomes[f"page: {what}" if not what.startswith("!") else "!page"] += count
        if what.startswith("!"):
            found.problems.append(f"page, {count} times: {what[:300]}")
            print(found.problems[-1], flush=True)
    return found


def _asked_page(url: str, question: str) -> object:
    body = json.dumps({"data": [question]}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own page
    with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - the same
        return json.loads(reply.read())["data"][0]


def kill_batch(heaps: Heaps, kills: int, chance: random.Random, rows: int = 150) -> Found:
    """Kill batches, each several times, with `--resume` in between."""
    found, home = Found(), heaps.base / "whole-0"
    heaps.show(0)
    folder = heaps.base / "batch"
    folder.mkdir(exist_ok=True)
    questions = folder / "questions.jsonl"
    asked = [QUESTIONS[number % len(QUESTIONS)] for number in range(rows)]
    lines = [json.dumps({"id": f"q{number}", "question": question}) for number, question in enumerate(asked)]
    lines[rows // 2] = "this row is broken"
    questions.write_text("\n".join(lines) + "\n", encoding="utf-8")
    whole: dict[str, bytes] = {}
    seconds: dict[str, float] = {}
    for ending in (".jsonl", ".csv", ".md"):
        out = folder / f"whole{ending}"
        seconds[ending] = duration(command("batch", questions, "--out", out, "--index", home, "-q"))
        whole[ending] = out.read_bytes()
    while found.kills < kills:
        ending = chance.choice(list(whole))
        out = folder / f"killed{ending}"
        arguments = command("batch", questions, "--out", out, "--index", home, "-q", "--resume")
        tries = 0
        # a third of the kills fall on the last moments, when the output is put in place
        while found.kills < kills and tries < 20:
            tries += 1
            moment = seconds[ending] * (chance.uniform(0.9, 1.05) if chance.random() < 0.33 else chance.random())
            if not killed(arguments, moment):
                break
            found.kills += 1
            found.note(_rows_so_far(out, rows))
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False)
        left = sorted(path.name for path in folder.iterdir() if path.name.startswith("killed") and path != out)
        if done.returncode or out.read_bytes() != whole[ending] or left:
            found.note(f"!after {tries} kills: status {done.returncode}, left {left}, {done.stderr.decode()[-300:]}")
        else:
            found.note("ended with every row once")
        out.unlink(missing_ok=True)
    return found


def _rows_so_far(out: Path, rows: int) -> str:
    """Check that no row occurs twice among the existing ones."""
    for path in (out, out.with_name(out.name + ".partial")):
        if path.exists() and path.suffix in (".partial", ".jsonl"):
            ids = [json.loads(line)["id"] for line in path.read_bytes().split(b"\n")[:-1] if line.strip()]
            if len(set(ids)) != len(ids) or len(ids) > rows:
                return f"!{path.name}: rows twice"
    return "rows whole so far"


def main() -> int:
    """Kill and report; returns 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="of each kind")
    parser.add_argument("--only", default="first,growth,asked,batch")
    parser.add_argument("--posts", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = {"first": kill_first, "growth": kill_growth, "asked": kill_while_asked, "batch": kill_batch}
    base = Path(tempfile.mkdtemp(prefix="kill-"))
    problems = 0
    try:
        heaps = Heaps(base, options.posts)
        for kind in options.only.split(","):
            found = kinds[kind](heaps, options.kills, random.Random(options.seed))
            problems += len(found.problems)
            print(f"{kind}: {found.kills} kills", flush=True)
            for what, count in found.outcomes.most_common():
                print(f"{count:8} {what}", flush=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
