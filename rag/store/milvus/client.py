"""A client for a Milvus server: every call has a time limit, every failure a clear error. Only this imports pymilvus.

It only makes calls that Milvus, the server in the PyPI package ``milvus``, and milvus-lite all support. pymilvus itself
retries a call, with growing pauses, until its time is up.
"""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from rag.errors import ExtraMissing, IndexAway, IndexProblem, InputError
from rag.store.address import TOKEN_VARIABLE, Address, token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    Value = object
    Found = list[dict[str, object]]
    Query = npt.NDArray[np.float32] | Mapping[int, float]

__all__ = ["Field", "Server"]

# A question takes some ten calls of a few milliseconds each; one that takes this long will not be answered.
ASKING_SECONDS = 10.0
# Loading and indexing the collection of a large heap takes minutes.
WRITING_SECONDS = 600.0
# Milvus returns at most this many hits per search
MOST_HITS = 16_384
_NOT_FOUND, _NOT_LOADED = 100, 101  # Milvus's codes
_CONNECT, _CONNECTING = 2, "connecting"  # pymilvus's code and our name for it
_NO_ENTRY = ("auth", "permission", "unauthenticated", "privilege")

Result = TypeVar("Result")
Field = tuple[str, Literal["number", "text", "long text", "vector", "weights", "nothing"], int]


