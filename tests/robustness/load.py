"""The page under load: many readers at once, some hostile, some interrupted, while pages are added and a batch runs.

    python tests/robustness/load.py [--clients 32] [--questions 3000] [--pages seeds]

First, two readers alone, as many as are answered at once, show how many questions per second the page answers. With
more readers each waits for the others, so `readers / answers per second` is the expected time from question to answer.
The table compares the measured times with it, also for times during additions, and shows the memory of the page's
process over the run (its own memory only, because the system can drop mapped files). Every question carries a marker
that must come back, and no other reader's marker may.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).resolve().parents[2]

# Questions of one visit; then the reader leaves and another comes.
VISIT = 10

# Of a hundred questions: this many hostile ones, as long as 100,000 characters, interrupted, or asked by a program.
HOSTILE, LONG, CUT, PROGRAM = 8, 2, 5, 20

# Seconds between an undone addition and the next.
ADDING_SECONDS = 5.0

START_SECONDS = 240
ANSWER_SECONDS = 300

TRICKS = (
    "<script>alert(1)</script> {mark}",
    "{mark} \x00\x01\x1b[31m \u202e right to left",
    "'; DROP TABLE posts; -- {mark}",
    "${{7*7}} {{{{7*7}}}} {mark}",
    "../../etc/passwd {mark}",
    "{mark} " + "a " * 450,
    "{mark} \U0001f989\ud83e".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "[[[[[[(((((({mark}))))))]]]]]] *+?",
)
MARK = re.compile(r"zq(\d+)x(\d+)")


@dataclass(slots=True)
class Report:
    """The results of the run."""

    asked: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)  # when each of these came
    building: list[tuple[float, float]] = field(default_factory=list)
    busy: int = 0
    wrong: list[str] = field(default_factory=list)
    additions: int = 0
    batch_rows: int = 0
    # questions asked by then, and megabytes: the page's own, and the files of index and program that it has mapped
    memory: list[tuple[int, float]] = field(default_factory=list)
    mapped: list[tuple[int, float]] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    alone_rate: float = 0.0
    took: float = 0.0
    asked_under_load: int = 0
    log: str = ""
    left_lying: int = 0

    def count(self, kind: str) -> None:
        """Count one more question of a kind."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.asked += 1


@dataclass(slots=True)
class Site:
    """The running page and the numbers of its events."""

    url: str
    pid: int
    numbers: dict[str, int]

    def megabytes(self, kind: str) -> float:
        """Memory of the page's process: ``RssAnon`` is its own, ``RssFile`` is what it has mapped of files."""
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(re.findall(rf"{kind}:\s+(\d+)", text)[0]) / 1024


@contextlib.contextmanager
def serving(home: Path, scratch: Path) -> Iterator[Site]:
    """The page over an index in a process of its own."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    log = scratch / "page.log"
    code = (
        "from pathlib import Path; from ui.app import launch; "
        f"launch(Path({str(home)!r}), port={port}, open_browser=False)"
    )
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(scratch / "uploads"), "PYTHONUNBUFFERED": "1"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=out, stderr=out, cwd=scratch)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(httpx.HTTPError):
                config = httpx.get(f"{url}/config", timeout=10).json()
                break
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the page did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.3)
        yield Site(url, process.pid, {str(one["api_name"]): int(one["id"]) for one in config["dependencies"]})
    finally:
        process.terminate()
        process.wait(60)


@dataclass(slots=True)
class Reader:
    """One browser window: a session and what it does."""

    site: Site
    http: httpx.AsyncClient
    session: str

    async def join(self, name: str, data: list[object]) -> httpx.Response:
        """Put an event in the queue."""
        call = {"data": data, "fn_index": self.site.numbers[name], "session_hash": self.session}
        return await self.http.post(f"{self.site.url}/gradio_api/queue/join", json=call)

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What the page sends until it closes the stream."""
        address = f"{self.site.url}/gradio_api/queue/data?session_hash={self.session}"
        async with self.http.stream("GET", address) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

    async def event(self, name: str, data: list[object]) -> dict[str, Any] | None:
        """Run an event to its end; None if the page says that it is busy."""
        joined = await self.join(name, data)
        if joined.status_code == 503:
            return None
        joined.raise_for_status()
        async for message in self.messages():
            if message["msg"] == "process_completed":
                found: dict[str, Any] = message
                return found
            if message["msg"] == "unexpected_error":
                raise RuntimeError(str(message))
        raise RuntimeError("the stream ended without an answer")

    @contextlib.asynccontextmanager
    async def window(self) -> AsyncIterator[None]:
        """Keep the session alive, as an open window does."""

        async def beat() -> None:
            with contextlib.suppress(httpx.HTTPError):
                async with self.http.stream("GET", f"{self.site.url}/gradio_api/heartbeat/{self.session}") as answer:
                    async for _ in answer.aiter_raw():
                        pass

        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)


