"""The cost of the page, as ratios to what is measured beside it in the same run.

    python tests/benchmarks/page.py                        opening and first answers, then 2,510 and 25,000 posts
    python tests/benchmarks/page.py --only opening         beside an empty Gradio page, on the seed pages
    python tests/benchmarks/page.py --only posts --in DIR  the Posts tab and the page's memory; DIR keeps the heaps
    python tests/benchmarks/page.py --other FOLDER         also the page of another checkout: ratios to that one

Both pages run at the same time and take turns, each opened in a browser context of its own, and each figure is a
median, so that a busy machine slows both alike. ``paint`` is the browser's first contentful paint; ``usable`` is when a
question can be typed; ``answer`` is from Enter to the quotes, with the reader. ``first`` is the first answer of a page
that was just started, which still has to load everything it needs.

The heaps are those of `memory.py`, with authors and dates. Making 25,000 posts takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import memory
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
SIZES = (2_510, 25_000)
ROUNDS = 7
START_SECONDS = 900
QUESTIONS = (
    "What share of people in an organisation are change agents?",
    "When was the World Wide Web invented?",
    "What are the reasons why political reform happens?",
    "What question gets even less attention than how?",
    "Who wins under the social care proposals?",
)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
BUILD = "import sys; from rag import build_index; build_index([sys.argv[1]], into=sys.argv[2])"
PAGE = """
import sys
from pathlib import Path
from ui.app import launch
launch(Path(sys.argv[2]), port=int(sys.argv[1]), open_browser=False)
"""
EMPTY = """
import os, sys
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio
with gradio.Blocks(analytics_enabled=False) as page:
    box = gradio.Textbox(label="Your question")
    out = gradio.Textbox(label="Answer")
    box.submit(lambda words: words, box, out)
page.launch(server_port=int(sys.argv[1]), quiet=True, ssr_mode=False, share=False)
"""
ECHOED = "[...document.querySelectorAll('textarea')].every((one) => one.value)"
ANSWERED = "document.querySelector('.turn:not(.pending) .actions')"
ROWS = "document.querySelector('.post-row .post-title')"
# a row of the second half is in view, and the rows around it are there
FAR_ROWS = """() => {
  const box = document.querySelector('.post-scroll').getBoundingClientRect();
  const rows = [...document.querySelectorAll('.post-row')].filter((row) => row.querySelector('.post-title'));
  const seen = rows.filter((row) => { const at = row.getBoundingClientRect(); return at.bottom > box.top && at.top < box.bottom; });
  return seen.length > 2 && seen.every((row) => Number(row.dataset.row) > %d);
}"""


@dataclass(frozen=True, slots=True)
class Served:
    """A page in a process of its own."""

    url: str
    process: int
    seconds: float


@contextlib.contextmanager
def served(code: str, folder: Path, home: Path | None = None) -> Iterator[Served]:
    """Start a page with the code of a checkout and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    command = [sys.executable, "-c", code, str(port), *([str(home)] if home else [])]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            while process.poll() is None and time.monotonic() - begun < START_SECONDS:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                time.sleep(0.05)
            else:
                raise SystemExit("a page did not start")
            yield Served(url, process.pid, time.monotonic() - begun)
        finally:
            process.terminate()


@contextlib.contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """A window of a browser with an empty profile."""
    page = browser.new_context(viewport={"width": 1360, "height": 860}).new_page()
    page.set_default_timeout(START_SECONDS * 1000)
    page.goto(url)
    page.get_by_label("Your question").wait_for()
    yield page
    page.context.close()


def seconds(page: Page, condition: str, begin: str) -> float:
    """The time from an action on the page until a condition is true, by the page's own clock."""
    script = f"""async () => {{
      const begun = performance.now();
      {begin}
      while (!({condition})) await new Promise((done) => requestAnimationFrame(done));
      return performance.now() - begun;
    }}"""
    return float(page.evaluate(script)) / 1000


def opening(browser: Browser, url: str, question: str, done: str) -> dict[str, float]:
    """Seconds to first paint, to a usable box, and from Enter to the answer."""
    begun = time.monotonic()
    with opened(browser, url) as page:
        usable = time.monotonic() - begun
        paint = float(page.evaluate(PAINT) or 0.0) / 1000
        page.get_by_label("Your question").fill(question)
        page.get_by_label("Your question").focus()
        page.evaluate(
            "window.begun = 0; addEventListener('keydown', () => { window.begun = performance.now(); }, true)"
        )
        page.keyboard.press("Enter")
        answer = float(
            page.evaluate(
                f"""async () => {{
                  while (!({done})) await new Promise((go) => requestAnimationFrame(go));
                  return performance.now() - window.begun;
                }}"""
            )
        )
    return {"paint": paint, "usable": usable, "answer": answer / 1000}


