"""Settings of an index on a Milvus server: records of a collection that outlives its snapshots."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from rag.store.milvus.schema import RECORD_FIELDS, RECORD_INDEX, Collections, read_records, record_rows
from rag.store.settings import NAMES

if TYPE_CHECKING:
    from rag.store.milvus.client import Server

__all__ = ["MilvusSettings"]

# seconds after which changes made elsewhere are seen, because every answer needs the threshold
_SECONDS = 10.0


class MilvusSettings:
    """Safe to use from several threads."""

    def __init__(self, server: Server, index: str) -> None:
        self._server = server
        self._collection = Collections.settings(index)
        self._lock = threading.Lock()
        self._ready = False
        self._read: dict[str, str] = {}
        self._until = float("-inf")
        self.where = f"{server.address}"

    def prepare(self) -> None:
        """Create the collection if it does not exist."""
        if not self._server.has(self._collection):
            self._server.create(self._collection, RECORD_FIELDS, RECORD_INDEX)
        self._server.load(self._collection)
        self._ready = True

    def read(self, name: str) -> str | None:
        """The text of a setting; None if it was never set."""
        with self._lock:
            if time.monotonic() > self._until:
                self._read = self._all()
                self._until = time.monotonic() + _SECONDS
            return self._read.get(name) or None

    def _all(self) -> dict[str, str]:
        if not self._ready:
            if not self._server.has(self._collection):
                return {}
            self.prepare()
        return read_records(self._server, self._collection, NAMES, fresh=True)

    def keep(self, name: str, text: str | None) -> None:
        """Set or remove a setting."""
        with self._lock:
            if not self._ready:
                self.prepare()
            self._server.replace(self._collection, list(record_rows(name, text or "")))
            self._until = float("-inf")
