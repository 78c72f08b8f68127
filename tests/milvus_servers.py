"""Milvus servers for tests: milvus-lite over TCP, and the real server of the PyPI package `milvus`. All on 127.0.0.1."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_IN_SECONDS = 120


def need(*packages: str) -> None:
    """Skip if an optional package is not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the package {package} is not installed: pip install -e '.[dev]'")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_IN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server ended with {process.poll()}")


class LiteServer:
    """milvus-lite as a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["--data-dir", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "milvus_lite.cmdline", "server", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for(self.port, self._process)

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def real_server() -> Iterator[int]:
    """The server of the package `milvus`; yields its port."""
    need("milvus")
    from milvus import MilvusServer

    folder = Path(tempfile.mkdtemp(prefix="pullquote-milvus-"))
    server = MilvusServer()
    server.set_base_dir(str(folder))
    server.listen_port = free_port()
    try:
        server.start()
        yield int(server.listen_port)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
