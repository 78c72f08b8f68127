"""What opening the page and the first answer cost: `python tests/browser/cost.py [--index DIR]`.

Medians of five, each in a fresh browser context, next to an empty Gradio page started the same way. First paint is
the browser's own first contentful paint; usable is when a question can be typed; answer is from Enter to the quotes.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from rag import build_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = (
    "What share of people in an organisation are change agents?",
    "When was the World Wide Web invented?",
    "What are the reasons why political reform happens?",
    "What question gets even less attention than how?",
    "Who wins under the social care proposals?",
)
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
PAGE = "from pathlib import Path; from ui.app import launch; launch(Path({home!r}), port={port}, open_browser=False)"
EMPTY = """
import os
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio
with gradio.Blocks(analytics_enabled=False) as page:
    box = gradio.Textbox(label="Your question")
    out = gradio.Textbox(label="Answer")
    box.submit(lambda words: words, box, out)
page.launch(server_port={port}, quiet=True, ssr_mode=False, share=False)
"""


@contextmanager
def started(code: str, home: str) -> Iterator[tuple[str, float]]:
    """A page in a process of its own: its address and the seconds until it answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    filled = code.replace("{home!r}", repr(home)).replace("{port}", str(port))
    process = subprocess.Popen([sys.executable, "-c", filled], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield url, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(10)


def measured(browser: Browser, url: str, question: str, done: str) -> tuple[float, float, float]:
    """Seconds to first paint, to a usable box, and from Enter to the answer."""
    page = browser.new_context(viewport={"width": 1360, "height": 860}).new_page()
    begun = time.perf_counter()
    page.goto(url)
    page.get_by_label("Your question").wait_for()
    usable = time.perf_counter() - begun
    paint = float(page.evaluate(PAINT) or 0.0) / 1000
    page.get_by_label("Your question").fill(question)
    asked = time.perf_counter()
    page.keyboard.press("Enter")
    page.wait_for_function(done)
    answered = time.perf_counter() - asked
    page.context.close()
    return paint, usable, answered


def main() -> None:
    """Measure both and print them side by side."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--index", type=Path, help="measure on this index instead of one of the seed pages")
    given = options.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is not installed. Install it: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = given.index or Path(scratch)
        if given.index is None:
            build_index([ROOT / "seeds"], into=home)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        rows = []
        for name, code, done in (
            ("empty Gradio page", EMPTY, "[...document.querySelectorAll('textarea')].every((one) => one.value)"),
            ("Pullquote", PAGE, "document.querySelector('.turn:not(.pending) .actions')"),
        ):
            with started(code, str(home)) as (url, seconds):
                figures = [measured(browser, url, question, done) for question in QUESTIONS]
            rows.append((name, seconds, *(statistics.median(column) for column in zip(*figures, strict=True))))
        browser.close()
    sys.stdout.write(f"{'seconds, medians of five':26}{'start':>8}{'paint':>8}{'usable':>8}{'answer':>8}\n")
    for name, *figures in rows:
        sys.stdout.write(f"{name:26}" + "".join(f"{figure:8.2f}" for figure in figures) + "\n")


if __name__ == "__main__":
    main()
