"""Indexes whose files somebody has changed who knows the format: the manifest lists what is there, and the names fit."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from rag.store.manifest import snapshot_name

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["seal"]


def seal(home: Path, folder: Path) -> None:
    """Update the manifest and the names to what is there."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if isinstance(manifest.get("files"), dict):
        for name in list(manifest["files"]):
            path = folder / name
            if ".." not in name and path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                manifest["files"][name] = [len(data), hashlib.sha256(data).hexdigest()]
    text = json.dumps(manifest)
    (folder / "manifest.json").write_text(text)
    folder.rename(home / snapshot_name(text))
    (home / "current").write_text(snapshot_name(text))
