"""The model of the language detector, unpacked once.

py3langid's own file is packed so tightly that reading it takes longer than answering a question.

<user cache>/pullquote/languages/<model and languages>/
    *.npy           the arrays of the model, for the chosen languages only; memory-mapped
    sealed.json     the languages in the order of the arrays, and the SHA-256 of each file
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from rag.checksums import Stamps, sha256_of
from rag.config import user_folder
from rag.embedding.prepared import clear_left

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from py3langid.langid import LanguageIdentifier

__all__ = ["open_detector"]

_SEAL = "sealed.json"
# the likelihood of each feature in each language and that of each language; the automaton that finds the features: the
# states it moves to, the row of moves of each state, and the feature found there
_LIKELIHOODS, _LANGUAGES, _MOVES, _ROWS, _FEATURES = _NAMES = ("likelihoods", "languages", "moves", "rows", "features")
# a folder written by another recipe is made again
_RECIPE = 1


def open_detector(languages: Sequence[str]) -> LanguageIdentifier:
    """The detector of py3langid (Lui and Baldwin 2012, "langid.py") for these languages, with probabilities.

    If the cache is not writable, its model is unpacked in each process.
    """
    place = _place(languages)
    found = None if place is None else _kept(place)
    if found is None:
        found = _unpacked(languages)
        if place is not None:
            with contextlib.suppress(OSError):
                _keep(found, place)
    return found


def _place(languages: Sequence[str]) -> Path | None:
    """The folder for the unpacked model; None if there is no place for it."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    try:
        packed = sha256_of(MODEL_DIR / MODEL_FILE)
        name = hashlib.sha256(" ".join([packed, *languages]).encode()).hexdigest()[:32]
        return user_folder("cache") / "languages" / f"{name}-{_RECIPE}"
    except OSError:
        return None


def _unpacked(languages: Sequence[str]) -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages(languages)
    return detector


def _kept(place: Path) -> LanguageIdentifier | None:
    """The detector with the model in this folder, if every file is as written; None if there is none."""
    import numpy as np
    from py3langid.langid import LanguageIdentifier

    try:
        seal = json.loads((place / _SEAL).read_text(encoding="utf-8"))
        stamps = Stamps(place)
        if not all(stamps.is_right(f"{name}.npy", seal["files"][name]) for name in _NAMES):
            return None
        stamps.keep()
        arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in _NAMES}
        return LanguageIdentifier(
            arrays[_LIKELIHOODS],
            arrays[_LANGUAGES],
            list(seal["languages"]),
            memoryview(arrays[_MOVES]),  # its items are Python's own numbers, and only those read are loaded
            arrays[_FEATURES].tolist(),
            norm_probs=True,
            tk_row=arrays[_ROWS].tolist(),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(detector: LanguageIdentifier, place: Path) -> None:
    """Write the model of a detector into a folder, unless another process was first.

    Raises OSError if it cannot be written.
    """
    import numpy as np

    place.parent.mkdir(parents=True, exist_ok=True)
    clear_left(place.parent)
    aside = place.parent / tempfile.mkdtemp(prefix=f".aside-{os.getpid()}-", dir=place.parent)
    try:
        arrays = (detector.nb_ptc, detector.nb_pc, detector.tk_nextmove, detector.tk_row, detector.tk_output)
        for name, array in zip(_NAMES, arrays, strict=True):
            np.save(aside / f"{name}.npy", np.asarray(array))  # in the order of the array, so that sums are the same
        files = {name: sha256_of(aside / f"{name}.npy") for name in _NAMES}
        seal = {"languages": detector.nb_classes, "files": files}
        (aside / _SEAL).write_text(json.dumps(seal, indent=1) + "\n", encoding="utf-8")
        if _kept(place) is None:
            shutil.rmtree(place, ignore_errors=True)
            aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
