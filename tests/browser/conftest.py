"""What the browser tests share: one running page over the seed pages, and a watch on everything the browser does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from rag import open_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, ViewportSize

# Starting gradio and the model takes ten seconds on two idle cores; a busy machine needs many times that.
START_SECONDS = 180

# An answer takes a tenth of a second on two idle cores. What is waited for comes or does not, so only a failing test
# waits this long; playwright's default of five seconds was too short beside other work.
WAIT_MILLISECONDS = 60_000
expect.set_options(timeout=WAIT_MILLISECONDS)

PHONE: ViewportSize = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@dataclass(slots=True)
class Site:
    """The running page: its address, its index folder, the folder of its pages, and one for answers."""

    url: str
    home: Path
    pages: Path
    gate: Path

    @contextmanager
    def held(self) -> Iterator[Callable[[str], None]]:
        """Hold questions back in the block; yields a function that waits until the page is working on one."""
        shut = self.gate / "shut"
        shut.touch()

        def wait(question: str) -> None:
            until = time.monotonic() + WAIT_MILLISECONDS / 1000
            while question not in [one.read_text(encoding="utf-8") for one in self.gate.glob("in-work-*")]:
                assert time.monotonic() < until, "the page does not take the question up"
                time.sleep(0.02)

        try:
            yield wait
        finally:
            shut.unlink()

    def text(self, file: str) -> str:
        """The decoded text of a seed page, as the citation test compares it."""
        return (self.pages / file).read_bytes().decode("utf-8")


# Runs first in the page's process: a connection or name look-up that leaves the machine fails and is reported.
_NO_STRANGERS = """
import ipaddress, socket, sys
def _watch(name, place):
    real = getattr(place, name)
    def told(*given, **named):
        address = given[1] if name == "connect" else given
        host = address[0] if isinstance(address, tuple) else address
        try:
            near = host in (None, "", "localhost", socket.gethostname()) or ipaddress.ip_address(host).is_loopback
        except ValueError:
            near = name == "connect" and not isinstance(address, tuple)
        near = near or host in ("0.0.0.0", "::")
        if not near:
            sys.stderr.write(f"left the machine: {name} {host!r}\\n")
            raise OSError("only this machine")
        return real(*given, **named)
    setattr(place, name, told)