def _strangers(text: str, number: int) -> set[str]:
    return {f"zq{one}x{two}" for one, two in MARK.findall(text) if int(one) != number}


async def _as_program(reader: Reader, question: str) -> str | None:
    """Ask over the public endpoint; None if it is busy."""
    joined = await reader.http.post(f"{reader.site.url}/gradio_api/call/ask", json={"data": [question]})
    if joined.status_code == 503:
        return None
    joined.raise_for_status()
    address = f"{reader.site.url}/gradio_api/call/ask/{joined.json()['event_id']}"
    return (await reader.http.get(address)).text


async def _cut_off(reader: Reader, question: str, chance: random.Random, report: Report) -> None:
    """Ask, and close the window before the answer has come."""
    report.count("cut off")
    joined = await reader.join("page_ask", [question, None, None, None])
    if joined.status_code == 503:
        report.busy += 1
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0.01, 0.4)):
            async for _ in reader.messages():
                pass
    reader.session = f"{reader.session}c"  # the window was closed: the next one is another session


async def _answer(reader: Reader, kind: str, question: str) -> tuple[bool, str] | None:
    """Whether there is an answer, and its text; None if the page is busy."""
    if kind == "as a program":
        text = await _as_program(reader, question)
        return None if text is None else ("event: complete" in text, text)
    message = await reader.event("page_ask", [question, None, None, None])
    return None if message is None else (bool(message["success"]), json.dumps(message["output"]))


async def _ask(
    reader: Reader, number: int, order: int, questions: list[str], chance: random.Random, report: Report
) -> None:
    """One question and the check of its answer."""
    mark = f"zq{number}x{order}"
    draw = chance.randrange(100)
    plain = f"{chance.choice(questions)} {mark}"
    began = time.monotonic()
    if draw < CUT:
        await _cut_off(reader, plain, chance, report)
        return
    if draw < CUT + LONG:
        kind, question = "100,000 characters", (mark + " ") + "x" * 100_000
    elif draw < CUT + LONG + HOSTILE:
        kind, question = "hostile", chance.choice(TRICKS).format(mark=mark)
    elif draw < CUT + LONG + HOSTILE + PROGRAM:
        kind, question = "as a program", plain
    else:
        kind, question = "plain", plain
    report.count(kind)
    answer = await _answer(reader, kind, question)
    if answer is None:
        report.busy += 1
        return
    sound, text = answer
    report.ends.append(time.monotonic())
    report.seconds.append(report.ends[-1] - began)
    if not sound or mark not in text:
        report.wrong.append(f"{kind}: no answer to {question[:60]!r}: {text[:200]}")
    if strangers := _strangers(text, number):
        report.wrong.append(f"{kind}: the answer for reader {number} holds {sorted(strangers)[:3]}")


async def _reader(
    site: Site, http: httpx.AsyncClient, number: int, count: int, questions: list[str], report: Report
) -> None:
    chance = random.Random(number)
    order = 0
    while order < count:
        reader = Reader(site, http, f"reader{number}-{order}")
        async with reader.window():
            for _ in range(min(VISIT, count - order)):
                try:
                    await _ask(reader, number, order, questions, chance, report)
                except (httpx.HTTPError, RuntimeError, ValueError) as error:
                    report.wrong.append(f"reader {number}: {type(error).__name__}: {error}")
                order += 1
                report.memory.append((report.asked, site.megabytes("RssAnon")))
                report.mapped.append((report.asked, site.megabytes("RssFile")))


