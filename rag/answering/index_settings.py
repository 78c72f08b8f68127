"""What an index stores besides its posts: the confidence below which it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.store.settings import calibrated, keep_threshold

if TYPE_CHECKING:
    from rag.answering.selection.ranker import Weights
    from rag.store.protocols import Snapshot

__all__ = ["IndexSettings"]


class IndexSettings:
    """The settings of an open index; a rebuild keeps them."""

    def __init__(self, store: Snapshot, threshold_confidence: float) -> None:
        """``threshold_confidence`` is the one of the weights, for an uncalibrated index."""
        self._store = store
        self._usual = threshold_confidence

    @property
    def threshold_confidence(self) -> float:
        """The confidence below which the index refuses."""
        own = calibrated(self._store.settings)
        if own is not None:
            return own[0]
        return self._usual

    def threshold_for(self, weights: Weights) -> float:
        """The confidence below which answers by these weights are refused: the calibrated one, or the weights' own."""
        own = calibrated(self._store.settings)
        return weights.threshold_confidence if own is None else own[0]

    @property
    def threshold_source(self) -> str:
        """What that confidence was chosen on, in words."""
        own = calibrated(self._store.settings)
        return "the questions the ranking was trained on" if own is None else own[1]

    def set_threshold(self, confidence: float, source: str) -> None:
        """Refuse below this confidence from now on; ``source`` says what it was chosen on."""
        keep_threshold(self._store.settings, confidence, source)

    def status(self) -> dict[str, object]:
        """The settings as plain values."""
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
