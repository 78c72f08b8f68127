"""How much of a mapped file is in this process's memory."""

from __future__ import annotations

from pathlib import Path


def mapped_bytes(path: Path) -> int:
    """Bytes of a mapped file that are in memory; only Linux tells."""
    lines = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith(str(path)))
    size = next(line for line in lines[place:] if line.startswith("Rss:"))
    return int(size.split()[1]) * 1024
