"""What a person on this machine has confirmed about an index: the paths of its pages, and its models.

An index may come from a stranger, who then chose the names in it: a model file is code to some libraries, and a path to
pages could be any private folder on this machine. So both are used only if somebody named them here. A build and
``pullquote status --confirm`` record them in the index folder, sealed with this user's key:

    INDEX/.confirmed.json                    the paths, the models, and a seal that nobody else can make
    <user data>/pullquote/confirmation.key   the key
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.config import user_folder
from rag.errors import IndexUnconfirmed
from rag.store.address import local_folder
from rag.store.plain_files import regular_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rag.store.address import Address

__all__ = ["Confirmed", "check_model", "check_paths", "check_sources", "confirm", "confirmed"]

FILE = ".confirmed.json"
_KEY_BYTES = 32
_MOST_BYTES = 2**20
_REMEDY = "If you trust this index: pullquote status --confirm --index INDEX."


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The paths of pages and the names of models that the user has named on this machine."""

    paths: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()


def confirmed(home: Path) -> Confirmed:
    """What is confirmed of an index; nothing if it was never recorded, or on another machine."""
    try:
        rows = json.loads(regular_bytes(home / FILE, _MOST_BYTES))
        key, seal = _key(), str(rows["seal"])
        paths, models = ([str(name) for name in rows[kind]] for kind in ("paths", "models"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Confirmed()
    if not hmac.compare_digest(seal, _seal(key, paths, models)):
        return Confirmed()
    return Confirmed(frozenset(paths), frozenset(models))


def confirm(home: Path, paths: Iterable[str] = (), models: Iterable[str] = ()) -> bool:
    """Record what somebody on this machine has named, in addition to earlier records.

    Returns whether it was recorded; without a home folder there is no key.
    """
    before = confirmed(home)
    wanted = Confirmed(before.paths | frozenset(paths), before.models | frozenset(models))
    if wanted == before:
        return True
    rows = sorted(wanted.paths), sorted(wanted.models)
    aside = home / f"{FILE}-{os.getpid()}"
    try:
        text = json.dumps({"paths": rows[0], "models": rows[1], "seal": _seal(_key(make=True), *rows)})
        aside.unlink(missing_ok=True)  # never write through a link
        aside.write_text(text + "\n", encoding="utf-8")
        aside.replace(home / FILE)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        return False
    return True


def check_sources(home: Path | Address, sources: Iterable[str]) -> None:
    """Check that the paths in an index were named on this machine.

    Raises:
        IndexUnconfirmed: one was not.

    """
    known = confirmed(local_folder(home)).paths
    for source in sources:
        if source not in known:
            raise IndexUnconfirmed(
                "the index names pages on this machine that were not indexed on it",
                path=str(home),
                got=source,
                remedy="Name the pages to build from: pullquote index PATH.",
            )


def check_paths(home: Path | Address, paths: Iterable[str]) -> None:
    """Check that files are in folders that were named on this machine, and that no link leads elsewhere.

    Raises:
        IndexUnconfirmed: one does not.

    """
    known = [place for path in confirmed(local_folder(home)).paths if (place := _real(path)) is not None]
    for path in paths:
        real = _real(path)
        if real is None or not any(real == place or real.startswith(place.rstrip(os.sep) + os.sep) for place in known):
            problem = "the index names a page outside the folders that were named for it on this machine"
            raise IndexUnconfirmed(problem, path=str(home), got=path, remedy=_REMEDY)


def _real(path: str) -> str | None:
    """A path with its links followed; None if no file can have it, as one with a NUL."""
    try:
        return os.path.realpath(path)
    except ValueError:
        return None


def check_model(home: Path | Address, name: str, packaged: Iterable[str]) -> None:
    """Check that a model is a packaged one, or was named on this machine.

    Raises:
        IndexUnconfirmed: it is neither.

    """
    if name not in packaged and name not in confirmed(local_folder(home)).models:
        problem = "the index names a model that nobody on this machine has confirmed for it, so it was not loaded"
        raise IndexUnconfirmed(problem, path=str(home), got=name, remedy=_REMEDY)


def _seal(key: bytes, paths: list[str], models: list[str]) -> str:
    return hmac.new(key, json.dumps([paths, models]).encode(), hashlib.sha256).hexdigest()


def _key(*, make: bool = False) -> bytes:
    """This user's key; raises OSError if there is none."""
    path = user_folder("data") / "confirmation.key"
    if make and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}-{os.getpid()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(aside, path)
        aside.unlink()
    key = regular_bytes(path, _KEY_BYTES)
    if len(key) != _KEY_BYTES:
        raise OSError("the key is cut short")
    return key