async def _upload(site: Site, http: httpx.AsyncClient, name: str, text: str) -> dict[str, object]:
    answer = await http.post(f"{site.url}/gradio_api/upload", files={"files": (name, text.encode(), "text/plain")})
    answer.raise_for_status()
    return {"path": answer.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}


async def _adding(site: Site, http: httpx.AsyncClient, report: Report, end: asyncio.Event) -> None:
    """Add a page and undo it, over and over."""
    while not end.is_set():
        reader = Reader(site, http, f"adding{report.additions}")
        number = report.additions
        text = f"The mill of parish {number}\n\nIn {1700 + number} the mill of the parish burned down to its stones.\n"
        try:
            file = await _upload(site, http, f"mill-{number}.txt", text)
            for name, data in (("page_add", [[file], None]), ("page_undo", [])):
                began = time.monotonic()
                message = await reader.event(name, data)
                if message is None:
                    report.busy += 1
                elif not message["success"]:
                    report.wrong.append(f"{name}: {str(message)[:200]}")
                report.building.append((began, time.monotonic()))
            report.additions += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), ADDING_SECONDS)
        except (httpx.HTTPError, RuntimeError) as error:
            report.wrong.append(f"adding: {type(error).__name__}: {error}")


async def _batches(
    site: Site, http: httpx.AsyncClient, questions: list[str], report: Report, end: asyncio.Event
) -> None:
    """Submit a file of questions, over and over."""
    turn = 0
    while not end.is_set():
        turn += 1
        reader = Reader(site, http, f"batch{turn}")
        try:
            file = await _upload(site, http, f"questions-{turn}.txt", "\n".join(questions) + "\n")
            message = await reader.event("page_batch", [file])
            if message is None:
                report.busy += 1
            elif message["success"] and "questions asked" in str(message["output"]):
                report.batch_rows += len(questions)
            else:
                report.wrong.append(f"batch: {str(message)[:200]}")
        except (httpx.HTTPError, RuntimeError) as error:
            report.wrong.append(f"batch: {type(error).__name__}: {error}")


async def _crowd(site: Site, http: httpx.AsyncClient, count: int, report: Report) -> None:
    """Send more questions at once than may wait: each is answered, or told that the page is busy."""

    async def one(number: int) -> None:
        mark = f"zq{9_000 + number}x0"
        answer = await http.post(f"{site.url}/gradio_api/run/ask", json={"data": [f"Who pays for care? {mark}"]})
        report.count("in a crowd")
        if answer.status_code == 503:
            report.busy += 1
            if "busy" not in answer.json()["detail"] or "retry-after" not in answer.headers:
                report.wrong.append(f"busy without words: {answer.text[:200]}")
        elif answer.status_code != 200 or mark not in answer.text:
            report.wrong.append(f"crowd: {answer.status_code} {answer.text[:200]}")

    await asyncio.gather(*(one(number) for number in range(count)))