_watch("connect", socket.socket)
_watch("getaddrinfo", socket)
"""

# Also in the page's process: while a file exists, questions stay in work; while another does, topics are not looked for.
_GATE = """
import pathlib, threading, time
from rag.answering.engine import Index
from ui.services.holdings import Holdings
def _hold(gate):
    prepare = Holdings.prepare
    def prepare_later(self):
        while (gate / "unprepared").exists():
            time.sleep(0.02)
        prepare(self)
    Holdings.prepare = prepare_later
    real = Index.ask
    def ask(self, question, **named):
        if (gate / "shut").exists():
            told = gate / f"in-work-{threading.get_ident()}"
            told.write_text(question, encoding="utf-8")
            while (gate / "shut").exists():
                time.sleep(0.02)
            told.unlink()
        return real(self, question, **named)
    Index.ask = ask
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def serve(home: Path, scratch: Path, **options: object) -> tuple[subprocess.Popen[bytes], str]:
    """Start the page in a process of its own and wait until it answers."""
    port = _free_port()
    arguments = ", ".join(f"{name}={value!r}" for name, value in options.items())
    code = (
        f"{_NO_STRANGERS}{_GATE}_hold(pathlib.Path({str(scratch)!r}))\n"
        "from pathlib import Path, PosixPath; from ui.app import launch; "
        f"launch(Path({str(home)!r}), port={port}, open_browser=False, {arguments})"
    )
    log = scratch / f"page-{port}.log"
    # gradio would serve every file of the machine, and listen for everyone
    opening = {"GRADIO_ALLOWED_PATHS": "/", "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_LOCAL_DEV_MODE": "1"}  # noqa: S104
    environment = {**os.environ, **opening, "GRADIO_TEMP_DIR": str(scratch / "uploads"), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return process, url  # it answers, if only to ask for a name
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.3)
        else:
            return process, url
    process.terminate()
    pytest.fail(f"the page did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@pytest.fixture(scope="session")
def site(seeds: Path, seed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One page for all tests, over its own copy of the index."""
    scratch = tmp_path_factory.mktemp("page")
    home = scratch / "index"
    shutil.copytree(seed_home, home)
    process, url = serve(home, scratch, mcp=True, max_upload_mb=5)
    yield Site(url, home, seeds, scratch)
    process.terminate()
    process.wait(10)
    (log,) = scratch.glob("page-*.log")
    said = log.read_text(encoding="utf-8", errors="replace")
    assert "left the machine" not in said
    assert "Traceback" not in said, said


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The distribution's Chromium, kept from contacting its maker."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("Chromium is not installed. Install it: apt-get install chromium")
    quiet = ("background-networking", "component-update", "sync", "quic", "gpu")
    return {
        "executable_path": found,
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{one}" for one in quiet)],
    }


@dataclass  # without slots: playwright hangs its own attribute on the object whose methods it calls
class Watch:
    """What a page did: requests to other hosts and errors on the console.

    ``late`` counts how often gradio asked about the progress of an upload that had ended; the page itself never does.
    """

    host: str
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    late: int = 0

    def request(self, request: Request) -> None:
        """Note a request that leaves the page's host."""
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.strangers.append(request.url)

    def console(self, message: ConsoleMessage) -> None:
        """Note an error."""
        if message.type != "error":
            return
        url = str(message.location["url"])
        if "/upload_progress?" in url:
            self.late += 1
        else:
            self.errors.append(f"{message.text} {url}")

    def holds(self, page: Page) -> None:
        """Nothing left the machine, nothing failed, and no text ran as a script."""
        assert self.strangers == []
        assert [error for error in self.errors if not (self.late and error == "Response")] == []
        assert page.evaluate("window.__xss === undefined")


@dataclass(slots=True)
class Desk:
    """An opened page and what a person does with it."""

    page: Page
    site: Site
    watch: Watch

    def open(self, address: str = "") -> None:
        """Go to the page and wait until questions can be asked."""
        self.page.goto(self.site.url + address)
        self.page.get_by_label("Your question").wait_for(timeout=START_SECONDS * 1000)
        self.page.locator("#pq-source .source").wait_for(state="attached")

    def ask(self, question: str) -> Locator:
        """Ask and return the finished turn."""
        turns = self.page.locator(".turn:not(.pending)")
        before = turns.count()
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")
        turn = turns.nth(before)
        turn.locator(".actions, .verdict-error").first.wait_for(timeout=60_000)
        self.settle()
        return turn

    def settle(self) -> None:
        """Wait until nothing is being opened."""
        self.page.wait_for_function("!document.querySelector('[aria-busy=true], .turn.pending')")
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def press(self, link: Locator) -> Locator:
        """Click something that opens a place, and return the marked words."""
        link.click()
        self.settle()
        return self.page.locator("#pq-source #hit")

    def show_tab(self, name: str) -> None:
        """Open a tab by its name."""
        self.page.get_by_role("tab", name=name, exact=True).click()

    def start_over(self) -> None:
        """Start a new conversation, if there is one."""
        self.show_tab("Ask")
        if self.page.locator(".turn").count():
            self.page.get_by_role("button", name="New conversation").click()
            self.page.locator(".welcome").wait_for()


@pytest.fixture
def starting(browser: Browser, seeds: Path, seed_home: Path, tmp_path: Path) -> Iterator[Desk]:
    """A page that was just started, whose topics are not found before the file "unprepared" is gone."""
    shutil.copytree(seed_home, tmp_path / "index")
    (tmp_path / "unprepared").touch()
    process, url = serve(tmp_path / "index", tmp_path)
    with _desk(browser, Site(url, tmp_path / "index", seeds, tmp_path)) as one:
        yield one
    process.terminate()
    process.wait(20)


@contextmanager
def _desk(browser: Browser, site: Site, **settings: Any) -> Iterator[Desk]:
    context = browser.new_context(**{"viewport": {"width": 1360, "height": 860}, **settings})
    page = context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    watch = Watch(urlsplit(site.url).netloc)
    page.on("request", watch.request)
    page.on("console", watch.console)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    desk = Desk(page, site, watch)
    desk.open()
    yield desk
    watch.holds(page)
    context.close()


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Desk]:
    """A freshly opened page at desk size; ends with the three promises of `Watch.holds`."""
    with _desk(browser, site) as one:
        yield one


@pytest.fixture(scope="module")
def _kept(browser: Browser, site: Site) -> Iterator[Desk]:
    with _desk(browser, site) as one:
        yield one


@pytest.fixture
def shared(_kept: Desk) -> Iterator[Desk]:
    """A page that the tests of a module share, with no conversation; each test ends with the three promises."""
    _kept.start_over()
    yield _kept
    _kept.watch.holds(_kept.page)


@pytest.fixture(scope="session")
def not_there(seed_home: Path) -> str:
    """A question that the posts do not answer and that is refused."""
    asked = (
        "Which violin did the pastry chef from Reykjavik repair in 1873?",
        "How deep is the glacier lake below Mount Kilimanjaro?",
        "Who won the chess olympiad in Buenos Aires?",
        "What is the boiling point of ethanol at sea level?",
    )
    with open_index(seed_home) as index:
        return next(question for question in asked if index.ask(question).status == "no_answer")


@pytest.fixture(scope="module")
def _kept_phone(browser: Browser, site: Site) -> Iterator[Desk]:
    with _desk(browser, site, viewport=PHONE, has_touch=True, is_mobile=True) as one:
        yield one


@pytest.fixture
def phone(_kept_phone: Desk) -> Iterator[Desk]:
    """The page on a phone, touched; the tests of a module share it, each with no conversation."""
    page = _kept_phone.page
    if page.evaluate("document.body.classList.contains('pane-open')"):
        page.get_by_role("button", name="Back", exact=True).click()
    _kept_phone.start_over()
    yield _kept_phone
    _kept_phone.watch.holds(page)


@pytest.fixture
def dark(browser: Browser, site: Site) -> Iterator[Desk]:
    """The page where the system asks for dark."""
    with _desk(browser, site, color_scheme="dark") as one:
        yield one