class Server:
    """A connection to the server of an address; safe to use from several threads.

    Raises:
        ExtraMissing: pymilvus, or milvus-lite for a file, is not installed.
        IndexAway: the server does not answer.

    """

    def __init__(self, address: Address) -> None:
        self.address = address
        for package, wanted in (("pymilvus", True), ("milvus_lite", address.is_file)):
            if wanted and importlib.util.find_spec(package) is None:
                raise ExtraMissing(
                    f"an index on a Milvus server needs {package}, which is not installed",
                    path=str(address),
                    remedy='Install it: pip install "pullquote[milvus]"',
                )
        from pymilvus import MilvusClient

        # both print tracebacks for errors that are also raised, or that are harmless
        for noisy in ("pymilvus", "grpc._server"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        if address.is_file and not Path(address.uri).parent.is_dir():
            raise InputError("there is no such folder for the file", path=str(Path(address.uri).parent))
        self._client = self._called(
            lambda: MilvusClient(uri=address.uri, token=token(), timeout=ASKING_SECONDS), _CONNECTING
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def version(self) -> str:
        """The server's description of itself."""
        return str(self._called(lambda: self._client.get_server_version(timeout=ASKING_SECONDS), "asking its version"))

    def collections(self) -> list[str]:
        """Names of all collections."""
        return [
            str(name) for name in self._called(lambda: self._client.list_collections(timeout=ASKING_SECONDS), "list")
        ]

    def has(self, name: str) -> bool:
        """Whether there is a collection or alias of this name."""
        return bool(self._called(lambda: self._client.has_collection(name, timeout=ASKING_SECONDS), name))

    def create(self, name: str, fields: Sequence[Field], index: Mapping[str, object]) -> None:
        """Create an empty collection; ``index`` defines how its only vector field is searched."""
        from pymilvus import DataType

        kinds = {
            "number": DataType.INT64,
            "text": DataType.VARCHAR,
            "long text": DataType.VARCHAR,
            "vector": DataType.FLOAT_VECTOR,
            "nothing": DataType.FLOAT_VECTOR,
            "weights": DataType.SPARSE_FLOAT_VECTOR,
        }
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        for place, (field, kind, size) in enumerate(fields):
            wide = {"dim": size} if kind in ("vector", "nothing") else {"max_length": size} if "text" in kind else {}
            schema.add_field(field, kinds[kind], is_primary=place == 0, **wide)
        indices = self._client.prepare_index_params()
        indices.add_index(fields[-1][0], **index)
        self._called(
            lambda: self._client.create_collection(name, schema=schema, index_params=indices, timeout=WRITING_SECONDS),
            name,
        )

    def drop(self, name: str) -> None:
        """Remove a collection."""
        self._called(lambda: self._client.drop_collection(name, timeout=WRITING_SECONDS), name)

    def insert(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows to a collection."""
        self._called(lambda: self._client.insert(name, list(rows), timeout=WRITING_SECONDS), name)

    def replace(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add rows to a collection, replacing those with the same key."""
        self._called(lambda: self._client.upsert(name, list(rows), timeout=WRITING_SECONDS), name)

    def finish(self, name: str) -> None:
        """Wait until what was inserted is on disk and can be searched."""
        self._called(lambda: self._client.flush(name, timeout=WRITING_SECONDS), name)
        self.load(name)

    def load(self, name: str) -> None:
        """Wait until a collection can be searched."""
        self._called(lambda: self._client.load_collection(name, timeout=WRITING_SECONDS), name)

    def count(self, name: str) -> int:
        """The number of rows of a collection, including everything written before."""
        rows = self._called(
            lambda: self._client.query(
                name,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=ASKING_SECONDS,
            ),
            name,
        )
        return int(str(rows[0]["count(*)"]))

    def fetch(
        self, name: str, keys: Sequence[int] | Sequence[str], fields: Sequence[str], *, fresh: bool = False
    ) -> Found:
        """Rows by their keys, in any order; unknown keys are left out; ``fresh`` includes every earlier write."""
        level = {"consistency_level": "Strong"} if fresh else {}
        found = self._called(
            lambda: self._client.query(
                name, ids=list(keys), output_fields=list(fields), timeout=ASKING_SECONDS, **level
            ),
            name,
        )
        return [dict(row) for row in found]

    def search(self, name: str, field: str, query: Query, limit: int, settings: Mapping[str, object]) -> Found:
        """Nearest rows by inner product, nearest first: "id" and the searched field."""
        import numpy as np

        data = query.astype(np.float32) if isinstance(query, np.ndarray) else dict(query)
        hits = self._called(
            lambda: self._client.search(
                name,
                data=[data],
                anns_field=field,
                limit=min(limit, MOST_HITS),
                output_fields=[field],
                search_params={"metric_type": "IP", "params": dict(settings)},
                timeout=ASKING_SECONDS,
            ),
            name,
        )
        return [{"id": hit.id, field: hit.entity.get(field)} for hit in hits[0]]

    def point(self, alias: str, name: str) -> None:
        """Point an alias at this collection."""
        change = self._client.alter_alias if self.has(alias) else self._client.create_alias
        self._called(lambda: change(collection_name=name, alias=alias, timeout=WRITING_SECONDS), alias)

    def _called(self, call: Callable[[], Result], what: str) -> Result:
        """The result of a call, with failures turned into clear errors."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            return call()
        except MilvusException as error:
            raise self._away(what, error.code, str(error.message)) from error
        except grpc.RpcError as error:
            raise self._away(what, _CONNECT, str(error.code())) from error

    def _away(self, what: str, code: object, message: str) -> IndexProblem:
        import grpc

        said, path = " ".join(message.split())[:200], self.address.shown
        if any(sign in message.casefold() for sign in _NO_ENTRY):
            remedy = f"Put the token of a user of that server into the environment as {TOKEN_VARIABLE}."
            return IndexAway(f"the Milvus server refused the log-in ({said})", path=path, remedy=remedy)
        if code in (_NOT_FOUND, _NOT_LOADED):
            problem = f"the Milvus server has another snapshot of the index by now ({what}: {said})"
            return IndexAway(problem, path=path, remedy="Ask again.")
        if what != _CONNECTING and code != _CONNECT and not isinstance(code, grpc.StatusCode):
            remedy = "Pullquote needs Milvus 2.4 or newer, or milvus-lite 3.2."
            return IndexProblem(f"the Milvus server refused the request ({what}: {said})", path=path, remedy=remedy)
        remedy = (
            "Check the folder, and that no other process has the file open."
            if self.address.is_file
            else f"Check that it runs, that host and port are right, and the token in {TOKEN_VARIABLE}; then try again."
        )
        return IndexAway(f"the Milvus server does not answer ({what}: {said})", path=path, remedy=remedy)