async def _run(site: Site, questions: list[str], *, clients: int, count: int, alone: int, crowd: int) -> Report:
    report = Report()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=limits) as http:
        first = Report()
        await asyncio.gather(*(_reader(site, http, 8_000 + one, 5, questions, first) for one in range(2)))
        calm = Report()
        began = time.monotonic()
        await asyncio.gather(*(_reader(site, http, 8_100 + one, alone // 2, questions, calm) for one in range(2)))
        report.alone, report.alone_rate = calm.seconds, calm.asked / (time.monotonic() - began)
        report.wrong += first.wrong + calm.wrong
        end = asyncio.Event()
        beside = [
            asyncio.create_task(_adding(site, http, report, end)),
            asyncio.create_task(_batches(site, http, questions, report, end)),
        ]
        began = time.monotonic()
        each = -(-count // clients)
        await asyncio.gather(*(_reader(site, http, one, each, questions, report) for one in range(clients)))
        report.took, report.asked_under_load = time.monotonic() - began, report.asked
        end.set()
        await asyncio.gather(*beside)
        await _crowd(site, http, crowd, report)
    return report


def run(home: Path, scratch: Path, questions: list[str], *, clients: int, count: int, alone: int, crowd: int) -> Report:
    """Start the page, load it, and return the results."""
    with serving(home, scratch) as site:
        report = asyncio.run(_run(site, questions, clients=clients, count=count, alone=alone, crowd=crowd))
    report.log = (scratch / "page.log").read_text(encoding="utf-8", errors="replace")
    report.left_lying = sum(1 for path in (scratch / "uploads").rglob("*") if path.is_file())
    return report


def growth(memory: list[tuple[int, float]]) -> tuple[float, float, float]:
    """Memory in megabytes after the first tenth and at the end, and its slope per thousand questions in between."""
    asked = memory[-1][0]
    later = [(done, size) for done, size in memory if done > asked / 10]
    edge = max(len(later) // 9, 1)
    slope = statistics.linear_regression([done for done, _ in later], [size for _, size in later]).slope * 1_000
    return statistics.median(s for _, s in later[:edge]), statistics.median(s for _, s in later[-edge:]), slope


def beside_builds(report: Report) -> tuple[list[float], list[float]]:
    """Seconds of the answers that came while pages were added or undone, and of the others."""
    during: list[float] = []
    others: list[float] = []
    for came, seconds in zip(report.ends, report.seconds, strict=True):
        built = any(began < came and came - seconds < end for began, end in report.building)
        (during if built else others).append(seconds)
    return during, others


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _times(name: str, seconds: float, alone: float, loaded: float) -> tuple[str, str]:
    return name, f"{seconds:.2f} s: {seconds / alone:.2f} of arithmetic, {seconds / loaded:.2f} at the loaded rate"


def _grown(name: str, memory: list[tuple[int, float]]) -> tuple[str, str]:
    after, last, slope = growth(memory)
    return name, f"{after:.0f} MB after a tenth, {last:.0f} MB at the end, {slope:+.1f} MB a thousand questions"


def main() -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--questions", type=int, default=3_000)
    parser.add_argument("--pages", type=Path, default=ROOT / "seeds")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from rag import build_index

    gold = (ROOT / "tests" / "eval" / "seed-questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in gold]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        build_index([options.pages], into=scratch / "index")
        report = run(
            scratch / "index",
            scratch,
            questions,
            clients=options.clients,
            count=options.questions,
            alone=200,
            crowd=150,
        )
    rate = report.asked_under_load / report.took
    alone, loaded = options.clients / report.alone_rate, options.clients / rate
    rows = [
        ("questions", f"{report.asked:,}: " + ", ".join(f"{n:,} {kind}" for kind, n in sorted(report.kinds.items()))),
        ("beside them", f"{report.additions} additions and undos, {report.batch_rows:,} batch rows"),
        ("told that it is busy", f"{report.busy:,}"),
        ("wrong", f"{len(report.wrong):,}"),
        ("two readers alone", f"{report.alone_rate:.1f} answers/s, median {statistics.median(report.alone):.3f} s"),
        ("under load", f"{rate:.1f} answers/s to readers, {rate / report.alone_rate:.2f} of alone"),
        ("by arithmetic", f"{alone:.2f} s = {options.clients} readers / answers a second alone"),
        ("  at the loaded rate", f"{loaded:.2f} s = {options.clients} readers / answers a second under load"),
        *(
            _times(name, _share(report.seconds, share), alone, loaded)
            for name, share in (("median", 0.5), ("95 of 100", 0.95))
        ),
        *(
            _times(f"  {name}", _share(seconds, 0.95), alone, loaded)
            for name, seconds in zip(("beside additions", "beside none"), beside_builds(report), strict=True)
            if seconds
        ),
        ("slowest", f"{max(report.seconds):.2f} s"),
        _grown("memory of its own", report.memory),
        _grown("  mapped files", report.mapped),
        ("files left lying", f"{report.left_lying}"),
        ("tracebacks", f"{report.log.count('Traceback')}"),
    ]
    for name, words in rows:
        sys.stdout.write(f"{name:<22}{words}\n")
    for line in report.wrong[:20]:
        sys.stdout.write(f"  {line}\n")
    if "Traceback" in report.log:
        sys.stdout.write(report.log[-4_000:])
    return 1 if report.wrong or "Traceback" in report.log else 0


if __name__ == "__main__":
    sys.exit(main())