def compare_opening(browser: Browser, scratch: Path, other: Path | None) -> dict[str, object]:
    """Open every page in turn, and print medians and ratios."""
    pages = [("Pullquote", PAGE, ROOT, ANSWERED)]
    if other is not None:
        pages.append((f"Pullquote in {other.name}", PAGE, other, ANSWERED))
    pages.append(("empty Gradio page", EMPTY, ROOT, ECHOED))
    found: dict[str, list[dict[str, float]]] = {name: [] for name, *_ in pages}
    first: dict[str, float] = {}
    with contextlib.ExitStack() as stack:
        urls = {}
        for name, code, folder, done in pages:
            home = scratch / name.replace(" ", "-").replace("/", "-")
            if code is PAGE:
                command = [sys.executable, "-c", BUILD, str(ROOT / "seeds"), str(home)]
                subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)})
            urls[name] = stack.enter_context(served(code, folder, home)).url
            first[name] = opening(browser, urls[name], QUESTIONS[0], done)["answer"]
        for turn in range(ROUNDS):
            for name, _, _, done in pages:
                found[name].append(opening(browser, urls[name], QUESTIONS[turn % len(QUESTIONS)], done))
    medians = {
        name: {
            "first": first[name],
            **{kind: statistics.median(one[kind] for one in rows) for kind in ("paint", "usable", "answer")},
        }
        for name, rows in found.items()
    }
    print(f"{'seconds, medians of ' + str(ROUNDS):34}{'first':>8}{'paint':>8}{'usable':>8}{'answer':>8}")
    for name, row in medians.items():
        print(f"{name:34}" + "".join(f"{row[kind]:8.2f}" for kind in ("first", "paint", "usable", "answer")))
    ours = medians["Pullquote"]
    for name, row in list(medians.items())[1:]:
        print(f"ratio to {name:25}{'':8}" + "".join(f"{ours[k] / row[k]:8.2f}" for k in ("paint", "usable", "answer")))
    return medians


def heap(home: Path, size: int) -> Path:
    """The index of this many posts, created if it does not exist."""
    pages, index = home / f"pages-{size}", home / f"index-{size}"
    if not (index / "current").exists():
        pages.mkdir(exist_ok=True)
        rows = [
            json.dumps(
                {
                    "title": title,
                    "text": text,
                    "author": f"Author {number % 97}",
                    "date": str(dt.date(2004, 1, 1) + dt.timedelta(days=number * 7 % 7300)),
                }
            )
            for number, (title, text) in enumerate(memory.posts(size, 0))
        ]
        for first in range(0, size, 1000):
            lines = "\n".join(rows[first : first + 1000])
            (pages / f"part-{first // 1000:03}.jsonl").write_text(lines + "\n", encoding="utf-8")
        memory.build(pages, index)
    return index


def reading(browser: Browser, index: Path, folder: Path) -> dict[str, float]:
    """Seconds until the Posts tab lists, scrolls to rows far down and finds words; the page's memory before and after."""
    rows: list[dict[str, float]] = []
    with served(PAGE, folder, index) as site:
        for _ in range(3):
            with opened(browser, site.url) as page:
                tab = "[...document.querySelectorAll('#pq-tabs button[role=tab]')].find((one) => one.textContent.trim() === 'Posts')"
                page.wait_for_function(tab)
                row = {"tab": seconds(page, ROWS, f"({tab}).click();")}
                total = page.evaluate("Number(document.querySelector('.post-row').getAttribute('aria-setsize'))")
                scroll = (
                    "{ const box = document.querySelector('.post-scroll'); box.scrollTop = box.scrollHeight * .7; }"
                )
                row["scroll"] = seconds(page, f"({FAR_ROWS % (total // 2)})()", scroll)
                find = (
                    "{ const box = document.querySelector('#pq-find'); box.value = 'digital government';"
                    " box.dispatchEvent(new Event('input', { bubbles: true })); }"
                )
                row["find"] = seconds(page, "document.querySelector('.post-snippet mark')", find)
                rows.append(row)
        status = memory._status(site.process)
    found = {kind: max(row[kind] for row in rows) for kind in rows[0]}
    return {"start": site.seconds, **found, "memory": status["VmRSS"] / 1024, "own": status["RssAnon"] / 1024}


def compare_posts(browser: Browser, kept: Path, other: Path | None) -> dict[str, object]:
    """The Posts tab over a small and a large heap, each figure the worst of three windows."""
    kinds = ("start", "tab", "scroll", "find", "memory", "own")
    print(f"{'seconds and MB':34}" + "".join(f"{kind:>9}" for kind in kinds))
    found = {}
    sizes = [(f"{size:,} posts", size, ROOT) for size in SIZES]
    for name, size, folder in sizes:
        found[name] = reading(browser, heap(kept, size), folder)
        print(f"{name:34}" + "".join(f"{found[name][kind]:9.2f}" for kind in kinds), flush=True)
    if other is not None:
        name, index = f"{SIZES[0]:,} posts in {other.name}", kept / f"index-{SIZES[0]}-{other.name}"
        if not (index / "current").exists():
            command = [sys.executable, "-c", memory.BUILD, str(kept / f"pages-{SIZES[0]}"), str(index), "{}"]
            subprocess.run(command, check=True, cwd=other, env={**os.environ, "PYTHONPATH": str(other)})
        found[name] = reading(browser, index, other)
        print(f"{name:34}" + "".join(f"{found[name][kind]:9.2f}" for kind in kinds), flush=True)
    large = found[sizes[-1][0]]
    for name, row in found.items():
        if row is not large:
            print(f"{sizes[-1][0] + ' to ' + name:34}" + "".join(f"{large[kind] / row[kind]:9.2f}" for kind in kinds))
    return dict(found)


def main() -> None:
    """Measure what was requested and print it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", choices=["opening", "posts"])
    options.add_argument("--other", type=Path, help="another checkout")
    options.add_argument("--in", dest="home", type=Path, help="where heaps and their indexes are kept")
    asked = options.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is not installed. Install it: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        if asked.only != "posts":
            compare_opening(browser, Path(scratch), asked.other)
        if asked.only != "opening":
            compare_posts(browser, asked.home or Path(scratch), asked.other)
        browser.close()


if __name__ == "__main__":
    main()
