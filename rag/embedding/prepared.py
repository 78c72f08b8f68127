"""Models prepared for ONNX Runtime: written once from their weights, kept in the user's cache, checked by hash.

<user cache>/pullquote/encoders/<model>-<recipe>/
    encoder.onnx    the graph, a few kilobytes
    encoder.data    its weights; memory-mapped, so word vectors that no text needs are never read
    tokenizer.json  the model's own
    prepared.json   the model's identity and the SHA-256 of each file
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.checksums import Stamps, sha256_of
from rag.config import user_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tokenizers import Tokenizer

    from rag.embedding.models import ModelIdentity

__all__ = ["DATA", "GRAPH", "INPUT", "TOKENIZER", "clear_left", "find_prepared", "open_tokenizer", "prepared"]

GRAPH, DATA, TOKENIZER = "encoder.onnx", "encoder.data", "tokenizer.json"
# the graph's name for the tokens of a text
INPUT = "ids"
_SEAL = "prepared.json"
# a graph written by another recipe is made again
_RECIPE = 4


def find_prepared(identity: ModelIdentity) -> Path | None:
    """The folder in the cache with the prepared model, if every file is as written; None if there is none.

    The weights are read for this once, and again if they were written to; the stamps are in the same cache.
    """
    try:
        folder = _place(identity)
        seal = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        stamps = Stamps(folder)
        whole = all(stamps.is_right(name, digest) for name, digest in seal["files"].items())
        stamps.keep()
        return (
            folder
            if whole and seal["sha256"] == identity.sha256 and {GRAPH, DATA, TOKENIZER} <= set(seal["files"])
            else None
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextlib.contextmanager
def prepared(identity: ModelIdentity, write: Callable[[Path], None]) -> Iterator[Path]:
    """The folder with the prepared model, which is created if it is missing or damaged.

    ``write`` puts the graph, its weights and the tokenizer into an empty folder. If the cache is not writable, a
    temporary folder is used and removed afterwards.

    Raises:
        ModelError: ``write`` finds that the weights do not belong to such a model.

    """
    found = find_prepared(identity)
    if found is not None:
        yield found
        return
    place: Path | None = None
    try:
        place = _place(identity)
        place.parent.mkdir(parents=True, exist_ok=True)
        clear_left(place.parent)
        aside = Path(tempfile.mkdtemp(prefix=f".aside-{os.getpid()}-", dir=place.parent))
    except OSError as error:
        where = error.filename if place is None else place.parent
        _say(f"{where}: the prepared model cannot be stored ({error.strerror}), so it is prepared each time")
        aside = Path(tempfile.mkdtemp(prefix="pullquote-"))
    try:
        _fill(identity, write, aside)
        yield _put(identity, aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def open_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a prepared model, which neither pads nor truncates; models with the same one share it."""
    return _tokenizer((folder / TOKENIZER).read_bytes())


# the reader uses the packaged model's tokenizer, and loading it takes as long as answering a question
@lru_cache(maxsize=2)
def _tokenizer(described: bytes) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(described)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _place(identity: ModelIdentity) -> Path:
    return user_folder("cache") / "encoders" / f"{identity.sha256[:32]}-{_RECIPE}"


def clear_left(folder: Path) -> None:
    """Remove what killed processes have left in a folder of the cache, some ninety megabytes each."""
    for left in folder.glob(".aside-*-*"):
        process = left.name.split("-")[1]
        if process.isdigit() and not _lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def _put(identity: ModelIdentity, aside: Path, place: Path | None) -> Path:
    """Move the new folder into place, unless another process was first or there is no place."""
    if place is None or aside.parent != place.parent:
        return aside
    with contextlib.suppress(OSError):
        aside.rename(place)
        return place
    if find_prepared(identity) is None:
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            aside.rename(place)
    return place if place.is_dir() else aside


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - a person waits for this


def _fill(identity: ModelIdentity, write: Callable[[Path], None], into: Path) -> None:
    _say(f"preparing {identity.name} (once, a few seconds) ...")
    write(into)
    files = {path.name: sha256_of(path) for path in sorted(into.iterdir())}
    (into / _SEAL).write_text(json.dumps({**asdict(identity), "files": files}, indent=1) + "\n", encoding="utf-8")
    into.chmod(0o755)
