"""Nothing tries to leave: the whole life of an index and its page, including a browser, in an isolated network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LIFE = Path(__file__).with_name("life.py")


@pytest.fixture(scope="module")
def life(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What left the machine at each step, and what was answered."""
    apart = ["unshare", "--net", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("a closed network needs the commands unshare and ip (Debian: util-linux, iproute2)")
    if subprocess.run([*apart, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not allow a process to have a network of its own")
    scratch = tmp_path_factory.mktemp("life")
    command = [*apart, sys.executable, str(LIFE), str(seeds), str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_packet_leaves_from_the_first_build_to_the_last_chat(life: dict[str, Any]) -> None:
    """Build, update, ask, batch, verify, the page and a browser on it: no connection, no look-up of a name."""
    steps = {step: packets for step, packets in life["left"].items() if step != "on purpose"}
    assert len(steps) == 8
    assert {step: packets for step, packets in steps.items() if packets} == {}


def test_what_would_leave_is_seen(life: dict[str, Any]) -> None:
    """A look-up of a name is recorded, with the name."""
    assert any("example.org" in packet for packet in life["left"]["on purpose"])


def test_it_answers_there_as_anywhere(life: dict[str, Any]) -> None:
    """The page added while offline is quoted, on the command line and in the browser."""
    assert "forty hives" in life["said"]["ask"]
    assert "fifty hives" in life["said"]["chat"]
