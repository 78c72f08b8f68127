"""An index folder is data, not code: a hundred hostile ones are opened or named, and nothing in them is run.

Each is made by somebody who knows the format: the manifest lists what is there, and the names match their hashes.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from sealed_indexes import seal

from rag import build_index
from rag.errors import IndexProblem
from rag.store.folder import FolderHome
from rag.store.manifest import current_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WELL = "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with their goats.\n"
HOSTILE = 100


class _Payload:
    """Unpickling this writes a file."""

    def __init__(self, flag: Path) -> None:
        self._flag = str(flag)

    def __reduce__(self) -> tuple[Callable[..., int], tuple[str]]:
        return os.system, (f"touch {self._flag}",)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one page."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "pages").mkdir()
    (folder / "pages" / "well.txt").write_text(WELL)
    build_index([folder / "pages"], into=folder / "index")
    return folder / "index"


def _pickled(folder: Path, name: str, flag: Path, dice: random.Random) -> None:  # noqa: ARG001 - each is called alike
    """A pickle in place of a file, with the header of an array of objects if it was an array."""
    data = pickle.dumps(_Payload(flag))
    if name.endswith(".npy"):
        head = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + "\n"
        data = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + data
    (folder / name).write_bytes(data)


def _noise(folder: Path, name: str, flag: Path, dice: random.Random) -> None:  # noqa: ARG001 - each is called alike
    (folder / name).write_bytes(dice.randbytes(dice.choice([0, 1, 100, 5000])))


def _linked(folder: Path, name: str, flag: Path, dice: random.Random) -> None:
    """A link to a file elsewhere with the same content."""
    aside = flag.with_name(f"aside-{dice.random()}")
    (folder / name).rename(aside)
    (folder / name).symlink_to(aside)


def _piped(folder: Path, name: str, flag: Path, dice: random.Random) -> None:  # noqa: ARG001 - each is called alike
    (folder / name).unlink()
    os.mkfifo(folder / name)


def _named_elsewhere(folder: Path, name: str, flag: Path, dice: random.Random) -> None:  # noqa: ARG001 - each is called alike
    """One more file in the manifest, which leads out of the folder."""
    manifest = json.loads((folder / "manifest.json").read_text())
    outside = dice.choice(["../../outside", "/etc/passwd", "words/../../../outside", "a\\..\\outside"])
    manifest["files"][outside] = [1, "0" * 64]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _numbered(folder: Path, name: str, flag: Path, dice: random.Random) -> None:  # noqa: ARG001 - each is called alike
    """Impossible counts, sizes or formats."""
    manifest = json.loads((folder / "manifest.json").read_text())
    field = dice.choice(["format", "pages", "chunks", "sentences", "files", "model", "sources"])
    manifest[field] = dice.choice([-1, "x", None, [], {}, 10**30, [["a"]], {"name": {}}])
    (folder / "manifest.json").write_text(json.dumps(manifest))


ATTACKS = (_pickled, _noise, _linked, _piped, _named_elsewhere, _numbered)


def test_a_hundred_hostile_indexes_run_nothing_and_end_in_words(base: Path, tmp_path: Path) -> None:
    """They are opened and read, or refused for what they are; nothing outside is written, and nothing blocks."""
    flag = tmp_path / "ran"
    refused = 0
    for number in range(HOSTILE):
        dice = random.Random(number)
        home = tmp_path / "index"
        shutil.copytree(base, home)
        folder = current_folder(home)
        names = sorted(json.loads((folder / "manifest.json").read_text())["files"])
        ATTACKS[number % len(ATTACKS)](folder, names[number // len(ATTACKS) % len(names)], flag, dice)
        seal(home, folder)
        try:
            snapshot = FolderHome(home).open()
            snapshot.pages()
            snapshot.posts(snapshot.post_ids())
            snapshot.close()
            FolderHome(home).save(tmp_path / "saved", lambda _done, _total: None)
        except IndexProblem:
            refused += 1
        assert not flag.exists(), number
        assert not (tmp_path / "outside").exists(), number
        shutil.rmtree(home)
        shutil.rmtree(tmp_path / "saved", ignore_errors=True)
    assert refused >= HOSTILE // 2
