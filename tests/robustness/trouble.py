"""What machines do to a build: full and read-only disks, in file systems of their own.

    python tests/robustness/trouble.py [--sizes 24]

A small file system in memory is mounted for each try, which needs root. There is already an index; a build over it is
started as a user starts it. With too little space it ends with a plain error and status 2, never with a signal or a
traceback; the existing index answers as before, and nothing of the failed build is left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from robustness.kill import answers_of, write_pages  # noqa: E402

from rag import build_index  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["can_mount", "index_command", "mounted", "over_full_disk", "remounted_read_only"]


def can_mount() -> bool:
    """Whether file systems can be mounted here."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(Path(folder), 64):
                return True
        except subprocess.CalledProcessError:
            return False


@contextlib.contextmanager
def mounted(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system of this size in a folder."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True, capture_output=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def remounted_read_only(folder: Path) -> None:
    """Make the folder read-only for everybody, even root."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True, capture_output=True)


def index_command(pages: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Build an index as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "rag", "index", str(pages), "--index", str(home), "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def _size(home: Path) -> int:
    """Kilobytes of a folder's files, each rounded up to whole pages."""
    return sum(-(-path.stat().st_size // 4096) * 4 for path in home.rglob("*") if path.is_file())


def over_full_disk(base: Path, share: float) -> str:
    """Build over an index with space for this share of what the new one needs; return the problem, or ""."""
    pages, disk = base / "pages", base / "disk"
    for folder in (pages, disk):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    write_pages(pages, 1800)
    build_index([pages], into=base / "measured")
    needed = _size(base / "measured")
    with mounted(disk, int(needed * (1 + share)) + 8):
        home = disk / "index"
        shutil.copytree(base / "measured", home)
        shutil.rmtree(base / "measured")
        before, names = answers_of(home), sorted(path.name for path in home.iterdir())
        write_pages(pages, 1900)
        done = index_command(pages, home)
        if done.returncode == 0:
            return "" if answers_of(home) != before else "the build went through and changed nothing"
        if done.returncode != 2 or "Traceback" in done.stderr or "cannot be written" not in done.stderr:
            return f"status {done.returncode}: {done.stderr[-300:]}"
        if sorted(path.name for path in home.iterdir()) != names:
            return f"left behind: {sorted(path.name for path in home.iterdir())}"
        return "" if answers_of(home) == before else "the index that was there answers otherwise"


def main() -> int:
    """Fill disks; returns 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, default=24)
    options = parser.parse_args()
    if not can_mount():
        print("file systems cannot be mounted here")
        return 0
    base = Path(tempfile.mkdtemp(prefix="trouble-"))
    problems = 0
    try:
        for number in range(options.sizes):
            share = 1.3 * number / max(options.sizes - 1, 1)
            wrong = over_full_disk(base, share)
            problems += bool(wrong)
            print(f"room for {share:.2f} of the new index: {wrong or 'well'}", flush=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{options.sizes} full disks, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
