"""The whole life of an index and its page, in a network namespace that leads nowhere and counts attempts to leave it.

    unshare --net --mount python tests/robustness/life.py PAGES SCRATCH

The network has this machine's loopback and one unconnected card, through which everything else would go, including name
look-ups, because the name server is behind that card. What leaves through it is counted after each step and printed as
JSON; the last step leaves on purpose, to show that the counter works. ``test_closed_network.py`` runs this.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

START_SECONDS = 240

CARD = "away0"
NAMES = "10.255.255.2"
NAME_PORT = 53
ON_PURPOSE = "example.org"
ETH_P_ALL, ETH_P_IP = 3, 0x0800

NEW_PAGE = (
    "Bees of the northern allotments\n\n"
    "The allotment society counted forty hives this spring, twice as many as last year.\n"
)


def close_the_network(scratch: Path) -> None:
    """Bring up loopback and a network card that leads nowhere, without IPv6, which sends packets by itself."""
    for setting in ("all", "default"):
        with contextlib.suppress(OSError):  # a machine without IPv6
            Path(f"/proc/sys/net/ipv6/conf/{setting}/disable_ipv6").write_text("1", encoding="ascii")
    resolver = scratch / "resolv.conf"
    resolver.write_text(f"nameserver {NAMES}\noptions timeout:1 attempts:1\n", encoding="ascii")
    for command in (
        "ip link set lo up",
        f"ip link add {CARD} type veth peer name {CARD}end",
        f"ip link set {CARD} arp off multicast off",
        f"ip link set {CARD}end arp off multicast off up",
        f"ip address add 10.255.255.1/24 dev {CARD}",
        f"ip link set {CARD} up",
        f"ip route add default via {NAMES} dev {CARD}",
        f"mount --bind {resolver} /etc/resolv.conf",
    ):
        subprocess.run(command.split(), check=True, capture_output=True)


class Watch(threading.Thread):
    """Records every internet packet that leaves by the card: its target, and the name it asks for."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[str] = []
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self._wire.bind((CARD, 0))

    def run(self) -> None:
        """Read until the program ends."""
        while True:
            packet, (_, protocol, *_) = self._wire.recvfrom(65_535)
            if protocol == ETH_P_IP:
                head = (packet[0] & 15) * 4
                host = socket.inet_ntoa(packet[16:20])
                port = int.from_bytes(packet[head + 2 : head + 4], "big")
                self.seen.append(f"{host}:{port} {_name(packet[head + 8 :]) if port == NAME_PORT else ''}".strip())

    def since(self, before: int) -> list[str]:
        """What left after the first ``before`` packets; waits a moment for packets on their way."""
        time.sleep(0.3)
        return self.seen[before:]


def _name(question: bytes) -> str:
    """The name that a look-up asks for."""
    parts, at = [], 12
    while at < len(question) and question[at]:
        parts.append(question[at + 1 : at + 1 + question[at]].decode("ascii", "replace"))
        at += question[at] + 1
    return ".".join(parts)


def pullquote(*words: object, scratch: Path) -> str:
    """One command line of the program."""
    done = subprocess.run(
        [sys.executable, "-m", "rag", *map(str, words)], cwd=scratch, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"pullquote {words[0]} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def page(home: Path, scratch: Path) -> Iterator[str]:
    """The page's address, while it runs."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    log = scratch / "page.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "rag", "chat", "--index", str(home), "--port", str(port), "--no-browser"],
            cwd=scratch,
            stdout=out,
            stderr=out,
        )
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the page did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _near(address: str, url: str) -> bool:
    return address.startswith((f"{url}/", "data:", "blob:"))


def chat(url: str, scratch: Path, strangers: list[str]) -> str:
    """Ask, open the source, add a page and ask about it, in a browser; return the words of the last answer.

    ``strangers`` receives the addresses of requests by the page to other hosts.
    """
    from playwright.sync_api import expect, sync_playwright

    browser = next(path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path)
    quiet = ("background-networking", "component-update", "sync", "quic", "gpu", "default-apps", "domain-reliability")
    arguments = ["--no-sandbox", "--no-first-run", "--no-pings", *(f"--disable-{one}" for one in quiet)]
    # Chromium looks for its own updates in any case; requests by the page are recorded before they reach it
    arguments.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    with sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=browser, args=arguments)
        tab = window.new_page()
        tab.on("request", lambda request: strangers.append(request.url) if not _near(request.url, url) else None)
        tab.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        tab.goto(url)
        box = tab.get_by_label("Your question")
        box.fill("When was the World Wide Web invented?")
        box.press("Enter")
        tab.locator(".turn a.cite").first.click()
        expect(tab.locator("#pq-source #hit")).to_be_visible()
        tab.get_by_role("tab", name="Add pages", exact=True).click()
        new = scratch / "more-bees.txt"
        new.write_text(NEW_PAGE.replace("forty", "fifty").replace("northern", "southern"), encoding="utf-8")
        tab.locator("#pq-pages input[type=file]").set_input_files(new)
        tab.get_by_role("button", name="Add these pages").click()
        expect(tab.locator("#pq-pages-state [role=status]")).to_contain_text("Done")
        tab.get_by_role("tab", name="Ask", exact=True).click()
        box.fill("How many hives did the society count in the southern allotments?")
        box.press("Enter")
        answer = tab.locator(".turn:not(.pending)").nth(1)
        answer.locator(".actions").wait_for()
        words = answer.text_content() or ""
        window.close()
    return words


def main() -> int:
    """Run everything, and print what left at each step."""
    pages, scratch = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    close_the_network(scratch)
    watch = Watch()
    watch.start()
    heap, home, out = scratch / "heap", scratch / "index", scratch / "answers.jsonl"
    shutil.copytree(pages, heap)
    steps: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    strangers: list[str] = []
    told = 0

    def done(step: str) -> None:
        nonlocal told
        steps[step] = watch.since(told)
        told += len(steps[step])

    pullquote("index", heap, "--index", home, scratch=scratch)
    done("build")
    (heap / "bees.txt").write_text(NEW_PAGE, encoding="utf-8")
    pullquote("index", heap, "--index", home, scratch=scratch)
    done("grow")
    said["ask"] = pullquote("ask", "How many hives did the society count?", "--index", home, scratch=scratch)
    done("ask")
    questions = scratch / "questions.txt"
    questions.write_text("When was the World Wide Web invented?\nHow many hives were there?\n", encoding="utf-8")
    pullquote("batch", questions, "--out", out, "--index", home, scratch=scratch)
    done("batch")
    pullquote("verify", out, "--index", home, scratch=scratch)
    done("verify")
    with page(home, scratch) as url:
        done("page")
        said["chat"] = re.sub(r"\s+", " ", chat(url, scratch, strangers))
        done("chat")
        steps["chat"] += strangers
    done("end")
    with contextlib.suppress(OSError):
        socket.getaddrinfo(ON_PURPOSE, 80)
    done("on purpose")
    sys.stdout.write(json.dumps({"left": steps, "said": said}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
