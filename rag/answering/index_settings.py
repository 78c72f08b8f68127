"""What an index remembers beside its posts: the confidence below which it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.store.settings import calibrated, keep_threshold

if TYPE_CHECKING:
    from rag.answering.ranker import Weights
    from rag.store.protocols import Snapshot

__all__ = ["IndexSettings"]


class IndexSettings:
    """The settings of an opened index; they outlive the snapshot that is open."""

    def __init__(self, store: Snapshot, threshold_confidence: float) -> None:
        """``threshold_confidence`` is that of the table of weights, for an index that was not calibrated."""
        self._store = store
        self._usual = threshold_confidence

    @property
    def threshold_confidence(self) -> float:
        """Confidence below which the index refuses."""
        own = calibrated(self._store.settings)
        if own is not None:
            return own[0]
        return self._usual

    def threshold_for(self, weights: Weights) -> float:
        """Confidence below which answers by this table are refused: the calibrated one, or else the table's own."""
        own = calibrated(self._store.settings)
        return weights.threshold_confidence if own is None else own[0]

    @property
    def threshold_source(self) -> str:
        """What that confidence was chosen on, for a person."""
        own = calibrated(self._store.settings)
        return "the questions the ranking was trained on" if own is None else own[1]

    def set_threshold(self, confidence: float, source: str) -> None:
        """Refuse below this confidence from now on; ``source`` says what it was chosen on."""
        keep_threshold(self._store.settings, confidence, source)

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
            "threshold_confidence": self.threshold_confidence,
            "threshold_source": self.threshold_source,
            "health": self._store.health(),
        }
