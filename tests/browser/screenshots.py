"""Take pictures of the page: `python tests/browser/screenshots.py [FOLDER]`, by default `screenshots/`.

Builds an index of the seed pages in a temporary folder, starts the page over it, and takes every view in light, in
dark and on a phone. `--readme` also writes the picture that the README shows.
"""

from __future__ import annotations

import argparse
import shutil
import socket
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
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "What share of people in an organisation are change agents?"
NOT_THERE = "How deep is the glacier lake below Mount Kilimanjaro?"
SCHEMES = {
    "light": {"viewport": {"width": 1360, "height": 860}},
    "dark": {"viewport": {"width": 1360, "height": 860}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
BEES = (
    "Bees of the northern allotments\n\nThe allotment society counted forty hives this spring, twice as many as last "
    "year.\n\nMembers say the new wildflower strip along the railway made the difference.\n"
)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The page over an index, for as long as the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag", "chat", "--index", str(home), "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit(f"the page did not start: {' '.join(command)}")
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                time.sleep(0.3)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def ask(page: Page, question: str) -> None:
    """Ask and wait for the answer and the source beside it."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn .actions").last.wait_for()
    page.wait_for_timeout(900)


def tab(name: str) -> Callable[[Page], None]:
    """A tab as it first appears."""
    return lambda page: page.get_by_role("tab", name=name, exact=True).click()


def refusal(page: Page) -> None:
    """What a refusal looks like, with its closest words unfolded."""
    ask(page, NOT_THERE)
    fold = page.locator("details.closest > summary")
    if fold.count():
        fold.click()


def source(page: Page) -> None:
    """The source opened from a citation; on a phone it covers the answer."""
    ask(page, QUESTION)
    page.locator("a.cite").first.click()


def found(page: Page) -> None:
    """How an answer was found."""
    ask(page, QUESTION)
    page.get_by_text("How it was found").click()
    page.locator(".found").evaluate("node => node.scrollIntoView()")


def batch(page: Page) -> None:
    """A finished batch."""
    tab("Batch")(page)
    rows = f"{QUESTION}\n{NOT_THERE}\nWhen was the World Wide Web invented?\n"
    payload = {"name": "questions.txt", "mimeType": "text/plain", "buffer": rows.encode()}
    page.locator("#pq-questions input[type=file]").set_input_files(payload)
    page.get_by_role("button", name="Ask all").click()
    page.get_by_text("questions asked").wait_for()


def add(page: Page) -> None:
    """Added pages; removed before the next view."""
    tab("Add pages")(page)
    known = min((ROOT / "seeds").glob("*.txt"))
    payload = [
        {"name": "bees.txt", "mimeType": "text/plain", "buffer": BEES.encode()},
        {"name": known.name, "mimeType": "text/plain", "buffer": known.read_bytes()},
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": bytes(range(256))},
    ]
    page.locator("#pq-pages input[type=file]").set_input_files(payload)
    page.get_by_role("button", name="Add these pages").click()
    page.get_by_text("Done:").wait_for(timeout=120_000)


def undo(page: Page) -> None:
    """Undo the addition."""
    page.get_by_role("button", name="Undo the last addition").click()
    page.get_by_text("is undone").wait_for(timeout=120_000)


def first_look(page: Page) -> None:
    """The empty page with the questions that it offers."""
    page.locator(".welcome .suggestion").first.wait_for(timeout=120_000)


def posts(page: Page) -> None:
    """The reading room, with a search."""
    tab("Posts")(page)
    page.get_by_label("Find a post").fill("social care")
    page.locator(".post-snippet mark").first.wait_for()


def picture(page: Page) -> None:
    """The picture of posts and pages."""
    tab("Posts")(page)
    page.locator(".heap-fold > summary").click()
    page.locator(".heap-picture table").wait_for()


VIEWS: dict[str, Callable[[Page], None]] = {
    "first-look": first_look,
    "ask": lambda page: ask(page, QUESTION),
    "source": source,
    "refusal": refusal,
    "found": found,
    "posts": posts,
    "picture": picture,
    "batch": batch,
    "add-pages": add,
}


def main() -> None:
    """Take the pictures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "screenshots")
    options.add_argument("--readme", action="store_true", help="also write ui/screenshot.png")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is not installed. Install it: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        build_index([ROOT / "seeds"], into=scratch)
        with served(Path(scratch)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            for scheme, settings in SCHEMES.items():
                for view, prepare in VIEWS.items():
                    page = browser.new_context(**settings).new_page()  # type: ignore[arg-type]
                    page.goto(url)
                    page.get_by_label("Your question").wait_for()
                    page.wait_for_timeout(600)
                    prepare(page)
                    page.wait_for_timeout(700)
                    page.screenshot(path=given.folder / f"{view}-{scheme}.png")
                    if view == "add-pages":
                        undo(page)
                    page.context.close()
            browser.close()
    if given.readme:
        shutil.copy(given.folder / "ask-light.png", ROOT / "ui" / "screenshot.png")
    sys.stdout.write(f"{len(SCHEMES) * len(VIEWS)} pictures in {given.folder}\n")


if __name__ == "__main__":
    main()
